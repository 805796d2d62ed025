"""`liveshop ledger verify|export|simulate`, as an operator or an auditor runs it."""

import asyncio
import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from backend.__main__ import main
from backend.services.earnings import payout_of
from backend.services.ledger import post
from backend.storage.database import opened
from backend.storage.models import Payout
from tests.shop import AFFILIATE, copy_shop, settings_in

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def books(kept_books: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(kept_books, folder)
    return folder


@pytest.fixture
def ledger(books: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command on the books: its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(_with_folder(books, arguments))
        return code, capsys.readouterr().out

    return run


def _with_folder(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    return ["ledger", "--data-dir", str(folder), *arguments]


def change(folder: Path, *statements: str) -> None:
    """What somebody does who has the database file and no respect for its constraints."""
    with closing(sqlite3.connect(folder / "liveshop.db")) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            database.execute(statement)
        database.commit()


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "liveshop.db")) as database:
        return database.execute(query).fetchall()


def test_right_books_are_right(ledger: Run):
    code, said = ledger("verify")
    assert (code, said.splitlines()[-1].partition(": ")[2]) == (0, "the ledger is right"), said
    assert int(said.splitlines()[-1].split()[0]) >= 15


def test_the_data_folder_may_be_named_before_or_after_the_command(books: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["ledger", "--data-dir", str(books), "verify"]) == main(["ledger", "verify", "--data-dir", str(books)])
    head, first, same_head, second = capsys.readouterr().out.splitlines()
    assert head == same_head
    assert first == second
    assert "the ledger is right" in first


def test_empty_books_are_right(planted_shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    copy_shop(planted_shop, tmp_path / "empty")
    assert main(_with_folder(tmp_path / "empty", ("verify",))) == 0
    assert capsys.readouterr().out == "0 journals, 0 orders: the ledger is right\n"


# --- tampering ---


def _columns(folder: Path, table: str) -> list[str]:
    return [row[1] for row in rows(folder, f"PRAGMA table_info({table})")]


def _altered(value: Any) -> str:
    """Another value of the same kind, one byte away where it is text."""
    if value is None:
        return "'x'"
    if isinstance(value, int):
        return str(value ^ 1)
    other = chr(ord(value[0]) ^ 1) + value[1:] if value else "x"
    return "'" + other.replace("'", "''") + "'"


@pytest.mark.parametrize("kind", ["sale", "refund", "settlement", "payout"])
def test_any_changed_value_of_any_row_is_found_and_its_journal_named(
    kept_books: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
):
    places = [
        (table, column) for table in ("ledger_journals", "ledger_entries") for column in _columns(kept_books, table)
    ]
    ((journal_id, number),) = rows(
        kept_books, f"select id, number from ledger_journals where kind = '{kind}' order by number limit 1"
    )
    for table, column in places:
        folder = tmp_path / f"{table}-{column}"
        shutil.copytree(kept_books, folder)
        own = "id" if table == "ledger_journals" else "journal_id"
        for rowid, value in rows(folder, f"select rowid, {column} from {table} where {own} = '{journal_id}'")[-1:]:
            replacement = "999999" if column in ("number", "position") else _altered(value)
            change(folder, f"update {table} set {column} = {replacement} where rowid = {rowid}")
        capsys.readouterr()
        code = main(_with_folder(folder, ("verify",)))
        said = capsys.readouterr().out
        assert code == 1, f"{table}.{column} of a {kind} was changed unnoticed"
        assert journal_id in said or f"journal {number} " in said, f"{table}.{column}: {said}"


def test_a_head_that_was_kept_elsewhere_shows_that_nothing_before_it_was_written_anew(ledger: Run, books: Path):
    _, said = ledger("verify")
    head = said.splitlines()[0].removeprefix("head ")
    number, _, digest = head.partition(":")
    assert ledger("verify", "--head", head) == (0, said)
    code, said = ledger("verify", "--head", f"{number}:{digest[::-1]}")
    assert (code, said.splitlines()[0]) == (
        1,
        f"chain: it does not pass {number}:{digest[::-1]}: what was posted was written anew",
    )


@pytest.mark.parametrize("wrong", ["", "7", ":", "x:" + "0" * 64, "7:" + "g" * 64, "7:abc"])
def test_a_head_that_is_none_is_refused(ledger: Run, books: Path, wrong: str):
    with pytest.raises(SystemExit, match="2"):
        ledger("verify", "--head", wrong)


@pytest.mark.parametrize("column", ["id", "number", "hash"])
def test_a_changed_head_is_found(ledger: Run, books: Path, column: str):
    ((value,),) = rows(books, f"select {column} from ledger_head")
    change(books, f"update ledger_head set {column} = {_altered(value)}")
    code, said = ledger("verify")
    assert (code, said.startswith("head: ")) == (1, True), said


LAST = "(select max(number) from ledger_journals)"


def _copied(table: str, condition: str, **changes: str) -> str:
    """The statement that inserts a row like another, but for some columns."""
    kept = {
        "ledger_journals": "id number kind currency order_id stream_id source_id reverses posted_at previous_hash hash",
        "ledger_entries": "id journal_id number position account owner_id currency amount_minor product_id rate",
    }[table].split()
    values = ", ".join(changes.get(column, column) for column in kept)
    return f"insert into {table} ({', '.join(kept)}) select {values} from {table} where {condition}"


def _inserted_at(number: str) -> list[str]:
    return [
        _copied("ledger_journals", "number = 2", id="'added'", number=number, source_id="'nothing'"),
        _copied("ledger_entries", "number = 2", id="id || 'x'", journal_id="'added'", number=number),
    ]


def _swapped(table: str, column: str, one: int, other: int, condition: str = "1") -> list[str]:
    return [
        f"update {table} set {column} = -1 where {column} = {one} and {condition}",
        f"update {table} set {column} = {one} where {column} = {other} and {condition}",
        f"update {table} set {column} = {other} where {column} = -1 and {condition}",
    ]


def _deleted(number: str) -> list[str]:
    return [f"delete from {table} where number = {number}" for table in ("ledger_entries", "ledger_journals")]


FIRST = "select id from ledger_journals where number = 1"
NEW_HEAD = "select hash from ledger_journals order by number desc limit 1"
TAMPERING: dict[str, tuple[list[str], str]] = {
    "head deleted": (["delete from ledger_head"], "head: it is missing"),
    "head doubled": (
        ["insert into ledger_head select 'second', number, hash from ledger_head"],
        "head: there is more than one",
    ),
    "entry deleted": (["delete from ledger_entries where number = 3 and position = 1"], "journal 3 "),
    "all entries of one deleted": (["delete from ledger_entries where number = 3"], "journal 3 "),
    "journal deleted": (_deleted("3"), "journal 4 "),
    "journal deleted without its entries": (
        ["delete from ledger_journals where number = 3"],
        "journal 3: there is none, and yet it has entries",
    ),
    "tail deleted": (_deleted(LAST)[::-1], "head: "),
    "tail deleted and the head moved back": (
        [
            f"delete from ledger_entries where number = {LAST}",
            f"delete from ledger_journals where number = {LAST}",
            f"update ledger_head set number = number - 1, hash = ({NEW_HEAD})",
        ],
        "it was never posted",
    ),
    "entry inserted": (
        [_copied("ledger_entries", "number = 2 and position = 1", id="'added'", position="99")],
        "journal 2 ",
    ),
    "journal inserted at 0": (_inserted_at("0"), "(added)"),
    "journal inserted below 0": (_inserted_at("-5"), "(added)"),
    "journal inserted at the end": (_inserted_at("1000"), "(added)"),
    "journals swapped": (_swapped("ledger_journals", "number", 2, 3), "journal 2 "),
    "entries swapped": (_swapped("ledger_entries", "position", 0, 1, "number = 2"), "journal 2 "),
    "kind that is none": (["update ledger_journals set kind = 'rubbish' where number = 2"], "it cannot be read"),
    "bytes that are no text": (
        ["update ledger_entries set account = cast(x'ff' as text) where number = 2"],
        "it cannot be read",
    ),
    "amount that is no number": (
        ["update ledger_entries set amount_minor = 'much' where number = 2"],
        "journal 2 (",
    ),
    "amount that is no whole number": (
        ["update ledger_entries set amount_minor = amount_minor + 0.5 where number = 2"],
        "journal 2 (",
    ),
    "text that is a number": (["update ledger_entries set currency = 7 where number = 2"], "journal 2 ("),
    "text that is bytes": (
        ["update ledger_journals set hash = cast(hash as blob) where number = 2"],
        "journal 2 (",
    ),
    "number that is none": (
        ["update ledger_journals set number = 'x' where number = 2"],
        "in ledger_journals holds 'x'",
    ),
    "position that is none": (
        ["update ledger_entries set position = 'x' where number = 2 and position = 1"],
        "journal 2 (",
    ),
    "id that is no text": (
        ["update ledger_journals set id = cast(x'ff' as text) where number = 2"],
        "journal 2 (None): it",
    ),
    "entry's journal that is no text": (
        ["update ledger_entries set journal_id = cast(x'ff' as text) where number = 2 and position = 1"],
        "journal 2 (",
    ),
    "entry of another journal": (
        [f"update ledger_entries set journal_id = ({FIRST}) where number = 2 and position = 1"],
        "its entries say that they are another's",
    ),
    "head's id that is no text": (["update ledger_head set id = cast(x'ff' as text)"], "head: it cannot be read"),
    "head's hash that is no text": (["update ledger_head set hash = cast(x'ff' as text)"], "head: it cannot be read"),
    "order's id that is bytes": (
        ["update orders set id = x'fffe' where rowid = 2"],
        "order b'\\xff\\xfe': it cannot be read",
    ),
    "order's id that is no text": (
        ["update orders set id = cast(x'fffe' as text) where rowid = 2"],
        "by its id: it cannot be read",
    ),
    "line's text that is none": (
        ["update order_lines set name = cast(x'ff' as text) where rowid = 2"],
        "order 0",
    ),
    "payout's text that is none": (["update payouts set reference = cast(x'ff' as text)"], "payout 0"),
}


@pytest.mark.parametrize(("statements", "expected"), TAMPERING.values(), ids=TAMPERING)
def test_removed_inserted_and_swapped_rows_are_found(ledger: Run, books: Path, statements: list[str], expected: str):
    change(books, *statements)
    code, said = ledger("verify")
    assert (code, expected in said) == (1, True), said


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update orders set commission_minor = commission_minor + 1 where id = '{id}'", "order {id}: "),
        ("update orders set goods_minor = goods_minor + 1 where id = '{id}'", "order {id}: its goods"),
        ("update orders set refunded_minor = refunded_minor + 1 where id = '{id}'", "order {id}: its refunds"),
        ("update orders set status = 'delivered' where id = '{id}'", "order {id}: its status is not what happened"),
        ("update orders set cancelled_at = placed_at where id = '{id}'", "order {id}: its status is not what"),
        ("update orders set settled_at = paid_at where id = '{id}'", "order {id}: it was settled without"),
        ("update orders set commission_rate = 1 where id = '{id}'", "order {id}: its commission rate"),
        ("update orders set commission_rate = null where id = '{id}'", "order {id}: its commission rate"),
        ("update orders set paid_at = null where id = '{id}'", "order {id}: goods or money moved before"),
        ("update orders set shipping_minor = shipping_minor + 1 where id = '{id}'", "it differs from its sale of {id}"),
        ("update orders set fee_rate = 0 where id = '{id}'", "it differs from its sale of {id}"),
        ("update orders set affiliate_id = 'affiliate_2' where id = '{id}'", "it differs from its sale of {id}"),
        ("update orders set paid_at = null where id = '{id}'", "nothing calls for this sale of {id}"),
        ("update order_lines set commission_minor = 0 where order_id = '{id}'", "order {id}: "),
        ("update order_lines set commission_rate = 1 where order_id = '{id}'", "order {id}: a line's share"),
        ("update order_lines set featured_id = 'x' where order_id = '{id}'", "order {id}: a line's product moment"),
        ("update order_lines set flash_sale_id = 'x' where order_id = '{id}'", "order {id}: a line's product moment"),
        ("update refunds set amount_minor = amount_minor + 1 where order_id = '{id}'", "it differs from its refund"),
        ("delete from refunds where order_id = '{id}'", "nothing calls for this refund"),
        ("update payouts set amount_minor = amount_minor + 1", "it differs from its payout"),
        ("delete from payouts", "nothing calls for this payout"),
    ],
)
def test_orders_that_say_something_else_than_the_ledger_are_found(
    ledger: Run, books: Path, statement: str, expected: str
):
    ((order_id,),) = rows(books, "select order_id from refunds order by id limit 1")
    change(books, statement.format(id=order_id))
    code, said = ledger("verify")
    assert (code, expected.format(id=order_id) in said) == (1, True), said


