"""Patterns from people: regular expressions whose matching stays linear, whatever they write.

RE2 (https://github.com/google/re2/wiki/Syntax) never backtracks. Its memory is bounded too, so that it falls back to a
slower but steady search where a pattern has too many states; and so is the size of what a pattern expands to.
"""

from collections.abc import Iterable
from typing import Any

import re2

from backend.domain.rules.hits import Hits
from backend.domain.rules.lines import Form, Line
from shared.problems import ProblemError
from shared.rules import PatternTerms, Reading

MAX_MEMORY = 256 * 1024
"""Bytes for a compiled pattern and its search states. With less or more, the worst patterns take longer."""
MAX_STEPS = 256
"""Steps of a pattern, each counted as often as it repeats: what a search may have to follow at every letter."""
MAX_PROGRAM = 6000
"""RE2's instructions for these steps; a Unicode class such as \\pL takes hundreds."""

_ADVICE = (
    ("perl operator", "RE2 has no look-ahead and look-behind: match the whole text, or use two rules."),
    ("escape sequence", "RE2 has no back-references and only these escapes: \\d \\w \\s \\b \\pL and their opposites."),
    ("too large", "Repeat fewer times, and use \\w in place of \\pL."),
    ("repetition size", "Repeat at most 1000 times in all, also where repeats are nested."),
    ("missing )", "Close every parenthesis, or write \\( for the sign itself."),
    ("unexpected )", "Open every parenthesis, or write \\) for the sign itself."),
    ("missing ]", "Close every bracket, or write \\[ for the sign itself."),
    ("no argument", "Write \\* \\+ \\? for the signs themselves."),
    ("repetition operator", "One of * + ? {} is enough."),
)


def check_pattern(terms: PatternTerms) -> None:
    """Refuse a pattern that can't be used.

    Raises:
        ProblemError: `validation_failed` for `terms.pattern.pattern`, saying what is wrong and how to mend it.
    """
    try:
        compiled = re2.compile(terms.pattern, _options(terms))
    except UnicodeEncodeError as error:
        raise _refusal("bad_pattern", "The pattern holds half a character (a lone surrogate).") from error
    except re2.error as error:
        fault = error.args[0].decode(errors="replace")
        advice = next((advice for sign, advice in _ADVICE if sign in fault), "See RE2's syntax.")
        raise _refusal("bad_pattern", f"RE2 can't read the pattern: {fault}. {advice}") from error
    if _steps(terms.pattern) > MAX_STEPS or compiled.programsize > MAX_PROGRAM:
        raise _refusal("too_costly", "The pattern grows too large. Repeat fewer times, and use \\w in place of \\pL.")
    if compiled.search("") is not None:
        raise _refusal(
            "matches_everything",
            "The pattern matches empty text, so every message. Use + in place of *, or drop the ?.",
        )


def _refusal(code: str, message: str) -> ProblemError:
    return ProblemError.of_field("terms.pattern.pattern", code, message)


def _steps(pattern: str) -> int:
    """The size of the pattern's program if letters were bytes: a class of letters then weighs no more than one."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.encoding = re2.Options.Encoding.LATIN1
    letters = "".join(char if char < "\u0100" else "\u00ff" for char in pattern)
    try:
        steps: int = re2.compile(letters.encode("latin-1"), options).programsize
    except re2.error:
        return 0  # It names a letter by its number, \\x{430}; the size of the program is checked besides.
    return steps


def _options(terms: PatternTerms) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MAX_MEMORY
    options.case_sensitive = terms.case_sensitive
    return options


class PatternBook:
    """The patterns of rules that share a reading, each rule known by a number."""

    def __init__(self, reading: Reading, rules: Iterable[tuple[int, PatternTerms]], *, case_sensitive: bool) -> None:
        self._reading = reading
        self._case_sensitive = case_sensitive
        self._rules: list[int] = []
        # The filter looks for the words that patterns can't do without, all in one pass, and leaves few to be searched.
        self._filter = re2.Filter()
        for rule, terms in rules:
            self._filter.Add(terms.pattern, _options(terms))
            self._rules.append(rule)
        self._filter.Compile()

    def search(self, line: Line, hits: Hits) -> None:
        """Tell the rules whose patterns match a message, and where."""
        for form in self._forms(line):
            for number in self._filter.Match(_for_filter(form.text), True) or ():
                self._look(form, number, hits)

    def _look(self, form: Form, number: int, hits: Hits) -> None:
        rule = self._rules[number]
        for match in self._filter.re(number).finditer(form.text):
            start, end = match.span()
            if start < end:
                hits.add(rule, form.shown(start, end))
            if not hits.wants(rule):
                return

    def _forms(self, line: Line) -> list[Form]:
        if self._case_sensitive:
            return [line.shown]
        # The disguised forms are in small letters, which make no difference here.
        forms = {line.text.lower(): line.shown}
        for form in line.forms(self._reading):
            forms.setdefault(form.text, form)
        return list(forms.values())


def _for_filter(text: str) -> str:
    """In small letters, as the filter wants it, by both ways in which Unicode makes them."""
    return text.lower() if text.isascii() else f"{text.lower()}\n{text.casefold()}"
