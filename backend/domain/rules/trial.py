"""What a rule would have caught: tried on past messages before it binds anybody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from backend.domain.rules.history import History
from backend.domain.rules.lines import Line
from backend.domain.rules.people import Sender
from backend.domain.rules.ruleset import Match, Rule, RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A message that was said."""

    id: str
    text: str
    sender: Sender
    at: datetime


def caught(rule: Rule, messages: Iterable[Past]) -> Iterator[tuple[Past, Match]]:
    """The messages, oldest first, that this rule alone would have matched, with its reasons.

    All were said, so all count towards rates and repeats.
    """
    rules, history = RuleSet([rule]), History()
    for message in messages:
        line = Line(message.text)
        yield from ((message, match) for match in rules.decide(line, message.sender, history, message.at).matches)
        history.note(line, message.sender, message.at)
