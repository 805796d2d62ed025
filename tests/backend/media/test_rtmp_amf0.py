"""AMF0: what is written can be read, what is hostile cannot hurt."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.media.rtmp import amf0
from backend.media.rtmp.errors import ProtocolError

_scalars = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=30)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(_values, max_size=5))
@settings(deadline=None)
def test_values_come_back(values: list[amf0.Value]):
    assert amf0.decode(amf0.encode(*values)) == values


def test_long_text_comes_back():
    assert amf0.decode(amf0.encode("x" * 70_000)) == ["x" * 70_000]


def test_the_count_of_an_ecma_array_is_a_hint():
    assert amf0.decode(b"\x08\xff\xff\xff\xff\x00\x01a\x01\x01\x00\x00\x09") == [{"a": True}]


def test_a_missing_end_marker_is_forgiven():
    assert amf0.decode(b"\x03\x00\x01a\x05") == [{"a": None}]


def test_rare_types_are_read():
    date = b"\x0b" + b"\x00" * 8 + b"\x00\x00"
    assert amf0.decode(date + b"\x06\x07\x00\x01\x0d\x0f\x00\x00\x00\x01x\x10\x00\x01T\x00\x00\x09") == [
        0.0,
        None,
        None,
        None,
        "x",
        {},
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\x02\xff\xffab",
        b"\x0c\xff\xff\xff\xffab",
        b"\x00\x00",
        b"\x0a\xff\xff\xff\xff",
        b"\x0a\xff\xff\xff\xff" + b"\x05" * 100_000,
        b"\x03\x00\x01a" * 4000,
        b"\x0a\x00\x00\x00\x01" * 4000,
        b"\x05" * 100_000,
        b"\x11",
        b"\xff",
        b"\x03\x00",
    ],
    ids=range(11),
)
def test_hostile_values_are_refused(data: bytes):
    with pytest.raises(ProtocolError):
        amf0.decode(data)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_noise_is_values_or_an_error(data: bytes):
    with contextlib.suppress(ProtocolError):
        amf0.decode(data)
