"""Fixtures of the backend's tests."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backend.books import keep_books
from tests.market import WEBHOOK_SECRET, Clock, go_live, moving_clock
from tests.shop import Shop, copy_shop


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The backend's time, which a test may move."""
    with moving_clock() as clock:
        yield clock


@pytest.fixture
async def market(open_shop: Callable[..., Any]) -> Shop:
    """A running server whose specification's stream is live, and which takes payment events."""
    shop: Shop = await open_shop(webhook_secret=WEBHOOK_SECRET)
    await go_live(shop)
    return shop


@pytest.fixture(scope="session")
def kept_books(planted_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a full ledger; copy it before use."""
    folder = tmp_path_factory.mktemp("books") / "data"
    copy_shop(planted_shop, folder)
    asyncio.run(keep_books(folder))
    return folder
