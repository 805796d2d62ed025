"""How each event of the ledger's screens changes the state: the reducer's part for them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from console.core import events as e
from console.core import ledger as ledgers
from console.core import payout as payouts
from console.core import statement as statements
from console.core import wording
from console.core.accounts import Holder
from console.core.ledger import Entries, Ledger
from console.core.notices import notified
from console.core.payout import PayOut, Payout
from console.core.reading import Reading
from console.core.safety import safe, sanitised
from console.core.state import Severity, State
from console.core.statement import Statement


def _ledger_opened(state: State, event: e.LedgerOpened) -> State:
    return state if state.ledger else replace(state, ledger=Ledger())


def _ledger_closed(state: State, event: e.LedgerClosed) -> State:
    return replace(state, ledger=None)


def _ledger_wanted(state: State, event: e.LedgerWanted) -> State:
    return wanted(state)


def wanted(state: State) -> State:
    """Let everything on the ledger's screens be read again."""
    ledger = state.ledger
    if ledger is None:
        return state
    state = _with_ledger(state, reading=ledger.reading.wanted())
    if ledger.entries:
        state = _with_entries(state, reading=ledger.entries.reading.wanted())
    return _statement_wanted(state, e.StatementWanted())


def _ledger_asked(state: State, event: e.LedgerAsked) -> State:
    return _with_ledger(state, reading=state.ledger.reading.asked()) if state.ledger else state


def _ledger_arrived(state: State, event: e.LedgerArrived) -> State:
    ledger = state.ledger
    if ledger is None or not ledger.reading.awaits(event.ticket):
        return state
    accounts = {account.key: account for account in sanitised(event.accounts)}
    reading = ledger.reading.arrived(event.at)
    state = _with_ledger(state, accounts=tuple(accounts.values()), whole=event.whole, reading=reading)
    if ledger.entries and (known := accounts.get(ledger.entries.account.key)):
        state = _with_entries(state, account=known)
    if ledger.payout and (known := accounts.get(ledger.payout.account.key)):
        state = _with_ledger(state, payout=replace(ledger.payout, account=known))
    return state


def _ledger_failed(state: State, event: e.LedgerFailed) -> State:
    ledger = state.ledger
    if ledger is None or not ledger.reading.awaits(event.ticket):
        return state
    state = _with_ledger(state, reading=ledger.reading.failed(safe(event.reason)))
    return notified(state, f"The ledger could not be read: {event.reason}", Severity.ERROR)


def _account_selected(state: State, event: e.AccountSelected) -> State:
    return _with_ledger(state, selected=event.key)


def _entries_opened(state: State, event: e.EntriesOpened) -> State:
    account = ledgers.account(state.ledger, event.key) if state.ledger else None
    return _with_ledger(state, entries=Entries(account=account), selected=event.key) if account else state


def _entries_closed(state: State, event: e.EntriesClosed) -> State:
    return _with_ledger(state, entries=None)


def _page_turned(state: State, event: e.PageTurned) -> State:
    entries = state.ledger.entries if state.ledger else None
    return _with_ledger(state, entries=ledgers.turned(entries, event.page)) if entries else state


def _entries_asked(state: State, event: e.EntriesAsked) -> State:
    entries = state.ledger.entries if state.ledger else None
    return _with_entries(state, reading=entries.reading.asked()) if entries else state


def _entries_arrived(state: State, event: e.EntriesArrived) -> State:
    entries = state.ledger.entries if state.ledger else None
    if entries is None or entries.account.key != event.key or not entries.reading.awaits(event.ticket):
        return state
    return _with_entries(
        state,
        items=tuple(sanitised(event.page.items)),
        shown=entries.page,
        total=event.page.total,
        total_pages=event.page.total_pages,
        reading=entries.reading.arrived(event.at),
    )


def _entries_failed(state: State, event: e.EntriesFailed) -> State:
    entries = state.ledger.entries if state.ledger else None
    if entries is None or entries.account.key != event.key or not entries.reading.awaits(event.ticket):
        return state
    state = _with_entries(state, reading=entries.reading.failed(safe(event.reason)))
    return notified(state, f"The entries could not be read: {event.reason}", Severity.ERROR)


def _statement_opened(state: State, event: e.StatementOpened) -> State:
    account = ledgers.account(state.ledger, event.key) if state.ledger else None
    if account is None:
        return state
    return _with_ledger(state, statement=statements.opened(account, event.at + state.skew))


def _statement_closed(state: State, event: e.StatementClosed) -> State:
    return _with_ledger(state, statement=None)


def _month_turned(state: State, event: e.MonthTurned) -> State:
    statement = _statement(state)
    return _with_ledger(state, statement=statements.turned(statement, event.months)) if statement else state


