"""`liveshop ledger verify`: the chain recomputed from its rows, every journal and balance from the orders."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from backend.domain import ledger as books
from backend.domain.commission import share_line
from backend.domain.ledger import GENESIS, Journal, JournalKind, chain_hash, is_balanced
from backend.services import earnings, ledger
from backend.services.order_journals import refund_of, sale_of, settlement_of, share_of
from backend.storage.models import (
    FlashSaleRow,
    LedgerEntry,
    LedgerHead,
    LedgerJournal,
    LiveStreamProduct,
    Order,
    OrderLine,
    Payout,
    Refund,
)

BATCH = 500
"""Journals or orders read at once."""

Source = tuple[JournalKind, str]


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


@dataclass(slots=True)
class Verdict:
    """What a verification found."""

    head: Head
    journals: int
    orders: int
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A journal whose rows hold what cannot be read at all."""

    journal_id: str
    why: str


async def stored_journals() -> AsyncIterator[tuple[LedgerJournal, list[LedgerEntry]] | Unreadable]:
    """Every journal with its entries, in the order of the chain."""
    ids = [str(row_id) for row_id in await LedgerJournal.all().order_by("number").values_list("id", flat=True)]
    for start in range(0, len(ids), BATCH):
        chunk = ids[start : start + BATCH]
        try:
            found = {row.id: row for row in await _with_entries(chunk) if _has_numbers(row)}
        except Exception:
            found = {}
        for journal_id in chunk:
            row = found.get(journal_id) or await _alone(journal_id)
            yield row if isinstance(row, Unreadable) else (row, list(row.entries))


async def _with_entries(ids: list[str]) -> list[LedgerJournal]:
    return await LedgerJournal.filter(id__in=ids).prefetch_related("entries")


async def _alone(journal_id: str) -> LedgerJournal | Unreadable:
    """A journal of a batch that could not be read: one of them is damaged."""
    try:
        (row,) = await _with_entries([journal_id])
    except Exception as error:
        return Unreadable(journal_id, str(error) or type(error).__name__)
    return row if _has_numbers(row) else Unreadable(journal_id, "text stands where a number belongs")


def _has_numbers(row: LedgerJournal) -> bool:
    """SQLite keeps text in columns of numbers, where somebody writes it there."""
    numbers = (row.number, *(number for entry in row.entries for number in (entry.number, entry.amount_minor)))
    return all(isinstance(number, int) for number in numbers)


async def verify(known: Head | None = None) -> Verdict:
    """Recompute everything; an empty list of differences means that the books are right.

    Args:
        known: a head of an earlier verification, which must still be in the chain.
    """
    differences: list[Difference] = []
    posted: dict[Source, tuple[str, Journal]] = {}
    previous, number = GENESIS, 0
    missing = known
    async for stored in stored_journals():
        if isinstance(stored, Unreadable):
            differences.append(Difference(f"journal {stored.journal_id}", f"it cannot be read: {stored.why}"))
            continue
        row, entries = stored
        journal = ledger.as_journal(row, entries)
        differences += _chain_differences(row, entries, journal, previous, number + 1)
        posted[row.kind, row.source_id] = (row.id, journal)
        previous, number = row.hash, row.number
        if Head(number, previous) == known:
            missing = None
    if missing is not None:
        differences.append(Difference("chain", f"it does not pass {missing}: what was posted was written anew"))
    differences += await _head_differences(previous, number)
    differences += await _orphan_differences()
    expected, orders = await _expected(posted, differences)
    differences += _source_differences(posted, expected)
    differences += _balance_differences(posted, expected)
    return Verdict(head=Head(number, previous), journals=len(posted), orders=orders, differences=differences)


def _chain_differences(
    row: LedgerJournal, entries: list[LedgerEntry], journal: Journal, previous: str, number: int
) -> list[Difference]:
    where, found = f"journal {row.number} ({row.id})", []
    if row.number != number:
        found.append(Difference(where, f"its number is not {number}: a journal was removed or inserted"))
    if row.previous_hash != previous:
        found.append(Difference(where, "it does not continue the journal before it"))
    if row.hash != chain_hash(row.previous_hash, ledger.as_posting(row, entries), journal):
        found.append(Difference(where, "its rows are not what was posted: the hash does not match"))
    if not is_balanced(journal):
        found.append(Difference(where, "its entries do not sum to zero"))
    if [entry.position for entry in sorted(entries, key=_position)] != list(range(len(entries))):
        found.append(Difference(where, "its entries are not numbered without gaps"))
    if any(entry.number != row.number or entry.currency != row.currency for entry in entries):
        found.append(Difference(where, "its entries carry another number or currency"))
    return found


def _position(entry: LedgerEntry) -> int:
    return entry.position


async def _head_differences(previous: str, number: int) -> list[Difference]:
    heads = await LedgerHead.all()
    if not heads:
        return [Difference("head", "it is missing")] if number else []
    if len(heads) > 1:
        return [Difference("head", "there is more than one")]
    if (heads[0].id, heads[0].number, heads[0].hash) != (ledger.HEAD, number, previous):
        return [Difference("head", f"the chain ends at {number}, and not where the head says ({heads[0].number})")]
    return []


async def _orphan_differences() -> list[Difference]:
    strays = await LedgerEntry.filter(journal__number__isnull=True).limit(BATCH)
    return [Difference(f"entry {row.id}", "it belongs to no journal") for row in strays]


