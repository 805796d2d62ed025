"""What each kind of rule finds in a message, but for words and patterns, which are searched for all at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from math import ceil
from typing import Any

from backend.domain.rules import shape
from backend.domain.rules.gist import Said, alike
from backend.domain.rules.history import History
from backend.domain.rules.lines import Line
from backend.domain.rules.links import links
from backend.domain.rules.people import Sender, speaks
from backend.domain.rules.spans import Span
from shared.rules import (
    CapitalsTerms,
    EmojiOnlyTerms,
    EmojiTerms,
    LengthTerms,
    LinksTerms,
    MarksTerms,
    MixedScriptsTerms,
    PeopleTerms,
    Per,
    RateTerms,
    RepeatsTerms,
    RuleKind,
    UniqueTerms,
)

MAX_SPANS = 5
"""Parts of a message that one rule points at; more help nobody."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A message about to be said: what, by whom, after what, and when."""

    line: Line
    sender: Sender
    history: History
    now: float
    """Unix time."""


@dataclass(frozen=True, slots=True)
class Found:
    """Why a rule matches, in a sentence for the sender, and where."""

    reason: str
    spans: tuple[Span, ...] = ()
    retry_at: datetime | None = None


def _first(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(islice(spans, MAX_SPANS))


def _links(terms: LinksTerms, on: Occasion) -> Found | None:
    found = _first(links(on.line, terms))
    if not found:
        return None
    start, end = found[0]
    allowed = f" Allowed are {', '.join(terms.hosts[:5])}." if terms.hosts else ""
    return Found(f"Links such as “{on.line.text[start:end]}” are not wanted here.{allowed}", found)


def _capitals(terms: CapitalsTerms, on: Occasion) -> Found | None:
    percent, letters = on.line.capitals
    if letters < terms.letters or percent < terms.percent:
        return None
    return Found(f"{percent} % of the letters are capitals; please write without shouting.")


def _length(terms: LengthTerms, on: Occasion) -> Found | None:
    length = len(on.line.text)
    if length <= terms.characters:
        return None
    too_much = (terms.characters, length)
    return Found(f"A message has at most {terms.characters} characters here; this one has {length}.", (too_much,))


def _repeats(terms: RepeatsTerms, on: Occasion) -> Found | None:
    if len(_same(terms, on, on.history.own(on.sender))) < terms.times:
        return None
    return Found(f"You have just said that. The same again is for after {terms.seconds} s.")


def _unique(terms: UniqueTerms, on: Occasion) -> Found | None:
    if not _same(terms, on, on.history.everyone()):
        return None
    return Found("Somebody has just said that; say it in your own words.")


def _same(terms: RepeatsTerms | UniqueTerms, on: Occasion, lines: Iterable[Said]) -> list[Said]:
    return alike(on.line.gist, lines, since=on.now - terms.seconds, percent=terms.similarity)


def _rate(terms: RateTerms, on: Occasion) -> Found | None:
    free = on.history.full_until(on.sender, terms, on.now)
    if free is None:
        return None
    whose = "" if terms.per is Per.PERSON else " from one address"
    reason = f"At most {terms.count} messages{whose} in {terms.seconds} s. Write again in {ceil(free - on.now)} s."
    return Found(reason, retry_at=datetime.fromtimestamp(free, UTC))


def _mixed_scripts(terms: MixedScriptsTerms, on: Occasion) -> Found | None:
    mixed = shape.mixed_words(on.line.text)
    if len(mixed) < terms.words:
        return None
    start, end = mixed[0]
    return Found(f"“{on.line.text[start:end]}” mixes letters of several alphabets.", _first(mixed))


def _emoji(terms: EmojiTerms, on: Occasion) -> Found | None:
    found = list(shape.emoji(on.line.text))
    if len(found) <= terms.count:
        return None
    return Found(f"At most {terms.count} emoji in a message; this one has {len(found)}.", _first(found[terms.count :]))


def _marks(terms: MarksTerms, on: Occasion) -> Found | None:
    marked = shape.marked_letters(on.line.text)
    marks = sum(end - start - 1 for start, end in marked)
    return Found("The letters carry too many marks to be read.", _first(marked)) if marks > terms.count else None


def _emoji_only(_: EmojiOnlyTerms, on: Occasion) -> Found | None:
    return None if shape.is_only_emoji(on.line.text) else Found("Only emoji, for now.")


def _people(terms: PeopleTerms, on: Occasion) -> Found | None:
    if not speaks(terms, on.sender):
        return None
    if terms.others and terms.groups:
        return Found(f"Only {' and '.join(terms.groups)} may write freely at the moment.")
    return Found("A moderator looks at what you write here first.")


CHECKS: dict[RuleKind, Callable[[Any, Occasion], Found | None]] = {
    RuleKind.LINKS: _links,
    RuleKind.CAPITALS: _capitals,
    RuleKind.LENGTH: _length,
    RuleKind.REPEATS: _repeats,
    RuleKind.UNIQUE: _unique,
    RuleKind.RATE: _rate,
    RuleKind.MIXED_SCRIPTS: _mixed_scripts,
    RuleKind.EMOJI: _emoji,
    RuleKind.MARKS: _marks,
    RuleKind.EMOJI_ONLY: _emoji_only,
    RuleKind.PEOPLE: _people,
}
"""Each kind's check, by its terms and the occasion."""
