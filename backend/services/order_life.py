"""What happens to an order after it was placed: paid, shipped, delivered, cancelled, refunded, expired, settled.

Each step is one transaction: the order's row, its stock, and its ledger journal.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend import seams
from backend.domain import commission
from backend.domain import ledger as books
from backend.domain.actors import Actor, require
from backend.domain.commission import LineShare, Split
from backend.domain.orders import REFUNDABLE, check_transition
from backend.services import audit, idempotency, ledger, order_views, records, sales_news, stock
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage.models import LedgerJournal, Order, OrderLine, Refund
from shared.commands import CancelOrder, OrdersQuery, RefundOrder
from shared.money import Money
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role
from shared.views import OrderStatus, OrderView, Page

log = structlog.get_logger(__name__)

EXPIRED = "expired"
"""The reason of an order that was not paid in time."""
BATCH = 100
"""Orders expired or settled in one turn."""


async def get(actor: Actor, order_id: str) -> OrderView:
    """An order, for its buyer, its seller and admins."""
    row = await _load(order_id)
    _require_party(actor, row)
    return order_views.order(row)


async def list_orders(actor: Actor, query: OrdersQuery) -> Page[OrderView]:
    """The caller's orders, newest first: a buyer's own, a seller's of their products, all for admins."""
    chosen = Order.filter(_visible_to(actor))
    if query.status is not None:
        chosen = chosen.filter(status=query.status)
    if query.live_session_id is not None:
        chosen = chosen.filter(stream_id=query.live_session_id)
    rows, counts = await records.page(chosen.prefetch_related("lines"), query, order_by=("-id",))
    return Page(items=[order_views.order(row) for row in rows], **counts)


def _visible_to(actor: Actor) -> Q:
    if actor.role is Role.ADMIN:
        return Q()
    if actor.public_id is None:
        raise ProblemError(Code.UNAUTHORIZED, "Show your session (X-Session-Id) or a token.")
    if actor.role is Role.SELLER:
        return Q(seller_id=actor.subject) | Q(buyer_id=actor.public_id)
    return Q(buyer_id=actor.public_id)


async def _load(order_id: str) -> Order:
    row = await Order.get_or_none(id=order_id).prefetch_related("lines")
    if row is None:
        raise ProblemError(Code.NOT_FOUND, "There is no such order.")
    return row


def _is_merchant(actor: Actor, row: Order) -> bool:
    return actor.role is Role.ADMIN or (actor.role is Role.SELLER and actor.subject == row.seller_id)


def _require_party(actor: Actor, row: Order) -> None:
    """Strangers are not even told that the order exists."""
    if not (_is_merchant(actor, row) or (actor.public_id is not None and actor.public_id == row.buyer_id)):
        raise ProblemError(Code.NOT_FOUND, "There is no such order.")


def _require_merchant(actor: Actor, row: Order) -> None:
    _require_party(actor, row)
    require(actor, Permission.MANAGE_ORDERS)
    if not _is_merchant(actor, row):
        raise ProblemError(Code.FORBIDDEN, "Only the order's seller and admins may do this.")


async def locked(order_id: str) -> Order:
    """An order with its lines, locked for the rest of the caller's transaction."""
    row = await Order.select_for_update().get_or_none(id=order_id)
    if row is None:
        raise ProblemError(Code.NOT_FOUND, "There is no such order.")
    await row.fetch_related("lines")
    return row


async def advance(runtime: Runtime, actor: Actor, order_id: str, wanted: OrderStatus) -> OrderView:
    """Mark an order paid, shipped or delivered, at its seller's or an admin's word."""

    async def work(unit: UnitOfWork) -> OrderView:
        row = await locked(order_id)
        _require_merchant(actor, row)
        check_transition(row.status, wanted)
        if wanted is OrderStatus.PAID:
            await mark_paid(row)
        else:
            await _stamp(row, wanted)
        await sales_news.tell(runtime, unit, row.stream_id)
        return order_views.order(row)

    return await commit(runtime.bus, work)


async def _stamp(row: Order, status: OrderStatus) -> None:
    row.status = status
    now = seams.now()
    if status is OrderStatus.SHIPPED:
        row.shipped_at = now
    elif status is OrderStatus.DELIVERED:
        row.delivered_at = now
    await row.save(update_fields=["status", "shipped_at", "delivered_at"])


async def mark_paid(row: Order) -> None:
    """A pending order's payment is there: its sale is posted. Within the caller's transaction."""
    row.status, row.paid_at, row.expires_at = OrderStatus.PAID, seams.now(), None
    await row.save(update_fields=["status", "paid_at", "expires_at"])
    await ledger.post(sale_of(row), source_id=row.id)


