"""The purchases of a stream as a table, the newest at the bottom like the chat's lines."""

from collections.abc import Callable, Sequence

from console.core.selectors import Row
from console.widgets.table import Column, Table

_COLUMNS = (
    Column(title="Time", width=8),
    Column(title="Product"),
    Column(title="Qty", width=4, right=True),
    Column(title="Buyer", width=14, narrow=8),
    Column(title="Amount", width=12, narrow=11, right=True),
    Column(title="Commission", width=11, narrow=10, right=True, from_width=60),
    Column(title="Affiliate", width=16, from_width=94),
    Column(title="Order", width=14, from_width=110),
)


class PurchaseTable(Table):
    """Purchases; while the cursor is on the newest, it goes on to the next newest."""

    def __init__(self, *, id: str, moved: Callable[[str], None]) -> None:  # noqa: A002 - Textual's word
        super().__init__(*_COLUMNS, id=id, moved=moved)

    def _paint(self, rows: Sequence[Row]) -> None:
        following = not self.rows or self._index >= len(self.rows) - 1
        super()._paint(rows)
        if following:
            self.action_last()
