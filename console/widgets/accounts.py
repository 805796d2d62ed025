"""The ledger's tables."""

from collections.abc import Callable, Sequence

from textual.message import Message

from console.core.selectors import Row
from console.widgets.table import Column, Table

_ACCOUNT_COLUMNS = (
    Column(title="Account"),
    Column(title="Status", width=9),
    Column(title="Rate", width=7, right=True),
    Column(title="Pending", width=16, narrow=12, right=True),
    Column(title="Available", width=16, narrow=12, right=True),
    Column(title="Paid out", width=16, narrow=12, right=True),
    Column(title="Id", width=24, from_width=118),
)
_ENTRY_COLUMNS = (
    Column(title="Time", width=16),
    Column(title="Kind", width=10),
    Column(title="Account", width=9),
    Column(title="Product"),
    Column(title="Offer", width=10, from_width=150),
    Column(title="Rate", width=7, right=True, from_width=86),
    Column(title="Base", width=12, right=True, from_width=104),
    Column(title="Amount", width=13, narrow=12, right=True),
    Column(title="Balance", width=13, narrow=12, right=True),
    Column(title="Order", width=9, from_width=118),
)


class AccountTable(Table):
    """Accounts with what is pending, available and paid out."""

    def __init__(self, *, id: str, moved: Callable[[str], None]) -> None:  # noqa: A002 - Textual's word
        super().__init__(*_ACCOUNT_COLUMNS, id=id, moved=moved)


class EntryTable(Table):
    """One page of entries; going on beyond its first or last row turns the page."""

    class Passed(Message):
        """The cursor wants to go beyond the page, so many pages on."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(*_ENTRY_COLUMNS, id=id)
        self._upwards = False

    def action_cursor_up(self) -> None:
        """Go one row up, from the first one to the page before."""
        if self.rows and self._index == 0:
            self._pass(-1)
        else:
            super().action_cursor_up()

    def action_cursor_down(self) -> None:
        """Go one row down, from the last one to the page after."""
        if self.rows and self._index == len(self.rows) - 1:
            self._pass(1)
        else:
            super().action_cursor_down()

    def _pass(self, pages: int) -> None:
        self._upwards = pages < 0
        self.post_message(self.Passed(pages))

    def _paint(self, rows: Sequence[Row]) -> None:
        """Begin a new page where the cursor comes from."""
        turned = _page_of(rows) != _page_of(self.rows)
        super()._paint(rows)
        if turned and self._upwards:
            self.action_last()
        elif turned:
            self.action_first()
        self._upwards = self._upwards and not turned


def _page_of(rows: Sequence[Row]) -> str:
    return rows[0].key.partition(":")[0] if rows else ""
