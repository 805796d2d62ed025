"""The payout that is being confirmed."""

from dataclasses import dataclass
from decimal import Decimal

from console.core.accounts import Account, HolderKind


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
