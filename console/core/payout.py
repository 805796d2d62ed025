"""The payout that is being asked about: what is typed, why it can't be paid so, and the wish that comes of it."""

import uuid
from dataclasses import dataclass, replace
from decimal import Decimal

from console.core import wording
from console.core.accounts import Account, HolderKind
from shared.money import exponent

REFERENCE_LENGTH = 200
"""Characters that a reference may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayOut:
    """The operator's wish to pay an affiliate, under a key, so that sending it again can't pay twice."""

    affiliate_id: str
    currency: str
    amount: Decimal
    reference: str | None = None
    key: str
    """What the server knows the wish by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A payout that waits for the operator's word."""

    id: str
    """The question's own; the keys of its wishes are made from it."""
    account: Account
    """Who is paid, and what is available, as it was last read."""
    amount: str
    """As it is typed."""
    reference: str = ""
    problem: str = ""
    """Why it did not happen the last time."""
    unsure: frozenset[PayOut] = frozenset()
    """Wishes whose answers were lost: they may have come true."""

    @property
    def currency(self) -> str:
        """What is paid in."""
        return self.account.currency or ""


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


def begun(account: Account, payout_id: str) -> Payout:
    """The question whether all that is available is to be paid."""
    return Payout(id=payout_id, account=account, amount=wording.plain(account.available, account.currency or ""))


def edited(payout: Payout, amount: str, reference: str) -> Payout:
    """The question with another amount or reference; what was wrong with the ones before is forgotten."""
    if (amount, reference) == (payout.amount, payout.reference):
        return payout
    return replace(payout, amount=amount, reference=reference, problem="")


def refused(payout: Payout, act: PayOut, problem: str, *, unsure: bool) -> Payout:
    """The question after a wish that did not come true, or of which that is not known."""
    lost = payout.unsure | {act} if unsure else payout.unsure - {act}
    return replace(payout, problem=problem, unsure=lost)


def fault(payout: Payout) -> str:
    """Why it can't be paid as it is typed, in words; empty when it can."""
    act = wish(payout)
    if act is None:
        return _misspelling(payout)
    # What was paid is no longer available; asking for it again is how to hear that it was paid.
    if act in payout.unsure or act.amount <= payout.account.available:
        return ""
    if payout.account.available <= 0:
        return "Nothing is available any more."
    return f"At most {wording.money(payout.account.available, payout.currency)} is available."


def caution(payout: Payout) -> str:
    """What to think of before paying, in words, after an answer was lost; else empty."""
    if not payout.unsure:
        return ""
    if wish(payout) in payout.unsure:
        return "It may have been paid; trying again can't pay twice."
    amounts = " and ".join(sorted(wording.money(act.amount, act.currency) for act in payout.unsure))
    return f"It is not known whether {amounts} was paid; this would be another payout."


def wish(payout: Payout) -> PayOut | None:
    """What is typed as an act, the same for the same amount and reference; None while it makes no sense."""
    if _misspelling(payout):
        return None
    whole, _, decimals = payout.amount.strip().partition(".")
    amount = Decimal(f"{whole or 0}.{decimals:0<{exponent(payout.currency)}}")
    reference = payout.reference.strip() or None
    return PayOut(
        affiliate_id=payout.account.holder.id,
        currency=payout.currency,
        amount=amount,
        reference=reference,
        # Another amount under the same key would be refused, the same one under another key paid again.
        key=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{payout.id} {amount} {reference or ''}")),
    )


def _misspelling(payout: Payout) -> str:
    whole, _, decimals = payout.amount.strip().partition(".")
    digits, most = whole + decimals, exponent(payout.currency)
    if not (digits.isascii() and digits.isdecimal()):
        point = ", with a point before the decimals" if most else ""
        return f"Write the amount in digits{point}, such as {wording.plain(Decimal(1250), payout.currency)}."
    if len(decimals) > most:
        return f"{payout.currency} has {f'at most {most}' if most else 'no'} decimals."
    if not digits.strip("0"):
        return "The amount must be more than 0."
    length = len(payout.reference.strip())
    if length > REFERENCE_LENGTH:
        return f"The reference has {length} characters; it may have {REFERENCE_LENGTH}."
    return ""
