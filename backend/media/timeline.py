"""From RTMP's 32-bit milliseconds to a time line that only goes forward."""

TICKS_PER_SECOND = 90_000
"""The clock of MPEG systems (ISO/IEC 13818-1), in which all samples are timed."""

_TICKS_PER_MILLISECOND = TICKS_PER_SECOND // 1000
_WRAP = 1 << 32
_FORWARD_JUMP = 10_000
_BACKWARD_JUMP = -3_000
"""Milliseconds; beyond these the publisher has set its clock anew."""


class Timeline:
    """Unwraps the timestamps of one publisher, audio and video in the order in which they came."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._time = 0

    def jumps(self, timestamp: int) -> bool:
        """Whether this timestamp cannot belong to the same time line: the publisher has started anew."""
        return not _BACKWARD_JUMP <= self._step(timestamp) <= _FORWARD_JUMP

    def ticks(self, timestamp: int) -> int:
        """The time of a message in ticks of 90 kHz; may be a little before that of the message before it.

        `timestamp` is in milliseconds modulo 2**32; half the range either way is told from a wrap.
        """
        self._time += self._step(timestamp) if self._last is not None else timestamp
        self._last = timestamp
        return self._time * _TICKS_PER_MILLISECOND

    def _step(self, timestamp: int) -> int:
        if self._last is None:
            return 0
        step = (timestamp - self._last) % _WRAP
        return step - _WRAP if step >= _WRAP // 2 else step
