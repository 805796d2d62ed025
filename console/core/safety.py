"""Makes text from the network harmless to a terminal, and to the eye.

The server cleans what it stores; the console does not rely on it, since one escape sequence in a chat line
could write to the moderator's clipboard, and one invisible character could disguise a name.
"""

import unicodedata
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

T = TypeVar("T")

REPLACEMENT = "�"
_MARKS_IN_A_ROW = 3
"""As many combining marks as real scripts stack on one letter."""

# Letters and marks that draw nothing, outside the categories dropped below: fillers, joiners, selectors.
_FILLERS = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0)
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_INVISIBLE = frozenset(_FILLERS).union(*_SELECTORS)
_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_BLANK = frozenset({"Zs", "Zl", "Zp"})
_UNKNOWN = frozenset({"Cn", "Co"})
_WHITE_CONTROLS = "\t\n\v\f\r"


def safe(text: str) -> str:
    """The text on one line, without control, bidirectional, invisible or piled-up characters."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        shown = _shown(character)
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(shown)
    return "".join(kept)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BLANK or character in _WHITE_CONTROLS or character == "\u2800":
        return " "
    if category in _DROPPED or ord(character) in _INVISIBLE:
        return ""
    return REPLACEMENT if category in _UNKNOWN else character


def sanitised(value: T) -> T:
    """A view or event with every text in it made safe; the same object when nothing had to change."""
    return cast(T, _sanitised(value))


def _sanitised(value: Any) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, list):
        return [_sanitised(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            member.name: clean
            for member in fields(value)
            if (clean := _sanitised(raw := getattr(value, member.name))) is not raw and clean != raw
        }
        return replace(value, **changed) if changed else value
    return value
