"""Fixtures of the backend's tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.market import WEBHOOK_SECRET, Clock, go_live, moving_clock
from tests.shop import Shop


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
