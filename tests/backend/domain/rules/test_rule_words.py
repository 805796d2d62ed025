"""Blocked words: found under their disguises, pointed at where they stand, and no innocent word taken for them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.problems import ProblemError
from shared.rules import RuleTerms, WordsTerms
from tests.rulings import decide, hits, rule


def words(*words: str, **options: Any) -> RuleTerms:
    return RuleTerms(words=WordsTerms(words=list(words), **options))


@pytest.mark.parametrize(
    ("word", "text", "shown"),
    [
        ("free", "get it FREE!", "FREE"),
        ("free", "freeeeee", "freeeeee"),
        ("free", "\uff46\uff52\uff45\uff45 now", "\uff46\uff52\uff45\uff45"),  # fullwidth
        ("free", "fr\u0435\u0435", "fr\u0435\u0435"),  # Cyrillic ie
        ("free", "f\u0433\u0435\u0435", "f\u0433\u0435\u0435"),  # Cyrillic ghe looks like r
        ("free", "\U0001d4bb\U0001d4c7\u212f\u212f", "\U0001d4bb\U0001d4c7\u212f\u212f"),  # mathematical script
        ("free", "\u24d5\u24e1\u24d4\u24d4", "\u24d5\u24e1\u24d4\u24d4"),  # circled
        ("hello", "\u029c\u1d07\u029f\u029f\u1d0f", "\u029c\u1d07\u029f\u029f\u1d0f"),  # small capitals
        (
            "hello",
            "\U0001f177\U0001f174\U0001f17b\U0001f17b\U0001f17e",
            "\U0001f177\U0001f174\U0001f17b\U0001f17b\U0001f17e",
        ),
        ("hello", "\u0397ELLO", "\u0397ELLO"),  # Greek capital eta looks like H, the small letter like n
        ("hello", "h\u0337e\u0337l\u0337l\u0337o\u0337", "h\u0337e\u0337l\u0337l\u0337o\u0337"),  # struck out
        ("hello", "h\u200be\u200dl\u2060lo", "h\u200be\u200dl\u2060lo"),  # nothing between the letters
        ("Gr\u00f6\u00dfe", "GR\u00d6SSE 42", "GR\u00d6SSE"),
        ("buy now", "Buy,  NOW!!", "Buy,  NOW"),
        (
            "\u043f\u0440\u0438\u0432\u0435\u0442",
            "\u041f\u0420\u0418\u0412\u0415\u0422!",
            "\u041f\u0420\u0418\u0412\u0415\u0422",
        ),
        ("\u03b7\u03bc\u03ad\u03c1\u03b1", "\u0397\u039c\u0395\u03a1\u0391", "\u0397\u039c\u0395\u03a1\u0391"),
        ("\u7a7a\u6e2f", "\u6210\u7530\u7a7a\u6e2f\u3067\u3059", "\u7a7a\u6e2f"),  # a script without spaces
        ("t-shirt", "a T-Shirt", "T-Shirt"),
    ],
)
def test_a_word_is_found_under_everyday_disguises(word: str, text: str, shown: str):
    assert hits(words(word), text) == [shown]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("free", "freedom"),
        ("ass", "as it was, a class of its own"),
        ("ass", "a s s"),
        ("tit", "tilt"),
        ("bum", "burn"),
        ("lil", "ill"),
        ("1000", "10000"),
        ("free", "fr33"),
        ("free", "f.r.e.e"),
        ("\u0915\u093f", "\u0915\u093e"),  # only the vowel sign differs
    ],
)
def test_innocent_words_pass(word: str, text: str):
    assert hits(words(word), text) == []


@pytest.mark.parametrize(
    ("word", "text", "shown"),
    [
        ("free", "fr33!!!", "fr33"),
        ("ass", "a$$", "a$$"),
        ("kill", "k1ll", "k1ll"),
        ("kill", "ki11", "ki11"),
        ("kill", "kiII", "kiII"),
        ("shit", "sh!t!", "sh!t"),
        ("2 for 1", "2 FOR 1", "2 FOR 1"),
    ],
)
def test_digits_and_signs_stand_for_letters_where_a_rule_says_so(word: str, text: str, shown: str):
    assert hits(words(word, digits=True), text) == [shown]


@pytest.mark.parametrize("innocent", ["tilt", "a$$hole?", "as!", "i11"])
def test_digits_for_letters_do_not_blur_the_letters(innocent: str):
    assert hits(words("tit", "ass", "lil", digits=True), innocent) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("f.r.e.e x", "f.r.e.e"),
        ("so f r e e, x", "f r e e"),
        ("f-r_e*e", "f-r_e*e"),
        ("i.f.r.e.e.x", "f.r.e.e"),
        ("fr.ee", "fr.ee"),
        ("buy.now", "buy.now"),
        ("b u y n o w", "b u y n o w"),
    ],
)
def test_separated_letters_are_read_together_where_a_rule_says_so(text: str, shown: str):
    assert hits(words("free", "buy now", spaced=True), text) == [shown]


@pytest.mark.parametrize("innocent", ["was so as so", "push-it", "of reel", "i f r e e z e"])
def test_separated_reading_keeps_to_whole_words(innocent: str):
    assert hits(words("ass", "shit", "free", spaced=True), innocent) in ([], ["f r e e"])


def test_accents_count_where_look_alikes_do_not():
    assert hits(words("ano"), "a\u00f1o") == ["a\u00f1o"]
    assert hits(words("ano", look_alikes=False), "a\u00f1o") == []
    assert hits(words("a\u00f1o", look_alikes=False), "A\u00d1O nuevo") == ["A\u00d1O"]


def test_a_rule_may_look_inside_words_and_may_insist_on_the_letters():
    assert hits(words("free", inside=True), "freedom") == ["free"]
    assert hits(words("free", stretched=False), "freeee free") == ["free"]


@pytest.mark.parametrize("bad", ["!!!", "c++", "\U0001f4a9", " free", "."])
def test_what_does_not_begin_and_end_like_a_word_is_refused_by_its_place(bad: str):
    with pytest.raises(ProblemError, match="pattern") as refused:
        rule(words("free", bad))
    assert refused.value.errors[0].field == "terms.words.words[1]"


@given(st.lists(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=12), min_size=1, max_size=5))
def test_every_word_that_is_taken_is_found_when_it_is_said(vocabulary: list[str]):
    try:
        blocked = rule(words(*vocabulary))
    except ProblemError:
        return
    for word in vocabulary:
        for said in (word, f"so {word}, then"):
            found = decide([blocked], said).matches
            assert found, (word, said)


@given(st.text(max_size=80), st.booleans(), st.booleans(), st.booleans())
def test_spans_lie_in_the_shown_text(text: str, look_alikes: bool, digits: bool, spaced: bool):
    blocked = rule(
        words("a", "ab", "aba", "1", "s t", inside=True, look_alikes=look_alikes, digits=digits, spaced=spaced)
    )
    for match in decide([blocked], text).matches:
        assert match.spans
        assert all(0 <= start < end <= len(text) for start, end in match.spans)