def _statement_wanted(state: State, event: e.StatementWanted) -> State:
    statement = _statement(state)
    return _with_statement(state, statement, statement.reading.wanted()) if statement else state


def _statement_asked(state: State, event: e.StatementAsked) -> State:
    statement = _statement(state)
    return _with_statement(state, statement, statement.reading.asked()) if statement else state


def _statement_arrived(state: State, event: e.StatementArrived) -> State:
    statement = _awaited(state, event.ticket, event.holder, event.statement.month)
    if statement is None:
        return state
    view, there = sanitised(event.statement), event.at + state.skew
    return _with_ledger(state, statement=statements.arrived(statement, view, at=event.at, there=there))


def _statement_failed(state: State, event: e.StatementFailed) -> State:
    statement = _awaited(state, event.ticket, event.holder, event.month)
    if statement is None:
        return state
    state = _with_statement(state, statement, statement.reading.failed(safe(event.reason)))
    return notified(state, f"The statement could not be read: {event.reason}", Severity.ERROR)


def _awaited(state: State, ticket: int, holder: Holder, month: str) -> Statement | None:
    """The open statement, if this is the answer that it waits for."""
    statement = _statement(state)
    if statement is None or not statement.reading.awaits(ticket):
        return None
    return statement if (statement.account.holder, statement.month) == (holder, month) else None


def _payout_begun(state: State, event: e.PayoutBegun) -> State:
    account = ledgers.account(state.ledger, event.key) if state.ledger else None
    objection = payouts.objection(account)
    if account is None or objection:
        return notified(state, objection, Severity.INFORMATION)
    return _with_ledger(state, payout=payouts.begun(account, event.payout_id))


def _payout_edited(state: State, event: e.PayoutEdited) -> State:
    payout = _payout(state)
    if payout is None:
        return state
    return _with_ledger(state, payout=payouts.edited(payout, safe(event.amount), safe(event.reference)))


def _payout_dropped(state: State, event: e.PayoutDropped) -> State:
    return _with_ledger(state, payout=None)


def paid_out(state: State, act: PayOut) -> State:
    """Say that a payout is made, and read the ledger again."""
    name = ledgers.name_of(state.ledger, act.affiliate_id)
    text = f"{wording.money(act.amount, act.currency)} paid out to {name}."
    state = notified(state, text, Severity.INFORMATION)
    payout = _payout(state)
    if payout is not None and payouts.wish(payout) == act:
        state = _with_ledger(state, payout=None)
    return wanted(state)


def not_paid_out(state: State, act: PayOut, text: str, *, unsure: bool) -> State:
    """Say in the dialog why a payout is not made, and read the ledger again."""
    payout = _payout(state)
    if payout is not None and payouts.wish(payout) == act:
        state = _with_ledger(state, payout=payouts.refused(payout, act, text, unsure=unsure))
    return wanted(state)


def _payout(state: State) -> Payout | None:
    return state.ledger.payout if state.ledger else None


def _statement(state: State) -> Statement | None:
    return state.ledger.statement if state.ledger else None


def _with_statement(state: State, statement: Statement, reading: Reading) -> State:
    return _with_ledger(state, statement=replace(statement, reading=reading))


def _with_ledger(state: State, **changes: Any) -> State:
    return replace(state, ledger=replace(state.ledger, **changes)) if state.ledger else state


def _with_entries(state: State, **changes: Any) -> State:
    entries = state.ledger.entries if state.ledger else None
    return _with_ledger(state, entries=replace(entries, **changes)) if entries else state


HANDLERS: dict[type[e.Event], Callable[[State, Any], State]] = {
    e.LedgerOpened: _ledger_opened,
    e.LedgerClosed: _ledger_closed,
    e.LedgerWanted: _ledger_wanted,
    e.LedgerAsked: _ledger_asked,
    e.LedgerArrived: _ledger_arrived,
    e.LedgerFailed: _ledger_failed,
    e.AccountSelected: _account_selected,
    e.EntriesOpened: _entries_opened,
    e.EntriesClosed: _entries_closed,
    e.PageTurned: _page_turned,
    e.EntriesAsked: _entries_asked,
    e.EntriesArrived: _entries_arrived,
    e.EntriesFailed: _entries_failed,
    e.StatementOpened: _statement_opened,
    e.StatementClosed: _statement_closed,
    e.MonthTurned: _month_turned,
    e.StatementWanted: _statement_wanted,
    e.StatementAsked: _statement_asked,
    e.StatementArrived: _statement_arrived,
    e.StatementFailed: _statement_failed,
    e.PayoutBegun: _payout_begun,
    e.PayoutEdited: _payout_edited,
    e.PayoutDropped: _payout_dropped,
}
"""What to do with each event of the ledger's screens."""
