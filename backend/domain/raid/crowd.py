"""Who writes: newcomers, the quiet who had only watched, regulars; and how usual each is here."""

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum

NEW_FOR = 120.0
"""Seconds after a session was first seen for which it is a newcomer."""
REGULAR_AFTER = 180.0
"""Seconds after a person's first message from which on they are a regular."""
MAX_KNOWN = 8192
"""People whose first message is remembered; of more, those who were silent for longest are strangers again."""
KEEP = 1 - 1 / 300
"""What is left of the usual crowd a second later."""
UNSETTLED, SETTLED = 0.1, 0.25
"""The usual share of regulars up to which a crowd is not known at all, and from which on it is known well enough to
tell what is odd in it."""


class Standing(IntEnum):
    """How well a stream knows somebody who writes."""

    NEWCOMER = 0
    QUIET = 1
    """Watched before, but did not write."""
    REGULAR = 2


ARRIVING = (0.80, 0.17, 0.03)
"""The standings among raiders who came to raid."""
_PRIOR = (6.0, 3.0, 1.0)
"""A show begins among strangers: what counts as usual before anything was written."""
_RARE, _COMMON = 0.12, 0.90
"""What a share is taken for at least and at most, so that no single message decides."""
_DENIAL = 3.0
"""How many times a regular weighs among raiders who were watching, where there should be none."""


@dataclass(frozen=True, slots=True)
class Odds:
    """What a message's writer says, as logarithms of how much likelier a raider is than the usual writer.

    All are multiples of 1/16, so that what is added up can be taken away again without a rest.
    """

    arriving: float
    """Against raiders who came to raid."""
    waiting: float
    """Against raiders who were watching before, but never wrote."""
    settled: float
    """From 0 to 1: how much the content of a message may add, as at a show's start everybody is a stranger."""


@dataclass(slots=True)
class Crowd:
    """The people of one stream's chat, and the usual mix of their standings."""

    _first_wrote: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _usual: list[float] = field(default_factory=lambda: list(_PRIOR))
    _odds: tuple[Odds, ...] = field(default_factory=lambda: _odds_of(_PRIOR))

    def standing(self, at: float, author: str, *, first_seen: float, known: bool) -> Standing:
        """How well somebody is known who writes now."""
        first = self._first_wrote.pop(author, at)
        self._first_wrote[author] = first
        if len(self._first_wrote) > MAX_KNOWN:
            self._first_wrote.popitem(last=False)
        if known or at - first >= REGULAR_AFTER:
            return Standing.REGULAR
        return Standing.NEWCOMER if at - first_seen < NEW_FOR else Standing.QUIET

    def learn(self, standing: Standing) -> None:
        """Take somebody's message for usual; not to be called for a raid's."""
        self._usual[standing] += 1.0

    def odds(self, standing: Standing) -> Odds:
        """What somebody of a standing says who writes now."""
        return self._odds[standing]

    def share(self, standing: Standing) -> float:
        """The usual share of a standing among messages."""
        return self._usual[standing] / sum(self._usual)

    def passed(self, seconds: int) -> None:
        """Forget a little, and tell the odds anew."""
        keep = KEEP**seconds
        self._usual = [prior / 3 + (usual - prior / 3) * keep for usual, prior in zip(self._usual, _PRIOR, strict=True)]
        self._odds = _odds_of(self._usual)


def _odds_of(usual: list[float] | tuple[float, ...]) -> tuple[Odds, ...]:
    shares = [min(max(each / sum(usual), _RARE), _COMMON) for each in usual]
    regulars = shares[Standing.REGULAR]
    known = usual[Standing.REGULAR] / sum(usual) - UNSETTLED
    settled = min(max(known / (SETTLED - UNSETTLED), 0.0), 1.0)
    absent = -math.log(1 - regulars)
    denied = _DENIAL * math.log(ARRIVING[Standing.REGULAR] / regulars)
    return tuple(
        Odds(
            arriving=_sixteenths(math.log(raiders / share)),
            waiting=_sixteenths(denied if standing is Standing.REGULAR else absent),
            settled=_sixteenths(settled),
        )
        for standing, raiders, share in zip(Standing, ARRIVING, shares, strict=True)
    )


def _sixteenths(odds: float) -> float:
    return round(odds * 16) / 16
