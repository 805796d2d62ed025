"""What moved on one account of the ledger."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult

from console import seams
from console.core import ledger_rows
from console.core.actions import Scope
from console.core.events import EntriesClosed, LedgerWanted, PageTurned, StatementOpened
from console.core.ledger import Entries as EntriesState
from console.core.state import State
from console.screens.place import Place
from console.widgets.accounts import EntryTable
from console.widgets.keys import bindings
from console.widgets.pane import Pane
from console.widgets.text import Text
from console.widgets.toned import content


class Entries(Place):
    """One account's entries, newest first, a page at a time."""

    BINDINGS = bindings(Scope.ENTRIES, Scope.BOOKS, Scope.LEDGER)
    SCOPES = (Scope.ENTRIES, Scope.BOOKS, Scope.LEDGER, Scope.LIST, Scope.EVERYWHERE)
    AUTO_FOCUS = "#entry-table"

    def compose_body(self) -> ComposeResult:
        """The account in a line, and its entries."""
        yield Text(id="headline")
        with Pane(title="Entries", id="entries"):
            yield EntryTable(id="entry-table")

    def path(self, state: State) -> list[str]:
        """The way here."""
        entries = self._entries
        return ["Streams", "Ledger", *([entries.account.name] if entries else [])]

    @property
    def _entries(self) -> EntriesState | None:
        return self.state.ledger.entries if self.state.ledger else None

    def show_body(self, state: State, now: datetime) -> None:
        """Fill the table."""
        entries = self._entries
        if entries is None:
            return
        self.query_one("#headline", Text).say(content(ledger_rows.entries_headline(entries.account)))
        self.query_one("#entries", Pane).say(*ledger_rows.entries_status(entries))
        table = self.query_one(EntryTable)
        table.explain(ledger_rows.entries_placeholder(entries))
        table.show(lambda: ledger_rows.entry_rows(entries), at_once=True)

    def action_next_page(self) -> None:
        """Show older entries."""
        self._turn(1)

    def action_previous_page(self) -> None:
        """Show newer entries."""
        self._turn(-1)

    @on(EntryTable.Passed)
    def turn_passed(self, event: EntryTable.Passed) -> None:
        """Show the page that the cursor went on to."""
        self._turn(event.pages)

    def _turn(self, pages: int) -> None:
        entries = self._entries
        if entries is not None:
            self.happened(PageTurned(page=entries.page + pages))

    def action_open_statement(self) -> None:
        """Show the current month of the account's owner."""
        if self._entries is not None:
            self.happened(StatementOpened(key=self._entries.account.key, at=seams.now()))

    def action_refresh_ledger(self) -> None:
        """Read the account and its entries again."""
        self.happened(LedgerWanted())

    def action_leave(self) -> None:
        """Go back to the accounts."""
        self.happened(EntriesClosed())
