"""What the ledger's screens show, computed from the state."""

from decimal import Decimal

from console.core import payout as payouts
from console.core import wording
from console.core.accounts import Account, HolderKind
from console.core.ledger import Entries, Ledger
from console.core.payout import PayOut, Payout
from console.core.reading import Reading, Stage
from console.core.selectors import Cell, Fact, Row, Tone
from console.core.state import Progress, State
from shared.views import AffiliateStatus, LedgerEntryView

_STATUS = {
    AffiliateStatus.APPROVED: Cell("approved", Tone.GOOD),
    AffiliateStatus.PENDING: Cell("pending", Tone.WARN),
    AffiliateStatus.SUSPENDED: Cell("suspended", Tone.BAD),
}
_KINDS = {"sale": Tone.GOOD, "refund": Tone.WARN, "payout": Tone.ACCENT}
_NOTHING = Cell("·", Tone.DIM)
_NOBODY = """No affiliates yet.

An admin registers them by POST /api/v1/affiliates.
To try with example data, run on the server's machine:

  liveshop seed"""
_ID_TAIL = 8
"""Characters of a long id that tell it from others."""


def account_rows(state: State) -> list[Row]:
    """The table of accounts: name, status, rate, pending, available, paid out, id."""
    return [Row(account.key, _account_cells(account)) for account in state.ledger.accounts] if state.ledger else []


def _account_cells(account: Account) -> tuple[Cell, ...]:
    return (
        Cell(account.name, Tone.STRONG),
        _status(account),
        Cell(wording.percent(account.rate)) if account.rate is not None else _NOTHING,
        *_amounts(account),
        Cell(account.holder.id, Tone.DIM),
    )


def _status(account: Account) -> Cell:
    return _STATUS[account.status] if account.status else Cell(account.holder.kind, Tone.DIM)


def _amounts(account: Account) -> tuple[Cell, Cell, Cell]:
    """Pending, available, paid out."""
    balance = account.balance
    if balance is None:
        return (_NOTHING, _NOTHING, _NOTHING)
    seller = account.holder.kind is HolderKind.SELLER
    return (
        _NOTHING if seller else _money(balance.pending, balance.currency),
        _money(balance.available, balance.currency, Tone.GOOD),
        _NOTHING if seller else _money(balance.paid_out, balance.currency),
    )


def _money(amount: Decimal, currency: str, tone: Tone = Tone.PLAIN) -> Cell:
    if not amount:
        tone = Tone.DIM
    return Cell(wording.money(amount, currency), Tone.BAD if amount < 0 else tone)


def accounts_status(ledger: Ledger) -> list[Cell]:
    """How old the accounts on the screen are."""
    cells = [] if ledger.whole else [Cell("the first ones only", Tone.WARN)]
    return [*cells, *age(ledger.reading)]


def age(reading: Reading) -> list[Cell]:
    """How old something is that was read, and what to press about it."""
    match reading.stage:
        case Stage.HERE if reading.at is not None:
            return [Cell(f"as of {wording.clock(reading.at)}", Tone.DIM), Cell("r refreshes", Tone.DIM)]
        case Stage.FAILED:
            return [Cell("could not be read", Tone.BAD), Cell("r tries again", Tone.DIM)]
        case _:
            return [Cell("reading …", Tone.ACCENT)]


def accounts_placeholder(ledger: Ledger) -> str:
    """What stands in a table without accounts."""
    match ledger.reading.stage:
        case Stage.HERE:
            return _NOBODY
        case Stage.FAILED:
            return f"The ledger could not be read: {ledger.reading.problem}\nr tries again."
        case _:
            return "Reading the ledger …"


def account_facts(account: Account) -> list[Fact]:
    """An account in full."""
    pending, available, paid_out = _amounts(account)
    facts = [Fact("Status", _status(account))]
    if account.rate is not None:
        facts.append(Fact("Rate", Cell(wording.percent(account.rate))))
    if account.holder.kind is HolderKind.SELLER:
        return [*facts, Fact("Owed", available)]
    return [*facts, Fact("Pending", pending), Fact("Available", available), Fact("Paid out", paid_out)]


