"""Orders as they are read: who may see one, and one at a time locked to be changed."""

from tortoise.expressions import Q

from backend.domain.actors import Actor, OrderScope, reach_of, require, require_on
from backend.services import order_views, records
from backend.storage.models import Order
from shared.commands import OrdersQuery
from shared.problems import Code, ProblemError
from shared.roles import Permission, Reach, Target
from shared.views import OrderView, Page


async def get(actor: Actor, order_id: str) -> OrderView:
    """An order, for its buyer, its seller and admins."""
    row = await Order.get_or_none(id=order_id).prefetch_related(*order_views.NEEDED)
    if row is None:
        raise _unknown()
    require_on(actor, Permission.READ_ORDERS, scope(row))
    return order_views.order(row)


async def list_orders(actor: Actor, query: OrdersQuery) -> Page[OrderView]:
    """The caller's orders, newest first: a buyer's own, a seller's of their products, all for admins."""
    chosen = Order.filter(_within_reach(actor))
    if query.status is not None:
        chosen = chosen.filter(status=query.status)
    if query.live_session_id is not None:
        chosen = chosen.filter(stream_id=query.live_session_id)
    rows, counts = await records.page(chosen.prefetch_related(*order_views.NEEDED), query, order_by=("-id",))
    return Page(items=[order_views.order(row) for row in rows], **counts)


def _within_reach(actor: Actor) -> Q:
    require(actor, Permission.READ_ORDERS, Target.ORDER)
    reach = reach_of(actor, Permission.READ_ORDERS, Target.ORDER)
    if Reach.ALL in reach:
        return Q()
    if actor.public_id is None:
        raise ProblemError(Code.UNAUTHORIZED, "Show your session (X-Session-Id) or a token.")
    return bought_by(actor) | Q(seller_id=actor.subject) if Reach.OWN in reach else bought_by(actor)


def bought_by(actor: Actor) -> Q:
    """The condition that selects the orders that an actor placed."""
    return Q(buyer_id=actor.public_id or "", is_guest_order=actor.is_guest)


def scope(row: Order) -> OrderScope:
    """The facts of an order that decide who may act on it."""
    return OrderScope(seller_id=row.seller_id, buyer_id=row.buyer_id, by_guest=row.is_guest_order)


async def require_over(actor: Actor, permission: Permission, order_id: str) -> None:
    """Refuse whoever may not do this to an order, before a kept answer could be given away.

    Raises:
        ProblemError: `not_found`, also to strangers; `unauthorized` or `forbidden`.
    """
    row = await Order.get_or_none(id=order_id)
    if row is None:
        raise _unknown()
    require_on(actor, permission, scope(row))


async def locked(order_id: str) -> Order:
    """An order with its lines and refunds, locked for the rest of the caller's transaction.

    Raises:
        ProblemError: `not_found`.
    """
    row = await Order.select_for_update(no_key=True).get_or_none(id=order_id)
    if row is None:
        raise _unknown()
    await row.fetch_related(*order_views.NEEDED)
    return row


def _unknown() -> ProblemError:
    return ProblemError(Code.NOT_FOUND, "There is no such order.")
