"""Waiting for what another process does."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], T | None], what: str, within: float = 30.0) -> T:
    """The first truthy value of the condition.

    Raises:
        AssertionError: there was none within that many seconds.
    """
    deadline = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what}")
        await asyncio.sleep(0.01)
    return value
