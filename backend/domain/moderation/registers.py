"""What holds now, as registers that acts write: the newest write counts, unless its act was undone or has lapsed.

State is never edited. An act adds writes, an undo is an act that writes the register of the act that it undoes, and
what holds is looked up. So an undone act leaves exactly the state that would be without it, whoever acted meanwhile and
in whatever order.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class FacetKind(StrEnum):
    """What a register says something of."""

    ACT = "act"
    """Whether an act is undone; by its id."""
    BAN = "ban"
    """By a person's public id, or an address hash."""
    TIMEOUT = "timeout"
    WARNING = "warning"
    TRUST = "trust"
    MODE = "mode"
    """By the mode's name."""
    PIN = "pin"
    """There is one, under an empty key."""
    MESSAGE = "message"
    """A message's state, by its id."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One register."""

    kind: FacetKind
    key: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Write:
    """What one act wrote into one register. Acts are ordered by their ids, which are made in order."""

    act_id: str
    facet: Facet = field(compare=False)
    value: Any = field(compare=False)
    """Plain JSON; None says that nothing holds."""
    lapses_at: datetime | None = field(default=None, compare=False)
    """When the write stops to count, so that what was there before holds again."""


class Registers:
    """The writes of one place, and what holds by them."""

    def __init__(self, writes: Iterable[Write] = ()) -> None:
        self._stacks: dict[Facet, list[Write]] = {}
        self._acts: set[str] = set()
        self._lapses: list[datetime] = []
        self.add(*writes)

    def add(self, *writes: Write) -> None:
        """Take in what an act wrote; the same write again changes nothing."""
        for write in writes:
            self._acts.add(write.act_id)
            if write.lapses_at is not None:
                self._lapses.append(write.lapses_at)
            stack = self._stacks.setdefault(write.facet, [])
            place = bisect_left(stack, write)
            if stack[place : place + 1] != [write]:
                stack.insert(place, write)

    def value(self, facet: Facet, now: datetime) -> Any:
        """What a register holds; None where nothing does."""
        write = self.holding(facet, now)
        return None if write is None else write.value

    def holding(self, facet: Facet, now: datetime) -> Write | None:
        """The write that counts."""
        for write in reversed(self._stacks.get(facet, ())):
            if (write.lapses_at is None or write.lapses_at > now) and not self.is_undone(write.act_id, now):
                return write
        return None

    def knows(self, act_id: str) -> bool:
        """Whether an act wrote anything here."""
        return act_id in self._acts

    def is_undone(self, act_id: str, now: datetime) -> bool:
        """Whether an act was undone, and its undoing not undone in turn."""
        return bool(self.value(Facet(FacetKind.ACT, act_id), now))

    def each(self, kind: FacetKind, now: datetime) -> Iterator[tuple[str, Any]]:
        """The registers of a kind that hold something, by key."""
        for facet in list(self._stacks):
            if facet.kind is kind and (value := self.value(facet, now)) is not None:
                yield facet.key, value

    def lapsed(self, after: datetime, until: datetime) -> bool:
        """Whether a write stopped to count in a span of time, its end included."""
        return any(after < moment <= until for moment in self._lapses)
