"""What a stream sells, as its room is told: the demo's own measure of what may be bought, and for how much."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from backend import seams
from backend.demo import cast
from shared.events import FlashSaleStarted, StreamProductsUpdate
from shared.problems import Code

CENT = Decimal("0.01")


def rounded(amount: Decimal) -> Decimal:
    """An amount to the cent, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def floored(amount: Decimal) -> Decimal:
    """An amount to the cent below."""
    return amount.quantize(CENT, ROUND_DOWN)


@dataclass(slots=True, kw_only=True)
class Attempt:
    """A purchase on its way: since when, and what had been put back by then."""

    basket: Mapping[str, int]
    """Quantities by product."""
    since: float
    put_back: Counter[str]


@dataclass(slots=True)
class Shelf:
    """One stream's goods: when each was on show, what it cost, and how many are left."""

    goods: Iterable[cast.Goods]
    _goods: dict[str, cast.Goods] = field(init=False)
    _shown: list[tuple[float, frozenset[str]]] = field(init=False)
    """What was on show from each moment on."""
    _sales: list[FlashSaleStarted] = field(default_factory=list)
    _taken: Counter[str] = field(default_factory=Counter)
    _put_back: Counter[str] = field(default_factory=Counter)
    _on_their_way: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._goods = {goods.id: goods for goods in self.goods}
        self._shown = [(0.0, frozenset())]

    def hear_products(self, update: StreamProductsUpdate) -> None:
        """The room is told what is on show."""
        active = frozenset(item.product_id for item in update.products if item.is_active)
        if active != self._shown[-1][1]:
            self._shown.append((seams.monotonic(), active))

    def hear_flash_sale(self, started: FlashSaleStarted) -> None:
        """The room is told of a lower price."""
        self._sales.append(started)

    def has_flash_sale(self, at: datetime) -> bool:
        """Whether anything is cheaper just then."""
        return any(sale.timestamp <= at < sale.end_time for sale in self._sales)

    def price(self, product_id: str, at: datetime) -> Decimal:
        """What a product cost at a moment: its price in this show, less the flash sale that was on."""
        goods = self._goods[product_id]
        price = goods.special or goods.price
        begun = [sale for sale in self._sales if sale.product_id == product_id and sale.timestamp <= at]
        if begun and at < begun[-1].end_time:
            return rounded(price * (100 - begun[-1].discount_percent) / 100)
        return price

    def left(self, product_id: str) -> int:
        """How many nobody has bought."""
        return self._goods[product_id].stock - self._taken[product_id] + self._put_back[product_id]

    def attempt(self, basket: Mapping[str, int]) -> Attempt:
        """Somebody presses the button."""
        self._on_their_way.update(basket)
        return Attempt(basket=basket, since=seams.monotonic(), put_back=Counter(self._put_back))

    def arrived(self, attempt: Attempt, *, bought: bool) -> None:
        """The server has answered."""
        self._on_their_way.subtract(attempt.basket)
        if bought:
            self._taken.update(attempt.basket)

    def put_back(self, basket: Mapping[str, int]) -> None:
        """Goods of an order that will not be are there again."""
        self._put_back.update(basket)

    def right_refusals(self, attempt: Attempt) -> set[Code]:
        """How the server may have refused an attempt that has arrived."""
        right: set[Code] = set()
        if any(not all(product_id in active for active in self._views(attempt)) for product_id in attempt.basket):
            right |= {Code.PRODUCT_NOT_ACTIVE, Code.PRODUCT_NOT_IN_STREAM}
        if any(self._fewest(product_id, attempt) < wanted for product_id, wanted in attempt.basket.items()):
            right.add(Code.OUT_OF_STOCK)
        return right

    def may_have_sold(self, attempt: Attempt) -> bool:
        """Whether everything that an attempt wanted was on show at some time until now."""
        return all(any(product_id in active for active in self._views(attempt)) for product_id in attempt.basket)

    def _views(self, attempt: Attempt) -> list[frozenset[str]]:
        """What was on show, one after another, since the button was pressed."""
        before = [active for moment, active in self._shown if moment <= attempt.since][-1]
        return [before, *(active for moment, active in self._shown if moment > attempt.since)]

    def _fewest(self, product_id: str, attempt: Attempt) -> int:
        """How many may have been left for an attempt: others on their way may have been faster."""
        put_back_since = self._put_back[product_id] - attempt.put_back[product_id]
        return self.left(product_id) - self._on_their_way[product_id] - put_back_since
