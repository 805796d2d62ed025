"""SQLite in trouble: what fails says so, and what comes after it works."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Never

import pytest
from tortoise.backends.sqlite.client import SqliteTransactionWrapper
from tortoise.exceptions import TransactionManagementError
from tortoise.transactions import in_transaction

from backend import seams
from backend.storage import database
from backend.storage.database import DatabaseError, migrate, opened
from backend.storage.models import Seller
from tests.shop import settings_in


async def test_a_lock_held_for_too_long_fails_one_transaction_and_no_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    connection = database._connection
    monkeypatch.setattr(database, "_connection", lambda settings: _impatient(connection(settings)))
    settings = settings_in(tmp_path / "data")
    await migrate(settings)
    async with opened(settings):
        with closing(sqlite3.connect(tmp_path / "data" / "liveshop.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(TransactionManagementError):
                async with in_transaction():
                    pass
            other.execute("ROLLBACK")
        async with asyncio.timeout(5):
            await _register("later")
            async with in_transaction():
                assert await Seller.exists(id="later")


async def _register(seller_id: str) -> None:
    now = seams.now()
    await Seller.create(id=seller_id, business_name=seller_id, currency="USD", created_at=now, updated_at=now)


def _impatient(connection: dict[str, Any]) -> dict[str, Any]:
    connection["credentials"]["busy_timeout"] = 50
    return connection


async def test_what_could_not_be_committed_is_not_committed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = settings_in(tmp_path / "data")
    await migrate(settings)
    async with opened(settings):
        with monkeypatch.context() as patched:
            patched.setattr(SqliteTransactionWrapper, "commit", _full_disk)
            with pytest.raises(sqlite3.OperationalError):
                async with in_transaction():
                    await _register("refused")
        async with asyncio.timeout(5), in_transaction():
            await _register("stored")
        assert await Seller.all().values_list("id", flat=True) == ["stored"]


async def _full_disk(_: Any) -> Never:
    raise sqlite3.OperationalError("database or disk is full")


async def test_a_file_that_is_no_database_is_refused_at_once(tmp_path: Path):
    settings = settings_in(tmp_path / "data")
    (tmp_path / "data" / "liveshop.db").write_bytes(b"no database\n" * 100)
    async with asyncio.timeout(5):
        with pytest.raises(DatabaseError, match="not a database"):
            await migrate(settings)
        with pytest.raises(DatabaseError, match="not a database"):
            async with opened(settings):
                pass
