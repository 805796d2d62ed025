"""One month of what somebody earned and was paid."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult

from console.core import statement_rows
from console.core.actions import Scope
from console.core.events import MonthTurned, StatementClosed, StatementWanted
from console.core.state import State
from console.core.statement import Statement as StatementState
from console.screens.place import Place
from console.widgets.keys import bindings
from console.widgets.pane import Pane
from console.widgets.statement import Months, Sums
from console.widgets.text import Text
from console.widgets.toned import content


class Statement(Place):
    """A calendar month of an account's owner, a sum a currency."""

    BINDINGS = bindings(Scope.STATEMENT, Scope.LEDGER)
    SCOPES = (Scope.STATEMENT, Scope.LEDGER, Scope.LIST, Scope.EVERYWHERE)
    AUTO_FOCUS = "#sums"

    def compose_body(self) -> ComposeResult:
        """Whose it is, which month, and the sums."""
        yield Text(id="headline")
        with Pane(title="Statement", id="statement"):
            yield Months(id="months")
            yield Sums(id="sums")

    def path(self, state: State) -> list[str]:
        """The way here: from the accounts, or from the entries of one."""
        ledger = state.ledger
        return ["Streams", "Ledger", *([ledger.entries.account.name] if ledger and ledger.entries else []), "Statement"]

    @property
    def _statement(self) -> StatementState | None:
        return self.state.ledger.statement if self.state.ledger else None

    def show_body(self, state: State, now: datetime) -> None:
        """Fill in the month."""
        statement = self._statement
        if statement is None:
            return
        self.query_one("#headline", Text).say(content(statement_rows.headline(statement)))
        self.query_one("#statement", Pane).say(*statement_rows.status(statement))
        self.query_one(Months).show(*statement_rows.months(statement))
        if found := statement_rows.sums(statement):
            self.query_one(Sums).show(found, statement_rows.note(statement))
        else:
            self.query_one(Sums).explain(statement_rows.placeholder(statement))

    def action_next_month(self) -> None:
        """Show the month after."""
        self.happened(MonthTurned(months=1))

    def action_previous_month(self) -> None:
        """Show the month before."""
        self.happened(MonthTurned(months=-1))

    @on(Months.Turned)
    def turn_clicked(self, event: Months.Turned) -> None:
        """Show the month that was clicked."""
        self.happened(MonthTurned(months=event.months))

    def action_refresh_ledger(self) -> None:
        """Read the month again."""
        self.happened(StatementWanted())

    def action_leave(self) -> None:
        """Go back to where it was opened."""
        self.happened(StatementClosed())
