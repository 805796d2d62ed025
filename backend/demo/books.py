"""The demo's own books: every order that the server acknowledged, and what must have become of it and of its money.

The sums are made here from the cast's prices and rates alone, not by the server's rules, so that they can disagree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from backend.demo import cast
from backend.demo.shelf import Shelf, floored, rounded
from shared.problems import Code
from shared.views import OrderStatus, OrderView

_NOTHING = Decimal("0.00")
_IN_WORDS = {
    Code.OUT_OF_STOCK: "sold out",
    Code.PRODUCT_NOT_ACTIVE: "hidden",
    Code.PRODUCT_NOT_IN_STREAM: "not in the show yet",
}


@dataclass(slots=True, kw_only=True)
class Sale:
    """One order, and what its buyer, the payment provider and the seller did with it."""

    order: OrderView
    """As it was acknowledged."""
    act: cast.Act
    shelf: Shelf
    stream_id: str
    buyer_id: str
    basket: Mapping[str, int]
    status: OrderStatus = OrderStatus.PENDING
    paid: bool = False
    delivered: bool = False
    refunded: Decimal = _NOTHING

    @property
    def prices(self) -> dict[str, Decimal]:
        """What one of each product cost."""
        return {product_id: self.shelf.price(product_id, self.order.placed_at) for product_id in self.basket}

    @property
    def total(self) -> Decimal:
        """What the buyer owes."""
        return sum((price * self.basket[product_id] for product_id, price in self.prices.items()), _NOTHING)

    @property
    def affiliate_id(self) -> str | None:
        """Whose sale it is."""
        return self.act.promoter.id if self.act.promoter else None

    @property
    def rate(self) -> Decimal | None:
        """What the affiliate gets of it, in percent."""
        return self.act.promoter.commission if self.act.promoter else None

    @property
    def commission(self) -> Decimal:
        """The affiliate's, when nothing is refunded."""
        lines = (price * self.basket[product_id] for product_id, price in self.prices.items())
        return sum((rounded(line * (self.rate or 0) / 100) for line in lines), _NOTHING)

    @property
    def earned(self) -> Decimal:
        """The affiliate's, less what refunds took back."""
        if not self.paid or self.refunded == self.total:
            return _NOTHING
        return self.commission - rounded(self.commission * self.refunded / self.total)

    @property
    def fee(self) -> Decimal:
        """The platform's, less what refunds took back."""
        if not self.paid or self.refunded == self.total:
            return _NOTHING
        whole = floored(self.total * cast.PLATFORM_FEE / 100)
        return whole - floored(whole * self.refunded / self.total)

    @property
    def revenue(self) -> Decimal:
        """What the buyer paid and did not get back."""
        return self.total - self.refunded if self.paid else _NOTHING

    @property
    def income(self) -> Decimal:
        """The seller's: whatever is not the affiliate's or the platform's."""
        return self.revenue - self.earned - self.fee

    def status_at(self, now: datetime) -> OrderStatus:
        """Its status: what nobody pays is cancelled in time."""
        expires_at = self.order.expires_at
        if self.status is OrderStatus.PENDING and expires_at is not None and expires_at <= now:
            return OrderStatus.CANCELLED
        return self.status


@dataclass(slots=True)
class Books:
    """Everything that was bought in the show."""

    sales: dict[str, Sale] = field(default_factory=dict)
    """By order."""
    refused: Counter[Code] = field(default_factory=Counter)
    """Purchases that the server had to refuse, and did."""
    repeated: int = 0
    """Purchases that were sent once more, under the same key."""
    paid_out: Decimal = _NOTHING
    checked: str = "not checked"
    """What `liveshop ledger verify` said at the end."""

    def of(self, act: cast.Act) -> list[Sale]:
        """The orders of one stream."""
        return [sale for sale in self.sales.values() if sale.act is act]

    def available(self, sales: Iterable[Sale]) -> Decimal:
        """Commission of delivered orders: it settles."""
        return sum((sale.earned for sale in sales if sale.delivered), _NOTHING)

    def pending(self, sales: Iterable[Sale]) -> Decimal:
        """Commission of orders on their way."""
        return sum((sale.earned for sale in sales if not sale.delivered), _NOTHING)

    def summary(self) -> list[str]:
        """The books in some lines of text."""
        sales = self.sales.values()
        fees = sum((sale.fee for sale in sales), _NOTHING)
        revenue = sum((sale.revenue for sale in sales), _NOTHING)
        return [
            f"orders    {self._orders()}",
            f"refused   {self._refusals()}",
            f"sales     {revenue} USD net of {self._refunds()} USD refunded, {fees} USD of it fees",
            f"earned    {self._commission()}",
            f"ledger    {self.checked}",
        ]

    def _orders(self) -> str:
        found = Counter(sale.status for sale in self.sales.values())
        paid = sum(sale.paid for sale in self.sales.values())
        delivered = sum(sale.delivered for sale in self.sales.values())
        refunded = sum(sale.refunded > 0 for sale in self.sales.values())
        return (
            f"{len(self.sales)} placed ({self.repeated} sent again, none doubled), {paid} paid, {delivered} delivered, "
            f"{refunded} refunded, {found[OrderStatus.CANCELLED]} cancelled"
        )

    def _refusals(self) -> str:
        reasons = ", ".join(f"{times} {_IN_WORDS.get(code, code)}" for code, times in self.refused.most_common())
        return f"{self.refused.total()} as expected" + (f" ({reasons})" if reasons else "")

    def _refunds(self) -> Decimal:
        return sum((sale.refunded for sale in self.sales.values()), _NOTHING)

    def _commission(self) -> str:
        sales = list(self.sales.values())
        available = self.available(sales) - self.paid_out
        return (
            f"{available + self.pending(sales) + self.paid_out} USD commission: {self.pending(sales)} pending, "
            f"{available} available, {self.paid_out} paid out"
        )
