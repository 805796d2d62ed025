"""How fast things come in, over the last few seconds."""

from collections import deque

from backend import seams

_SPAN = 5.0
"""Seconds that a rate is taken over."""


class Meter:
    """Turns growing totals into rates."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque([(seams.monotonic(), 0, 0)])

    def sample(self, received_bytes: int, frames: int) -> tuple[float, float | None]:
        """Note the totals now; gives kilobit and frames a second (None without frames)."""
        now = seams.monotonic()
        while len(self._samples) > 1 and now - self._samples[0][0] > _SPAN:
            self._samples.popleft()
        then, bytes_then, frames_then = self._samples[0]
        self._samples.append((now, received_bytes, frames))
        span = now - then
        if span <= 0:
            return 0.0, None
        kilobits = (received_bytes - bytes_then) * 8 / 1000 / span
        return round(kilobits, 1), round((frames - frames_then) / span, 2) if frames else None
