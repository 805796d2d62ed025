"""Stock: taken only where there is enough, never below zero whatever the concurrency."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from tortoise.expressions import F

from backend.storage.models import Product
from shared.problems import Code, ProblemError


class Line(Protocol):
    """Some of one product: a line of an order, stored or on its way."""

    @property
    def product_id(self) -> str:
        """The product."""
        ...

    @property
    def quantity(self) -> int:
        """How many of it."""
        ...


def _wanted(lines: Iterable[Line]) -> list[tuple[str, int]]:
    """How many of each product, always in the order of ids: no two checkouts wait in a circle."""
    quantities: Counter[str] = Counter()
    for line in lines:
        quantities[line.product_id] += line.quantity
    return sorted(quantities.items())


async def reserve(lines: Iterable[Line]) -> None:
    """Take what the lines hold, within the caller's transaction.

    Raises:
        ProblemError: `out_of_stock`; the caller's transaction must then roll back.
    """
    for product_id, quantity in _wanted(lines):
        taken = await Product.filter(id=product_id, stock__gte=quantity).update(stock=F("stock") - quantity)
        if not taken:
            raise ProblemError(Code.OUT_OF_STOCK, f"There is not enough of {product_id!r} left.")


async def give_back(lines: Iterable[Line]) -> None:
    """Return what the lines hold, within the caller's transaction."""
    for product_id, quantity in _wanted(lines):
        await Product.filter(id=product_id).update(stock=F("stock") + quantity)
