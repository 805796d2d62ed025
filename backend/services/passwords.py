"""Passwords as argon2id hashes (RFC 9106), made and compared in threads, a few at a time."""

import asyncio
import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend import seams
from backend.domain.passwords import canonical
from shared.problems import Code, ProblemError

T = TypeVar("T")

PASSES, LANES = 3, 4
"""Of argon2id, as RFC 9106 has them for its second recommendation."""
AT_ONCE = 2
"""Hashes computed at the same time, each with its memory."""
MOST_WAITING = 32
"""Hashes asked for at the same time; past that the next is refused, so that none waits for long."""


class Passwords:
    """Makes and compares hashes of one strength."""

    def __init__(self, memory: int) -> None:
        """`memory` is in MiB."""
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=memory * 1024, parallelism=LANES)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._asked = 0
        # As long in comparing as any other, and equal to nothing that is known.
        self._nobodys = (
            f"$argon2id$v=19$m={memory * 1024},t={PASSES},p={LANES}${_noise(16)}${_noise(self._hasher.hash_len)}"
        )

    async def hash(self, password: str) -> str:
        """What may be stored of a password.

        Raises:
            ProblemError: `unavailable` while too many others are compared.
        """
        return await self._in_thread(lambda: self._hasher.hash(canonical(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether a password is the stored one; where none is stored it takes as long to say no.

        Raises:
            ProblemError: `unavailable` while too many others are compared.
        """
        right = await self._in_thread(lambda: self._verify(stored or self._nobodys, password))
        return right and stored is not None

    def is_stale(self, stored: str) -> bool:
        """Whether a hash was made with another strength than is asked for now."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, canonical(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._asked >= MOST_WAITING:
            raise ProblemError(Code.UNAVAILABLE, "Too many sign in at this moment. Try again in 1 s.", retry_after=1)
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1


def _noise(size: int) -> str:
    return base64.b64encode(seams.random_bytes(size)).decode().rstrip("=")
