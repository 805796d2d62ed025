"""The rules before people: what becomes of a message before anybody sees it.

A `RuleSet` is made of `Rule`s once; its `decide` judges a `Line` by its text, its `Sender` and the `History` of what
was said. `check_rule` refuses what could not be used; `caught` tells what a rule would have done to past messages.
"""

from backend.domain.rules.history import History
from backend.domain.rules.lines import Line
from backend.domain.rules.people import Sender
from backend.domain.rules.ruleset import Match, Outcome, Rule, RuleSet, check_rule
from backend.domain.rules.trial import Past, caught

__all__ = ["History", "Line", "Match", "Outcome", "Past", "Rule", "RuleSet", "Sender", "caught", "check_rule"]
