"""`liveshop ledger verify|export|simulate`: the books checked, written out, and asked what-if."""

import argparse
import csv
import json
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TextIO

from backend.services import ledger_audit, ledger_chain, simulation
from backend.services.ledger_chain import Head
from backend.services.simulation import Rules, Selection
from backend.storage.database import DatabaseError, snapshot
from backend.storage.models import LedgerEntry, LedgerJournal
from backend.storage.sound import Unreadable
from shared.money import Money, basis_points, percentage
from shared.problems import ProblemError

COLUMNS = (
    "number",
    "journal",
    "kind",
    "posted_at",
    "source",
    "order",
    "stream",
    "reverses",
    "account",
    "owner",
    "amount",
    "currency",
    "product",
    "featured",
    "flash_sale",
    "rate",
    "base",
    "hash",
)
"""What an export tells of each entry."""


def add_commands(ledger: argparse.ArgumentParser) -> tuple[argparse.ArgumentParser, ...]:
    """The grammar below `liveshop ledger`; its commands."""
    commands = ledger.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="ledger_command")
    verify = commands.add_parser(
        "verify",
        help="recompute the chain, every entry and every balance; exit 1 when anything differs",
    )
    verify.add_argument(
        "--head",
        type=_head,
        metavar="NUMBER:HASH",
        help="a head that an earlier verification printed, kept elsewhere; the chain must still pass it",
    )
    export = commands.add_parser("export", help="write every entry to standard output")
    export.add_argument("--format", choices=("csv", "jsonl"), default="csv", help="default: csv")
    simulate = commands.add_parser("simulate", help="replay recorded orders under other rules, without writing")
    simulate.add_argument("--rate", type=_rate, metavar="PERCENT", help="every commission's rate")
    simulate.add_argument("--fee", type=_rate, metavar="PERCENT", help="the platform's fee")
    simulate.add_argument(
        "--since", type=_moment, metavar="DATE", help="orders placed from then on, such as 2026-11-01"
    )
    simulate.add_argument("--until", type=_moment, metavar="DATE", help="orders placed before then")
    simulate.add_argument("--affiliate", metavar="ID", help="only this affiliate's orders")
    simulate.add_argument("--seller", metavar="ID", help="only this seller's orders")
    return verify, export, simulate


def _rate(text: str) -> int:
    try:
        points = basis_points(Decimal(text))
    except (InvalidOperation, ProblemError) as error:
        raise argparse.ArgumentTypeError("a percentage with at most two decimals, such as 7.5") from error
    if not 0 <= points <= 10_000:
        raise argparse.ArgumentTypeError("a percentage from 0 to 100")
    return points


def _head(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not (number.isdecimal() and re.fullmatch(r"[0-9a-f]{64}", digest)):
        raise argparse.ArgumentTypeError("a head such as 42:9f86d0... as `liveshop ledger verify` prints it")
    return Head(int(number), digest)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a date or time such as 2026-11-01 or 2026-11-01T12:00:00Z") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


async def run(arguments: argparse.Namespace) -> int:
    """Run one of the commands on the open database; its exit code."""
    out = sys.stdout
    async with snapshot():
        if arguments.ledger_command == "verify":
            return await _verify(arguments.head, out)
        if arguments.ledger_command == "export":
            return await _export(arguments.format, out)
        return await _simulate(arguments, out)


async def _verify(known: Head | None, out: TextIO) -> int:
    verdict = await ledger_audit.verify(known)
    out.writelines(f"{difference}\n" for difference in verdict.differences)
    counted = f"{verdict.journals} journals, {verdict.orders} orders"
    if verdict.differences:
        out.write(f"{counted}: {len(verdict.differences)} differences\n")
        return 1
    if verdict.journals:
        out.write(f"head {verdict.head}\n")
    out.write(f"{counted}: the ledger is right\n")
    return 0


async def _export(form: str, out: TextIO) -> int:
    if form == "csv":
        table = csv.DictWriter(out, COLUMNS)
        table.writeheader()
        async for row in _rows():
            table.writerow(row)
    else:
        async for row in _rows():
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return 0


async def _rows() -> AsyncIterator[dict[str, Any]]:
    if stray := await ledger_chain.strays():
        raise DatabaseError(f"Entries belong to no journal: {', '.join(map(str, stray))}.")
    async for exported in ledger_chain.each_journal(_exported):
        if isinstance(exported, Unreadable):
            raise DatabaseError(f"The journal {exported.place + 1} ({exported.row_id}): {exported}")
        for row in exported:
            yield row


def _exported(journal: LedgerJournal, entries: list[LedgerEntry]) -> list[dict[str, Any]]:
    return [_row(journal, entry) for entry in entries]


def _row(journal: LedgerJournal, entry: LedgerEntry) -> dict[str, Any]:
    base = None if entry.base_minor is None else str(Money(entry.base_minor, entry.currency).amount)
    values = (
        journal.number,
        journal.id,
        journal.kind.value,
        journal.posted_at,
        journal.source_id,
        journal.order_id,
        journal.stream_id,
        journal.reverses,
        entry.account.value,
        entry.owner_id,
        str(Money(entry.amount_minor, entry.currency).amount),
        entry.currency,
        entry.product_id,
        entry.featured_id,
        entry.flash_sale_id,
        None if entry.rate is None else str(percentage(entry.rate)),
        base,
        journal.hash,
    )
    return dict(zip(COLUMNS, values, strict=True))


async def _simulate(arguments: argparse.Namespace, out: TextIO) -> int:
    outcome = await simulation.replay(
        Rules(rate=arguments.rate, fee_rate=arguments.fee),
        Selection(
            since=arguments.since,
            until=arguments.until,
            affiliate_id=arguments.affiliate,
            seller_id=arguments.seller,
        ),
    )
    if not outcome.orders:
        out.write("No paid order matches; nothing to replay.\n")
        return 0
    width = max(len(change.who) for change in outcome.changes)
    out.write(f"{'':{width}}  {'recorded':>14}  {'simulated':>14}  {'difference':>14}\n")
    for change in outcome.changes:
        recorded = Money(change.recorded, change.currency).amount
        simulated = Money(change.simulated, change.currency).amount
        difference = change.difference.amount
        out.write(f"{change.who:{width}}  {recorded:>14}  {simulated:>14}  {difference:>+14} {change.currency}\n")
    out.write(f"{outcome.orders} paid orders, net of refunds; nothing was written.\n")
    return 0
