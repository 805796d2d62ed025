"""Orders as their buyer, seller and admins see them."""

from backend.storage.models import Order, OrderLine, Refund
from shared.money import Money, percentage
from shared.views import OrderLineView, OrderView, RefundView

NEEDED = ("lines", "refunds")
"""What must be loaded of an order that is shown."""


def order(row: Order) -> OrderView:
    """An order; its lines and refunds must be loaded."""

    def amount(minor: int) -> Money:
        return Money(minor, row.currency)

    return OrderView(
        id=row.id,
        number=row.number,
        status=row.status,
        seller_id=row.seller_id,
        buyer_id=row.buyer_id,
        is_guest_order=row.is_guest_order,
        live_session_id=row.stream_id,
        affiliate_id=row.affiliate_id,
        commission_rate=None if row.commission_rate is None else percentage(row.commission_rate),
        commission_amount=amount(row.commission_minor).amount,
        currency=row.currency,
        items=[_line(line, row.currency) for line in sorted(row.lines, key=lambda line: line.position)],
        goods_amount=amount(row.goods_minor).amount,
        discount_amount=amount(row.discount_minor).amount,
        shipping_amount=amount(row.shipping_minor).amount,
        total_amount=amount(row.goods_minor - row.discount_minor + row.shipping_minor).amount,
        refunded_amount=amount(row.refunded_minor).amount,
        refunds=[_refund(made, row.currency) for made in sorted(row.refunds, key=lambda made: made.id)],
        shipping_address=row.shipping_address,
        cancel_reason=row.cancel_reason,
        placed_at=row.placed_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        cancelled_at=row.cancelled_at,
    )


def _refund(row: Refund, currency: str) -> RefundView:
    return RefundView(
        id=row.id,
        amount=Money(row.amount_minor, currency).amount,
        reason=row.reason,
        reference=row.reference,
        created_at=row.created_at,
    )


def _line(row: OrderLine, currency: str) -> OrderLineView:
    return OrderLineView(
        product_id=row.product_id,
        name=row.name,
        variant=row.variant,
        quantity=row.quantity,
        unit_price=Money(row.unit_price_minor, currency).amount,
        amount=Money(row.quantity * row.unit_price_minor, currency).amount,
        discount_amount=Money(row.discount_minor, currency).amount,
        commission_rate=None if row.commission_rate is None else percentage(row.commission_rate),
        commission_amount=Money(row.commission_minor, currency).amount,
    )
