"""A thousand hostile lines: what people send to break terminals, layouts, filters and parsers.

`python -m tests.hostile` prints them as JSON, one a line; the same seed gives the same lines.
"""

import json
import random
import sys
from collections.abc import Callable

SEED = 20261101
MEGABYTE = 1_000_000

_WORDS = "free ship size blue order love this code win click now price host live deal".split()  # noqa: SIM905
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u2061\u2062\u2063\ufe0f\U000e0001\U000e0041"
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_MARKS = [chr(code) for code in (*range(0x300, 0x370), *range(0x1DC0, 0x1E00), *range(0x20D0, 0x20F0), 0x489)]
_ALIKE = {
    "a": "\u0430\u0251\u03b1\uff41\U0001d41a\u24d0",
    "c": "\u0441\u03f2\uff43",
    "e": "\u0435\u04bd\uff45\U0001d5be",
    "i": "\u0456\u0131\uff49",
    "o": "\u043e\u03bf\u0585\uff4f",
    "p": "\u0440\u03c1\uff50",
    "s": "\u0455\uff53",
    "x": "\u0445\uff58",
}
_EMOJI = [
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\U0001f1e9\U0001f1ea",
    "\u2764\ufe0f\u200d\U0001f525",
    "\U0001f44d\U0001f3fd",
    "1\ufe0f\u20e3",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]
_TERMINAL = [
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b]52;c;cm0gLXJmIC8=\x1b\\",
    "\x9d52;c;cm0gLXJm\x9c",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]8;;file:///etc/passwd\x07here\x1b]8;;\x07",
    "\x1b]0;root@shop\x07",
    "\x1b]2;owned",
    "\x1b[2J\x1b[H",
    "\x1b[31;1m",
    "\x1b[6n",
    "\x1b[>c",
    "\x1b[?1049h",
    "\x1b[?2004l",
    "\x9b31m",
    "\x1bP+q544e\x1b\\",
    "\x1bc",
    "\x1b(0",
    "\x1b_Gi=1;AAAA\x1b\\",
    "\x1b^private\x1b\\",
    "\x1b",
    "\x1b[",
    "\x1b]",
    "\x07\x08\x08\x08\x7f",
    "\r\x1b[Kmoderator: ok",
]
_MARKUP = [
    "[bold]not bold[/bold]",
    "[/]",
    "[/x]",
    "[link=https://evil.example]buy[/link]",
    "[@click=app.quit]x[/]",
    "[on red blink]",
    "[[[[",
    "\\[",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "%s%n%x",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "'; DROP TABLE messages; --",
    '","ok":true,"',
    "\\u0000\\ud800",
    "__proto__",
    "*bold* _it_ `code` ~~x~~",
]


def hostile_lines(count: int = 1000, seed: int = SEED) -> list[str]:
    """So many lines, each kind in turn; some hold lone surrogates, as JSON's escapes can bring them in."""
    chance = random.Random(seed)
    kinds = list(_KINDS)
    return [_KINDS[kinds[number % len(kinds)]](chance) for number in range(count)]


def _phrase(chance: random.Random, most: int = 8) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, most)))


def _sprinkled(chance: random.Random, signs: str | list[str], share: float = 0.4) -> str:
    return "".join(char + (chance.choice(signs) if chance.random() < share else "") for char in _phrase(chance))


def _terminal(chance: random.Random) -> str:
    return _phrase(chance, 3) + "".join(chance.choice(_TERMINAL) for _ in range(chance.randint(1, 4))) + _phrase(chance)


def _markup(chance: random.Random) -> str:
    return _phrase(chance, 2) + chance.choice(_MARKUP) + _phrase(chance, 2) + chance.choice(_MARKUP)


def _zalgo(chance: random.Random) -> str:
    return "".join(
        char + "".join(chance.choice(_MARKS) for _ in range(chance.randint(0, 40))) for char in _phrase(chance, 5)
    )


def _mixed(chance: random.Random) -> str:
    return "".join(
        chance.choice(_ALIKE[char]) if char in _ALIKE and chance.random() < 0.5 else char for char in _phrase(chance)
    )


def _surrogates(chance: random.Random) -> str:
    return _sprinkled(chance, [chr(chance.randint(0xD800, 0xDFFF)) for _ in range(4)], 0.2)


def _spaced(chance: random.Random) -> str:
    return chance.choice([".", " ", "-", "*", "_ ", "\u00b7", "\u3000"]).join(_phrase(chance, 3))


def _leet(chance: random.Random) -> str:
    return _phrase(chance).translate(str.maketrans("aeiosl", chance.choice(["431051", "@3!0$|", "4\u20ac1\u03bf5I"])))


def _emoji(chance: random.Random) -> str:
    return "".join(chance.choice(_EMOJI) for _ in range(chance.randint(1, 60))) + "\u200d" * chance.randint(0, 30)


def _controls(chance: random.Random) -> str:
    return "".join(chr(chance.randint(0, 0x9F)) for _ in range(chance.randint(1, 80)))


def _anything(chance: random.Random) -> str:
    return "".join(chr(chance.randint(0, 0x10FFFF)) for _ in range(chance.randint(1, 200)))


def _huge(chance: random.Random) -> str:
    """One of few lines that are very long: most kinds of them are a megabyte only once in a while."""
    length = MEGABYTE if chance.random() < 0.15 else 4000
    sign = chance.choice(
        ["a", "\u0430", "[", "\u0301", "\u200b", ".", "\U0001f525", "a.", "http://", "\x1b[", "\ufdfa"]
    )
    return (sign * length)[:length]


def _long_runs(chance: random.Random) -> str:
    return "".join(chance.choice("ab !.-1$I|") * chance.randint(1, 400) for _ in range(10))


def _links(chance: random.Random) -> str:
    host = chance.choice(
        ["evil.example", "\u0435vil.com", "evil\u3002com", "evil dot com", "evil[.]com", "1.2.3.4:80/x"]
    )
    return (
        f"{_phrase(chance, 2)} {chance.choice(['http://', 'hxxps://', '', 'user@', 'shop.example@'])}{host}{'/a' * 9}"
    )


_KINDS: dict[str, Callable[[random.Random], str]] = {
    "terminal": _terminal,
    "markup": _markup,
    "overrides": lambda chance: _sprinkled(chance, _OVERRIDES),
    "invisible": lambda chance: _sprinkled(chance, _INVISIBLE),
    "zalgo": _zalgo,
    "mixed": _mixed,
    "surrogates": _surrogates,
    "spaced": _spaced,
    "leet": _leet,
    "emoji": _emoji,
    "controls": _controls,
    "anything": _anything,
    "huge": _huge,
    "long runs": _long_runs,
    "links": _links,
}


if __name__ == "__main__":
    for line in hostile_lines():
        sys.stdout.write(json.dumps(line) + "\n")
