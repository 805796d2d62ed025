"""The shape of a message: shouting, length, emoji, marks, mixed alphabets."""

import pytest

from shared.rules import (
    CapitalsTerms,
    EmojiOnlyTerms,
    EmojiTerms,
    LengthTerms,
    MarksTerms,
    MixedScriptsTerms,
    RuleTerms,
    Verdict,
)
from tests.rulings import decide, hits, rule

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e9\U0001f1ea"
HEART = "\u2764\ufe0f"


def holds(terms: RuleTerms, text: str) -> bool:
    return decide([rule(terms)], text).verdict is Verdict.HOLD


def test_shouting_counts_from_enough_letters_and_capitals_on():
    terms = RuleTerms(capitals=CapitalsTerms(percent=70, letters=10))
    assert holds(terms, "WHERE IS MY ORDER?")
    assert holds(terms, "\u0413\u0414\u0415 \u041c\u041e\u0419 \u0417\u0410\u041a\u0410\u0417")
    assert not holds(terms, "LOL")
    assert not holds(terms, "Where is my order?")
    assert not holds(terms, "\u6210\u7530\u7a7a\u6e2f\u3067\u3059\u304b\u6210\u7530\u7a7a\u6e2f")


def test_length_points_at_what_is_too_much():
    terms = RuleTerms(length=LengthTerms(characters=3))
    assert hits(terms, "fourteen") == ["rteen"]
    assert not holds(terms, "six")


def test_an_emoji_of_many_parts_is_one():
    text = f"{FAMILY}{FLAG}{HEART} x \U0001f44d\U0001f3fd1\ufe0f\u20e3"
    assert not holds(RuleTerms(emoji=EmojiTerms(count=5)), text)
    assert hits(RuleTerms(emoji=EmojiTerms(count=3)), text) == ["\U0001f44d\U0001f3fd", "1\ufe0f\u20e3"]
    assert not holds(RuleTerms(emoji=EmojiTerms(count=0)), "1 * 2 # 3")


def test_emoji_only_means_only_emoji():
    terms = RuleTerms(emoji_only=EmojiOnlyTerms())
    assert not holds(terms, f"{FAMILY} {FLAG}{HEART}")
    assert holds(terms, f"{HEART} you")
    assert holds(terms, "12")


def test_marks_count_where_no_script_of_its_own_wants_them():
    terms = RuleTerms(marks=MarksTerms(count=8))
    assert holds(terms, "h\u0337\u0321\u0327e\u0337\u0321\u0327l\u0337\u0321\u0327")
    assert not holds(terms, "ti\u1ebfng Vi\u1ec7t")
    assert not holds(
        terms, "\u0627\u0644\u0652\u062d\u064e\u0645\u0652\u062f\u064f \u0644\u0650\u0644\u0651\u064e\u0647\u0650 " * 3
    )
    assert not holds(
        terms, "\u0e44\u0e21\u0e48\u0e40\u0e1b\u0e47\u0e19\u0e44\u0e23 \u0928\u092e\u0938\u094d\u0924\u0947 " * 5
    )


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("p\u0430ypal ok", ["p\u0430ypal"]),
        ("\u0391pple", ["\u0391pple"]),
        ("paypal \u043e\u043a", []),
        ("T\u30b7\u30e3\u30c4", []),
        ("\u0e25\u0e14\u0e23\u0e32\u0e04\u0e32Sale", []),
        ("caf\u00e9 \u00b5m", []),
    ],
)
def test_words_of_two_alphabets_that_look_alike_are_mixed(text: str, mixed: list[str]):
    assert hits(RuleTerms(mixed_scripts=MixedScriptsTerms()), text) == mixed
