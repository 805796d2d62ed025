"""What a featured product costs at one instant."""

from dataclasses import dataclass
from datetime import datetime

from backend.domain.commission import half_up
from shared.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSale:
    """A discount that holds from its start until its end."""

    id: str
    discount_percent: int
    starts_at: datetime
    ends_at: datetime

    def runs_at(self, instant: datetime) -> bool:
        """Whether the sale is on: its start belongs to it, its end does not."""
        return self.starts_at <= instant < self.ends_at


def price_at(
    instant: datetime, *, list_price: Money, special_price: Money | None, flash_sale: FlashSale | None
) -> Money:
    """The price in force: the special price, else the list price; a running flash sale takes its percentage off that.

    The discounted price rounds half up to the minor unit.
    """
    price = special_price or list_price
    if flash_sale is None or not flash_sale.runs_at(instant):
        return price
    return Money(half_up(price.minor * (100 - flash_sale.discount_percent), 100), price.currency)
