"""Where rules hit a message, within bounds, and what other rules have excused."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from backend.domain.rules.spans import Span


class Excused:
    """Parts of a message that an allowing rule has vouched for."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._reach = list(accumulate((end for _, end in ordered), max))

    def covers(self, span: Span) -> bool:
        """Whether one of the parts holds all of this one."""
        before = bisect_right(self._starts, span[0])
        return before > 0 and self._reach[before - 1] >= span[1]


class Hits:
    """The first few parts of a message that each rule hits, each rule known by a number."""

    def __init__(self, *, most: int, excused: dict[int, Excused] | None = None) -> None:
        self._most = most
        self._excused = excused or {}
        self.spans: dict[int, list[Span]] = {}

    def wants(self, rule: int) -> bool:
        """Whether another hit of this rule is of interest."""
        return len(self.spans.get(rule, ())) < self._most

    def add(self, rule: int, span: Span) -> None:
        """Take a hit, if nothing excuses it."""
        if rule in self._excused and self._excused[rule].covers(span):
            return
        spans = self.spans.setdefault(rule, [])
        if span not in spans:
            spans.append(span)
