import pytest
from console_shows import message, stream
from hypothesis import given
from hypothesis import strategies as st

from console.core.safety import safe, sanitised

HOSTILE = {
    "\x1b]52;c;aGFja2Vk\x1b\\clip": "]52;c;aGFja2Vk\\clip",
    "\x1b[31mred\x1b[0m": "[31mred[0m",
    "\x9b31mred": "31mred",
    "a\u202egnp.exe": "agnp.exe",
    "pay\u200bpal": "paypal",
    "one\r\ntwo\tthree": "one  two three",
    "x\u2028y": "x y",
    "bell\x07": "bell",
    "[/x] [link=http://evil]buy[/link]": "[/x] [link=http://evil]buy[/link]",
    "z\u0301\u0301\u0301\u0301\u0301\u0301": "z\u0301\u0301\u0301",
    "\ud800lone": "lone",
    "emoji \u2764\ufe0f": "emoji \u2764",
    "\u3164filler": "filler",
    "\U000e0041tag": "tag",
    "価格はいくらですか ñandú": "価格はいくらですか ñandú",
}


@pytest.mark.parametrize(("hostile", "harmless"), HOSTILE.items())
def test_text_becomes_harmless(hostile: str, harmless: str):
    assert safe(hostile) == harmless


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_that_a_terminal_obeys_remains(text: str):
    cleaned = safe(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in cleaned)
    assert not any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in cleaned)
    cleaned.encode()
    assert safe(cleaned) == cleaned


def test_every_text_of_a_view_is_cleaned_and_clean_views_are_left_alone():
    dirty = stream(title="\x1b[2Jgone")
    assert sanitised(dirty).title == "[2Jgone"
    clean = message(1)
    assert sanitised(clean) is clean
