"""What a chat is saying: messages grouped with their copies as they come, in bounded memory."""

from collections import OrderedDict
from dataclasses import dataclass, field

from backend.domain.raid.folding import SAME, Folded, alike
from backend.domain.raid.tally import Tally

DOORS = 6
"""Hashes of a phrase by which its copies find it; one shared is enough to be compared."""
MAX_RESTING = 512
"""Phrases that are remembered in full while nobody says them."""
MAX_HEARD = 4096
"""Short phrases of which is remembered since when and how often they were said."""
SHORT = 24
"""Characters of a folded text below which it may well be said again by chance."""
LENGTH_BONUS = ((40, 1.0), (24, 0.75), (16, 0.25), (10, -0.25), (6, -0.75), (0, -1.25))
"""What repeating a text of so many characters adds to its writers' odds: a word is often said twice by chance, a
sentence hardly ever."""


@dataclass(slots=True, eq=False)
class Phrase:
    """A text and its near copies."""

    sketch: tuple[int, ...]
    length: int
    """Of the folded text."""
    bonus: float
    """What repeating it adds to its writers' odds."""
    born: float
    sample: str
    """Its newest wording."""
    tally: Tally = field(default_factory=Tally)
    """Of its copies in sight."""
    passed: int = 0
    """Copies no longer in sight."""
    writers: dict[str, int] = field(default_factory=dict)
    """Who wrote its copies in sight, and how many each."""
    condemned: bool = False
    """Whether it was part of a raid."""
    weight: float = 0.0
    """What it adds to the evidence."""


@dataclass(slots=True)
class Phrases:
    """The phrases in sight, and those of before."""

    _doors: dict[int, Phrase] = field(default_factory=dict)
    _resting: OrderedDict[Phrase, None] = field(default_factory=OrderedDict)
    _heard: OrderedDict[tuple[int, ...], tuple[float, int]] = field(default_factory=OrderedDict)

    def said(self, at: float, text: str, folded: Folded) -> Phrase:
        """The phrase of a message; a new one where nothing like it was said."""
        phrase = self._like(folded)
        if phrase is None:
            born, passed = self._heard.get(_key(folded.sketch), (at, 0))
            phrase = Phrase(
                sketch=folded.sketch,
                length=len(folded.text),
                bonus=next(bonus for length, bonus in LENGTH_BONUS if len(folded.text) >= length),
                born=born,
                sample=text,
                passed=passed,
            )
            self._open(phrase)
        elif not phrase.tally.lines:
            self._resting.pop(phrase, None)
        phrase.sample = text
        return phrase

    def passed(self, phrase: Phrase) -> None:
        """One copy is out of sight."""
        phrase.passed += 1
        if phrase.tally.lines:
            return
        self._resting[phrase] = None
        if len(self._resting) > MAX_RESTING:
            self._forget(self._resting.popitem(last=False)[0])

    def _like(self, folded: Folded) -> Phrase | None:
        behind = dict.fromkeys(self._doors[door] for door in folded.sketch[:DOORS] if door in self._doors)
        best, most, sketch = None, SAME, frozenset(folded.sketch)
        for phrase in behind:
            share = alike(sketch, phrase.sketch)
            if share >= most:
                best, most = phrase, share
        return best

    def _open(self, phrase: Phrase) -> None:
        """Older phrases keep their doors, so that new ones do not hide them, unless that leaves too few."""
        doors = phrase.sketch[:DOORS]
        free = [door for door in doors if door not in self._doors]
        for door in free if len(free) >= DOORS / 2 else doors:
            self._doors[door] = phrase

    def _forget(self, phrase: Phrase) -> None:
        for door in phrase.sketch[:DOORS]:
            if self._doors.get(door) is phrase:
                del self._doors[door]
        if phrase.length < SHORT and not phrase.condemned:
            self._heard[_key(phrase.sketch)] = (phrase.born, phrase.passed)
            self._heard.move_to_end(_key(phrase.sketch))
            if len(self._heard) > MAX_HEARD:
                self._heard.popitem(last=False)


def _key(sketch: tuple[int, ...]) -> tuple[int, ...]:
    return sketch[:3]
