"""One character at a time, as it is compared: without case, compatibility forms and disguise.

Each table maps a code point to the text that stands for it, for `str.translate`, and learns it when it is first met.
Folding is for matching only; what people see is `backend.domain.text.sanitise`'s.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from confusable_homoglyphs.categories import alias
from confusable_homoglyphs.utils import load

MAX_EXPANSION = 3
"""Characters that may stand for one; a few Arabic ligatures are whole sentences, and would make messages long."""


class Folding(dict[int, str]):
    """A character table that fills itself; at most one entry a code point."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        super().__init__()
        self._fold = fold

    def __missing__(self, code: int) -> str:
        folded = self[code] = self._fold(chr(code))[:MAX_EXPANSION]
        return folded


def _plain(char: str) -> str:
    """Compatibility forms and case gone, accents kept apart from their letters."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(part for part in decomposed if not _is_invisible(part))


def _bare(char: str) -> str:
    """Plain, without accents."""
    return "".join(part for part in _plain(char) if not _is_accent(part))


def _skeleton(char: str) -> str:
    """What it looks like to a reader of Latin letters (UTS #39), else bare.

    The look of a capital is its own: the Greek capital eta looks like H, its small letter like n.
    """
    if char.isascii():
        return char.lower()
    if char in _ENCLOSED:
        return _ENCLOSED[char]
    parts = (part for part in unicodedata.normalize("NFKD", char) if not (_is_invisible(part) or _is_accent(part)))
    return "".join(_look(part) for part in parts)


def _word(char: str) -> str:
    """Itself in a word, a space between words."""
    return char if is_of_word(char) else " "


PLAIN = Folding(_plain)
BARE = Folding(_bare)
SKELETON = Folding(_skeleton)
WORDS = Folding(_word)

_LETTERS = str.maketrans("0345789@$€", "oeastbgase")
AS_I = _LETTERS | str.maketrans("1", "i")
"""Digits and signs as the letters that they are written for; what may be i or l read as i."""
AS_L = _LETTERS | str.maketrans("1", "l")
"""The same, read as l."""
STROKES = re.compile(r"[!|](?=[^\W_])")
"""Signs that are written for i and l, but at a word's end are only signs."""
SIGNS = re.compile(r"[013457-9@$€!|]")
"""What may stand for a letter, all together."""
CAPITAL_I_AS_L = str.maketrans("I", "l")
"""A disguise that only works before case is folded: `KiII`."""

_VARIATION = re.compile(r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Marks and letters that are ignored in display (Default_Ignorable_Code_Point), besides the format characters."""


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf") or _VARIATION.match(char) is not None


def _is_accent(char: str) -> bool:
    """Whether it only decorates a letter: accents, strokes, Hebrew and Arabic points; not what spells a syllable."""
    place = unicodedata.combining(char)
    return place == 1 or 10 <= place <= 35 or place >= 200 or unicodedata.category(char) == "Me"


# Letters that Unicode encloses without saying so in their decomposition, and the halves of flags.
_ENCLOSED = {
    chr(first + offset): chr(ord("a") + offset) for first in (0x1F150, 0x1F170, 0x1F1E6) for offset in range(26)
}

_LATIN_BY_NAME = re.compile(r"LATIN (?:SMALL |CAPITAL )?LETTER (?:SMALL CAPITAL )?([A-Z])(?: WITH .*)?")


def _look(char: str) -> str:
    """The Latin letter or digit that a character looks like, else what it is confused with, else itself."""
    own = _confused_with(char)
    for candidate in (own, _by_name(char), _by_name(own), _confused_with(char.upper())):
        if candidate.isascii() and candidate.isalnum():
            return candidate.lower()
    return own.casefold()


def _by_name(char: str) -> str:
    """The letter under strokes, hooks and in small capitals, which have no decomposition."""
    found = _LATIN_BY_NAME.fullmatch(unicodedata.name(char, "")) if len(char) == 1 else None
    return found[1] if found else ""


def _confused_with(char: str) -> str:
    return char if char.isascii() else _prototypes().get(char, char)


@cache
def _prototypes() -> dict[str, str]:
    """Unicode's confusables, each with its prototype without accents.

    The library tells pairs both ways, so a character with several partners is the prototype of them.
    """
    pairs: dict[str, list[dict[str, str]]] = load("confusables.json")
    found: dict[str, str] = {}
    for char, partners in pairs.items():
        if len(char) == 1 and len(partners) == 1:
            look = unicodedata.normalize("NFKD", partners[0]["c"]).strip("\u200e")
            bare = "".join(part for part in look if not _is_accent(part))
            if bare and (bare.isascii() or len(pairs.get(partners[0]["c"], ())) > 1 or bare < char):
                found[char] = _WIDE.get(bare, bare)
    return found


_WIDE = {"rn": "m", "vv": "w"}
"""Prototypes that are two letters, where the one letter is what people mean."""


@lru_cache(maxsize=4096)
def script(char: str) -> str:
    """The script of a character in capitals, such as `LATIN`; `COMMON` where it belongs to none."""
    return alias(char) or "COMMON"


_UNSPACED = frozenset({"HAN", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"})


def is_unspaced(char: str) -> bool:
    """Whether its script puts no spaces between words."""
    return not char.isascii() and script(char) in _UNSPACED


def is_attached(char: str) -> bool:
    """Whether a character shows only on the one before it, or not at all."""
    return unicodedata.category(char) in ("Mn", "Me", "Cf")


def is_of_word(char: str) -> bool:
    """Whether a character continues a word: a letter, digit, or a mark on one."""
    return char.isalnum() or unicodedata.category(char).startswith("M")
