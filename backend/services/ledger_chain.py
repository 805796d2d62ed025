"""The chain of journals as it is stored: read link by link, and each compared with the one before it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tortoise.queryset import QuerySet

from backend.domain.ledger import GENESIS, Account, Journal, JournalKind, Source, chain_hash, is_balanced
from backend.services import ledger
from backend.storage import sound
from backend.storage.models import LedgerEntry, LedgerHead, LedgerJournal
from backend.storage.sound import Unreadable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at some time. Kept elsewhere, it shows later that nothing before it was written anew."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A journal as its rows say it, and what is wrong with it by itself."""

    number: int
    journal_id: str
    source: Source
    journal: Journal
    previous: str
    hash: str
    faults: list[str]

    @property
    def where(self) -> str:
        """Its name in a difference."""
        return f"journal {self.number} ({self.journal_id})"


def _link(row: LedgerJournal, entries: list[LedgerEntry]) -> Link:
    journal = ledger.as_journal(row, entries)
    rules = {
        "its rows are not what was posted: the hash does not match": row.hash
        == chain_hash(row.previous_hash, ledger.as_posting(row, entries), journal),
        "its entries do not sum to zero": is_balanced(journal),
        "its entries are not numbered without gaps": [entry.position for entry in entries] == [*range(len(entries))],
        "its entries carry another currency": all(entry.currency == row.currency for entry in entries),
        "its entries say that they are another's": all(entry.journal_id == row.id for entry in entries),
    }
    return Link(
        number=row.number,
        journal_id=row.id,
        source=(row.kind, row.source_id),
        journal=journal,
        previous=row.previous_hash,
        hash=row.hash,
        faults=[fault for fault, holds in rules.items() if not holds],
    )


async def each_journal(see: Callable[[LedgerJournal, list[LedgerEntry]], T]) -> AsyncIterator[T | Unreadable]:
    """What `see` makes of every journal and its entries, in the order of the chain."""

    async def read(part: QuerySet[LedgerJournal]) -> list[T]:
        journals = await sound.rows(part)
        entries = defaultdict(list)
        numbers = [row.number for row in journals]
        # By their number, which is all that a journal and its entries share whatever was done to their ids.
        for entry in await sound.rows(LedgerEntry.filter(number__in=numbers).order_by("position")):
            entries[entry.number].append(entry)
        return [see(row, entries[row.number]) for row in journals]

    async for seen in sound.in_turn(LedgerJournal.all().order_by("number"), read):
        yield seen


def links() -> AsyncIterator[Link | Unreadable]:
    """Every journal as a link of the chain."""
    return each_journal(_link)


async def strays() -> list[Any]:
    """The numbers that entries carry and no journal does."""
    carried = await sound.held(LedgerEntry.all().distinct().only("number"))
    known = await sound.held(LedgerJournal.all().only("number"))
    return sorted({row["number"] for row in carried} - {row["number"] for row in known}, key=str)


class Walk:
    """The chain from its first journal to its last, each compared with the one before it."""

    def __init__(self, known: Head | None) -> None:
        self.differences: list[Difference] = []
        self.posted: dict[Source, Link] = {}
        self.number = 0
        self.hash: str | None = GENESIS
        """The newest journal's; None where that could not be read."""
        self._missing = known
        self._available: defaultdict[tuple[str, str], int] = defaultdict(int)

    def skip(self, unreadable: Unreadable) -> None:
        """The next journal cannot be read."""
        self.number, self.hash = self.number + 1, None
        self._find(f"journal {self.number} ({unreadable.row_id})", str(unreadable))

    def take(self, link: Link) -> None:
        """The next journal."""
        for fault in link.faults:
            self._find(link.where, fault)
        if link.number != self.number + 1:
            self._find(link.where, f"its number is not {self.number + 1}: a journal was removed or inserted")
        if self.hash not in (None, link.previous):
            self._find(link.where, "it does not continue the journal before it")
        if self._overdraws(link):
            self._find(link.where, "it pays out more than was available")
        self.posted[link.source] = link
        self.number, self.hash = link.number, link.hash
        if Head(self.number, self.hash) == self._missing:
            self._missing = None

    def _overdraws(self, link: Link) -> bool:
        touched = {
            (entry.owner_id, link.journal.currency): entry.amount
            for entry in link.journal.entries
            if entry.account is Account.AFFILIATE_AVAILABLE
        }
        for owner, amount in touched.items():
            self._available[owner] += amount
        return link.journal.kind is JournalKind.PAYOUT and any(self._available[owner] < 0 for owner in touched)

    async def end(self) -> None:
        """The last journal was taken."""
        if self._missing is not None:
            self._find("chain", f"it does not pass {self._missing}: what was posted was written anew")
        try:
            await self._compare_head(await sound.rows(LedgerHead.all().order_by("id")))
        except Exception as error:
            self._find("head", f"it cannot be read: {error}")
        for number in await strays():
            self._find(f"journal {number}", "there is none, and yet it has entries")

    async def _compare_head(self, heads: list[LedgerHead]) -> None:
        if not heads:
            if self.number:
                self._find("head", "it is missing")
        elif len(heads) > 1:
            self._find("head", "there is more than one")
        elif (heads[0].id, heads[0].number) != (ledger.HEAD, self.number) or self.hash not in (None, heads[0].hash):
            said = heads[0].number
            self._find("head", f"the chain ends at {self.number}, and not where the head says ({said})")

    def _find(self, where: str, what: str) -> None:
        self.differences.append(Difference(where, what))