def sale_of(row: Order) -> books.Journal:
    """The journal of an order's sale, from its stored lines alone."""
    lines = sorted(row.lines, key=lambda line: line.position)
    return books.sale(
        currency=row.currency,
        order_id=row.id,
        stream_id=row.stream_id,
        seller_id=row.seller_id,
        affiliate_id=row.affiliate_id,
        lines=[books.SoldLine(product_id=line.product_id, share=share_of(line)) for line in lines],
        shares=split_of(row),
    )


def share_of(line: OrderLine) -> LineShare:
    """A stored line's share."""
    return LineShare(base=line.net_minor, rate=line.commission_rate or 0, commission=line.commission_minor)


def split_of(row: Order) -> Split:
    """How an order's whole payment is shared."""
    return commission.split(
        base=row.goods_minor - row.discount_minor,
        shipping=row.shipping_minor,
        commission=row.commission_minor,
        fee_rate=row.fee_rate,
    )


async def cancel(runtime: Runtime, actor: Actor, order_id: str, body: CancelOrder) -> OrderView:
    """Cancel an order: a buyer before it is paid, its seller and admins before it is shipped; stock goes back."""

    async def work(unit: UnitOfWork) -> OrderView:
        row = await locked(order_id)
        _require_party(actor, row)
        if row.status is not OrderStatus.PENDING:
            _require_merchant(actor, row)
        check_transition(row.status, OrderStatus.CANCELLED)
        await _cancel(row, body.reason, actor.public_id or "")
        await sales_news.tell(runtime, unit, row.stream_id)
        return order_views.order(row)

    return await commit(runtime.bus, work)


async def _cancel(row: Order, reason: str | None, by: str) -> None:
    """Give stock back and, where money was paid, all that is left of it. Within the caller's transaction."""
    if row.paid_at is not None:
        await _give_back(row, total_of(row) - row.refunded_minor, reason, by)
    row.status, row.cancelled_at, row.cancel_reason = OrderStatus.CANCELLED, seams.now(), reason
    if by != EXPIRED:
        row.expires_at = None
    await row.save(update_fields=["status", "cancelled_at", "expires_at", "cancel_reason"])
    await stock.give_back(row.lines)


def total_of(row: Order) -> int:
    """What the buyer pays, in minor units."""
    total: int = row.goods_minor - row.discount_minor + row.shipping_minor
    return total


async def refund(runtime: Runtime, actor: Actor, order_id: str, body: RefundOrder, key: str | None) -> OrderView:
    """Give money back, in part or whole; the commission is reversed pro rata."""

    async def work(unit: UnitOfWork) -> OrderView:
        row = await locked(order_id)
        _require_merchant(actor, row)
        amount = None if body.amount is None else Money.of(body.amount, row.currency).minor
        await refund_locked(row, amount, body.reason, actor.public_id or "", restock=body.restock)
        await sales_news.tell(runtime, unit, row.stream_id)
        return order_views.order(row)

    return await idempotency.once(
        runtime.bus,
        work,
        answer_type=OrderView,
        scope=f"refund {actor.public_id} {order_id}",
        key=key,
        body=body,
    )


async def refund_locked(row: Order, amount: int | None, reason: str | None, by: str, *, restock: bool) -> None:
    """Refund a locked order, within the caller's transaction.

    Raises:
        ProblemError: nothing was paid, or less is left than is asked for.
    """
    if row.status not in REFUNDABLE:
        raise ProblemError(Code.CONFLICT, f"An order that is {row.status} cannot be refunded.")
    left = total_of(row) - row.refunded_minor
    wanted = left if amount is None else amount
    if not 0 < wanted <= left and not (wanted == left == 0 and amount is None):
        left_text = Money(left, row.currency).amount
        raise ProblemError.of_field("amount", "out_of_range", f"Between 0 and {left_text} {row.currency} are left.")
    if restock and wanted != left:
        raise ProblemError.of_field("restock", "partial", "Goods come back only with a refund of all that is left.")
    await _give_back(row, wanted, reason, by)
    if row.refunded_minor == total_of(row):
        row.status = OrderStatus.REFUNDED
        await row.save(update_fields=["status"])
        if restock:
            await stock.give_back(row.lines)


