"""Tortoise's SQLite backend with transactions that begin IMMEDIATE.

A deferred BEGIN fails with "database is locked" at once when a transaction that has read wants to write while another
process has written; `busy_timeout` does not help there. IMMEDIATE takes the write lock first, and so waits its turn.
"""

import sqlite3
from typing import cast

from tortoise.backends.base.client import TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
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


class ImmediateSqliteClient(SqliteClient):
    """A connection whose every transaction is immediate."""

    def _in_transaction(self) -> TransactionContext:
        wrapper = ImmediateTransaction(self)
        return cast(TransactionContext, SqliteTransactionContext(wrapper, self._lock))


client_class = ImmediateSqliteClient
