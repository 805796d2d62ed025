"""A message as its copies share it: tricks of spelling undone, its links and walls told apart.

Every step is linear in the message.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

MAX_FOLDED = 120
"""Characters of a folded message that are compared; a copy that differs only after them is a copy."""
SHINGLE = 3
SKETCH = 24
"""Shingles that stand for a message: those with the smallest hashes, a fair sample that equal texts share."""
SAME = 0.45
"""How much two messages share, from which on they count as almost the same."""
WALL_EMOJI = 8
"""Emoji from which on a message is a wall."""
WALL_LENGTH = 12
"""Characters from which on a message that repeats one or two is a wall."""

_LEET, _MEANT = "013457@$", "oleastas"
_CYRILLIC, _GREEK = "аеорсухікмтвн", "αειοκρτυνχ"
_LATIN = "aeopcyxikmtbh" + "aeiokptuvx"
_LOOKALIKES = str.maketrans(_LEET + _CYRILLIC + _GREEK, _MEANT + _LATIN)
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff\ufe00-\ufe0f]")
_NOT_LETTERS = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)
_EMOJI = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")

_TOP_LEVELS = (
    "app biz cc club co com de es fr gg gl icu in info io it link live ly me net online org pl pt ru shop site store "
    "tk top tv uk us vip website xyz"
)
_TOP_LEVEL = frozenset(_TOP_LEVELS.split())
_WEB = ("http://", "https://", "www.")
_SPELT_DOTS = frozenset(("dot", "(dot)", "[dot]", "."))


@dataclass(frozen=True, slots=True)
class Folded:
    """What is compared of a message."""

    text: str
    """Small letters and digits without tricks, or the emoji of a message that has nothing else."""
    sketch: tuple[int, ...]
    """Hashes of shingles, in order; the same in every process."""
    has_link: bool
    is_wall: bool


def fold(text: str) -> Folded:
    """What a message shares with its copies, whatever these add in case, accents, leet, spaces or hidden characters."""
    plain = text.lower()
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain)).lower()
    plain, has_link = _without_paths(plain)
    letters = _REPEATED.sub(r"\1", _NOT_LETTERS.sub("", plain.translate(_LOOKALIKES)))
    kept = (letters or _REPEATED.sub(r"\1", "".join(plain.split())))[:MAX_FOLDED]
    is_wall = (len(kept) <= 2 and len(text) >= WALL_LENGTH) or (
        not text.isascii() and len(_EMOJI.findall(text)) >= WALL_EMOJI
    )
    return Folded(text=kept, sketch=_sketch(kept), has_link=has_link, is_wall=is_wall)


def alike(one: frozenset[int], other: tuple[int, ...]) -> float:
    """How much two texts share, 0 to 1: the Jaccard index of their shingles, judged by their sketches.

    Where it is below `SAME`, it may be judged too high.
    """
    common = one.intersection(other)
    union = len(one) + len(other) - len(common)
    most = len(common) / min(union, SKETCH)
    if most < SAME or union <= SKETCH:
        return most
    smallest = sorted(one.union(other))[:SKETCH]
    return len(common.intersection(smallest)) / SKETCH


def _sketch(text: str) -> tuple[int, ...]:
    # Hashes of tuples of numbers, unlike those of strings, are not salted.
    points = text.encode("utf-32-le", "replace")
    numbers = memoryview(points).cast("I")
    if len(numbers) < SHINGLE:
        return (hash(tuple(numbers)),)
    return tuple(sorted(set(map(hash, zip(numbers, numbers[1:], numbers[2:], strict=False))))[:SKETCH])


def _without_paths(text: str) -> tuple[str, bool]:
    """The text with each link cut down to its host, and whether it had one."""
    if "." not in text and "dot" not in text:
        return text, False
    words = text.split()
    hosts = [_host(word) for word in words]
    spelt = any(dot in _SPELT_DOTS and after in _TOP_LEVEL for dot, after in pairwise(words[1:]))
    return " ".join(host or word for host, word in zip(hosts, words, strict=True)), spelt or any(hosts)


def _host(word: str) -> str | None:
    """A link's host; None for another word."""
    if "." not in word:
        return None
    host = word.partition("://")[2] or word
    for end in "/?#":
        host = host.partition(end)[0]
    host = host.strip("()[]<>,;:!\"'")
    name, _, top = host.rpartition(".")
    return host if name and (word.startswith(_WEB) or top in _TOP_LEVEL) else None
