"""The shape of a message, whatever its words: shouting, length, emoji, marks, mixed alphabets."""

import re
from collections.abc import Iterator

from backend.domain.rules.folding import script
from backend.domain.rules.spans import Span

_SYMBOL = (
    r"[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55"
    r"\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_DRESSED = rf"{_SYMBOL}[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_DRESSED}(?:\u200d{_DRESSED})*"  # flags, keys, all others
)
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\u20e1\u20e2\u20e4-\u20ff\ufe20-\ufe2f]"
"""Marks that go onto letters of any script (the blocks of combining diacritical marks), not a script's own."""
_MARKED = re.compile(rf"\w?{_MARK}+")
_LETTERS = re.compile(r"[^\W\d_]+")

_LOOKING_ALIKE = frozenset(
    {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "GEORGIAN", "LISU", "DESERET"}
)
"""Alphabets with letters that pass for another one's. Japanese with Latin letters in a word, say, is everyday."""


def capitals_share(text: str) -> tuple[int, int]:
    """How many percent of the letters that have two cases are capitals, and how many such letters there are."""
    capitals = sum(map(str.isupper, text))
    letters = capitals + sum(map(str.islower, text))
    return (100 * capitals // letters if letters else 0), letters


def emoji(text: str) -> Iterator[Span]:
    """Every emoji, with its skin tones, joined parts and flag halves as one."""
    return (match.span() for match in _EMOJI.finditer(text)) if not text.isascii() else iter(())


def is_only_emoji(text: str) -> bool:
    """Whether there is nothing but emoji and spaces."""
    return not text.isascii() and not _EMOJI.sub("", text).strip(" \ufe0f\u200d")


def marked_letters(text: str) -> list[Span]:
    """The letters that carry combining marks which could go onto letters of any script, with these marks."""
    return [] if text.isascii() else [match.span() for match in _MARKED.finditer(text)]


def mixed_words(text: str) -> list[Span]:
    """The words that mix alphabets whose letters look alike."""
    if text.isascii():
        return []
    return [word.span() for word in _LETTERS.finditer(text) if _is_mixed(word[0])]


def _is_mixed(word: str) -> bool:
    return not word.isascii() and len({script(char) for char in set(word)} & _LOOKING_ALIKE) > 1
