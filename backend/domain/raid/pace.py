"""How fast something happens now, and how fast it usually does in this stream."""

from collections import deque
from dataclasses import dataclass, field

NOW = 10
"""Seconds that count as now."""
USUAL = 300
"""Seconds over which the usual pace forgets."""


@dataclass(slots=True)
class Level:
    """What some sum of evidence usually is in this stream: a slowly moving average, by the second."""

    usual: float
    """At first what a show's first minute may bring."""
    _second: int | None = None
    _learnt: int = 30

    def stands(self, at: float, value: float) -> None:
        """Learn that it is so much now."""
        second = int(at)
        if self._second is None or second <= self._second:
            self._second = self._second or second
            return
        seconds = second - self._second
        self._learnt = min(self._learnt + seconds, USUAL)
        self.usual = value + (self.usual - value) * (1 - 1 / self._learnt) ** seconds
        self._second = second


@dataclass(slots=True)
class Pace:
    """Happenings by the second: the last ten seconds, and a slowly moving average of all before them."""

    usual: float = 0.0
    """Happenings in ten seconds, as they were before the last ten."""
    now: int = 0
    """Happenings in the last ten seconds."""
    _seconds: deque[list[int]] = field(default_factory=deque)
    _learnt: int = 0
    _upto: int | None = None

    def happened(self, at: float, times: int = 1) -> None:
        """Count."""
        self.passed(at)
        second = int(at)
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1][1] += times
        else:
            self._seconds.append([second, times])
        self.now += times

    def passed(self, at: float) -> None:
        """Let seconds go from now into the usual."""
        limit = int(at) - NOW
        if self._upto is None:
            self._upto = int(at) - 1
        if self._upto >= limit:
            return
        while self._seconds and self._seconds[0][0] <= limit:
            second, times = self._seconds.popleft()
            self.now -= times
            self._learn(0, second - self._upto - 1)
            self._learn(times, 1)
            self._upto = second
        self._learn(0, limit - self._upto)
        self._upto = limit

    def _learn(self, times: int, seconds: int) -> None:
        """Take in seconds that were all alike; the first ones count for more, as there is nothing to forget yet."""
        if seconds <= 0:
            return
        self._learnt += seconds
        keep = (1 - 1 / min(self._learnt, USUAL)) ** seconds if self._learnt > seconds else 0.0
        self.usual = self.usual * keep + times * NOW * (1 - keep)
