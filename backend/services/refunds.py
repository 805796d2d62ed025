"""Money back to buyers: each refund once, whoever tells of it, and the commission reversed pro rata."""

from dataclasses import dataclass

from backend import seams
from backend.domain import ledger as books
from backend.domain.actors import Actor
from backend.domain.orders import REFUNDABLE
from backend.services import idempotency, ledger, order_views, orders, records, sales_news, stock
from backend.services.order_journals import left_of, refund_of
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork
from backend.storage.models import LedgerJournal, Order, Refund
from shared.commands import RefundOrder
from shared.money import Money
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import OrderStatus, OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A refund that somebody asks for, or tells of."""

    by: str
    amount: int | None = None
    """Minor units; None for all that is left."""
    reason: str | None = None
    reference: str | None = None
    restock: bool = False


async def refund(runtime: Runtime, actor: Actor, order_id: str, body: RefundOrder, key: str | None) -> OrderView:
    """Give money back, in part or whole."""
    await orders.require_over(actor, Permission.MANAGE_ORDERS, order_id)

    async def work(unit: UnitOfWork) -> OrderView:
        row = await orders.locked(order_id)
        wanted = Wanted(
            by=actor.public_id or "",
            amount=None if body.amount is None else Money.of(body.amount, row.currency).minor,
            reason=records.visible_optional(body.reason, "reason", most=500),
            reference=body.reference,
            restock=body.restock,
        )
        if recorded(row, wanted) is None:
            await make(row, wanted)
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


def recorded(row: Order, wanted: Wanted) -> Refund | None:
    """The refund of a locked order that has the reference that this one names.

    Raises:
        ProblemError: `conflict` when it is of another amount.
    """
    if wanted.reference is None:
        return None
    made = next((made for made in row.refunds if wanted.reference in (made.reference, made.id)), None)
    if made is not None and wanted.amount not in (None, made.amount_minor):
        amount = Money(made.amount_minor, row.currency).amount
        raise ProblemError(Code.CONFLICT, f"The refund {wanted.reference!r} is recorded with {amount} {row.currency}.")
    return made


async def adopt(row: Order, wanted: Wanted) -> bool:
    """Take the provider's word of a refund as the one that was made here, of the same amount, and not confirmed yet."""
    same = [made for made in row.refunds if made.reference is None and made.amount_minor == wanted.amount]
    if not same or wanted.reference is None:
        return False
    oldest = min(same, key=lambda made: made.id)
    oldest.reference = wanted.reference
    await oldest.save(update_fields=["reference"])
    return True


async def make(row: Order, wanted: Wanted) -> None:
    """Refund a locked order, within the caller's transaction.

    Raises:
        ProblemError: nothing was paid, or less is left than is asked for.
    """
    if row.status not in REFUNDABLE:
        raise ProblemError(Code.CONFLICT, f"An order that is {row.status} cannot be refunded.")
    left = left_of(row)
    amount = left if wanted.amount is None else wanted.amount
    if not 0 < amount <= left and not (amount == left == 0 and wanted.amount is None):
        left_text = Money(left, row.currency).amount
        raise ProblemError.of_field("amount", "out_of_range", f"More than 0, and at most {left_text} {row.currency}.")
    if wanted.restock and amount != left:
        raise ProblemError.of_field("restock", "partial", "Goods come back only with a refund of all that is left.")
    row.refunded_minor += amount
    if left_of(row) == 0:
        row.status = OrderStatus.REFUNDED
    await row.save(update_fields=["status", "refunded_minor"])
    if wanted.restock:
        await stock.give_back(row.lines)
    await record(row, amount, wanted)


async def record(row: Order, amount: int, wanted: Wanted) -> None:
    """Write down a refund that the order's row counts already, and post what it takes back of each share."""
    made = await Refund.create(
        id=seams.new_id(),
        order_id=row.id,
        amount_minor=amount,
        reason=wanted.reason,
        reference=wanted.reference,
        made_by=wanted.by,
        settled_before=row.settled_at is not None,
        created_at=seams.now(),
    )
    await row.fetch_related("refunds")
    before = row.refunded_minor - amount
    sold = await LedgerJournal.get_or_none(kind=books.JournalKind.SALE, source_id=row.id)
    if sold is not None:
        await ledger.post(refund_of(row, sold.id, before, amount, settled=made.settled_before), source_id=made.id)
