"""Rows of a damaged database file: any flipped bit is found, and named."""

import random
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from backend.services import ledger_audit
from backend.storage.database import opened, snapshot
from tests.backend.sqlite_file import cells
from tests.shop import settings_in

FLIPS = 30


def journals_of(path: Path, table: str) -> list[tuple[str, ...]]:
    """What may name each row of a table in a difference, in the order of the file."""
    columns = {"ledger_journals": "id, number", "ledger_entries": "journal_id, number", "ledger_head": "'', 0"}[table]
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(f"select {columns} from {table} order by rowid").fetchall()
    return [(f"({row_id})", f"journal {number} ") if row_id else ("head:",) for row_id, number in found]


def values(path: Path, table: str) -> list[tuple[object, ...]] | None:
    """Every value of a table; None where they cannot be read."""
    with closing(sqlite3.connect(path)) as database, suppress(sqlite3.Error):
        return database.execute(f"select rowid, * from {table} not indexed").fetchall()
    return None


async def found_in(folder: Path) -> list[str]:
    async with opened(settings_in(folder)), snapshot():
        return [str(difference) for difference in (await ledger_audit.verify()).differences]


@pytest.mark.parametrize("table", ["ledger_journals", "ledger_entries", "ledger_head"])
async def test_any_flipped_bit_of_a_ledger_row_is_found_and_its_journal_named(
    kept_books: Path, tmp_path: Path, table: str
):
    path = kept_books / "liveshop.db"
    whole = path.read_bytes()
    rows = list(zip(cells(path, table), journals_of(path, table), strict=True))
    chance = random.Random(table)
    for number in range(FLIPS):
        bytes_of_row, names = chance.choice(rows)
        # Every second one among the lengths and types, which are few and do the most harm.
        place = chance.choice(bytes_of_row[:16] if number % 2 else bytes_of_row)
        bit = 1 << chance.randrange(8)
        folder = tmp_path / str(number)
        shutil.copytree(kept_books, folder)
        (folder / "liveshop.db").write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        said = await found_in(folder)
        # Where NULLs follow each other, a bit may only write them in another way: the row still says what it said.
        unchanged = values(folder / "liveshop.db", table) == values(path, table)
        shutil.rmtree(folder)
        flip = f"bit {bit:#04x} of byte {place - bytes_of_row.start}"
        assert unchanged or any(name in line for line in said for name in names), f"{flip}: {names} not in {said}"
