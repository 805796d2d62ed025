"""Blocked words: all words of all rules that read alike, found in one pass."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import eq, ge

import ahocorasick

from backend.domain.rules.hits import Hits
from backend.domain.rules.lines import Line
from shared.problems import ProblemError
from shared.rules import Reading, WordsTerms


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of one rule, under its letters without repeats."""

    rule: int
    repeats: tuple[int, ...]
    """How often each letter stands there."""
    as_often: Callable[[int, int], bool]
    """Whether a letter that stands somewhere so often is as often there as the word has it."""
    inside: bool

    def fits(self, repeats: Iterable[int]) -> bool:
        """Whether letters that stand there so often spell it."""
        return all(map(self.as_often, repeats, self.repeats))


class Lexicon:
    """The words of rules that share a reading, each rule known by a number."""

    def __init__(self, reading: Reading, rules: Iterable[tuple[int, WordsTerms]]) -> None:
        self._reading = reading
        words: dict[str, list[_Word]] = {}
        for rule, terms in rules:
            for key, repeats in spellings(reading, terms):
                words.setdefault(key, []).append(_Word(rule, repeats, ge if terms.stretched else eq, terms.inside))
        self._rules = frozenset(word.rule for meanings in words.values() for word in meanings)
        self._automaton = ahocorasick.Automaton()
        for key, meanings in words.items():
            self._automaton.add_word(key, (len(key), meanings))
        self._automaton.make_automaton()
        self._is_latin = all(key.isascii() for key in words)

    def search(self, line: Line, hits: Hits) -> None:
        """Tell the rules whose words stand in a message, and where."""
        wanted = self._rules
        for form in line.words(self._reading, latin=self._is_latin):
            for last, (length, words) in self._automaton.iter(form.text):
                start, end = last + 1 - length, last + 1
                repeats = form.repeats[start:end]
                for word in words:
                    if word.rule in wanted and word.fits(repeats) and (word.inside or form.is_whole(start, end)):
                        hits.add(word.rule, form.shown(start, end))
                        wanted = wanted if hits.wants(word.rule) else wanted - {word.rule}
                if not wanted:
                    return


def spellings(reading: Reading, terms: WordsTerms) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every word's letters without repeats, and the repeats, in each form in which it may be met.

    Raises:
        ProblemError: `validation_failed`, naming the word that does not begin and end with a letter or digit.
    """
    for number, word in enumerate(terms.words):
        written = {word, word.replace(" ", "")} if reading.spaced else {word}
        forms = {form.text: form for way in written for form in Line(way).words(reading)}
        for text, form in forms.items():
            if not text or " " in (text[0], text[-1]):
                raise ProblemError.of_field(
                    f"terms.words.words[{number}]",
                    "not_a_word",
                    f"“{word}” does not begin and end with a letter or digit. Write signs and emoji as a pattern.",
                )
            yield text, tuple(form.repeats)