async def _give_back(row: Order, amount: int, reason: str | None, by: str) -> None:
    """Record a refund and post what it takes back of each share."""
    made = await Refund.create(
        id=seams.new_id(),
        order_id=row.id,
        amount_minor=amount,
        reason=reason,
        made_by=by,
        settled_before=row.settled_at is not None,
        created_at=seams.now(),
    )
    sold = await LedgerJournal.get_or_none(kind=books.JournalKind.SALE, source_id=row.id)
    before = row.refunded_minor
    row.refunded_minor += amount
    await row.save(update_fields=["refunded_minor"])
    if sold is not None:
        await ledger.post(refund_of(row, sold.id, before, amount, settled=made.settled_before), source_id=made.id)


def refund_of(row: Order, sale_id: str, before: int, amount: int, *, settled: bool) -> books.Journal:
    """The journal of one refund: what all refunds so far take back, minus what those before took."""
    shares, base = split_of(row), row.goods_minor - row.discount_minor

    def taken(refunded: int) -> Split:
        return commission.reversed_by(shares, base=base, shipping=row.shipping_minor, refunded=refunded)

    return books.refund(
        sale_of(row),
        sale_id,
        taken(before + amount).minus(taken(before)),
        seller_id=row.seller_id,
        affiliate_id=row.affiliate_id,
        settled=settled,
    )


async def expire_unpaid(runtime: Runtime) -> None:
    """Cancel the orders that were not paid in time, and give their stock back."""
    due = (
        await Order.filter(status=OrderStatus.PENDING, expires_at__lte=seams.now())
        .limit(BATCH)
        .values_list("id", flat=True)
    )
    for order_id in due:
        await _try(runtime, lambda unit, order_id=order_id: _expire(runtime, unit, str(order_id)))  # type: ignore[misc]


async def _try(runtime: Runtime, work: Callable[[UnitOfWork], Awaitable[None]]) -> None:
    """Do it for one order of many: one that fails does not keep the others."""
    try:
        await commit(runtime.bus, work)
    except Exception:
        log.exception("order_step_failed")


async def _expire(runtime: Runtime, unit: UnitOfWork, order_id: str) -> None:
    row = await locked(order_id)
    if row.status is OrderStatus.PENDING and row.expires_at is not None and row.expires_at <= seams.now():
        await _cancel(row, EXPIRED, EXPIRED)
        await sales_news.tell(runtime, unit, row.stream_id)


async def settle_due(runtime: Runtime) -> None:
    """Make the commissions available whose settlement delay after delivery is over."""
    limit = seams.now() - timedelta(days=runtime.settings.settlement_days)
    due = (
        await Order.filter(settled_at=None, delivered_at__lte=limit)
        .exclude(affiliate_id=None)
        .limit(BATCH)
        .values_list("id", flat=True)
    )
    for order_id in due:
        await _try(runtime, lambda _, order_id=order_id: _settle(str(order_id)))  # type: ignore[misc]


async def _settle(order_id: str) -> None:
    row = await locked(order_id)
    if row.settled_at is not None:
        return
    row.settled_at = seams.now()
    await row.save(update_fields=["settled_at"])
    await ledger.post(settlement_of(row), source_id=row.id)


def settlement_of(row: Order, refunded: int | None = None) -> books.Journal:
    """The journal of an order's settlement: its commission, less what refunds before it took back."""
    back = commission.reversed_by(
        split_of(row),
        base=row.goods_minor - row.discount_minor,
        shipping=row.shipping_minor,
        refunded=row.refunded_minor if refunded is None else refunded,
    )
    return books.settlement(
        currency=row.currency,
        order_id=row.id,
        stream_id=row.stream_id,
        affiliate_id=row.affiliate_id or "",
        amount=row.commission_minor - back.affiliate,
    )


def has_expired(row: Order) -> bool:
    """Whether nobody cancelled it: its time to pay was over. Such an order keeps its `expires_at`."""
    return row.status is OrderStatus.CANCELLED and row.paid_at is None and row.expires_at is not None


async def pay_late(row: Order, actor: Actor, details: dict[str, Any]) -> bool:
    """A payment for a cancelled order: an expired one is revived if its stock is there, else it is remembered."""
    if not has_expired(row):
        await audit.note("late_payment_unfulfilled", actor, subject_id=row.id, details=details)
        return False
    try:
        async with in_transaction():
            await stock.reserve(row.lines)
    except ProblemError:
        await audit.note("late_payment_unfulfilled", actor, subject_id=row.id, details=details)
        return False
    row.status, row.cancelled_at, row.cancel_reason = OrderStatus.PENDING, None, None
    await row.save(update_fields=["status", "cancelled_at", "cancel_reason"])
    await mark_paid(row)
    return True
