"""The double-entry ledger: what each event of an order posts, and the chain that shows tampering.

Amounts are signed integers of minor units: positive is owed to the account, and every journal sums to zero. Journals
are numbered without gaps; each carries the hash of the one before, so a changed, removed or inserted row is found.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from backend.domain.commission import LineShare, Split

GENESIS = "0" * 64
"""The hash before the first journal."""


class Account(StrEnum):
    """What an entry moves money on; those of sellers and affiliates have an owner."""

    BUYERS = "buyers"
    """Money that buyers paid in, held by the payment provider: negative, the other side of what is owed."""
    SELLER = "seller"
    AFFILIATE_PENDING = "affiliate_pending"
    AFFILIATE_AVAILABLE = "affiliate_available"
    PLATFORM = "platform"
    PAYOUTS = "payouts"
    """Money that was paid out."""


class JournalKind(StrEnum):
    """Why a journal was posted."""

    SALE = "sale"
    REFUND = "refund"
    SETTLEMENT = "settlement"
    PAYOUT = "payout"


Source = tuple[JournalKind, str]
"""What a journal stands for: its kind, and the id of the order, refund or payout. Each is posted once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One account's side of a journal, with what explains it."""

    account: Account
    owner_id: str = ""
    amount: int
    product_id: str | None = None
    featured_id: str | None = None
    """The product's moment in the stream: the row that showed it,"""
    flash_sale_id: str | None = None
    """and the flash sale, if one set its price."""
    rate: int | None = None
    """Basis points, where the amount is a commission or a fee."""
    base: int | None = None
    """The goods that the amount is a part of, in minor units after discounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One event's entries."""

    kind: JournalKind
    currency: str
    entries: tuple[Entry, ...]
    order_id: str | None = None
    stream_id: str | None = None
    reverses: str | None = None
    """The id of the journal that this one takes back, in part or whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """One line of a sale, as its journal shows it."""

    product_id: str
    share: LineShare
    featured_id: str | None = None
    flash_sale_id: str | None = None


def is_balanced(journal: Journal) -> bool:
    """Whether the entries sum to zero."""
    return sum(entry.amount for entry in journal.entries) == 0


def sale(
    *,
    currency: str,
    order_id: str,
    stream_id: str | None,
    seller_id: str,
    affiliate_id: str | None,
    lines: Sequence[SoldLine],
    shares: Split,
    fee_rate: int,
) -> Journal:
    """A paid order: the buyer's payment becomes the seller's and the affiliate's line by line, and the platform's."""
    goods = sum(line.share.base for line in lines)
    entries = [
        Entry(account=Account.BUYERS, amount=-shares.total),
        *(entry for line in lines for entry in _line_entries(line, seller_id, affiliate_id)),
        Entry(account=Account.SELLER, owner_id=seller_id, amount=shares.total - goods),
        *_fee_entries(shares.platform, seller_id, rate=fee_rate, base=goods),
    ]
    return Journal(
        kind=JournalKind.SALE, currency=currency, entries=_moved(entries), order_id=order_id, stream_id=stream_id
    )


def _line_entries(line: SoldLine, seller_id: str, affiliate_id: str | None) -> Iterable[Entry]:
    """What one line brings its seller, and its affiliate if there is one."""
    sold = Entry(
        account=Account.SELLER,
        owner_id=seller_id,
        amount=line.share.base - line.share.commission,
        product_id=line.product_id,
        featured_id=line.featured_id,
        flash_sale_id=line.flash_sale_id,
        base=line.share.base,
    )
    yield sold
    if affiliate_id is not None:
        yield replace(
            sold,
            account=Account.AFFILIATE_PENDING,
            owner_id=affiliate_id,
            amount=line.share.commission,
            rate=line.share.rate,
        )


def _fee_entries(fee: int, seller_id: str, *, rate: int, base: int) -> Iterable[Entry]:
    """The seller pays the platform."""
    if fee:
        yield Entry(account=Account.SELLER, owner_id=seller_id, amount=-fee, rate=rate, base=base)
        yield Entry(account=Account.PLATFORM, amount=fee, rate=rate, base=base)


def refund(
    sold: Journal, sold_id: str, taken: Split, *, seller_id: str, affiliate_id: str | None, settled: bool
) -> Journal:
    """Money back to the buyer: each share gives back its part, the affiliate from where its commission lies now."""
    commission_account = Account.AFFILIATE_AVAILABLE if settled else Account.AFFILIATE_PENDING
    entries = [
        Entry(account=Account.BUYERS, amount=taken.total),
        Entry(account=Account.SELLER, owner_id=seller_id, amount=-taken.seller),
        Entry(account=commission_account, owner_id=affiliate_id or "", amount=-taken.affiliate),
        Entry(account=Account.PLATFORM, amount=-taken.platform),
    ]
    return Journal(
        kind=JournalKind.REFUND,
        currency=sold.currency,
        entries=_moved(entries),
        order_id=sold.order_id,
        stream_id=sold.stream_id,
        reverses=sold_id,
    )


def settlement(*, currency: str, order_id: str, stream_id: str | None, affiliate_id: str, amount: int) -> Journal:
    """An order's remaining commission becomes available."""
    entries = [
        Entry(account=Account.AFFILIATE_PENDING, owner_id=affiliate_id, amount=-amount),
        Entry(account=Account.AFFILIATE_AVAILABLE, owner_id=affiliate_id, amount=amount),
    ]
    return Journal(
        kind=JournalKind.SETTLEMENT,
        currency=currency,
        entries=_moved(entries),
        order_id=order_id,
        stream_id=stream_id,
    )


def payout(*, currency: str, affiliate_id: str, amount: int) -> Journal:
    """An affiliate is paid out of what is available."""
    entries = [
        Entry(account=Account.AFFILIATE_AVAILABLE, owner_id=affiliate_id, amount=-amount),
        Entry(account=Account.PAYOUTS, owner_id=affiliate_id, amount=amount),
    ]
    return Journal(kind=JournalKind.PAYOUT, currency=currency, entries=_moved(entries))


def _moved(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries that move something. A commission of nothing stays: it shows the rate at which nothing was earned."""
    return tuple(entry for entry in entries if entry.amount or entry.rate is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a journal's rows hold beside the journal: its place in the chain, and what it stands for."""

    number: int
    journal_id: str
    entry_ids: tuple[str, ...]
    source_id: str
    posted_at: str


def chain_hash(previous: str, posting: Posting, journal: Journal) -> str:
    """A journal's hash: SHA-256 over the hash before it and everything that its rows say, in canonical JSON."""
    said = {"previous": previous, "posting": asdict(posting), "journal": asdict(journal)}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
