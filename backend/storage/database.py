"""The database's life: configured from its URL, migrated, opened, closed."""

import fcntl
import importlib.util
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException
from tortoise.migrations.api.migrate import migrate as run_migrations
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from backend.settings import Settings

APP = "shop"
_APPS = {
    APP: {
        "models": ["backend.storage.models"],
        "migrations": "backend.storage.migrations",
        "default_connection": "default",
    }
}

DEVELOPMENT = {"connections": {"default": "sqlite://:memory:"}, "apps": _APPS}
"""What `tortoise makemigrations` compares the models with the migrations by; it opens no database."""


FAILURES = (BaseORMException, sqlite3.Error, OSError)
"""What the drivers raise when a database does not do what it is asked."""


_GAVE_WAY = frozenset({"40001", "40P01"})
"""PostgreSQL's SQLSTATEs of a serialization failure and a deadlock."""


def gave_way(error: BaseException) -> bool:
    """Whether a transaction failed only because it met another one; done again, it may succeed."""
    return getattr(error, "sqlstate", None) in _GAVE_WAY


_SQLITE_CANNOT_NOW = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
)
_POSTGRES_CANNOT_NOW = ("08", "53", "57P")
"""Classes of SQLSTATEs: no connection, too little room, shutting down."""


def cannot_now(error: BaseException | None) -> bool:
    """Whether a database failed for want of room, of its turn, or of a connection: later the same may succeed."""
    while error is not None:
        sqlite_code = getattr(error, "sqlite_errorcode", None)
        state = getattr(error, "sqlstate", None) or ""
        if sqlite_code is not None and sqlite_code & 0xFF in _SQLITE_CANNOT_NOW:
            return True
        if state.startswith(_POSTGRES_CANNOT_NOW) or gave_way(error) or isinstance(error, ConnectionError):
            return True
        error = error.__cause__ or error.__context__
    return False


class DatabaseError(Exception):
    """The database cannot be used; the message says why, without its password."""


def config(settings: Settings) -> dict[str, Any]:
    """Tortoise's configuration for the settings' database."""
    return {
        "connections": {"default": _connection(settings)},
        "apps": _APPS,
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(settings: Settings) -> dict[str, Any]:
    url = settings.database
    if settings.embedded_database:
        return {
            "engine": "backend.storage.sqlite",
            "credentials": {
                "file_path": url.removeprefix("sqlite://"),
                "journal_mode": "WAL",
                # An acknowledged write must survive a power cut, not only a crash.
                "synchronous": "FULL",
                "busy_timeout": 10_000,
            },
        }
    if urlsplit(url).scheme not in ("postgres", "postgresql", "asyncpg"):
        raise DatabaseError("The database URL must start with postgres://; leave it out for SQLite.")
    if importlib.util.find_spec("asyncpg") is None:
        raise DatabaseError("PostgreSQL needs one more package: pip install -e '.[postgres]'.")
    expanded: dict[str, Any] = expand_db_url(url.replace("postgresql://", "postgres://", 1))
    expanded["credentials"].setdefault("minsize", 2)
    expanded["credentials"].setdefault("maxsize", 20)
    return expanded


async def migrate(settings: Settings) -> list[str]:
    """Bring the database up to date; the names of the migrations that were applied.

    Raises:
        DatabaseError: it cannot be reached or changed.
    """
    applied: list[str] = []

    def note(event: str, label: str, name: str) -> None:
        if event == "apply_done":
            applied.append(name)

    try:
        with _alone(settings):
            await run_migrations(config=config(settings), progress=note)
    except FAILURES as error:
        raise DatabaseError(_explained(settings, error)) from error
    finally:
        await Tortoise.close_connections()
        # By table's name: it holds the columns that tables had when a migration last wrote to their rows.
        EXECUTOR_CACHE.clear()
    return applied


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Wait for other commands that migrate the same SQLite database; two at once would make each table twice."""
    if not settings.embedded_database:
        yield
        return
    folder = os.open(settings.data_dir, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


async def pending_migrations() -> int:
    """How many migrations the open database still lacks."""
    executor = MigrationExecutor(get_connection("default"), _APPS)
    return len(await executor.plan([MigrationTarget(app_label=APP, name="__latest__")]))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[None]:
    """An open database for the length of a block, visible to every task of the process.

    Raises:
        DatabaseError: it cannot be reached, or lacks migrations.
    """
    await open_database(settings)
    try:
        yield
    finally:
        await close_database()


async def open_database(settings: Settings) -> None:
    """Open the database for every task of this process.

    Raises:
        DatabaseError: it cannot be reached, or lacks migrations.
    """
    try:
        await Tortoise.init(config=config(settings), _enable_global_fallback=True)
        await ping()
        missing = await pending_migrations()
    except FAILURES as error:
        await close_database()
        raise DatabaseError(_explained(settings, error)) from error
    if missing:
        await close_database()
        raise DatabaseError("The database is not up to date. Run `liveshop migrate`.")


async def close_database() -> None:
    """Close every connection."""
    await Tortoise.close_connections()


@asynccontextmanager
async def snapshot() -> AsyncIterator[None]:
    """Reads within the block see one moment of the database, whatever others write; only for a process of one task."""
    connection = get_connection("default")
    if connection.capabilities.dialect == "sqlite":
        # Deferred: in WAL mode it reads on while others write, where IMMEDIATE would make them wait.
        await connection.execute_query("BEGIN DEFERRED")
        try:
            yield
        finally:
            await connection.execute_query("ROLLBACK")
    else:
        async with in_transaction() as transaction:
            await transaction.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


async def one_at_a_time(what: str) -> None:
    """Wait until no other transaction has asked for the same `what`; it holds until the caller's transaction ends."""
    connection = get_connection("default")
    # SQLite has one writing transaction at a time anyway.
    if connection.capabilities.dialect != "sqlite":
        await connection.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [what])


async def ping() -> None:
    """Ask the database for an answer; raises what the driver raises."""
    await get_connection("default").execute_query("SELECT 1")


def _explained(settings: Settings, error: BaseException) -> str:
    where = "The SQLite database in the data folder" if settings.embedded_database else "The database"
    return f"{where} cannot be used: {str(error) or type(error).__name__}"
