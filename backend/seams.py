"""The one door by which time, chance and sleep enter the backend.

Everything else asks here, so a test can stand at any moment: see `use_clock`.
"""

import asyncio
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

import uuid_utils


class Clock(Protocol):
    """What the backend asks of time."""

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
    """A new UUIDv7 (RFC 9562) in text: ids made in this order sort in this order."""
    return str(uuid_utils.uuid7())


def new_stream_key() -> str:
    """A new stream key: a UUID4 in text."""
    return str(uuid.uuid4())


def new_order_number() -> str:
    """A new order's number for people: `LS-` and ten unmistakable letters and digits (Crockford's base 32)."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "LS-" + "".join(secrets.choice(alphabet) for _ in range(10))


def new_secret(size: int = 24) -> str:
    """Random URL-safe text made of `size` random bytes."""
    return secrets.token_urlsafe(size)


def random_bytes(size: int) -> bytes:
    """Cryptographically strong random bytes."""
    return secrets.token_bytes(size)
