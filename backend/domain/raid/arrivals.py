"""New sessions: how fast they come, and from how few addresses."""

from collections import Counter
from dataclasses import dataclass, field

from backend.domain.raid.pace import Pace

RECENT = 60.0
"""Seconds for which a session counts as recent."""
MAX_RECENT = 4096
"""Recent sessions at most; of more, the oldest are forgotten sooner."""


@dataclass(slots=True)
class Arrivals:
    """Sessions that were first seen just now, each counted once."""

    pace: Pace = field(default_factory=Pace)
    _recent: dict[str, tuple[float, str | None]] = field(default_factory=dict)
    _by_address: Counter[str] = field(default_factory=Counter)
    _sizes: Counter[int] = field(default_factory=Counter)
    _most: int = 0

    @property
    def recent(self) -> int:
        """Recent sessions."""
        return len(self._recent)

    @property
    def most_from_one_address(self) -> int:
        """Recent sessions that share one address."""
        return self._most

    def seen(self, at: float, session: str, address: str | None) -> None:
        """Count a new session, unless it is counted already."""
        if session in self._recent:
            return
        self._recent[session] = (at, address)
        self.pace.happened(at)
        if address is not None:
            self._resize(address, +1)
        if len(self._recent) > MAX_RECENT:
            self._forget_oldest()

    def passed(self, at: float) -> None:
        """Let go of the sessions that are recent no longer."""
        self.pace.passed(at)
        while self._recent and next(iter(self._recent.values()))[0] <= at - RECENT:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        address = self._recent.pop(next(iter(self._recent)))[1]
        if address is not None:
            self._resize(address, -1)

    def _resize(self, address: str, by: int) -> None:
        """Move an address among the sizes; the largest is then known without a search."""
        size = self._by_address[address]
        self._by_address[address] = size + by
        self._sizes[size] -= 1
        self._sizes[size + by] += 1
        if not size + by:
            del self._by_address[address]
        if by > 0:
            self._most = max(self._most, size + 1)
        elif size == self._most and not self._sizes[size]:
            self._most = size - 1
