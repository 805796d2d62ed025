"""What most tests stand on: a server with the specification's people and goods, and its clients."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from backend.settings import Settings
from tests.shop import Shop, copy_shop, plant_shop, running, settings_in

settings.register_profile("suite", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(scope="session")
def planted_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a migrated and seeded database; copy it before use."""
    folder = tmp_path_factory.mktemp("planted") / "data"
    asyncio.run(plant_shop(settings_in(folder)))
    return folder


@pytest.fixture
def shop_settings(planted_shop: Path, tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a server on a planted data folder of this test's own."""
    folder = tmp_path / "data"

    def make(**changes: Any) -> Settings:
        if not folder.exists():
            copy_shop(planted_shop, folder)
        return settings_in(folder, **changes)

    return make


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