def test_a_clock_that_stepped_back_between_refunds_makes_no_difference(ledger: Run, books: Path):
    ((order_id, count),) = rows(books, "select order_id, count(*) from refunds group by 1 order by 2 desc limit 1")
    assert count > 1
    newest = f"(select max(rowid) from refunds where order_id = '{order_id}')"
    change(books, f"update refunds set created_at = '2020-01-01' where rowid = {newest}")
    code, said = ledger("verify")
    assert code == 0, said


def test_a_payout_of_more_than_was_available_where_it_stands_in_the_chain_is_found(ledger: Run, books: Path):
    async def pay_too_much() -> None:
        async with opened(settings_in(books)), in_transaction():
            row = await Payout.create(
                id="too-much",
                affiliate_id=AFFILIATE,
                amount_minor=1_000_000,
                currency="USD",
                created_by="root",
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            await post(payout_of(row), source_id=row.id)

    asyncio.run(pay_too_much())
    code, said = ledger("verify")
    assert (code, said.splitlines()[0].partition(": ")[2]) == (1, "it pays out more than was available"), said
    assert said.splitlines()[-1].endswith(": 1 differences")


# --- export ---


def _stored_sums(folder: Path) -> dict[tuple[str, str, str], int]:
    query = "select account, owner_id, currency, sum(amount_minor) from ledger_entries group by 1, 2, 3"
    return {(account, owner, currency): total for account, owner, currency, total in rows(folder, query)}


def _sums(exported: list[dict[str, Any]]) -> dict[tuple[str, str, str], int]:
    decimals = {"USD": 2, "JPY": 0, "KWD": 3}
    found: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in exported:
        found[row["account"], row["owner"] or "", row["currency"]] += Decimal(row["amount"])
    return {key: int(total.scaleb(decimals[key[2]])) for key, total in found.items()}


def test_an_export_adds_up_to_the_same_balances_in_both_formats(ledger: Run, books: Path):
    _, table = ledger("export")
    _, lines = ledger("export", "--format", "jsonl")
    as_csv = list(csv.DictReader(io.StringIO(table)))
    as_json = [json.loads(line) for line in lines.splitlines()]

    assert _sums(as_csv) == _sums(as_json) == _stored_sums(books)
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in as_json] == as_csv
    per_journal: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in as_json:
        per_journal[row["journal"]] += Decimal(row["amount"])
    assert set(per_journal.values()) == {Decimal(0)}
    assert {row["currency"] for row in as_json} == {"USD", "JPY", "KWD"}
    numbers = [row["number"] for row in as_json]
    assert numbers == sorted(numbers)


