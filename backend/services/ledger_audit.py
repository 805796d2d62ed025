"""`liveshop ledger verify`: the chain recomputed from its rows, every journal and balance from the orders."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tortoise.queryset import QuerySet

from backend.domain import ledger as books
from backend.domain.ledger import Journal, JournalKind, Source
from backend.services import earnings, ledger_chain, order_audit
from backend.services.ledger_chain import Difference, Head, Link, Walk
from backend.storage import sound
from backend.storage.models import Payout
from backend.storage.sound import Unreadable


@dataclass(slots=True)
class Verdict:
    """What a verification found."""

    head: Head
    journals: int
    orders: int
    differences: list[Difference]


async def verify(known: Head | None = None) -> Verdict:
    """Recompute everything; an empty list of differences means that the books are right.

    Args:
        known: a head of an earlier verification, which must still be in the chain.
    """
    walk = Walk(known)
    async for seen in ledger_chain.links():
        if isinstance(seen, Unreadable):
            walk.skip(seen)
        else:
            walk.take(seen)
    await walk.end()
    expected, orders, differences = await _expected(walk.posted)
    return Verdict(
        head=Head(walk.number, walk.hash or ""),
        journals=len(walk.posted),
        orders=orders,
        differences=[
            *walk.differences,
            *differences,
            *_source_differences(walk.posted, expected),
            *_balance_differences(walk.posted, expected),
        ],
    )


async def _expected(posted: dict[Source, Link]) -> tuple[dict[Source, Journal], int, list[Difference]]:
    """Every journal that orders and payouts call for; the number of orders; what is wrong with them."""
    expected: dict[Source, Journal] = {}
    differences: list[Difference] = []
    orders = 0
    async for order in order_audit.each_order(posted):
        orders += 1
        differences += [Difference(f"order {order.order_id}", fault) for fault in order.faults]
        expected |= order.calls_for
    async for payout in sound.in_turn(Payout.all().order_by("id"), _payouts):
        if isinstance(payout, Unreadable):
            differences.append(Difference(f"payout {payout.row_id}", str(payout)))
        else:
            expected[payout[0]] = payout[1]
    return {source: journal for source, journal in expected.items() if journal.entries}, orders, differences


async def _payouts(part: QuerySet[Payout]) -> list[tuple[Source, Journal]]:
    return [((JournalKind.PAYOUT, row.id), earnings.payout_of(row)) for row in await sound.rows(part)]


def _source_differences(posted: dict[Source, Link], expected: dict[Source, Journal]) -> list[Difference]:
    found = []
    for kind, source_id in sorted(expected.keys() - posted.keys()):
        found.append(Difference(f"{kind} of {source_id}", "it was never posted"))
    for kind, source_id in sorted(posted.keys() - expected.keys()):
        where = posted[kind, source_id].where
        found.append(Difference(where, f"nothing calls for this {kind} of {source_id}"))
    for source in sorted(posted.keys() & expected.keys()):
        link = posted[source]
        if link.journal != expected[source]:
            found.append(Difference(link.where, f"it differs from its {source[0]} of {source[1]}"))
    return found


def _balance_differences(posted: dict[Source, Link], expected: dict[Source, Journal]) -> list[Difference]:
    stored = _balances(link.journal for link in posted.values())
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
