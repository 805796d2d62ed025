"""The one place where text from people becomes harmless.

Chat, names and titles reach terminals, web pages and logs; here they lose terminal escapes, invisible and
direction-changing characters (Unicode UAX #9 overrides, CVE-2021-42574) and stacks of combining marks.
"""

import re
import unicodedata

MAX_COMBINING = 3
"""Combining marks kept on one base character; living scripts need no more."""

# Whole terminal sequences (ECMA-48 CSI and OSC), so that not even their parameters stay as litter.
_TERMINAL_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x9c|\x1b\\)")

_JOINERS = frozenset("\u200c\u200d")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their category that show nothing: Hangul fillers, the empty Braille pattern."""
_JOINING = ("Lo", "Sk", "Sm", "So")
"""Categories of the characters that joiners shape: letters of joining scripts, and parts of emoji."""


def sanitise(text: str) -> str:
    """One harmless line: NFC, no control, invisible or direction characters, single spaces, trimmed ends.

    Joiners stay only where they shape something: inside emoji, and between letters of joining scripts. The result may
    be empty. Sanitising it again changes nothing.
    """
    kept: list[str] = []
    base, marks, joiner = "", 0, ""
    for char in unicodedata.normalize("NFC", _TERMINAL_SEQUENCE.sub("", text)):
        category = unicodedata.category(char)
        if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f":
            base, joiner = "", ""
            if kept and kept[-1] != " ":
                kept.append(" ")
        elif char in _JOINERS:
            joiner = joiner or (char if _joins(base) else "")
        elif category in ("Mn", "Me"):
            if base and marks < MAX_COMBINING:
                marks += 1
                kept += joiner, char
                joiner = ""
        elif category not in ("Cc", "Cf", "Cs", "Co") and char not in _BLANK:
            kept += (joiner, char) if _joins(char) else (char,)
            base, marks, joiner = char, 0, ""
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def sanitise_optional(text: str | None) -> str | None:
    """`sanitise`, where nothing, or nothing left, is None."""
    return (sanitise(text) or None) if text is not None else None


def _joins(char: str) -> bool:
    return char != "" and unicodedata.category(char) in _JOINING