def account_hint(account: Account, *, may_pay_out: bool) -> str:
    """What can be done about an account."""
    open_it = "Enter lists its entries, s shows the month's statement."
    if not may_pay_out or account.holder.kind is not HolderKind.AFFILIATE:
        return open_it
    objection = payouts.objection(account)
    if objection or account.balance is None:
        return f"{open_it} {objection}"
    return f"{open_it} p pays out up to {wording.money(account.balance.available, account.balance.currency)}."


# ------------------------------------------------------------------------------------------------- entries


def entry_rows(entries: Entries) -> list[Row]:
    """The table of entries: time, kind, account, product, offer, rate, base, amount, balance after it, order."""
    return [Row(f"{entries.shown}:{place}", _entry_cells(entry)) for place, entry in enumerate(entries.items)]


def _entry_cells(entry: LedgerEntryView) -> tuple[Cell, ...]:
    currency, base = entry.currency, entry.commission_base
    return (
        Cell(wording.minute(entry.posted_at), Tone.DIM),
        Cell(entry.kind, _KINDS.get(entry.kind, Tone.DIM)),
        Cell(entry.account.removeprefix("affiliate_")),
        _product(entry),
        Cell("flash sale" if entry.flash_sale_id else "", Tone.ACCENT),
        Cell(wording.percent(entry.commission_rate) if entry.commission_rate is not None else ""),
        Cell(wording.money(base, currency) if base is not None else "", Tone.DIM),
        _money(entry.amount, currency, Tone.GOOD),
        _money(entry.balance, currency),
        Cell(_tail(entry.order_id or ""), Tone.DIM),
    )


def _product(entry: LedgerEntryView) -> Cell:
    """By its name; its mark says also on a narrow screen that a flash sale made the price."""
    mark = "↯ " if entry.flash_sale_id else ""
    return Cell(f"{mark}{entry.product_name or entry.product_id or ''}", Tone.STRONG)


def _tail(long_id: str) -> str:
    return f"…{long_id[-_ID_TAIL:]}" if len(long_id) > _ID_TAIL + 1 else long_id


def entries_headline(account: Account) -> list[Cell]:
    """Whose entries these are, and what has come of them."""
    amounts = [fact for fact in account_facts(account) if fact.name not in ("Status", "Rate")]
    figures = [Cell(f"{fact.name.lower()} {fact.value.text}", fact.value.tone) for fact in amounts]
    return [Cell(account.name, Tone.STRONG), *figures]


def entries_status(entries: Entries) -> list[Cell]:
    """Which page it is, and how old it is."""
    cells = []
    if entries.total:
        cells.append(Cell(wording.plural(entries.total, "entry", "entries")))
    if entries.total_pages > 1:
        cells.append(Cell(f"page {entries.shown or entries.page} of {entries.total_pages}"))
    return [*cells, *age(entries.reading)]


def entries_placeholder(entries: Entries) -> str:
    """What stands in a table without entries."""
    match entries.reading.stage:
        case Stage.HERE:
            return "No entries yet. They appear as orders are paid: r looks again."
        case Stage.FAILED:
            return f"The entries could not be read: {entries.reading.problem}\nr tries again."
        case _:
            return "Reading the entries …"


# -------------------------------------------------------------------------------------------------- payout


def is_paying(state: State) -> bool:
    """Whether a payout is on its way."""
    return any(isinstance(act, PayOut) and mark.progress is Progress.SENDING for act, mark in state.marks.items())


def payout_question(payout: Payout) -> str:
    """What the operator is asked."""
    amount = _wished(payout)
    return f"Pay {payout.account.name} {amount}?" if amount else f"How much is {payout.account.name} to be paid?"


def payout_answer(payout: Payout) -> str:
    """The word that pays."""
    return f"Pay {_wished(payout)}".rstrip()


def _wished(payout: Payout) -> str:
    act = payouts.wish(payout)
    return wording.money(act.amount, act.currency) if act and not payouts.fault(payout) else ""


def payout_limit(payout: Payout) -> str:
    """How much there is to pay from."""
    return f"of {wording.money(payout.account.available, payout.currency)} available"


def payout_status(payout: Payout, *, sending: bool) -> Cell:
    """What became of it, or what stands in its way."""
    if sending:
        return Cell("Sending …", Tone.ACCENT)
    if trouble := payouts.fault(payout) or payout.problem:
        return Cell(trouble, Tone.BAD)
    return Cell(payouts.caution(payout), Tone.WARN)
