"""What-if: recorded orders under other commission or fee rules, without writing anything."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from backend.domain import commission
from backend.domain.commission import Split
from backend.services.order_journals import split_of, taken_back
from backend.storage.models import Order
from shared.money import Money

BATCH = 500
"""Orders read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is different; None leaves what was recorded."""

    rate: int | None = None
    """Every commission's rate, in basis points."""
    fee_rate: int | None = None
    """The platform's fee, in basis points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which paid orders are replayed."""

    since: datetime | None = None
    until: datetime | None = None
    affiliate_id: str | None = None
    seller_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody would have got more, or less."""

    who: str
    currency: str
    recorded: int
    simulated: int

    @property
    def difference(self) -> Money:
        """Positive where they would have got more."""
        return Money(self.simulated - self.recorded, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The outcome of a replay."""

    orders: int
    changes: list[Change]


async def replay(rules: Rules, selection: Selection) -> Simulation:
    """Share every selected order's kept money twice: as recorded, and under the rules."""
    recorded: defaultdict[tuple[str, str], int] = defaultdict(int)
    simulated: defaultdict[tuple[str, str], int] = defaultdict(int)
    count, last = 0, ""
    while orders := await _selected(selection, last):
        for order in orders:
            _add(recorded, order, _kept(order, split_of(order)))
            _add(simulated, order, _kept(order, _split_under(rules, order)))
        count, last = count + len(orders), orders[-1].id
    changes = [
        Change(who=who, currency=currency, recorded=recorded[who, currency], simulated=simulated[who, currency])
        for who, currency in sorted(recorded.keys() | simulated.keys())
    ]
    return Simulation(orders=count, changes=changes)


async def _selected(selection: Selection, after: str) -> list[Order]:
    chosen = Order.filter(id__gt=after).exclude(paid_at=None)
    if selection.since is not None:
        chosen = chosen.filter(placed_at__gte=selection.since)
    if selection.until is not None:
        chosen = chosen.filter(placed_at__lt=selection.until)
    if selection.affiliate_id is not None:
        chosen = chosen.filter(affiliate_id=selection.affiliate_id)
    if selection.seller_id is not None:
        chosen = chosen.filter(seller_id=selection.seller_id)
    return await chosen.order_by("id").limit(BATCH).prefetch_related("lines")


def _split_under(rules: Rules, order: Order) -> Split:
    earned = order.commission_minor
    if rules.rate is not None and order.affiliate_id is not None:
        earned = sum(commission.half_up(line.net_minor * rules.rate, commission.BASIS) for line in order.lines)
    return commission.split(
        base=order.goods_minor - order.discount_minor,
        shipping=order.shipping_minor,
        commission=earned,
        fee_rate=order.fee_rate if rules.fee_rate is None else rules.fee_rate,
    )


def _kept(order: Order, shares: Split) -> Split:
    """What refunds have left of the shares."""
    return shares.minus(taken_back(order, shares, order.refunded_minor))


def _add(totals: defaultdict[tuple[str, str], int], order: Order, shares: Split) -> None:
    totals[f"seller {order.seller_id}", order.currency] += shares.seller
    totals["platform", order.currency] += shares.platform
    if order.affiliate_id is not None:
        totals[f"affiliate {order.affiliate_id}", order.currency] += shares.affiliate
