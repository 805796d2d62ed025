"""PostgreSQL databases that live as long as a test."""

import importlib
import uuid
from typing import Any


def _connect(url: str) -> Any:
    # Not installed by a plain test run.
    return importlib.import_module("asyncpg").connect(url)


async def create_database(beside: str, *, copy: bool = False) -> str:
    """A new database on the same server, empty or a copy of that one; its address."""
    server, _, template = beside.rpartition("/")
    name = f"liveshop_test_{uuid.uuid4().hex[:12]}"
    connection = await _connect(f"{server}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if copy else ""))
    finally:
        await connection.close()
    return f"{server}/{name}"


async def drop_database(url: str) -> None:
    """Take a database away, whoever is still connected."""
    server, _, name = url.rpartition("/")
    connection = await _connect(f"{server}/postgres")
    try:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


async def read_one(url: str, query: str) -> Any:
    """The first value that a query finds."""
    connection = await _connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
