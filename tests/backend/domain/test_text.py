"""Text from people: what is taken away, and what living scripts keep."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.domain.text import MAX_COMBINING, sanitise, sanitise_optional

JOINERS = "\u200c\u200d"
TROUBLE = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "a e\u0301\u0300\u0338\u0327\u200b\u200c\u200d\ufe0f\u0627\u064e\u0995\u09cd \t\x1b[m\u2194\u2764="
        ),
        st.characters(),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    "text",
    [
        "Is it true to size?",
        "👨‍👩‍👧‍👦 family",
        "👩🏽‍💻 at work",
        "❤️‍🔥",
        "🏳️‍🌈",
        "🙂‍↔️ no",
        "می‌خواهم",
        "নমস্কার র‍্যাব",
        "日本語のコメント",
        "مرحبا بالعالم",
        "שלום",
        "Tiếng Việt",
        "한국어",
        "naïve café",
        "ภาษาไทย",
        "5 < 6 & [bold]not markup[/bold]",
    ],
)
def test_living_text_passes_unchanged(text: str):
    assert sanitise(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x9b31mred", "red"),
        ("a\x00b\x07c\x7fd\x85e", "abcde"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("\u2066iso\u2069late", "isolate"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("  two\n\n lines\t and\u2028more ", "two lines and more"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("a \u200d b", "a b"),
        ("e\u200b\u0301", "é"),
        ("\u0301\u0301 alone", "alone"),
    ],
)
def test_hostile_text_becomes_harmless(hostile: str, harmless: str):
    assert sanitise(hostile) == harmless


@pytest.mark.parametrize(
    "blank", ["", "   ", "\u200b\u200d\ufeff", "\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\x1b[0m"]
)
def test_text_without_anything_visible_becomes_empty(blank: str):
    assert sanitise(blank) == ""
    assert sanitise_optional(blank) is None


def test_optional_text_may_be_absent():
    assert sanitise_optional(None) is None
    assert sanitise_optional(" x ") == "x"


@given(TROUBLE)
@example("a\u200b\u0301\u200d\u0627")
@example("\u0627\u200d \u200d\u0627")
@example("e\u200d\u0301\u200c\u0301")
def test_sanitising_twice_changes_nothing_more(text: str):
    once = sanitise(text)
    assert sanitise(once) == once


@given(TROUBLE)
def test_nothing_that_steers_a_terminal_or_hides_is_left(text: str):
    for char in sanitise(text):
        category = unicodedata.category(char)
        assert category not in ("Cc", "Cs", "Co", "Zl", "Zp")
        assert category != "Cf" or char in JOINERS


@given(TROUBLE)
def test_the_result_is_one_trimmed_line_with_single_spaces(text: str):
    clean = sanitise(text)
    assert clean == clean.strip()
    assert "  " not in clean
    assert len(clean.splitlines()) <= 1


def _longest_stack(text: str) -> int:
    longest = run = 0
    for char in text:
        if unicodedata.category(char) in ("Mn", "Me"):
            run += 1
        elif char not in JOINERS:
            run = 0
        longest = max(longest, run)
    return longest


@given(st.text(alphabet="a\u0627\u0300\u0301\u0316\u0489\u200c\u200d", max_size=60))
@example("\u0627" + "\u0301\u0301\u0301\u200d" * 10)
def test_marks_never_stack_higher_than_living_scripts_need(text: str):
    assert _longest_stack(sanitise(text)) <= MAX_COMBINING
