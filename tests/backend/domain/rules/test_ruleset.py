"""Many rules at once: who stands over whom, and what the outcome says."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.rules import Rule, Sender
from shared.problems import ProblemError
from shared.rules import (
    CapitalsTerms,
    Group,
    LengthTerms,
    LinksTerms,
    PatternTerms,
    PeopleTerms,
    RuleKind,
    RuleLevel,
    RuleTerms,
    Verdict,
    WordsTerms,
)
from shared.wire import decode, encode, restore
from tests.rulings import ANA, decide, rule

INSTALLATION, STREAM = RuleLevel.INSTALLATION, RuleLevel.STREAM
ALLOW, HOLD, REJECT = Verdict.ALLOW, Verdict.HOLD, Verdict.REJECT
SPAM = RuleTerms(words=WordsTerms(words=["spam"]))
LINK = RuleTerms(links=LinksTerms())
TRUSTED = RuleTerms(people=PeopleTerms(groups=[Group.TRUSTED]))
VIP = Sender(id="vip", groups=frozenset({Group.TRUSTED, Group.REGISTERED}))


def test_without_rules_everything_passes():
    outcome = decide([], "anything")
    assert (outcome.verdict, outcome.matches, outcome.reason, outcome.retry_at) == (ALLOW, (), None, None)


def test_the_strictest_verdict_wins_and_every_match_is_told_in_order():
    rules = [
        rule(SPAM, HOLD, STREAM, id="b"),
        rule(LINK, REJECT, STREAM, id="c"),
        rule(SPAM, HOLD, INSTALLATION, id="d"),
        rule(SPAM, HOLD, STREAM, id="a"),
    ]
    outcome = decide(rules, "spam at evil.com")
    assert outcome.verdict is REJECT
    assert [match.rule_id for match in outcome.matches] == ["c", "d", "a", "b"]
    assert outcome.reason == "Links such as \u201cevil.com\u201d are not wanted here."


@given(st.randoms(use_true_random=False))
def test_the_order_of_rules_makes_no_difference(chance: random.Random):
    rules = [
        rule(terms, verdict, level, id=f"{number}{level}{verdict}")
        for number, terms in enumerate((SPAM, LINK))
        for verdict in (HOLD, REJECT)
        for level in RuleLevel
    ]
    shuffled = chance.sample(rules, len(rules))
    assert decide(shuffled, "spam evil.com") == decide(rules, "spam evil.com")


@pytest.mark.parametrize(
    ("allowing", "binding", "passes"),
    [
        (STREAM, STREAM, True),
        (INSTALLATION, STREAM, True),
        (INSTALLATION, INSTALLATION, True),
        (STREAM, INSTALLATION, False),
    ],
)
def test_people_are_exempt_from_rules_of_the_level_and_below(allowing: RuleLevel, binding: RuleLevel, passes: bool):
    rules = [rule(TRUSTED, ALLOW, allowing, id="trust"), rule(SPAM, REJECT, binding, id="spam")]
    outcome = decide(rules, "spam", VIP)
    assert (outcome.verdict is ALLOW) == passes
    spam = next(match for match in outcome.matches if match.rule_id == "spam")
    assert spam.exempted_by == ("trust" if passes else None)
    assert decide(rules, "spam", ANA).verdict is REJECT


def test_people_may_be_exempt_from_some_kinds_only():
    may_link = RuleTerms(people=PeopleTerms(ids=["vip"], exempt_from=[RuleKind.LINKS]))
    rules = [rule(may_link, ALLOW, id="may"), rule(LINK, REJECT, id="links"), rule(SPAM, HOLD, id="spam")]
    assert decide(rules, "evil.com", VIP).verdict is ALLOW
    assert decide(rules, "evil.com", ANA).verdict is REJECT
    assert decide(rules, "spam evil.com", VIP).verdict is HOLD


@pytest.mark.parametrize(("sender", "verdict"), [(ANA, REJECT), (VIP, ALLOW), (Sender(id="named"), ALLOW)])
def test_a_rule_may_be_for_everybody_else(sender: Sender, verdict: Verdict):
    others = RuleTerms(people=PeopleTerms(groups=[Group.REGISTERED], ids=["named"], others=True))
    assert decide([rule(others, REJECT)], "hi", sender).verdict is verdict


@pytest.mark.parametrize(("allowing", "passes"), [(STREAM, True), (INSTALLATION, True)])
def test_an_allowed_phrase_excuses_what_stands_in_it_and_nothing_else(allowing: RuleLevel, passes: bool):
    town = RuleTerms(words=WordsTerms(words=["Scunthorpe"]))
    inner = RuleTerms(words=WordsTerms(words=["thorp"], inside=True))
    rules = [rule(town, ALLOW, allowing, id="town"), rule(inner, REJECT, id="inner")]
    assert (decide(rules, "from Scunthorpe").verdict is ALLOW) == passes
    assert decide(rules, "Scunthorpe " * 50 + "thorp").verdict is REJECT
    assert decide(rules, "from Althorp").verdict is REJECT


def test_a_streams_allowed_phrase_excuses_nothing_before_the_installation():
    phrase = RuleTerms(pattern=PatternTerms(pattern="spam musubi"))
    assert decide([rule(phrase, ALLOW, STREAM, id="a"), rule(SPAM, REJECT, STREAM)], "spam musubi").verdict is ALLOW
    assert (
        decide([rule(phrase, ALLOW, STREAM, id="a"), rule(SPAM, REJECT, INSTALLATION)], "spam musubi").verdict is REJECT
    )


def test_a_rules_own_sentence_replaces_the_general_one():
    assert decide([rule(SPAM, reason="No advertising, please.")], "spam").reason == "No advertising, please."


@pytest.mark.parametrize(
    ("verdict", "terms", "field"),
    [
        (HOLD, RuleTerms(), "terms"),
        (HOLD, RuleTerms(links=LinksTerms(), capitals=CapitalsTerms()), "terms"),
        (ALLOW, RuleTerms(length=LengthTerms(characters=9)), "verdict"),
        (HOLD, RuleTerms(people=PeopleTerms()), "terms.people"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_its_field(verdict: Verdict, terms: RuleTerms, field: str):
    with pytest.raises(ProblemError) as refused:
        rule(terms, verdict)
    assert refused.value.errors[0].field == field


@pytest.mark.parametrize(
    ("body", "terms"),
    [
        (b'{"words":{"words":["a"],"digits":true}}', RuleTerms(words=WordsTerms(words=["a"], digits=True))),
        (b'{"links":{"hosts":["shop.example"]}}', RuleTerms(links=LinksTerms(hosts=["shop.example"]))),
        (b'{"capitals":{}}', RuleTerms(capitals=CapitalsTerms())),
        (
            b'{"people":{"groups":["buyers"],"others":true}}',
            RuleTerms(people=PeopleTerms(groups=[Group.BUYERS], others=True)),
        ),
    ],
)
def test_terms_travel_and_are_stored_as_json(body: bytes, terms: RuleTerms):
    assert decode(RuleTerms, body) == terms
    assert restore(RuleTerms, encode(terms)) == terms


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"words":{"words":[]}}', "words.words"),
        (b'{"links":{"hosts":["http://x"]}}', "links.hosts[0]"),
        (b'{"rate":{"count":0,"seconds":1}}', "rate.count"),
        (b'{"rate":{"count":1}}', "rate.seconds"),
        (b'{"pattern":{"pattern":""}}', "pattern.pattern"),
    ],
)
def test_terms_out_of_bounds_are_refused_by_their_field(body: bytes, field: str):
    with pytest.raises(ProblemError) as refused:
        decode(RuleTerms, body)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_stored_rule_is_ready_without_another_check():
    assert Rule(id="x", level=STREAM, verdict=HOLD, terms=SPAM).reason is None
