"""Every order checked against its own lines, refunds and moments, and what it calls for in the ledger."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from math import inf

from tortoise.queryset import QuerySet

from backend.domain.commission import order_rate, share_line
from backend.domain.ledger import Journal, JournalKind, Source
from backend.domain.orders import status_of
from backend.services.ledger_chain import Link
from backend.services.order_journals import left_of, refund_of, sale_of, settlement_of, share_of
from backend.storage import sound
from backend.storage.models import FlashSaleRow, LiveStreamProduct, Order, OrderLine, Refund
from backend.storage.sound import Unreadable
from shared.views import OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look at an order found."""

    order_id: str
    faults: list[str]
    calls_for: dict[Source, Journal]
    """The journals that must be in the ledger."""


async def each_order(posted: Mapping[Source, Link]) -> AsyncIterator[Seen]:
    """Every order; what is posted says which journal a refund reverses, and in which order refunds were made."""

    async def read(part: QuerySet[Order]) -> list[Seen]:
        orders = await sound.rows(part)
        ids = [order.id for order in orders]
        await sound.look(OrderLine.filter(order_id__in=ids))
        await sound.look(Refund.filter(order_id__in=ids))
        await Order.fetch_for_list(orders, "lines", "refunds")
        moments = await _moments(orders)
        return [Seen(order_id=o.id, faults=_faults(o, moments), calls_for=_calls_for(o, posted)) for o in orders]

    async for seen in sound.in_turn(Order.all().order_by("id"), read):
        if isinstance(seen, Unreadable):
            name = seen.row_id or f"number {seen.place + 1} by its id"
            yield Seen(order_id=name, faults=[str(seen)], calls_for={})
        else:
            yield seen


def _calls_for(order: Order, posted: Mapping[Source, Link]) -> dict[Source, Journal]:
    if order.paid_at is None:
        return {}
    found = {(JournalKind.SALE, order.id): sale_of(order)}
    sale = posted.get((JournalKind.SALE, order.id))
    before = before_settlement = 0

    def place(made: Refund) -> tuple[float, str]:
        # The chain knows which came first; the clock on the wall may have stepped back between them.
        link = posted.get((JournalKind.REFUND, made.id))
        return (link.number if link else inf), made.id

    for made in sorted(order.refunds, key=place):
        found[JournalKind.REFUND, made.id] = refund_of(
            order, sale.journal_id if sale else "", before, made.amount_minor, settled=made.settled_before
        )
        before += made.amount_minor
        before_settlement += 0 if made.settled_before else made.amount_minor
    if order.settled_at is not None:
        found[JournalKind.SETTLEMENT, order.id] = settlement_of(order, before_settlement)
    return found


def _faults(order: Order, moments: "Moments") -> list[str]:
    """What of an order's own figures does not follow from its lines and refunds."""
    lines = list(order.lines)
    rate = order_rate([share_of(line) for line in lines]) if order.affiliate_id is not None else None
    stamps = (order.shipped_at, order.delivered_at, order.settled_at)
    rules = {
        "its status is not what happened to it": order.status is _status(order),
        "goods or money moved before it was paid": order.paid_at is not None
        or not (any(stamps) or order.refunded_minor or list(order.refunds)),
        "it was settled without having been delivered": order.settled_at is None or order.delivered_at is not None,
        "it was cancelled, and some of its payment is kept": order.cancelled_at is None
        or order.paid_at is None
        or left_of(order) == 0,
        "its goods are not its lines'": order.goods_minor
        == sum(line.quantity * line.unit_price_minor for line in lines),
        "its discount is not its lines'": order.discount_minor == sum(line.discount_minor for line in lines),
        "its commission is not its lines'": order.commission_minor == sum(line.commission_minor for line in lines),
        "its commission rate is not its lines'": order.commission_rate == rate,
        "its refunds do not add up": order.refunded_minor == sum(made.amount_minor for made in order.refunds),
        "a line's share is not its rate's": all(_is_fair(line) for line in lines),
        "a line's product moment is not its stream's": all(moments.explain(order, line) for line in lines),
    }
    return [fault for fault, holds in rules.items() if not holds]


def _status(order: Order) -> OrderStatus:
    return status_of(
        cancelled=order.cancelled_at is not None,
        paid=order.paid_at is not None,
        shipped=order.shipped_at is not None,
        delivered=order.delivered_at is not None,
        refunded_wholly=bool(list(order.refunds)) and left_of(order) == 0,
    )


def _is_fair(line: OrderLine) -> bool:
    goods = line.quantity * line.unit_price_minor
    return share_of(line) == share_line(goods, line.discount_minor, line.commission_rate or 0)


@dataclass(frozen=True, slots=True)
class Moments:
    """The rows that the lines of some orders name as their products' moments in the stream."""

    featured: dict[str, LiveStreamProduct]
    sales: dict[str, FlashSaleRow]

    def explain(self, order: Order, line: OrderLine) -> bool:
        """Whether the product was shown where the order was placed, and the flash sale was on then."""
        if order.stream_id is None:
            return line.featured_id is None and line.flash_sale_id is None
        place = (order.stream_id, line.product_id)
        row = self.featured.get(line.featured_id or "")
        if row is None or (row.stream_id, row.product_id) != place:
            return False
        if line.flash_sale_id is None:
            return True
        sale = self.sales.get(line.flash_sale_id)
        return (
            sale is not None
            and (sale.stream_id, sale.product_id) == place
            and (sale.starts_at <= order.placed_at < sale.ends_at)
        )


async def _moments(orders: list[Order]) -> Moments:
    lines = [line for order in orders for line in order.lines]
    featured = await LiveStreamProduct.filter(id__in={line.featured_id for line in lines if line.featured_id})
    sales = await FlashSaleRow.filter(id__in={line.flash_sale_id for line in lines if line.flash_sale_id})
    return Moments({row.id: row for row in featured}, {row.id: row for row in sales})
