"""Patterns from people: found under disguises, refused with advice where they can't be used."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.problems import ProblemError
from shared.rules import PatternTerms, RuleTerms
from tests.rulings import decide, hits, rule


def pattern(source: str, **options: Any) -> RuleTerms:
    return RuleTerms(pattern=PatternTerms(pattern=source, **options))


@pytest.mark.parametrize(
    ("source", "options", "text", "shown"),
    [
        (r"fr\w+", {}, "FREE stuff", ["FREE"]),
        (r"\bfree\b", {}, "fr\u0435\u0435 and free", ["free", "fr\u0435\u0435"]),
        (r"\bfree\b", {"look_alikes": False}, "fr\u0435\u0435 and free", ["free"]),
        (r"\bfree\b", {"digits": True}, "fr33!", ["fr33"]),
        (r"\bfree\b", {"spaced": True}, "f.r.e.e", ["f.r.e.e"]),
        (r"[A-Z]{4}", {"case_sensitive": True}, "abcd ABCD", ["ABCD"]),
        (r"\d{4,}", {}, "call 5551234", ["5551234"]),
        ("\U0001f4a9", {}, "a \U0001f4a9", ["\U0001f4a9"]),
        ("\u00c9t\u00e9|stra\u00dfe", {}, "\u00e9T\u00c9 STRA\u1e9eE", ["\u00e9T\u00c9", "STRA\u1e9eE"]),
        (r"^first", {}, "first is first", ["first"]),
    ],
)
def test_a_pattern_is_found_and_pointed_at(source: str, options: dict[str, bool], text: str, shown: list[str]):
    assert hits(pattern(source, **options), text) == shown


@pytest.mark.parametrize(
    ("source", "code", "advice"),
    [
        ("(free", "bad_pattern", "Close every parenthesis"),
        ("[free", "bad_pattern", "Close every bracket"),
        ("(?=free)", "bad_pattern", "no look-ahead"),
        (r"(a)\1", "bad_pattern", "no back-references"),
        ("*", "bad_pattern", "for the signs themselves"),
        ("a{1001}", "bad_pattern", "at most 1000 times"),
        (r"((\pL{30}){30}){2}", "bad_pattern", "fewer times|at most 1000"),
        (r"(\w+\s?){1,100}$", "too_costly", "Repeat fewer times"),
        (r"[\pL\d]{5,10}z", "too_costly", "Repeat fewer times"),
        ("a\ud800", "bad_pattern", "half a character"),
        ("a*", "matches_everything", "matches empty text"),
        ("(free|)", "matches_everything", "matches empty text"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_advice(source: str, code: str, advice: str):
    with pytest.raises(ProblemError, match=advice) as refused:
        rule(pattern(source))
    assert [(error.field, error.code) for error in refused.value.errors] == [("terms.pattern.pattern", code)]


@given(st.text(min_size=1, max_size=30), st.text(max_size=60))
def test_whatever_is_typed_as_a_pattern_is_refused_or_works(source: str, text: str):
    try:
        usable = rule(pattern(source, digits=True, spaced=True))
    except ProblemError:
        return
    for match in decide([usable], text).matches:
        assert all(0 <= start < end <= len(text) for start, end in match.spans)
