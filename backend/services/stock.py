"""Stock: taken only where there is enough, never below zero whatever the concurrency."""

from collections.abc import Iterable, Mapping

from tortoise.expressions import F

from backend.storage.models import OrderLine, Product
from shared.problems import Code, ProblemError


def wanted(lines: Iterable[OrderLine]) -> dict[str, int]:
    """How many of each product an order's lines hold."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.product_id] = found.get(line.product_id, 0) + line.quantity
    return found


async def reserve(quantities: Mapping[str, int]) -> None:
    """Take stock, within the caller's transaction, always in the order of ids: no two checkouts wait in a circle.

    Raises:
        ProblemError: `out_of_stock`; the caller's transaction must then roll back.
    """
    for product_id, quantity in sorted(quantities.items()):
        taken = await Product.filter(id=product_id, stock__gte=quantity).update(stock=F("stock") - quantity)
        if not taken:
            raise ProblemError(Code.OUT_OF_STOCK, f"There is not enough of {product_id!r} left.")


async def give_back(quantities: Mapping[str, int]) -> None:
    """Return stock, within the caller's transaction."""
    for product_id, quantity in sorted(quantities.items()):
        await Product.filter(id=product_id).update(stock=F("stock") + quantity)
