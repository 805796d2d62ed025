"""Rules on trial: a rule, and what it decides of a message."""

from datetime import UTC, datetime, timedelta

from backend.domain.rules import History, Line, Outcome, Rule, RuleSet, Sender, check_rule
from shared.rules import RuleLevel, RuleTerms, Verdict

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ANA = Sender(id="ana", address="home")


def rule(
    terms: RuleTerms,
    verdict: Verdict = Verdict.HOLD,
    level: RuleLevel = RuleLevel.STREAM,
    *,
    id: str = "rule",  # noqa: A002
    reason: str | None = None,
) -> Rule:
    """A rule that could be stored."""
    check_rule(verdict, terms)
    return Rule(id=id, level=level, verdict=verdict, terms=terms, reason=reason)


def decide(rules: list[Rule], text: str, sender: Sender = ANA) -> Outcome:
    """What they decide of the first message of a stream."""
    return RuleSet(rules).decide(Line(text), sender, History(), START)


def hits(terms: RuleTerms, text: str) -> list[str]:
    """The parts of a shown text that a rule points at."""
    return [text[start:end] for match in decide([rule(terms)], text).matches for start, end in match.spans]


class Chat:
    """A stream's chat under rules, with a clock of its own."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = RuleSet(rules)
        self.history = History()
        self.now = START

    def say(self, text: str, sender: Sender = ANA, *, after: float = 0) -> Outcome:
        """Somebody says something, so many seconds later; remembered, unless it is rejected."""
        self.now += timedelta(seconds=after)
        line = Line(text)
        outcome = self.rules.decide(line, sender, self.history, self.now)
        if outcome.verdict is not Verdict.REJECT:
            self.history.note(line, sender, self.now)
        return outcome
