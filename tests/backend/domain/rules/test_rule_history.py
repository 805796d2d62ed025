"""Rates and repeats: windows that slide, and a memory with bounds."""

import tracemalloc
from datetime import timedelta

import pytest

from backend.domain.rules import History, Line, Sender
from backend.domain.rules.history import MAX_LINES
from shared.rules import Per, RateTerms, RepeatsTerms, RuleTerms, UniqueTerms, Verdict
from tests.rulings import ANA, START, Chat, rule

BEN = Sender(id="ben", address="home")
EVE = Sender(id="eve", address="elsewhere")


def test_a_rate_lets_so_many_pass_and_names_the_moment_for_the_next():
    chat = Chat(rule(RuleTerms(rate=RateTerms(count=2, seconds=10)), Verdict.REJECT))
    assert chat.say("a").verdict is Verdict.ALLOW
    assert chat.say("b", after=4).verdict is Verdict.ALLOW

    refused = chat.say("c", after=1)
    assert refused.verdict is Verdict.REJECT
    assert refused.retry_at == START + timedelta(seconds=10)
    assert refused.reason == "At most 2 messages in 10 s. Write again in 5 s."
    assert chat.say("c", BEN).verdict is Verdict.ALLOW

    assert chat.say("c", after=5).verdict is Verdict.ALLOW
    assert chat.say("d").retry_at == START + timedelta(seconds=14)


def test_a_refused_message_does_not_prolong_the_wait():
    chat = Chat(rule(RuleTerms(rate=RateTerms(count=1, seconds=10)), Verdict.REJECT))
    chat.say("a")
    for _ in range(9):
        assert chat.say("b", after=1).retry_at == START + timedelta(seconds=10)
    assert chat.say("b", after=1).verdict is Verdict.ALLOW


def test_an_address_is_counted_over_its_people_and_an_unknown_one_is_not():
    chat = Chat(rule(RuleTerms(rate=RateTerms(count=2, seconds=10, per=Per.ADDRESS)), Verdict.REJECT))
    assert [chat.say("x", who).verdict for who in (ANA, BEN, EVE)] == [Verdict.ALLOW] * 3
    assert chat.say("x", ANA).verdict is Verdict.REJECT
    assert all(chat.say("x", Sender(id="ghost")).verdict is Verdict.ALLOW for _ in range(9))


@pytest.mark.parametrize("again", ["Buy at my shop!", "BUY at my shoppp", "bu\u0443 at my shop"])
def test_the_same_again_by_the_same_person_is_a_repeat(again: str):
    chat = Chat(rule(RuleTerms(repeats=RepeatsTerms(seconds=30)), Verdict.REJECT))
    assert chat.say("buy at my shop").verdict is Verdict.ALLOW
    assert chat.say(again, after=29).verdict is Verdict.REJECT
    assert chat.say("something else").verdict is Verdict.ALLOW
    assert chat.say(again, BEN).verdict is Verdict.ALLOW
    assert chat.say(again, after=2).verdict is Verdict.ALLOW


def test_much_the_same_is_a_repeat_where_a_rule_says_so():
    said = "come to my shop for the very best price on all the shoes in town"
    much_the_same = "come to my shop for the very best price on all the shoes in town 77"
    other = "does anybody know whether the blue ones run small or should I take my size"
    strict = Chat(rule(RuleTerms(repeats=RepeatsTerms(similarity=100))))
    loose = Chat(rule(RuleTerms(repeats=RepeatsTerms(similarity=80))))
    for chat in (strict, loose):
        chat.say(said)
        assert chat.say(other).verdict is Verdict.ALLOW
    assert strict.say(much_the_same).verdict is Verdict.ALLOW
    assert loose.say(much_the_same).verdict is Verdict.HOLD


def test_a_repeat_may_be_allowed_some_times():
    chat = Chat(rule(RuleTerms(repeats=RepeatsTerms(seconds=30, times=2)), Verdict.REJECT))
    assert [chat.say("gg").verdict for _ in range(3)] == [Verdict.ALLOW, Verdict.ALLOW, Verdict.REJECT]


def test_messages_without_letters_are_compared_as_they_are():
    chat = Chat(rule(RuleTerms(repeats=RepeatsTerms())))
    chat.say("\U0001f525\U0001f525")
    assert chat.say("\U0001f44d").verdict is Verdict.ALLOW
    assert chat.say("\U0001f525\U0001f525").verdict is Verdict.HOLD


def test_in_unique_chat_nobody_says_what_was_just_said():
    chat = Chat(rule(RuleTerms(unique=UniqueTerms(seconds=60)), Verdict.REJECT))
    assert chat.say("first!").verdict is Verdict.ALLOW
    assert chat.say("FIRST", BEN).verdict is Verdict.REJECT
    assert chat.say("second", BEN).verdict is Verdict.ALLOW
    assert chat.say("first", EVE, after=61).verdict is Verdict.ALLOW


def test_the_memory_has_bounds_whoever_comes():
    history = History(max_senders=100)
    for number in range(2000):
        history.note(Line(f"{number} is a line of some length"), Sender(id=str(number), address=str(number)), START)
    tracemalloc.start()
    for number in range(20_000):
        history.note(Line(f"{number} is a line of some length"), Sender(id=str(number), address=str(number)), START)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 1_000_000
    assert len(list(history.everyone())) == MAX_LINES
    assert not list(history.own(Sender(id="19000")))
    assert list(history.own(Sender(id="19950")))
