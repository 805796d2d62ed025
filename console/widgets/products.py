"""The products of a stream as a table."""

from console.core.actions import Scope
from console.widgets.keys import bindings
from console.widgets.table import Column, Table

_COLUMNS = (
    Column(title="On air", width=7),
    Column(title="Product"),
    Column(title="Price", width=10, right=True),
    Column(title="Before", width=9, right=True, from_width=88),
    Column(title="Running", width=12, right=True, from_width=70),
    Column(title="Orders", width=6, right=True, from_width=50),
    Column(title="Stock", width=8, right=True),
)


class ProductTable(Table):
    """Products, with the keys that switch them."""

    BINDINGS = bindings(Scope.PRODUCTS)

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(*_COLUMNS, id=id)


class ProductList(ProductTable, can_focus=False):
    """Products to look at."""
