"""Posting to the ledger, and reading what is owed. Rows are only ever added; balances are sums."""

from dataclasses import dataclass
from typing import Any

from tortoise.functions import Sum

from backend import seams
from backend.domain.ledger import GENESIS, Account, Entry, Journal, Posting, chain_hash, is_balanced
from backend.storage.models import LedgerEntry, LedgerHead, LedgerJournal

HEAD = "head"
"""The id of the one row that is the chain's end."""


async def post(journal: Journal, *, source_id: str) -> LedgerJournal | None:
    """Add a journal at the end of the chain, within the caller's transaction; None where it moves nothing.

    Args:
        journal: balanced entries.
        source_id: the order, refund or payout that it stands for; each source is posted once a kind.

    Raises:
        ValueError: the entries do not sum to zero.
    """
    if not is_balanced(journal):
        raise ValueError(f"the {journal.kind} of {source_id} does not balance")
    if not journal.entries:
        return None
    head = await locked_head()
    posting = Posting(
        number=head.number + 1,
        journal_id=seams.new_id(),
        entry_ids=tuple(seams.new_id() for _ in journal.entries),
        source_id=source_id,
        # Always as long, so that texts compare as the moments do under any collation.
        posted_at=seams.now().isoformat(timespec="microseconds"),
    )
    digest = chain_hash(head.hash, posting, journal)
    row = await LedgerJournal.create(
        id=posting.journal_id,
        number=posting.number,
        kind=journal.kind,
        currency=journal.currency,
        order_id=journal.order_id,
        stream_id=journal.stream_id,
        source_id=source_id,
        reverses=journal.reverses,
        posted_at=posting.posted_at,
        previous_hash=head.hash,
        hash=digest,
    )
    await LedgerEntry.bulk_create(_rows(posting, journal))
    head.number, head.hash = posting.number, digest
    await head.save(update_fields=["number", "hash"])
    return row


async def locked_head() -> LedgerHead:
    """The end of the chain, where whoever posts waits until the caller's transaction is over: balances stand still."""
    head = await LedgerHead.select_for_update(no_key=True).get_or_none(id=HEAD)
    if head is not None:
        return head
    # Two first postings may meet here: one of them makes the row, both then queue for it.
    await LedgerHead.bulk_create([LedgerHead(id=HEAD, number=0, hash=GENESIS)], ignore_conflicts=True)
    return await LedgerHead.select_for_update(no_key=True).get(id=HEAD)


def _rows(posting: Posting, journal: Journal) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            id=entry_id,
            journal_id=posting.journal_id,
            number=posting.number,
            position=position,
            account=entry.account,
            owner_id=entry.owner_id,
            currency=journal.currency,
            amount_minor=entry.amount,
            product_id=entry.product_id,
            featured_id=entry.featured_id,
            flash_sale_id=entry.flash_sale_id,
            rate=entry.rate,
            base_minor=entry.base,
        )
        for position, (entry_id, entry) in enumerate(zip(posting.entry_ids, journal.entries, strict=True))
    ]


def as_posting(row: LedgerJournal, entries: list[LedgerEntry]) -> Posting:
    """Where a stored journal stands, and what for."""
    return Posting(
        number=row.number,
        journal_id=row.id,
        entry_ids=tuple(entry.id for entry in sorted(entries, key=lambda entry: entry.position)),
        source_id=row.source_id,
        posted_at=row.posted_at,
    )


def as_journal(row: LedgerJournal, entries: list[LedgerEntry]) -> Journal:
    """A stored journal, as it was posted."""
    return Journal(
        kind=row.kind,
        currency=row.currency,
        entries=tuple(as_entry(entry) for entry in sorted(entries, key=lambda entry: entry.position)),
        order_id=row.order_id,
        stream_id=row.stream_id,
        reverses=row.reverses,
    )


def as_entry(row: LedgerEntry) -> Entry:
    """A stored entry, as it was posted."""
    return Entry(
        account=row.account,
        owner_id=row.owner_id,
        amount=row.amount_minor,
        product_id=row.product_id,
        featured_id=row.featured_id,
        flash_sale_id=row.flash_sale_id,
        rate=row.rate,
        base=row.base_minor,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The sum of an account's entries in one currency, in minor units."""

    account: Account
    owner_id: str
    currency: str
    minor: int


async def balances(**condition: Any) -> list[Balance]:
    """The balances of the accounts that a condition on entries selects."""
    rows = (
        await LedgerEntry.filter(**condition)
        .annotate(total=Sum("amount_minor"))
        .group_by("account", "owner_id", "currency")
        .values_list("account", "owner_id", "currency", "total")
    )
    return [
        Balance(account=Account(account), owner_id=owner, currency=currency, minor=int(total))
        for account, owner, currency, total in sorted(rows)
    ]
