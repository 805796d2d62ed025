"""What the messages in sight say for a raid and against it, kept up to date message by message.

Each message weighs by its writer: what newcomers repeat speaks for a raid, what regulars repeat speaks against one.
That tells a raid from a flood that the host asked for, where many write the same, but old and new together.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from backend.domain.raid.crowd import Odds, Standing
from backend.domain.raid.folding import Folded
from backend.domain.raid.phrases import SHORT, Phrase, Phrases

IN_SIGHT = 60.0
"""Seconds for which a message counts."""
JUST_NOW = 15.0
"""Seconds over which is told who writes, and who writes much."""
MAX_LINES = 4096
"""Messages in sight at most; of more, the oldest pass sooner."""

FEW_WRITERS = 3
"""People from which on a phrase counts that they all say; two may well say the same."""
AGAIN = 0.5
"""What a copy weighs by somebody whose copy is in sight already: a question may be asked until it is answered."""
MUCH = 2
"""Messages of one newcomer just now, from which on they count; the more, the more."""
MUCH_OF_QUIET = 4
"""The same of somebody who watched before: more than an eager entry to a giveaway."""
MUCH_MOST = 3.0
"""What one person adds at most: one alone is no raid."""
HOUSEHOLD = 120.0
"""Seconds after which a phrase that was said before is the stream's own."""
HOUSEHOLD_SHARE = 0.125
"""What is left of its weight then."""

LINK_BONUS = 2.0
"""What a link adds to its writer's odds: viewers of a show hardly ever post one."""
MUCH_BONUS = 1.0
"""What writing much adds."""


@dataclass(slots=True, eq=False)
class Line:
    """One message, as far as it is evidence."""

    at: float
    author: str
    standing: Standing
    odds: Odds
    phrase: Phrase
    has_link: bool
    is_wall: bool
    is_again: bool
    """Whether its writer had said it just before."""


@dataclass(slots=True)
class Writer:
    """What one person wrote just now."""

    standing: Standing
    odds: Odds
    """Of their first message of these."""
    lines: int = 0

    @property
    def talk(self) -> float:
        """What they say for a raid of few who write much."""
        least = MUCH if self.standing is Standing.NEWCOMER else MUCH_OF_QUIET
        if self.lines < least or self.standing is Standing.REGULAR:
            return 0.0
        odds = (max(self.odds.arriving, self.odds.waiting, 0.0) + MUCH_BONUS) * self.odds.settled
        return min(odds * (self.lines - 1) ** 2 / 4, MUCH_MOST)


@dataclass(slots=True)
class Evidence:
    """The messages in sight, summed up."""

    links: float = 0.0
    walls: float = 0.0
    monologues: float = 0.0
    link_lines: int = 0
    wall_lines: int = 0
    newcomers: int = 0
    """Writers just now who are newcomers."""
    writers: dict[str, Writer] = field(default_factory=dict)
    """Who wrote just now."""
    _squares: float = 0.0
    _phrases: Phrases = field(default_factory=Phrases)
    _in_sight: deque[Line] = field(default_factory=deque)
    _just_now: deque[Line] = field(default_factory=deque)

    @property
    def lines(self) -> int:
        """Messages in sight."""
        return len(self._in_sight)

    @property
    def copies(self) -> float:
        """How much the phrases' writers look like raiders; one phrase of many counts for more than many of few."""
        return math.sqrt(self._squares)

    def phrases(self) -> list[Phrase]:
        """The phrases that weigh something, the heaviest first; looked up only to explain."""
        phrases = dict.fromkeys(line.phrase for line in self._in_sight)
        return sorted((each for each in phrases if each.weight), key=lambda each: -each.weight)

    def talkers(self) -> list[Writer]:
        """Strangers who wrote much just now; looked up only to explain."""
        return [each for each in self.writers.values() if each.talk > 0]

    def condemn(self, at: float) -> None:
        """Never take for the stream's own what is repeated most now."""
        phrases = [each for each in self.phrases() if not _is_household(each, at)]
        for phrase in phrases:
            phrase.condemned = phrase.condemned or phrase.weight >= phrases[0].weight / 2

    def said(self, at: float, author: str, text: str, folded: Folded, standing: Standing, odds: Odds) -> None:
        """Take in a message."""
        phrase = self._phrases.said(at, text, folded)
        line = Line(
            at, author, standing, odds, phrase, folded.has_link, folded.is_wall, is_again=author in phrase.writers
        )
        self._in_sight.append(line)
        self._just_now.append(line)
        self._see(line, at, +1)
        self._hear(line, +1)
        if len(self._in_sight) > MAX_LINES:
            self._lose(self._in_sight.popleft(), at)
        if len(self._just_now) > MAX_LINES:
            self._hear(self._just_now.popleft(), -1)

    def passed(self, at: float) -> list[Line]:
        """Let go of the messages that are too old; those that are now out of sight."""
        gone: list[Line] = []
        while self._just_now and self._just_now[0].at <= at - JUST_NOW:
            self._hear(self._just_now.popleft(), -1)
        while self._in_sight and self._in_sight[0].at <= at - IN_SIGHT:
            gone.append(self._in_sight.popleft())
            self._lose(gone[-1], at)
        return gone

    def _lose(self, line: Line, at: float) -> None:
        self._see(line, at, -1)
        self._phrases.passed(line.phrase)

    def _see(self, line: Line, at: float, sign: int) -> None:
        if line.has_link:
            self.link_lines += sign
            self.links += sign * max(line.odds.arriving + LINK_BONUS * line.odds.settled, 0.0)
        if line.is_wall:
            self.wall_lines += sign
            self.walls += sign * max(line.odds.arriving, 0.0)
        phrase = line.phrase
        phrase.tally.add(line.standing, line.odds, phrase.bonus, sign, AGAIN if line.is_again else 1.0)
        copies = phrase.writers.get(line.author, 0) + sign
        if copies:
            phrase.writers[line.author] = copies
        else:
            del phrase.writers[line.author]
        weight = _weight(phrase, at)
        self._squares += weight * weight - phrase.weight * phrase.weight
        phrase.weight = weight

    def _hear(self, line: Line, sign: int) -> None:
        writer = self.writers.get(line.author)
        if writer is None:
            writer = self.writers[line.author] = Writer(line.standing, line.odds)
            self.newcomers += writer.standing is Standing.NEWCOMER
        before = writer.talk
        writer.lines += sign
        self.monologues += writer.talk - before
        if not writer.lines:
            del self.writers[line.author]
            self.newcomers -= writer.standing is Standing.NEWCOMER


def _weight(phrase: Phrase, at: float) -> float:
    if len(phrase.writers) < FEW_WRITERS:
        return 0.0
    return phrase.tally.odds * HOUSEHOLD_SHARE if _is_household(phrase, at) else phrase.tally.odds


def _is_household(phrase: Phrase, at: float) -> bool:
    before = 1 if phrase.length < SHORT else 3
    return phrase.passed >= before and at - phrase.born >= HOUSEHOLD and not phrase.condemned
