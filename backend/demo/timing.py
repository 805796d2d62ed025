"""Waiting for one of several things."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from backend import seams


async def either(*happenings: asyncio.Event, within: float | None = None) -> bool:
    """Wait until one of these has happened; False when none did within that many seconds."""
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(happening.wait()) for happening in happenings]
    if within is not None:
        waiting.append(asyncio.create_task(seams.sleep(within)))
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    return any(happening.is_set() for happening in happenings)


async def settled(holds: Callable[[], Awaitable[bool]], seconds: float, step: float = 0.2) -> bool:
    """Ask again and again until it holds; False when it did not in that many seconds."""
    deadline = seams.monotonic() + seconds
    while not await holds():
        if seams.monotonic() > deadline:
            return False
        await seams.sleep(step)
    return True
