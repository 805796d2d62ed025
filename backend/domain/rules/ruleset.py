"""All rules that bind a stream, made ready once, and what they decide of a message."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backend.domain.rules.checks import CHECKS, MAX_SPANS, Found, Occasion
from backend.domain.rules.history import History
from backend.domain.rules.hits import Excused, Hits
from backend.domain.rules.lines import Line
from backend.domain.rules.patterns import PatternBook, check_pattern
from backend.domain.rules.people import Sender, speaks
from backend.domain.rules.spans import Span
from backend.domain.rules.words import Lexicon, spellings
from shared.problems import ProblemError
from shared.rules import (
    PatternTerms,
    PeopleTerms,
    Reading,
    RuleKind,
    RuleLevel,
    RuleTerms,
    Terms,
    Verdict,
    WordsTerms,
)

MAX_EXCUSED = 200
"""Parts of one message that one allowing rule can vouch for."""

MAX_QUOTED = 40
"""Characters of a message that a reason quotes."""

_SEVERITY = {Verdict.ALLOW: 0, Verdict.HOLD: 1, Verdict.REJECT: 2}
_RANK = {RuleLevel.STREAM: 0, RuleLevel.INSTALLATION: 1}
_ALLOWING = (RuleKind.WORDS, RuleKind.PATTERN, RuleKind.PEOPLE)
"""The kinds that may have the verdict allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule in force."""

    id: str
    level: RuleLevel
    verdict: Verdict
    terms: RuleTerms
    reason: str | None = None
    """What the sender is told in place of the rule's own sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that a message matched."""

    rule_id: str
    level: RuleLevel
    kind: RuleKind
    verdict: Verdict
    reason: str
    spans: tuple[Span, ...] = ()
    """Parts of the shown text, the first few."""
    retry_at: datetime | None = None
    """Of a rate: when the sender may write again."""
    exempted_by: str | None = None
    """The rule that took this one's effect away."""

    @property
    def binds(self) -> bool:
        """Whether it keeps the message from people."""
        return self.exempted_by is None and self.verdict is not Verdict.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of a message."""

    verdict: Verdict
    matches: tuple[Match, ...] = ()
    """Every rule that matched: first those that bind, strictest first, then the installation's, then by id."""

    @property
    def reason(self) -> str | None:
        """What to tell the sender; None where the message passes."""
        return self.matches[0].reason if self.verdict is not Verdict.ALLOW else None

    @property
    def retry_at(self) -> datetime | None:
        """When the sender may write again, where only time is in the way of it."""
        return max((match.retry_at for match in self.matches if match.binds and match.retry_at), default=None)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A rule that was checked, with its only terms."""

    number: int
    rule: Rule
    kind: RuleKind
    terms: Any

    def match(self, found: Found, exempted_by: str | None = None) -> Match:
        return Match(
            rule_id=self.rule.id,
            level=self.rule.level,
            kind=self.kind,
            verdict=self.rule.verdict,
            reason=self.rule.reason or found.reason,
            spans=found.spans,
            retry_at=found.retry_at,
            exempted_by=exempted_by,
        )


def check_rule(verdict: Verdict, terms: RuleTerms) -> RuleKind:
    """The kind of a rule that may be stored.

    Raises:
        ProblemError: `validation_failed` with the field that is wrong and how to mend it.
    """
    kind, only = _only(terms)
    if verdict is Verdict.ALLOW and kind not in _ALLOWING:
        kinds = ", ".join(_ALLOWING)
        raise ProblemError.of_field("verdict", "nothing_to_allow", f"Only {kinds} rules allow; this one is {kind}.")
    match only:
        case WordsTerms():
            for _ in spellings(_reading(only), only):
                pass
        case PatternTerms():
            check_pattern(only)
        case PeopleTerms(groups=[], ids=[], others=False):
            raise ProblemError.of_field("terms.people", "nobody", "Name groups or ids, or turn others on.")
        case _:
            pass
    return kind


def _only(terms: RuleTerms) -> tuple[RuleKind, Terms]:
    given = list(terms.given().items())
    if len(given) != 1:
        kinds = ", ".join(kind for kind, _ in given) or "none"
        raise ProblemError.of_field("terms", "not_one", f"A rule looks for exactly one thing; given: {kinds}.")
    return given[0]


def _reading(terms: Reading) -> Reading:
    """Only how to read, without what to find."""
    return Reading(look_alikes=terms.look_alikes, digits=terms.digits, spaced=terms.spaced)


class _Search:
    """The words and patterns of rules, those that read alike together."""

    def __init__(self, rules: Iterable[_Ready]) -> None:
        words: dict[Reading, list[tuple[int, WordsTerms]]] = {}
        patterns: dict[tuple[Reading, bool], list[tuple[int, PatternTerms]]] = {}
        for ready in rules:
            if isinstance(ready.terms, WordsTerms):
                words.setdefault(_reading(ready.terms), []).append((ready.number, ready.terms))
            elif isinstance(ready.terms, PatternTerms):
                alike = (_reading(ready.terms), ready.terms.case_sensitive)
                patterns.setdefault(alike, []).append((ready.number, ready.terms))
        self._parts: list[Lexicon | PatternBook] = [Lexicon(reading, members) for reading, members in words.items()]
        self._parts += [
            PatternBook(reading, members, case_sensitive=case_sensitive)
            for (reading, case_sensitive), members in patterns.items()
        ]

    def spans(self, line: Line, hits: Hits) -> dict[int, list[Span]]:
        """What each rule hits, by its number."""
        for part in self._parts:
            part.search(line, hits)
        return hits.spans


class RuleSet:
    """Rules made ready; it never changes, so that any number of messages may be judged by it at once."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        ordered = sorted(rules, key=lambda rule: (-_RANK[rule.level], rule.id))
        self._rules = [_Ready(number, rule, *_only(rule.terms)) for number, rule in enumerate(ordered)]
        allowing = [ready for ready in self._rules if ready.rule.verdict is Verdict.ALLOW]
        binding = [ready for ready in self._rules if ready.rule.verdict is not Verdict.ALLOW]
        self._exempting = [ready for ready in allowing if ready.kind is RuleKind.PEOPLE]
        self._vouching = _Search(allowing)
        self._search = _Search(binding)
        self._checks: list[tuple[_Ready, Callable[[Any, Occasion], Found | None]]] = [
            (ready, CHECKS[ready.kind]) for ready in binding if ready.kind in CHECKS
        ]
        # One message that needs every table, so that they are read now and not while somebody waits.
        self.decide(Line("\u0434.com"), Sender(id=""), History(), datetime.fromtimestamp(0, UTC))

    def decide(self, line: Line, sender: Sender, history: History, now: datetime) -> Outcome:
        """What becomes of a message, and why. Nothing is remembered: `history.note` what is not rejected."""
        exempting = [ready for ready in self._exempting if speaks(ready.terms, sender)]
        matches = [ready.match(Found("These people are exempt.")) for ready in exempting]
        vouched = self._vouching.spans(line, Hits(most=MAX_EXCUSED))
        matches += [self._rules[number].match(_vouched(spans)) for number, spans in vouched.items()]
        for ready, found in self._found(Occasion(line, sender, history, now.timestamp()), self._excused(vouched)):
            exempted_by = next((other.rule.id for other in exempting if _exempts(other, ready)), None)
            matches.append(ready.match(found, exempted_by))
        matches.sort(key=_order)
        verdict = matches[0].verdict if matches and matches[0].binds else Verdict.ALLOW
        return Outcome(verdict=verdict, matches=tuple(matches))

    def _found(self, on: Occasion, excused: dict[int, Excused]) -> Iterator[tuple[_Ready, Found]]:
        for number, spans in self._search.spans(on.line, Hits(most=MAX_SPANS, excused=excused)).items():
            yield self._rules[number], _unwanted(on.line, spans)
        for ready, check in self._checks:
            found = check(ready.terms, on)
            if found is not None:
                yield ready, found

    def _excused(self, vouched: dict[int, list[Span]]) -> dict[int, Excused]:
        """For each rule, what rules of its level and above have vouched for."""
        if not vouched:
            return {}
        by_level = {
            level: Excused(
                span
                for number, spans in vouched.items()
                if _RANK[self._rules[number].rule.level] >= _RANK[level]
                for span in spans
            )
            for level in RuleLevel
        }
        return {ready.number: by_level[ready.rule.level] for ready in self._rules}


def _exempts(exempting: _Ready, ready: _Ready) -> bool:
    if _RANK[exempting.rule.level] < _RANK[ready.rule.level]:
        return False
    return not exempting.terms.exempt_from or ready.kind in exempting.terms.exempt_from


def _order(match: Match) -> tuple[bool, int, int, str]:
    return (not match.binds, -_SEVERITY[match.verdict], -_RANK[match.level], match.rule_id)


def _unwanted(line: Line, spans: list[Span]) -> Found:
    start, end = spans[0]
    shown = line.text[start:end] if end - start <= MAX_QUOTED else f"{line.text[start : start + MAX_QUOTED]}…"
    return Found(f"“{shown}” is not wanted here.", tuple(spans))


def _vouched(spans: list[Span]) -> Found:
    return Found("This part is allowed.", tuple(spans[:MAX_SPANS]))