def test_an_export_loses_no_entry_whatever_journal_it_names(ledger: Run, books: Path):
    _, whole = ledger("export")
    change(books, f"update ledger_entries set journal_id = ({FIRST}) where number = 2 and position = 1")
    assert ledger("export") == (0, whole)


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entries set rate = 'x' where number = 2",
        "update ledger_entries set number = 999 where number = 2 and position = 1",
        "update ledger_journals set source_id = cast(x'ff' as text) where number = 2",
    ],
)
def test_an_export_of_damaged_rows_says_so(
    ledger: Run, books: Path, statement: str, capsys: pytest.CaptureFixture[str]
):
    change(books, statement)
    assert main(_with_folder(books, ("export",))) == 1
    said = capsys.readouterr().err
    assert "journal" in said
    assert "Traceback" not in said


def test_a_reader_that_stops_early_is_no_failure(books: Path):
    command = [sys.executable, "-m", "backend", "ledger", "--data-dir", str(books), "export"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), said) == (0, b"")


# --- what if ---


def _minor(text: str, currency: str) -> int:
    return int(Decimal(text).scaleb({"USD": 2, "JPY": 0, "KWD": 3}[currency]))


def _simulated(said: str) -> dict[tuple[str, str], tuple[int, int]]:
    """What a simulation printed: recorded and simulated minor units, by who and currency."""
    found = {}
    for line in said.splitlines()[1:-1]:
        *who, recorded, simulated, difference, currency = line.split()
        pair = _minor(recorded, currency), _minor(simulated, currency)
        assert _minor(difference, currency) == pair[1] - pair[0]
        found[" ".join(who), currency] = pair
    return found


