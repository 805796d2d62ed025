"""What a chat rule looks for, and what it then does: the vocabulary of the rules before people.

A rule's terms name its kind: `{"capitals": {"percent": 70}}`. A row stores the kind and the terms as JSON.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from shared.ids import HostName, Id


class Verdict(StrEnum):
    """What becomes of a message; of several verdicts the strictest wins."""

    ALLOW = "allow"
    """As a rule's verdict: it exempts from other rules of its level and below."""
    HOLD = "hold"
    """Only moderators see it, until one of them decides."""
    REJECT = "reject"
    """Nobody sees it; its sender is told why, and keeps the text."""


class RuleLevel(StrEnum):
    """Whose rule it is. An installation's rules stand over a stream's."""

    INSTALLATION = "installation"
    STREAM = "stream"


class RuleKind(StrEnum):
    """What a rule looks at; the field of `RuleTerms` of the same name says how."""

    WORDS = "words"
    PATTERN = "pattern"
    LINKS = "links"
    CAPITALS = "capitals"
    LENGTH = "length"
    REPEATS = "repeats"
    RATE = "rate"
    MIXED_SCRIPTS = "mixed_scripts"
    EMOJI = "emoji"
    MARKS = "marks"
    UNIQUE = "unique"
    EMOJI_ONLY = "emoji_only"
    PEOPLE = "people"


class Group(StrEnum):
    """People by what the shop knows of them; one person may be in several."""

    STAFF = "staff"
    """The stream's host and moderators, ops and admins."""
    TRUSTED = "trusted"
    """Approved by a moderator before, or marked as VIP."""
    BUYERS = "buyers"
    FOLLOWERS = "followers"
    REGISTERED = "registered"
    GUESTS = "guests"


class Per(StrEnum):
    """Whose messages a rate counts together."""

    PERSON = "person"
    ADDRESS = "address"


MAX_RATE = 120
"""Messages that a rate can count, at most: as many moments as are remembered of one sender."""

Seconds = Annotated[int, Meta(ge=1, le=3600)]
Similarity = Annotated[int, Meta(ge=50, le=100)]
"""Percent from which two texts count as the same; 100 is the same letters in the same order."""
BlockedWord = Annotated[str, Meta(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How freely a text is read: which disguises of a letter count as the letter."""

    OMIT_DEFAULTS: ClassVar[bool] = True

    look_alikes: bool = True
    """Letters of other alphabets that look the same, accents, letters in circles: `ḟréⓔ` as `free`."""
    digits: bool = False
    """Digits and signs in place of letters: `fr33 c@$h` as `free cash`."""
    spaced: bool = False
    """Signs between letters, and spaces between single letters: `f.r.e.e` and `f r e e` as `free`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsTerms(Reading):
    """Words and phrases, in any case."""

    words: Annotated[list[BlockedWord], Meta(min_length=1, max_length=20_000)]
    stretched: bool = True
    """Letters repeated more often than the word has them: `freeeee` as `free`, but never `as` as `ass`."""
    inside: bool = False
    """Inside longer words too; scripts without spaces are always read so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternTerms(Reading):
    """A regular expression in RE2's syntax, found anywhere in the message."""

    pattern: Annotated[str, Meta(min_length=1, max_length=300)]
    case_sensitive: bool = False
    """Only the message as it is shown, letter by letter; the disguises are not looked through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksTerms:
    """Web addresses and host names, but for allowed ones."""

    OMIT_DEFAULTS: ClassVar[bool] = True

    hosts: Annotated[list[HostName], Meta(max_length=200)] = field(default_factory=list)
    """Hosts that may be linked to, and what is below them."""
    obfuscated: bool = False
    """Also `example dot com`, `example[.]com` and `example . com`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalsTerms:
    """Shouting."""

    percent: Annotated[int, Meta(ge=1, le=100)] = 70
    """The share of capitals from which it counts."""
    letters: Annotated[int, Meta(ge=1, le=1000)] = 10
    """Shorter messages may shout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthTerms:
    """More characters than this."""

    characters: Annotated[int, Meta(ge=1, le=4000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatsTerms:
    """A person says the same again."""

    seconds: Seconds = 30
    times: Annotated[int, Meta(ge=1, le=8)] = 1
    """How often the same may be said within that time."""
    similarity: Similarity = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerms:
    """More messages than this in any so many seconds."""

    count: Annotated[int, Meta(ge=1, le=MAX_RATE)]
    seconds: Seconds
    per: Per = Per.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedScriptsTerms:
    """Words that mix alphabets whose letters look alike: Latin, Greek, Cyrillic and others."""

    words: Annotated[int, Meta(ge=1, le=100)] = 1
    """From so many such words on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmojiTerms:
    """More emoji than this; a family or a flag is one."""

    count: Annotated[int, Meta(ge=0, le=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarksTerms:
    """More combining marks on letters than this, as no living script stacks them."""

    count: Annotated[int, Meta(ge=0, le=1000)] = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueTerms:
    """Somebody, whoever it was, has just said the same."""

    seconds: Seconds = 60
    similarity: Similarity = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EmojiOnlyTerms:
    """Anything but emoji."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleTerms:
    """Who is speaking, whatever they say."""

    OMIT_DEFAULTS: ClassVar[bool] = True

    groups: Annotated[list[Group], Meta(max_length=len(Group))] = field(default_factory=list)
    ids: Annotated[list[Id], Meta(max_length=1000)] = field(default_factory=list)
    others: bool = False
    """Turns it round: everybody but these."""
    exempt_from: Annotated[list[RuleKind], Meta(max_length=len(RuleKind))] = field(default_factory=list)
    """With the verdict allow: the kinds of rules that do not bind these people; all, when empty."""


Terms = (
    WordsTerms
    | PatternTerms
    | LinksTerms
    | CapitalsTerms
    | LengthTerms
    | RepeatsTerms
    | RateTerms
    | MixedScriptsTerms
    | EmojiTerms
    | MarksTerms
    | UniqueTerms
    | EmojiOnlyTerms
    | PeopleTerms
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """What a rule looks for: exactly one field is given, and names its kind."""

    OMIT_DEFAULTS: ClassVar[bool] = True

    words: WordsTerms | None = None
    pattern: PatternTerms | None = None
    links: LinksTerms | None = None
    capitals: CapitalsTerms | None = None
    length: LengthTerms | None = None
    repeats: RepeatsTerms | None = None
    rate: RateTerms | None = None
    mixed_scripts: MixedScriptsTerms | None = None
    emoji: EmojiTerms | None = None
    marks: MarksTerms | None = None
    unique: UniqueTerms | None = None
    emoji_only: EmojiOnlyTerms | None = None
    people: PeopleTerms | None = None

    def given(self) -> dict[RuleKind, Terms]:
        """The fields that are given, by kind: one, in a valid rule."""
        found = {kind: getattr(self, kind.value) for kind in RuleKind}
        return {kind: terms for kind, terms in found.items() if terms is not None}