async def _expected(
    posted: dict[Source, tuple[str, Journal]], differences: list[Difference]
) -> tuple[dict[Source, Journal], int]:
    """Every journal that orders, refunds and payouts call for; what is wrong with the orders is added."""
    expected: dict[Source, Journal] = {}
    count, last = 0, ""
    while True:
        orders = await Order.filter(id__gt=last).order_by("id").limit(BATCH).prefetch_related("lines", "refunds")
        if not orders:
            break
        moments = await _moments(orders)
        for order in orders:
            count += 1
            differences += _order_differences(order, moments)
            _expect_order(order, expected, posted)
        last = orders[-1].id
    for payout in await Payout.all():
        expected[JournalKind.PAYOUT, payout.id] = earnings.payout_of(payout)
    return {source: journal for source, journal in expected.items() if journal.entries}, count


def _expect_order(order: Order, expected: dict[Source, Journal], posted: dict[Source, tuple[str, Journal]]) -> None:
    if order.paid_at is None:
        return
    expected[JournalKind.SALE, order.id] = sale_of(order)
    sale_id = posted.get((JournalKind.SALE, order.id), ("", None))[0]
    before = before_settlement = 0
    for made in sorted(order.refunds, key=_made_order):
        expected[JournalKind.REFUND, made.id] = refund_of(
            order, sale_id, before, made.amount_minor, settled=made.settled_before
        )
        before += made.amount_minor
        before_settlement += 0 if made.settled_before else made.amount_minor
    if order.settled_at is not None:
        expected[JournalKind.SETTLEMENT, order.id] = settlement_of(order, before_settlement)


@dataclass(frozen=True, slots=True)
class Moments:
    """The rows that the lines of some orders name as their products' moments in the stream."""

    featured: dict[str, LiveStreamProduct]
    sales: dict[str, FlashSaleRow]

    def explain(self, order: Order, line: OrderLine) -> bool:
        """Whether the product was shown where the order was placed, and the flash sale was on then."""
        if order.stream_id is None:
            return line.featured_id is None and line.flash_sale_id is None
        place = (order.stream_id, line.product_id)
        row = self.featured.get(line.featured_id or "")
        if row is None or (row.stream_id, row.product_id) != place:
            return False
        if line.flash_sale_id is None:
            return True
        sale = self.sales.get(line.flash_sale_id)
        return (
            sale is not None
            and (sale.stream_id, sale.product_id) == place
            and (sale.starts_at <= order.placed_at < sale.ends_at)
        )


async def _moments(orders: list[Order]) -> Moments:
    lines = [line for order in orders for line in order.lines]
    featured = await LiveStreamProduct.filter(id__in={line.featured_id for line in lines if line.featured_id})
    sales = await FlashSaleRow.filter(id__in={line.flash_sale_id for line in lines if line.flash_sale_id})
    return Moments({row.id: row for row in featured}, {row.id: row for row in sales})


def _order_differences(order: Order, moments: Moments) -> list[Difference]:
    """What of an order's own figures does not follow from its lines and refunds."""
    lines = list(order.lines)
    checks = {
        "its goods are not its lines'": order.goods_minor
        == sum(line.quantity * line.unit_price_minor for line in lines),
        "its discount is not its lines'": order.discount_minor == sum(line.discount_minor for line in lines),
        "its commission is not its lines'": order.commission_minor == sum(line.commission_minor for line in lines),
        "its refunds do not add up": order.refunded_minor == sum(made.amount_minor for made in order.refunds),
        "a line's share is not its rate's": all(_is_fair(line) for line in lines),
        "a line's product moment is not its stream's": all(moments.explain(order, line) for line in lines),
    }
    return [Difference(f"order {order.id}", what) for what, holds in checks.items() if not holds]


def _is_fair(line: OrderLine) -> bool:
    goods = line.quantity * line.unit_price_minor
    return share_of(line) == share_line(goods, line.discount_minor, line.commission_rate or 0)


def _made_order(row: Refund) -> tuple[object, str]:
    return row.created_at, row.id


def _source_differences(posted: dict[Source, tuple[str, Journal]], expected: dict[Source, Journal]) -> list[Difference]:
    found = []
    for kind, source_id in sorted(expected.keys() - posted.keys()):
        found.append(Difference(f"{kind} of {source_id}", "it was never posted"))
    for kind, source_id in sorted(posted.keys() - expected.keys()):
        journal_id = posted[kind, source_id][0]
        found.append(Difference(f"journal {journal_id}", f"nothing calls for this {kind} of {source_id}"))
    for source in sorted(posted.keys() & expected.keys()):
        journal_id, journal = posted[source]
        if journal != expected[source]:
            found.append(Difference(f"journal {journal_id}", f"it differs from its {source[0]} of {source[1]}"))
    return found


def _balance_differences(
    posted: dict[Source, tuple[str, Journal]], expected: dict[Source, Journal]
) -> list[Difference]:
    stored = _balances(journal for _, journal in posted.values())
    called_for = _balances(iter(expected.values()))
    return [
        Difference(
            f"balance of {account} {owner} in {currency}".replace("  ", " "),
            f"entries say {stored[account, owner, currency]}, "
            f"orders {called_for[account, owner, currency]} minor units",
        )
        for account, owner, currency in sorted(stored.keys() | called_for.keys())
        if stored[account, owner, currency] != called_for[account, owner, currency]
    ]


def _balances(journals: Iterable[Journal]) -> defaultdict[tuple[books.Account, str, str], int]:
    found: defaultdict[tuple[books.Account, str, str], int] = defaultdict(int)
    for journal in journals:
        for entry in journal.entries:
            found[entry.account, entry.owner_id, journal.currency] += entry.amount
    return found
