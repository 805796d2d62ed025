"""The one door by which time, sleep and ids enter the console.

Everything else asks here, so a test or a replay can stand at any moment: see `use_clock`.
"""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the console asks of time."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, from an arbitrary origin."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Suspend the calling task for that many seconds."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards, from an arbitrary origin."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Suspend the calling task for that many seconds."""
        await asyncio.sleep(seconds)


_clock: Clock = SystemClock()


@contextmanager
def use_clock(clock: Clock) -> Iterator[None]:
    """Let `clock` tell the time for the length of a test."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before


def now() -> datetime:
    """The wall clock, timezone-aware UTC."""
    return _clock.now()


def monotonic() -> float:
    """Seconds that never run backwards, from an arbitrary origin."""
    return _clock.monotonic()


async def sleep(seconds: float) -> None:
    """Suspend the calling task for that many seconds."""
    await _clock.sleep(seconds)


def new_id() -> str:
    """An id that nothing else has."""
    return str(uuid.uuid4())
