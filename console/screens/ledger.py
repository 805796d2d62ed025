"""The ledger: who is owed what, and paying it out."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult

from console import seams
from console.core import ledger as ledgers
from console.core import ledger_rows
from console.core import payout as payouts
from console.core.actions import BY_ID, Scope, offered
from console.core.events import (
    AccountSelected,
    EntriesOpened,
    LedgerClosed,
    LedgerWanted,
    Noted,
    PayoutBegun,
    StatementOpened,
)
from console.core.ledger import Ledger as LedgerState
from console.core.selectors import Cell, Tone
from console.core.state import State
from console.core.store import Store
from console.screens.confirm_payout import ConfirmPayout
from console.screens.place import Place
from console.widgets.accounts import AccountTable
from console.widgets.figures import Figures
from console.widgets.keys import bindings
from console.widgets.pane import Pane
from console.widgets.table import Table
from console.widgets.text import Text
from console.widgets.toned import content


class Ledger(Place):
    """Every account that the operator may see."""

    BINDINGS = bindings(Scope.ACCOUNTS, Scope.BOOKS, Scope.LEDGER)
    SCOPES = (Scope.ACCOUNTS, Scope.BOOKS, Scope.LEDGER, Scope.LIST, Scope.EVERYWHERE)
    AUTO_FOCUS = "#account-table"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._dialog: ConfirmPayout | None = None

    def compose_body(self) -> ComposeResult:
        """The table, and below it, where there is room, the selected account in full."""
        with Pane(title="Accounts", id="accounts"):
            yield AccountTable(id="account-table", moved=self._remember)
        with Pane(title="Selected", id="account"):
            yield Text(id="account-name")
            yield Figures(id="account-figures")
            yield Text(id="account-hint")

    def path(self, state: State) -> list[str]:
        """The way here."""
        return ["Streams", "Ledger"]

    def show_body(self, state: State, now: datetime) -> None:
        """Fill the table."""
        ledger = state.ledger
        if ledger is None:
            return
        table = self.query_one(AccountTable)
        table.explain(ledger_rows.accounts_placeholder(ledger))
        table.select(ledger.selected)
        table.show(lambda: ledger_rows.account_rows(self.state), at_once=len(ledger.accounts) != len(table.rows))
        self.query_one("#accounts", Pane).say(*ledger_rows.accounts_status(ledger))
        self._show_selected(state, ledger)
        self._show_payout(state, ledger)

    def _show_selected(self, state: State, ledger: LedgerState) -> None:
        account = ledgers.account(ledger, self.query_one(AccountTable).selected)
        self.set_class(account is None, "-empty")
        if account is None:
            return
        cells = [Cell(account.name, Tone.STRONG), Cell(account.holder.id, Tone.DIM)]
        self.query_one("#account-name", Text).say(content(cells))
        self.query_one("#account-figures", Figures).show(ledger_rows.account_facts(account), ())
        may_pay_out = offered(BY_ID["pay_out"], state)
        self.query_one("#account-hint", Text).say(ledger_rows.account_hint(account, may_pay_out=may_pay_out))

    def _remember(self, key: str) -> None:
        self.happened(AccountSelected(key=key))

    # ------------------------------------------------------------------------------------------- acting

    @on(Table.Clicked, "#account-table")
    def open_clicked(self, event: Table.Clicked) -> None:
        """List an account's entries by a second click on its row, as Enter would."""
        if event.again:
            self.action_open_entries()

    def action_open_entries(self) -> None:
        """List the selected account's entries."""
        selected = self.query_one(AccountTable).selected
        if selected is not None:
            self.happened(EntriesOpened(key=selected))

    def action_open_statement(self) -> None:
        """Show the current month of the selected account's owner."""
        selected = self.query_one(AccountTable).selected
        if selected is not None:
            self.happened(StatementOpened(key=selected, at=seams.now()))

    def action_refresh_ledger(self) -> None:
        """Read the accounts again."""
        self.happened(LedgerWanted())

    def action_leave(self) -> None:
        """Go back to the streams."""
        self.happened(LedgerClosed())

    # ------------------------------------------------------------------------------------------- payout

    def action_pay_out(self) -> None:
        """Ask whether the selected account is really to be paid out."""
        selected = self.query_one(AccountTable).selected
        if selected is None:
            self.happened(Noted(text=payouts.objection(None), loud=False))
        else:
            self.happened(PayoutBegun(key=selected, payout_id=seams.new_id()))

    def _show_payout(self, state: State, ledger: LedgerState) -> None:
        """Open, update or close the question, as the state says."""
        payout = ledger.payout
        if payout is None:
            if self._dialog is not None and self._dialog.is_attached:
                self._dialog.dismiss()
            self._dialog = None
        elif self._dialog is None:
            self._dialog = ConfirmPayout(self._store, payout)
            self.app.push_screen(self._dialog)
        else:
            self._dialog.show(payout, sending=ledger_rows.is_paying(state))
