"""The open ledger: whose accounts there are, what moved on one of them, and the payout that is being confirmed.

It is read on demand and thrown away when its screen closes: there are no news of it, so it says how old it is.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.views import AffiliateStatus, BalanceView, LedgerEntryView


class HolderKind(StrEnum):
    """Who can have an account."""

    AFFILIATE = "affiliate"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose account it is."""

    kind: HolderKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an affiliate or a seller has in one currency."""

    holder: Holder
    name: str
    status: AffiliateStatus | None = None
    """None for sellers."""
    rate: Decimal | None = None
    """An affiliate's own commission rate, a percentage."""
    balance: BalanceView | None = None
    """None where nothing has moved yet."""

    @property
    def currency(self) -> str | None:
        """The account's currency, if it has one yet."""
        return self.balance.currency if self.balance else None

    @property
    def key(self) -> str:
        """The name of its row."""
        return f"{self.holder.kind}:{self.holder.id}:{self.currency or ''}"


class Stage(StrEnum):
    """How far it is with reading something."""

    WANTED = "wanted"
    LOADING = "loading"
    HERE = "here"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of the wish to read something."""

    stage: Stage = Stage.WANTED
    ticket: int = 0
    """The number of the newest request; answers to older ones are ignored."""
    problem: str = ""
    at: datetime | None = None
    """When it was last read."""

    def wanted(self) -> "Reading":
        """It is to be read (again)."""
        return replace(self, stage=Stage.WANTED)

    def asked(self) -> "Reading":
        """A request is on its way."""
        return replace(self, stage=Stage.LOADING, ticket=self.ticket + 1)

    def awaits(self, ticket: int) -> bool:
        """Whether this is the answer that is waited for."""
        return self.stage is Stage.LOADING and self.ticket == ticket

    def arrived(self, at: datetime) -> "Reading":
        """It is here."""
        return replace(self, stage=Stage.HERE, problem="", at=at)

    def failed(self, problem: str) -> "Reading":
        """It could not be read."""
        return replace(self, stage=Stage.FAILED, problem=problem)


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


@dataclass(frozen=True, slots=True)
class PayOut:
    """The operator's wish to pay an affiliate; one dialog's, so that sending it again can't pay twice."""

    affiliate_id: str
    currency: str
    amount: Decimal
    key: str
    """What the server knows the wish by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A payout that waits for the operator's word."""

    act: PayOut
    name: str
    """Who is paid."""
    problem: str = ""
    """Why it did not happen the last time."""


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
    payout: Payout | None = None


def account(ledger: Ledger, key: str | None) -> Account | None:
    """The account of a row."""
    return next((found for found in ledger.accounts if found.key == key), None)


def name_of(ledger: Ledger | None, affiliate_id: str) -> str:
    """An affiliate's name, if it is known."""
    holder = Holder(HolderKind.AFFILIATE, affiliate_id)
    accounts = ledger.accounts if ledger else ()
    return next((found.name for found in accounts if found.holder == holder), affiliate_id)


def turned(entries: Entries, page: int) -> Entries:
    """Want another page; beyond the first and the last there is none."""
    page = max(1, min(page, max(entries.total_pages, 1)))
    return entries if page == entries.page else replace(entries, page=page, reading=entries.reading.wanted())


def objection(chosen: Account | None) -> str:
    """Why an account can't be paid out, in words; empty when it can."""
    if chosen is None:
        return "Select an affiliate first."
    if chosen.holder.kind is not HolderKind.AFFILIATE:
        return "Only affiliates are paid out here."
    balance = chosen.balance
    if balance is None or balance.available == 0:
        waiting = balance is not None and balance.pending > 0
        later = " Pending commission follows after delivery and the settlement delay." if waiting else ""
        return f"Nothing is available for {chosen.name}.{later}"
    if balance.available < 0:
        return f"{chosen.name} was paid more than is left after refunds; coming commission nets it first."
    return ""
