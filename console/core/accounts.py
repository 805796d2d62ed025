"""Whose accounts the ledger has, and what is on them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.views import AffiliateStatus, BalanceView


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
    since: datetime
    """When its owner was registered."""
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
    def available(self) -> Decimal:
        """What can be paid out of it; negative after a refund of what was."""
        return self.balance.available if self.balance else Decimal(0)

    @property
    def key(self) -> str:
        """The name of its row."""
        return f"{self.holder.kind}:{self.holder.id}:{self.currency or ''}"
