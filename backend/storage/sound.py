"""Rows of a database that may be damaged: each that cannot be read is told of, and spoils no other.

SQLite keeps values of any type in any column, and looks at a row only when it is read. PostgreSQL keeps to its types.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.models import Model
from tortoise.queryset import QuerySet

BATCH = 500
"""Rows read at once."""

_HELD_AS: dict[type, tuple[type[fields.Field[Any]], ...]] = {
    str: (fields.CharField, fields.TextField, fields.DatetimeField, fields.JSONField),
    int: (fields.IntField, fields.BigIntField, fields.BooleanField),
}
"""What SQLite holds in a sound row, by the kind of its column."""

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row, or what hangs on it, whose values are not what its columns must hold."""

    place: int
    """How many rows come before it."""
    row_id: str | None
    """None where not even that can be read."""
    why: str

    def __str__(self) -> str:
        return f"it cannot be read: {self.why}"


class DamagedError(Exception):
    """A column holds what the database itself should never have taken."""


async def rows(query: QuerySet[M]) -> list[M]:
    """A query's rows, after a look at what their columns hold.

    Raises:
        Exception: a row is damaged; the driver, the ORM and the look have errors of their own for that.
    """
    await look(query)
    return await query


async def look(query: QuerySet[M]) -> None:
    """Refuse rows with values of a wrong type, which the ORM would make right in silence.

    Raises:
        DamagedError: there is one, or the table has another value than the index that leads to it.
    """
    if get_connection("default").capabilities.dialect != "sqlite":
        return
    table = query.model._meta  # noqa: SLF001
    columns = {column: table.fields_map[name] for name, column in table.fields_db_projection.items()}
    indexed = query.sql(params_inline=True)
    # What an index knows is read from the index alone; by their own keys, rows are read from the table.
    own = f'SELECT * FROM "{table.db_table}" WHERE rowid IN (SELECT rowid FROM {indexed.partition(" FROM ")[2]})'  # noqa: S608
    seen = {tuple(row[column] for column in columns) for row in await _held(indexed)}
    for row in await _held(own):
        for column, field in columns.items():
            if not _fits(field, row[column]):
                raise DamagedError(f"{column} of {row.get('id')!r} in {table.db_table} holds {row[column]!r:.40}")
        if tuple(row[column] for column in columns) not in seen:
            raise DamagedError(f"{row.get('id')!r} in {table.db_table} is not what its index says")


async def held(query: QuerySet[M]) -> list[dict[str, Any]]:
    """A query's rows as the driver gives them."""
    return await _held(query.sql(params_inline=True))


async def _held(sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql)
    return found


def _fits(field: fields.Field[Any], value: Any) -> bool:
    if value is None:
        return field.null
    return any(isinstance(value, kind) for kind, columns in _HELD_AS.items() if isinstance(field, columns))


async def in_turn(
    query: QuerySet[M], read: Callable[[QuerySet[M]], Awaitable[list[T]]]
) -> AsyncIterator[T | Unreadable]:
    """Everything that `read` makes of a query's rows, in their order.

    Args:
        query: ordered rows, by a column with an index.
        read: what to make of a part of them, one thing a row; where it fails, it is asked for less.
    """
    count = await query.count()
    for start in range(0, count, BATCH):
        for found in await _read(query, read, start, min(BATCH, count - start)):
            yield found


async def _read(
    query: QuerySet[M], read: Callable[[QuerySet[M]], Awaitable[list[T]]], start: int, size: int
) -> list[T | Unreadable]:
    part = query.offset(start).limit(size)
    try:
        found = await read(part)
        why = "an index leads to nothing"
    except Exception as error:
        found = []
        why = str(error) or type(error).__name__
    if len(found) == size:
        return list(found)
    if size == 1:
        return [Unreadable(start, await _id_of(part), why)]
    half = size // 2
    return [*await _read(query, read, start, half), *await _read(query, read, start + half, size - half)]


async def _id_of(row: QuerySet[Any]) -> str | None:
    """The id of a damaged row, which may still be whole."""
    try:
        return str((await held(row.only("id")))[0]["id"])
    except Exception:
        return None
