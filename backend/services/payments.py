"""What the payment provider tells, each event applied once."""

from collections.abc import Awaitable, Callable

from backend import seams
from backend.domain import signatures
from backend.domain.actors import Actor
from backend.domain.orders import REFUNDABLE
from backend.services import audit, idempotency, order_life, orders, refunds, sales_news
from backend.services.idempotency import fingerprint
from backend.services.order_journals import total_of
from backend.services.refunds import Wanted
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork
from backend.storage.models import Order, PaymentEventRow
from shared import wire
from shared.commands import PaymentEvent
from shared.money import Money
from shared.problems import Code, ProblemError
from shared.roles import Role
from shared.views import OrderStatus, PaymentReceipt

PROVIDER = Actor(role=Role.ADMIN, subject="payment_provider")
"""Who acts when the provider's signed event does."""

Outcome = tuple[bool, str | None]


async def take(runtime: Runtime, signature: str | None, body: bytes) -> PaymentReceipt:
    """Check a signed event and apply it; the same event again changes nothing and is answered the same.

    Raises:
        ProblemError: the signature does not hold, or the event fits no order.
    """
    secret = runtime.settings.webhook_secret
    if not secret:
        raise ProblemError(Code.UNAVAILABLE, "No webhook secret is set on this server: LIVESHOP_WEBHOOK_SECRET.")
    signatures.verify(secret, signature or "", body, now=seams.now().timestamp())
    event = wire.decode(PaymentEvent, body)
    if event.type not in _KINDS:
        raise ProblemError.of_field("type", "unknown_value", f"type is one of {', '.join(_KINDS)}.")

    async def work(unit: UnitOfWork) -> PaymentReceipt:
        if (taken := await _taken(event)) is not None:
            return taken
        row = await PaymentEventRow.create(
            id=event.id,
            order_id=event.order_id,
            type=event.type,
            body_hash=fingerprint(event),
            applied=False,
            received_at=seams.now(),
        )
        order = await orders.locked(event.order_id)
        row.applied, row.note = await _KINDS[event.type](order, event)
        await row.save(update_fields=["applied", "note"])
        await sales_news.tell(runtime, unit, order.stream_id)
        return PaymentReceipt(event_id=event.id, applied=row.applied, order_status=order.status, note=row.note)

    return await idempotency.once(
        runtime.bus,
        work,
        answer_type=PaymentReceipt,
        scope="payment event",
        key=event.id,
        body=event,
    )


async def _taken(event: PaymentEvent) -> PaymentReceipt | None:
    """The receipt of an event that was taken so long ago that its answer is kept no longer."""
    row = await PaymentEventRow.get_or_none(id=event.id)
    if row is None:
        return None
    if row.body_hash != fingerprint(event):
        raise ProblemError(Code.IDEMPOTENCY_KEY_REUSED, f"The event {event.id!r} came before with another content.")
    order = await Order.get(id=row.order_id)
    return PaymentReceipt(event_id=row.id, applied=row.applied, order_status=order.status, note=row.note)


async def _succeeded(order: Order, event: PaymentEvent) -> Outcome:
    if _amount(order, event) != total_of(order):
        due = Money(total_of(order), order.currency).amount
        raise ProblemError.of_field("amount", "mismatch", f"The order costs {due} {order.currency}.")
    if order.status is OrderStatus.PENDING:
        await order_life.mark_paid(order)
        return True, None
    if order.status is OrderStatus.CANCELLED and order.paid_at is None:
        revived = await order_life.pay_late(order, PROVIDER, {"eventId": event.id})
        return revived, None if revived else "the order is cancelled or its goods are gone; refund the payment"
    if await PaymentEventRow.exists(order_id=order.id, type=event.type, applied=True):
        details = {"eventId": event.id, "amount": str(event.amount), "currency": event.currency}
        await audit.note("paid_twice", PROVIDER, subject_id=order.id, details=details)
    return False, f"the order is {order.status} already"


async def _failed(order: Order, event: PaymentEvent) -> Outcome:
    await audit.note("payment_failed", PROVIDER, subject_id=order.id, details={"eventId": event.id})
    return False, "the buyer may pay again until the order expires"


async def _refunded(order: Order, event: PaymentEvent) -> Outcome:
    if event.reference is None:
        raise ProblemError.of_field("reference", "required", "Send the refund's id: each refund counts once.")
    wanted = Wanted(by=PROVIDER.subject or "", amount=_amount(order, event), reference=event.reference)
    if refunds.recorded(order, wanted) is not None or await refunds.adopt(order, wanted):
        return False, "the refund is recorded already"
    if order.status not in REFUNDABLE:
        return False, f"the order is {order.status}; nothing of its payment is held"
    await refunds.make(order, wanted)
    return True, None


def _amount(order: Order, event: PaymentEvent) -> int:
    """The event's amount in minor units of the order's currency."""
    if event.currency != order.currency:
        raise ProblemError(Code.WRONG_CURRENCY, f"The order is in {order.currency}.")
    return Money.of(event.amount, order.currency).minor


_KINDS: dict[str, Callable[[Order, PaymentEvent], Awaitable[Outcome]]] = {
    "payment.succeeded": _succeeded,
    "payment.failed": _failed,
    "payment.refunded": _refunded,
}
