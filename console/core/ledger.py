"""The open ledger: whose accounts there are, and what is open of them.

It is read on demand and thrown away when its screen closes: there are no news of it, so it says how old it is.
"""

from dataclasses import dataclass, field, replace

from console.core.accounts import Account, Holder, HolderKind
from console.core.payout import Payout
from console.core.reading import Reading
from console.core.statement import Statement
from shared.views import LedgerEntryView


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """One page of what moved on an account, newest first."""

    account: Account
    page: int = 1
    total_pages: int = 0
    total: int = 0
    items: tuple[LedgerEntryView, ...] = ()
    shown: int = 0
    """The page that the items are; 0 while there are none."""
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ledger:
    """The ledger's screens."""

    reading: Reading = field(default_factory=Reading)
    accounts: tuple[Account, ...] = ()
    whole: bool = True
    """There are no more accounts than these."""
    selected: str | None = None
    """The row under the cursor."""
    entries: Entries | None = None
    """Those of the account that was opened."""
    statement: Statement | None = None
    """That of the owner of an account, or of the opened one."""
    payout: Payout | None = None
    """The one that is being asked about."""


def account(ledger: Ledger, key: str | None) -> Account | None:
    """The account of a row, or the opened one."""
    opened = (ledger.entries.account,) if ledger.entries else ()
    return next((found for found in (*ledger.accounts, *opened) if found.key == key), None)


def name_of(ledger: Ledger | None, affiliate_id: str) -> str:
    """An affiliate's name, if it is known."""
    holder = Holder(HolderKind.AFFILIATE, affiliate_id)
    accounts = ledger.accounts if ledger else ()
    return next((found.name for found in accounts if found.holder == holder), affiliate_id)


def turned(entries: Entries, page: int) -> Entries:
    """Want another page; beyond the first and the last there is none."""
    page = max(1, min(page, max(entries.total_pages, 1)))
    return entries if page == entries.page else replace(entries, page=page, reading=entries.reading.wanted())
