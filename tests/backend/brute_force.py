"""Figures as they are defined: from the rows, one by one. What the queries say must equal it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from backend.domain.commission import allocate
from backend.domain.ledger import Account, JournalKind
from backend.domain.sales import StreamSales
from backend.storage.models import LedgerEntry, LiveStreamViewer, Order
from shared.views import OrderStatus


async def sales_of(stream_id: str) -> StreamSales:
    """A stream's sales."""
    found = StreamSales()
    orders = await Order.filter(stream_id=stream_id).prefetch_related("lines")
    placed = [order for order in orders if order.status is not OrderStatus.CANCELLED]
    for order in placed:
        for product_id in {line.product_id for line in order.lines}:
            found.product(product_id).purchases += 1
        for line in order.lines:
            found.product(line.product_id).units += line.quantity
    for order in orders:
        if order.paid_at is None:
            continue
        found.revenue += order.goods_minor - order.discount_minor + order.shipping_minor - order.refunded_minor
        lines = sorted(order.lines, key=lambda line: line.position)
        nets = [line.net_minor for line in lines]
        for line, back in zip(lines, allocate(min(order.refunded_minor, sum(nets)), nets), strict=True):
            found.product(line.product_id).revenue += line.net_minor - back
    found.orders, found.buyers = len(placed), len({order.buyer_id for order in placed})
    return found


async def purchases_of(stream_id: str) -> Counter[str]:
    """How often each product was bought in a stream."""
    sales = await sales_of(stream_id)
    return Counter({name: product.purchases for name, product in sales.products.items() if product.purchases})


async def attendance_of(stream_ids: Iterable[str], now: datetime) -> tuple[int, float]:
    """Distinct viewers, summed over streams, and the mean seconds that each watched."""
    visits = await LiveStreamViewer.filter(stream_id__in=list(stream_ids))
    seen = {(visit.stream_id, visit.viewer_id) for visit in visits}
    watched = sum(((visit.left_at or now) - visit.joined_at).total_seconds() for visit in visits)
    return len(seen), round(watched / len(seen), 1) if seen else 0.0


def curve_of(visits: Iterable[tuple[str, datetime, datetime | None]], moments: Iterable[datetime]) -> list[int]:
    """How many distinct viewers watched at each of some moments."""
    known = list(visits)
    return [
        len({who for who, joined, left in known if joined <= moment and (left is None or left > moment)})
        for moment in moments
    ]


Statement = tuple[int, int, int, int]
"""An account's opening balance, and what a month earned, reversed and paid out of it."""


async def statement_of(
    owner_id: str, accounts: Iterable[Account], starts_at: datetime, ends_at: datetime
) -> dict[str, Statement]:
    """An owner's statement of a time, by currency, in minor units."""
    opening: defaultdict[str, int] = defaultdict(int)
    moved: defaultdict[str, Counter[JournalKind]] = defaultdict(Counter)
    entries = await LedgerEntry.filter(owner_id=owner_id, account__in=list(accounts)).prefetch_related("journal")
    for entry in entries:
        posted_at = datetime.fromisoformat(entry.journal.posted_at)
        if posted_at < starts_at:
            opening[entry.currency] += entry.amount_minor
        elif posted_at < ends_at:
            moved[entry.currency][entry.journal.kind] += entry.amount_minor
    return {
        currency: (
            opening[currency],
            moved[currency][JournalKind.SALE],
            -moved[currency][JournalKind.REFUND],
            -moved[currency][JournalKind.PAYOUT],
        )
        for currency in {*opening, *moved}
    }
