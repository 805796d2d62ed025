"""What was said lately in a stream: as much of it as rates and repeats need, within fixed bounds."""

from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime
from typing import Generic, TypeVar

from backend.domain.rules.gist import Said
from backend.domain.rules.lines import Line
from backend.domain.rules.people import Sender
from shared.rules import MAX_RATE, Per, RateTerms

T = TypeVar("T")

MAX_SENDERS = 10_000
"""People, and addresses, that are remembered; who has been silent for longest is forgotten first."""
MAX_OWN_LINES = 10
"""Lines that are remembered of one person."""
MAX_LINES = 50
"""Lines that are remembered of all together."""


class _Latest(Generic[T]):
    """The last few of something for each of the latest senders."""

    def __init__(self, *, each: int, senders: int) -> None:
        self._each = each
        self._senders = senders
        self._kept: OrderedDict[str, deque[T]] = OrderedDict()

    def add(self, sender: str, one: T) -> None:
        self._kept.setdefault(sender, deque(maxlen=self._each)).append(one)
        self._kept.move_to_end(sender)
        if len(self._kept) > self._senders:
            self._kept.popitem(last=False)

    def of(self, sender: str) -> deque[T]:
        return self._kept.get(sender) or deque()


class History:
    """The short memory of one stream's chat; its owner makes and drops it with the stream. Moments are in Unix time."""

    def __init__(self, *, max_senders: int = MAX_SENDERS) -> None:
        self._times: dict[Per, _Latest[float]] = {per: _Latest(each=MAX_RATE, senders=max_senders) for per in Per}
        self._own: _Latest[Said] = _Latest(each=MAX_OWN_LINES, senders=max_senders)
        self._lines: deque[Said] = deque(maxlen=MAX_LINES)

    def note(self, line: Line, sender: Sender, now: datetime) -> None:
        """Remember a message that was not rejected; before anything is awaited, or two at once may both pass."""
        said = Said.of(line.gist, now.timestamp())
        self._lines.append(said)
        self._own.add(sender.id, said)
        for per, latest in self._times.items():
            key = sender.key(per)
            if key is not None:
                latest.add(key, said.at)

    def full_until(self, sender: Sender, rate: RateTerms, now: float) -> float | None:
        """The moment at which a rate lets this sender speak again; None where it does now."""
        key = sender.key(rate.per)
        times = self._times[rate.per].of(key) if key is not None else ()
        if len(times) < rate.count:
            return None
        free = times[-rate.count] + rate.seconds
        return free if free > now else None

    def own(self, sender: Sender) -> Iterable[Said]:
        """What this sender last said."""
        return self._own.of(sender.id)

    def everyone(self) -> Iterable[Said]:
        """What anybody last said."""
        return self._lines
