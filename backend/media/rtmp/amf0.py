"""AMF0, the values inside RTMP commands ("Action Message Format 0", Adobe 2007).

What an encoder sends is hostile until proven otherwise, so depth and number of values are bounded.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from backend.media.rtmp.errors import ProtocolError

Value: TypeAlias = "float | bool | str | Mapping[str, Value] | Sequence[Value] | None"
"""An AMF0 value as Python sees it; dates become milliseconds, undefined and references become None."""

MAX_DEPTH = 16
MAX_VALUES = 4096

_NUMBER, _BOOLEAN, _STRING, _OBJECT = range(4)
_NULL, _UNDEFINED, _REFERENCE, _ECMA_ARRAY = range(5, 9)
_OBJECT_END, _STRICT_ARRAY, _DATE, _LONG_STRING, _UNSUPPORTED = range(9, 14)
_XML_DOCUMENT, _TYPED_OBJECT = 15, 16

_END_OF_OBJECT = b"\x00\x00\x09"


def encode(*values: Value) -> bytes:
    """The AMF0 form of the values, one after the other (AMF0 section 2)."""
    return b"".join(map(_encode, values))


def decode(data: bytes) -> list[Value]:
    """All the values in `data`.

    Raises:
        ProtocolError: it is cut short, too deep, too many, or of a type RTMP commands do not use.
    """
    return _Decoder(data).values()


def _encode(value: Value) -> bytes:
    if value is None:
        return bytes([_NULL])
    if isinstance(value, bool):
        return bytes([_BOOLEAN, value])
    if isinstance(value, int | float):
        return struct.pack(">Bd", _NUMBER, value)
    if isinstance(value, str):
        text = value.encode()
        if len(text) > 0xFFFF:
            return struct.pack(">BI", _LONG_STRING, len(text)) + text
        return struct.pack(">BH", _STRING, len(text)) + text
    if isinstance(value, Mapping):
        members = b"".join(_encode(name)[1:] + _encode(member) for name, member in value.items())
        return bytes([_OBJECT]) + members + _END_OF_OBJECT
    return struct.pack(">BI", _STRICT_ARRAY, len(value)) + encode(*value)


class _Decoder:
    """One pass over one message's bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._budget = MAX_VALUES

    def values(self) -> list[Value]:
        found = []
        while self._at < len(self._data):
            found.append(self._value(0))
        return found

    def _take(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        if self._at > len(self._data):
            raise ProtocolError("AMF0 value cut short")
        return self._data[start : self._at]

    def _value(self, depth: int) -> Value:
        self._budget -= 1
        if depth > MAX_DEPTH or self._budget < 0:
            raise ProtocolError("AMF0 value too deep or too large")
        marker = self._take(1)[0]
        if marker in (_NULL, _UNDEFINED, _UNSUPPORTED):
            return None
        if marker in (_OBJECT, _ECMA_ARRAY, _TYPED_OBJECT):
            return self._object(marker, depth)
        if marker == _STRICT_ARRAY:
            # No list is made to the announced length: a lie of four billion ends at the end of the data.
            return [self._value(depth + 1) for _ in range(self._unsigned(4))]
        read = self._SCALARS.get(marker)
        if read is None:
            raise ProtocolError(f"AMF0 type {marker} is not supported")
        return read(self)

    def _object(self, marker: int, depth: int) -> dict[str, Value]:
        if marker == _ECMA_ARRAY:
            self._take(4)  # The announced count is only a hint; encoders get it wrong.
        elif marker == _TYPED_OBJECT:
            self._text(2)
        members: dict[str, Value] = {}
        # Some encoders leave out the end marker of the last object.
        while self._at < len(self._data):
            if self._data[self._at : self._at + 3] == _END_OF_OBJECT:
                self._at += 3
                break
            name = self._text(2)
            members[name] = self._value(depth + 1)
        return members

    def _unsigned(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _text(self, length_size: int) -> str:
        return self._take(self._unsigned(length_size)).decode("utf-8", "replace")

    def _number(self) -> float:
        number: float = struct.unpack(">d", self._take(8))[0]
        return number

    def _date(self) -> float:
        milliseconds = self._number()
        self._take(2)
        return milliseconds

    def _reference(self) -> None:
        self._take(2)

    _SCALARS: ClassVar[dict[int, Callable[["_Decoder"], Value]]] = {
        _NUMBER: _number,
        _BOOLEAN: lambda self: self._take(1) != b"\x00",
        _STRING: lambda self: self._text(2),
        _REFERENCE: _reference,
        _DATE: _date,
        _LONG_STRING: lambda self: self._text(4),
        _XML_DOCUMENT: lambda self: self._text(4),
    }
