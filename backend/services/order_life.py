"""What happens to an order after it was placed: paid, shipped, delivered, cancelled, expired.

Each step is one transaction. All of them lock and write the order's row first, once, then its stock, and the ledger
last: no two steps wait for each other in a circle.
"""

from functools import partial
from typing import Any

from tortoise.transactions import in_transaction

from backend import seams
from backend.domain.actors import Actor, may
from backend.domain.orders import check_transition
from backend.services import audit, idempotency, ledger, order_views, orders, records, refunds, sales_news, stock
from backend.services.order_journals import left_of, sale_of
from backend.services.refunds import Wanted
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, all_due
from backend.storage.models import Order
from shared.commands import CancelOrder
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import OrderStatus, OrderView

EXPIRED = "expired"
"""The reason of an order that was not paid in time."""


async def advance(runtime: Runtime, actor: Actor, order_id: str, wanted: OrderStatus, key: str | None) -> OrderView:
    """Mark an order paid, shipped or delivered, at its seller's or an admin's word."""
    await orders.require_over(actor, Permission.MANAGE_ORDERS, order_id)

    async def work(unit: UnitOfWork) -> OrderView:
        row = await orders.locked(order_id)
        check_transition(row.status, wanted)
        if wanted is OrderStatus.PAID:
            await mark_paid(row)
        else:
            await _stamp(row, wanted)
        await sales_news.tell(runtime, unit, row.stream_id)
        return order_views.order(row)

    return await idempotency.once(
        runtime.bus,
        work,
        answer_type=OrderView,
        scope=f"{wanted} {actor.public_id} {order_id}",
        key=key,
        body=None,
    )


async def _stamp(row: Order, status: OrderStatus) -> None:
    row.status = status
    now = seams.now()
    if status is OrderStatus.SHIPPED:
        row.shipped_at = now
    elif status is OrderStatus.DELIVERED:
        row.delivered_at = now
    await row.save(update_fields=["status", "shipped_at", "delivered_at"])


async def mark_paid(row: Order) -> None:
    """An order's payment is there, and its goods are reserved: its sale is posted. Within the caller's transaction."""
    row.status, row.paid_at = OrderStatus.PAID, seams.now()
    row.expires_at = row.cancelled_at = row.cancel_reason = None
    await row.save(update_fields=["status", "paid_at", "expires_at", "cancelled_at", "cancel_reason"])
    await ledger.post(sale_of(row), source_id=row.id)


async def cancel(runtime: Runtime, actor: Actor, order_id: str, body: CancelOrder, key: str | None) -> OrderView:
    """Cancel an order: a buyer before it is paid, its seller and admins before it is shipped; stock goes back."""
    await orders.require_over(actor, Permission.CANCEL_ORDERS, order_id)

    async def work(unit: UnitOfWork) -> OrderView:
        row = await orders.locked(order_id)
        if row.status is not OrderStatus.PENDING and not may(actor, Permission.MANAGE_ORDERS, orders.scope(row)):
            raise ProblemError(Code.CONFLICT, f"The order is {row.status} already: ask its seller.")
        check_transition(row.status, OrderStatus.CANCELLED)
        row.expires_at = None
        await _cancel(row, records.visible_optional(body.reason, "reason", most=500), actor.public_id or "")
        await sales_news.tell(runtime, unit, row.stream_id)
        return order_views.order(row)

    return await idempotency.once(
        runtime.bus,
        work,
        answer_type=OrderView,
        scope=f"cancel {actor.public_id} {order_id}",
        key=key,
        body=body,
    )


async def _cancel(row: Order, reason: str | None, by: str) -> None:
    """Give stock back and, where money was paid, all that is left of it. Within the caller's transaction."""
    left = left_of(row) if row.paid_at is not None else 0
    row.refunded_minor += left
    row.status, row.cancelled_at, row.cancel_reason = OrderStatus.CANCELLED, seams.now(), reason
    await row.save(update_fields=["status", "refunded_minor", "cancelled_at", "expires_at", "cancel_reason"])
    await stock.give_back(row.lines)
    if row.paid_at is not None:
        await refunds.record(row, left, Wanted(by=by, reason=reason))


async def expire_unpaid(runtime: Runtime) -> None:
    """Cancel the orders that were not paid in time, and give their stock back."""
    due = Order.filter(status=OrderStatus.PENDING, expires_at__lte=seams.now())
    await all_due(runtime.bus, due, partial(_expire, runtime))


async def _expire(runtime: Runtime, unit: UnitOfWork, order_id: str) -> None:
    row = await orders.locked(order_id)
    if row.status is OrderStatus.PENDING and row.expires_at is not None and row.expires_at <= seams.now():
        await _cancel(row, EXPIRED, "")
        await sales_news.tell(runtime, unit, row.stream_id)


def has_expired(row: Order) -> bool:
    """Whether nobody cancelled it: its time to pay was over. Whoever cancels an order takes its `expires_at` away."""
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
    await mark_paid(row)
    return True