def _round(value: Decimal, how: str) -> int:
    return int(value.quantize(Decimal(1), rounding=how))


def _by_force(folder: Path, rate: int | None, fee: int | None, where: str = "1") -> dict[tuple[str, str], int]:
    """The same from the rows alone, with decimals in place of the product's integers."""
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    query = (
        "select id, seller_id, affiliate_id, currency, goods_minor - discount_minor, shipping_minor, refunded_minor, "
        f"fee_rate, commission_minor from orders where paid_at is not null and {where}"
    )
    for order_id, seller, affiliate, currency, base, shipping, refunded, own_fee, earned in rows(folder, query):
        if rate is not None and affiliate is not None:
            lines = rows(folder, f"select net_minor from order_lines where order_id = '{order_id}'")
            earned = sum(_round(Decimal(net) * rate / 10_000, ROUND_HALF_UP) for (net,) in lines)
        charged = _round(Decimal(base) * (own_fee if fee is None else fee) / 10_000, ROUND_FLOOR)
        goods_back = min(refunded, base)
        earned_back = _round(Decimal(earned * goods_back) / base, ROUND_HALF_UP) if base else 0
        charged_back = _round(Decimal(charged * goods_back) / base, ROUND_FLOOR) if base else 0
        totals["platform", currency] += charged - charged_back
        if affiliate is not None:
            totals[f"affiliate {affiliate}", currency] += earned - earned_back
        kept = base + shipping - refunded
        totals[f"seller {seller}", currency] += kept - (earned - earned_back) - (charged - charged_back)
    return dict(totals)


