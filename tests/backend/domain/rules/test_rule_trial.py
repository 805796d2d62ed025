"""The test field: what a rule would have caught."""

from datetime import timedelta

from backend.domain.rules import Past, Sender, caught
from shared.rules import Group, PatternTerms, PeopleTerms, RateTerms, RuleTerms, Verdict
from tests.rulings import START, rule


def past(*texts: str, who: Sender | None = None) -> list[Past]:
    sender = who or Sender(id="ana")
    return [
        Past(id=str(number), text=text, sender=sender, at=START + timedelta(seconds=number))
        for number, text in enumerate(texts)
    ]


def test_it_tells_which_messages_and_where():
    trial = caught(
        rule(RuleTerms(pattern=PatternTerms(pattern="free"))), past("hi", "FREE shoes", "for fr\u0435\u0435")
    )
    assert [(message.id, match.spans) for message, match in trial] == [("1", ((0, 4),)), ("2", ((4, 8),))]


def test_rates_see_the_messages_before():
    trial = caught(rule(RuleTerms(rate=RateTerms(count=2, seconds=3)), Verdict.REJECT), past("a", "b", "c", "d"))
    assert [message.id for message, _ in trial] == ["2", "3"]


def test_an_exemption_tells_whom_it_would_exempt():
    trust = rule(RuleTerms(people=PeopleTerms(groups=[Group.BUYERS])), Verdict.ALLOW)
    assert not list(caught(trust, past("hi")))
    assert len(list(caught(trust, past("hi", who=Sender(id="b", groups=frozenset({Group.BUYERS})))))) == 1
