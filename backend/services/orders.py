"""Orders as they are read: who may see one, and one at a time locked to be changed."""

from tortoise.expressions import Q

from backend.domain.actors import Actor, require
from backend.services import order_views, records
from backend.storage.models import Order
from shared.commands import OrdersQuery
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role
from shared.views import OrderView, Page


async def get(actor: Actor, order_id: str) -> OrderView:
    """An order, for its buyer, its seller and admins."""
    require(actor, Permission.BUY)
    row = await Order.get_or_none(id=order_id).prefetch_related(*order_views.NEEDED)
    if row is None:
        raise _unknown()
    require_party(actor, row)
    return order_views.order(row)


async def list_orders(actor: Actor, query: OrdersQuery) -> Page[OrderView]:
    """The caller's orders, newest first: a buyer's own, a seller's of their products, all for admins."""
    require(actor, Permission.BUY)
    chosen = Order.filter(_visible_to(actor))
    if query.status is not None:
        chosen = chosen.filter(status=query.status)
    if query.live_session_id is not None:
        chosen = chosen.filter(stream_id=query.live_session_id)
    rows, counts = await records.page(chosen.prefetch_related(*order_views.NEEDED), query, order_by=("-id",))
    return Page(items=[order_views.order(row) for row in rows], **counts)


def _visible_to(actor: Actor) -> Q:
    as_merchant = Permission.MANAGE_ORDERS in actor.permissions
    if as_merchant and actor.role is Role.ADMIN:
        return Q()
    if actor.public_id is None:
        raise ProblemError(Code.UNAUTHORIZED, "Show your session (X-Session-Id) or a token.")
    if as_merchant and actor.role is Role.SELLER:
        return Q(seller_id=actor.subject) | Q(buyer_id=actor.public_id)
    return Q(buyer_id=actor.public_id)


async def locked(order_id: str) -> Order:
    """An order with its lines and refunds, locked for the rest of the caller's transaction.

    Raises:
        ProblemError: `not_found`.
    """
    row = await Order.select_for_update().get_or_none(id=order_id)
    if row is None:
        raise _unknown()
    await row.fetch_related(*order_views.NEEDED)
    return row


def _unknown() -> ProblemError:
    return ProblemError(Code.NOT_FOUND, "There is no such order.")


def _is_merchant(actor: Actor, row: Order) -> bool:
    owns = actor.role is Role.ADMIN or (actor.role is Role.SELLER and actor.subject == row.seller_id)
    return owns and Permission.MANAGE_ORDERS in actor.permissions


def require_party(actor: Actor, row: Order) -> None:
    """Refuse anyone but the order's buyer, its seller and admins; strangers are not even told that it exists."""
    if not (_is_merchant(actor, row) or (actor.public_id is not None and actor.public_id == row.buyer_id)):
        raise _unknown()


def require_merchant(actor: Actor, row: Order) -> None:
    """Refuse anyone but the order's seller and admins."""
    require_party(actor, row)
    require(actor, Permission.MANAGE_ORDERS)
    if not _is_merchant(actor, row):
        raise ProblemError(Code.FORBIDDEN, "Only the order's seller and admins may do this.")