@pytest.mark.parametrize(
    ("arguments", "rate", "fee", "where"),
    [
        ((), None, None, "1"),
        (("--rate", "9"), 900, None, "1"),
        (("--rate", "0"), 0, None, "1"),
        (("--rate", "100", "--fee", "5"), 10_000, 500, "1"),
        (("--fee", "0"), None, 0, "1"),
        (("--rate", "9", "--affiliate", "affiliate_2"), 900, None, "affiliate_id = 'affiliate_2'"),
        (("--rate", "33.33", "--seller", "seller_jp"), 3333, None, "seller_id = 'seller_jp'"),
        (("--rate", "9", "--since", "2020-01-01", "--until", "2999-01-01"), 900, None, "1"),
    ],
)
def test_a_simulation_equals_a_recomputation_by_hand_and_writes_nothing(
    ledger: Run, books: Path, arguments: tuple[str, ...], rate: int | None, fee: int | None, where: str
):
    before = (books / "liveshop.db").read_bytes()
    code, said = ledger("simulate", *arguments)
    assert code == 0
    assert (books / "liveshop.db").read_bytes() == before

    expected = _by_force(books, rate, fee, where)
    recorded = _by_force(books, None, None, where)
    assert _simulated(said) == {key: (recorded[key], expected[key]) for key in expected}


def test_a_simulation_of_no_order_says_so(ledger: Run):
    for arguments in (("--since", "2999-01-01"), ("--until", "2020-01-01"), ("--affiliate", "nobody")):
        assert ledger("simulate", "--rate", "9", *arguments) == (0, "No paid order matches; nothing to replay.\n")


def test_simulated_shares_of_what_was_recorded_are_the_ledgers_balances(ledger: Run, books: Path):
    _, said = ledger("simulate")
    held: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (account, owner, currency), total in _stored_sums(books).items():
        if account in ("affiliate_pending", "affiliate_available", "payouts"):
            held[f"affiliate {owner}", currency] += total
        elif account != "buyers":
            held[f"{account} {owner}".strip(), currency] += total
    assert {key: pair[0] for key, pair in _simulated(said).items()} == dict(held)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("rewrite",),
        ("simulate", "--rate", "101"),
        ("simulate", "--rate", "-1"),
        ("simulate", "--rate", "nan"),
        ("simulate", "--rate", "7.555"),
        ("simulate", "--fee", "much"),
        ("simulate", "--since", "yesterday"),
        ("export", "--format", "xml"),
    ],
)
def test_wrong_usage_exits_2(ledger: Run, arguments: tuple[str, ...]):
    with pytest.raises(SystemExit) as stopped:
        ledger(*arguments)
    assert stopped.value.code == 2


def test_books_can_be_checked_while_somebody_writes(ledger: Run, books: Path):
    with closing(sqlite3.connect(books / "liveshop.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("update orders set refunded_minor = refunded_minor + 1")
        assert ledger("verify")[0] == 0
        writer.execute("ROLLBACK")
