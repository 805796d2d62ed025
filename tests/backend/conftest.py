"""Fixtures of the backend's tests."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.market import WEBHOOK_SECRET, Clock, go_live, moving_clock
from tests.shop import Shop


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The backend's time, which a test may move."""
    with moving_clock() as clock:
        yield clock


@pytest.fixture
async def market(open_shop) -> AsyncIterator[Shop]:  # noqa: ANN001
    """A running server whose specification's stream is live, and which takes payment events."""
    shop = await open_shop(webhook_secret=WEBHOOK_SECRET)
    await go_live(shop)
    yield shop
