"""Waiting for what is about to happen: by looking again, never by sleeping for a fixed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds after which something that should happen has not: far more than it needs on a busy machine."""


async def eventually(look: Callable[[], Awaitable[T]], what: str, *, within: float = PATIENCE) -> T:
    """Look until there is something to see; what was seen."""
    deadline = time.monotonic() + within
    while not (seen := await look()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"after {within:g} s still not: {what}; the last look gave {seen!r}")
        await asyncio.sleep(0.02)
    return seen


def soon(look: Callable[[], T], what: str, *, within: float = PATIENCE) -> T:
    """`eventually`, for tests without a loop."""
    deadline = time.monotonic() + within
    while not (seen := look()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"after {within:g} s still not: {what}; the last look gave {seen!r}")
        time.sleep(0.02)
    return seen
