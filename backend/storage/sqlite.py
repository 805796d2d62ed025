"""Tortoise's SQLite backend with transactions that begin IMMEDIATE, and that outlives a database in trouble.

A deferred BEGIN fails with "database is locked" at once when a transaction that has read wants to write while another
process has written; `busy_timeout` does not help there. IMMEDIATE takes the write lock first, and so waits its turn.

Tortoise itself keeps the connection's lock for ever when connecting or BEGIN fails (a full disk, a lock held for too
long by another program), and leaves a transaction open whose COMMIT failed. Here each failure gives back what it took.
"""

import sqlite3
from contextlib import suppress
from typing import Any, cast

from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError


class ImmediateTransaction(SqliteTransactionWrapper):
    """One transaction, which holds the database's write lock from its first moment."""

    async def begin(self) -> None:
        """Take the write lock, waiting for at most the connection's busy timeout.

        Raises:
            TransactionManagementError: another process held the lock for longer than that.
        """
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error

    async def commit(self) -> None:
        """Make it last; what cannot be is undone, so that no later transaction commits it after all."""
        try:
            await super().commit()
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                await self._connection.rollback()
            raise


class ReleasingContext(SqliteTransactionContext):
    """A transaction that gives the connection's lock back when it cannot begin."""

    async def __aenter__(self) -> TransactionalDBClient:
        """Wait for the connection, and begin."""
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return cast(TransactionalDBClient, self.connection)


class ReleasingConnection(ConnectionWrapper[Any]):
    """A turn on the connection, which ends also when there is none to be had."""

    async def __aenter__(self) -> Any:
        """Wait for the connection, and open it when it is not."""
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class ImmediateSqliteClient(SqliteClient):
    """A connection whose every transaction is immediate."""

    async def create_connection(self, with_db: bool) -> None:
        """Connect; a connection that cannot be set up is closed, since its thread would keep the process alive."""
        try:
            await super().create_connection(with_db)
        except BaseException:
            await self.close()
            raise

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """A turn on the connection."""
        return ReleasingConnection(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return cast(TransactionContext, ReleasingContext(ImmediateTransaction(self), self._lock))


client_class = ImmediateSqliteClient
