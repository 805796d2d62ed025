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

_ZWNJ, _ZWJ, _EMOJI_VARIATION = "\u200c", "\u200d", "\ufe0f"
_KEPT_FORMAT = {_ZWNJ, _ZWJ}


def sanitise(text: str) -> str:
    """One harmless line: NFC, no control, invisible or direction characters, single spaces, trimmed ends.

    The result never starts or ends with a space and may be empty. Sanitising it again changes nothing.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", _TERMINAL_SEQUENCE.sub("", text)):
        category = unicodedata.category(char)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > MAX_COMBINING or not kept or kept[-1] == " ":
                continue
        elif category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f":
            marks = 0
            if kept and kept[-1] != " ":
                kept.append(" ")
            continue
        elif category in ("Cc", "Cs", "Co") or (category == "Cf" and char not in _KEPT_FORMAT):
            continue
        else:
            marks = 0
        kept.append(char)
    return _without_stray_joiners("".join(kept)).strip()


def sanitise_optional(text: str | None) -> str | None:
    """`sanitise`, where nothing, or nothing left, is None."""
    return (sanitise(text) or None) if text is not None else None


def _without_stray_joiners(text: str) -> str:
    """Joiners stay only where they shape something: inside emoji, and between letters of joining scripts."""
    if _ZWJ not in text and _ZWNJ not in text:
        return text
    kept: list[str] = []
    for index, char in enumerate(text):
        if char in _KEPT_FORMAT:
            before = kept[-1] if kept else ""
            after = text[index + 1] if index + 1 < len(text) else ""
            if not (before and after and _joins(before) and _joins(after)):
                continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _joins(char: str) -> bool:
    return char == _EMOJI_VARIATION or unicodedata.category(char) in ("So", "Sk", "Lo", "Mn")
