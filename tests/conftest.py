"""What most tests stand on: a server with the specification's people and goods, and its clients."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from backend.settings import Settings
from tests.postgres import create_database, drop_database
from tests.shop import Shop, copy_shop, plant_shop, running, settings_in

settings.register_profile("suite", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


SHOPS_ON = os.environ.get("LIVESHOP_TEST_SHOPS_ON", "")
"""A PostgreSQL server to run every shop on, each in a database of its own; by default each has an SQLite file."""


@pytest.fixture(scope="session")
def planted_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a migrated and seeded database; copy it before use."""
    folder = tmp_path_factory.mktemp("planted") / "data"
    if SHOPS_ON:
        # Tortoise keeps the statements of the first kind of database that a process has seen.
        folder.mkdir()
    else:
        asyncio.run(plant_shop(settings_in(folder)))
    return folder


@pytest.fixture(scope="session")
def planted_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | None]:
    """A planted PostgreSQL database to copy, where there is a server to run every shop on."""
    if not SHOPS_ON:
        yield None
        return
    url = asyncio.run(create_database(SHOPS_ON))
    asyncio.run(plant_shop(settings_in(tmp_path_factory.mktemp("planted"), database_url=url)))
    yield url
    asyncio.run(drop_database(url))


@pytest.fixture
def shop_settings(
    planted_shop: Path, planted_postgres: str | None, tmp_path: Path
) -> Iterator[Callable[..., Settings]]:
    """Settings of a server on a planted data folder, and perhaps database, of this test's own."""
    with _settings_on_a_copy(planted_shop, planted_postgres, tmp_path / "data") as make:
        yield make


@pytest.fixture(scope="module")
def module_settings(
    planted_shop: Path, planted_postgres: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Settings]]:
    """The same, for a server that all tests of a module share."""
    with _settings_on_a_copy(planted_shop, planted_postgres, tmp_path_factory.mktemp("shared") / "data") as make:
        yield make


@contextmanager
def _settings_on_a_copy(
    planted_shop: Path, planted_postgres: str | None, folder: Path
) -> Iterator[Callable[..., Settings]]:
    databases: list[str] = []

    def make(**changes: Any) -> Settings:
        if not folder.exists():
            copy_shop(planted_shop, folder)
        if planted_postgres and not databases:
            with ThreadPoolExecutor(1) as thread:
                databases.append(thread.submit(asyncio.run, create_database(planted_postgres, copy=True)).result())
        given = {"database_url": databases[0]} if databases else {}
        return settings_in(folder, **(given | changes))

    yield make
    for url in databases:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, drop_database(url)).result()


@pytest.fixture
async def shop(shop_settings: Callable[..., Settings]) -> AsyncIterator[Shop]:
    """A running server with the specification's people and goods."""
    async with running(shop_settings()) as shop:
        yield shop


@pytest.fixture
async def open_shop(shop_settings: Callable[..., Settings]) -> AsyncIterator[Callable[..., Any]]:
    """Start such a server with settings of the test's choice."""
    async with AsyncExitStack() as stack:

        async def make(**changes: Any) -> Shop:
            return await stack.enter_async_context(running(shop_settings(**changes)))

        yield make
