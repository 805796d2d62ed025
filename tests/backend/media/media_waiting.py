"""Waiting for what another task does."""

import asyncio
from collections.abc import Callable

from tests.waiting import PATIENCE


async def until(condition: Callable[[], object], within: float = PATIENCE) -> None:
    """Return as soon as the condition holds.

    Raises:
        TimeoutError: it did not within that many seconds.
    """
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - any condition, not ours to signal
            await asyncio.sleep(0.01)
