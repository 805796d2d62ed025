"""The chunk stream, against an independent writer that uses every header there is."""

import contextlib
import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.media.rtmp.chunks import (
    ABORT,
    MAX_CHUNK_STREAMS,
    SET_CHUNK_SIZE,
    ChunkReader,
    Message,
    encode_message,
)
from backend.media.rtmp.errors import ProtocolError

LIMIT = 1 << 20


def read(data: bytes, cuts: Iterable[int] = ()) -> list[Message]:
    reader = ChunkReader(max_message=LIMIT, max_buffered=2 * LIMIT)
    messages, at = [], 0
    for cut in [*sorted(cuts), len(data)]:
        reader.feed(data[at:cut])
        at = max(at, cut)
        while (message := reader.next_message()) is not None:
            messages.append(message)
    return messages


def basic_header(kind: int, stream: int) -> bytes:
    if stream < 64:
        return bytes([kind << 6 | stream])
    if stream < 320:
        return bytes([kind << 6, stream - 64])
    return bytes([kind << 6 | 1]) + (stream - 64).to_bytes(2, "little")


class Writer:
    """Writes each message with the shortest header the rules allow, as ffmpeg does."""

    def __init__(self, chunk_size: int, *, repeat_extended: bool = True) -> None:
        self.chunk_size = chunk_size
        self.repeat_extended = repeat_extended
        self.last: dict[int, tuple[Message, int]] = {}

    def chunks(self, stream: int, message: Message) -> list[bytes]:
        kind, field = 0, message.timestamp
        if stream in self.last:
            before, before_field = self.last[stream]
            delta = (message.timestamp - before.timestamp) % 2**32
            if before.stream_id == message.stream_id and delta < 2**31:
                kind, field = 1, delta
                if before.type_id == message.type_id and len(before.payload) == len(message.payload):
                    kind = 3 if before_field == delta else 2
        self.last[stream] = message, field
        extended = field.to_bytes(4, "big") if field >= 0xFFFFFF else b""
        header = b""
        if kind < 3:
            header += min(field, 0xFFFFFF).to_bytes(3, "big")
        if kind < 2:
            header += len(message.payload).to_bytes(3, "big") + bytes([message.type_id])
        if kind == 0:
            header += message.stream_id.to_bytes(4, "little")
        first = basic_header(kind, stream) + header
        first += extended if kind < 3 or self.repeat_extended else b""
        parts = [message.payload[at : at + self.chunk_size] for at in range(0, len(message.payload), self.chunk_size)]
        following = basic_header(3, stream) + (extended if self.repeat_extended else b"")
        return [first + (parts or [b""])[0], *(following + part for part in parts[1:])]


def interleaved(chunks: dict[int, list[list[bytes]]], chance: random.Random) -> bytes:
    """The chunks of several streams in a random order that keeps the order of each."""
    queues = [[chunk for message in messages for chunk in message] for messages in chunks.values()]
    out = b""
    while queues := [queue for queue in queues if queue]:
        out += chance.choice(queues).pop(0)
    return out


_streams = st.sampled_from([2, 3, 4, 63, 64, 100, 319, 320, 4000, 65_599])
_timestamps = st.one_of(
    st.integers(0, 100), st.integers(0xFFFFFF - 50, 0xFFFFFF + 50), st.integers(2**32 - 100, 2**32 - 1)
)
_steps = st.one_of(st.integers(0, 50), st.just(40), st.integers(0xFFFFFF - 2, 0xFFFFFF + 2))
_sizes = st.one_of(st.integers(0, 10), st.just(200), st.integers(0, 600))


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[tuple[int, Message]], bytes]:
    """Messages, with their chunk streams, and their bytes."""
    writer = Writer(draw(st.sampled_from([1, 7, 128, 4096])))
    prefix = encode_message(
        Message(SET_CHUNK_SIZE, 0, 0, writer.chunk_size.to_bytes(4, "big")), chunk_stream_id=2, chunk_size=128
    )
    chunks: dict[int, list[list[bytes]]] = {}
    sent = []
    for stream in draw(st.lists(_streams.filter(lambda stream: stream != 2), min_size=1, max_size=3, unique=True)):
        timestamp = draw(_timestamps)
        for _ in range(draw(st.integers(1, 6))):
            payload = bytes([stream & 0xFF]) * draw(_sizes)
            message = Message(draw(st.sampled_from([8, 9])), timestamp, 1, payload)
            chunks.setdefault(stream, []).append(writer.chunks(stream, message))
            sent.append((stream, message))
            timestamp = (timestamp + draw(_steps)) % 2**32
    return sent, prefix + interleaved(chunks, random.Random(draw(st.integers(0, 999))))


@given(conversations(), st.lists(st.integers(0, 4000), max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_conversation_comes_back_however_it_is_cut(
    conversation: tuple[list[tuple[int, Message]], bytes], cuts: list[int]
):
    sent, data = conversation
    received = read(data, (cut for cut in cuts if cut < len(data)))
    assert sorted(received) == sorted(message for _, message in sent)
    assert received == read(data)


@given(conversations())
@settings(max_examples=20, deadline=None)
def test_byte_by_byte_is_the_same(conversation: tuple[list[tuple[int, Message]], bytes]):
    _, data = conversation
    assert read(data, range(len(data))) == read(data)


@given(conversations(), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_mutated_bytes_raise_nothing_but_the_protocol_error(
    conversation: tuple[list[tuple[int, Message]], bytes], mutations: list[tuple[int, int]]
):
    data = bytearray(conversation[1])
    for at, value in mutations:
        data[at % len(data)] = value
    with contextlib.suppress(ProtocolError):
        read(bytes(data), range(0, len(data), 100))


def test_timestamps_with_repeated_deltas():
    """Constant steps and sizes: ffmpeg sends these messages with type 3 alone."""
    writer = Writer(4096)
    sent = [Message(8, 1000 + 23 * index, 1, b"x" * 6) for index in range(50)]
    data = b"".join(chunk for message in sent for chunk in writer.chunks(4, message))
    assert len(data) < 50 * 9 + 32
    assert read(data) == sent


@pytest.mark.parametrize("repeat", [True, False])
def test_extended_timestamps_on_type_3_are_told_from_payload(repeat: bool):
    writer = Writer(128, repeat_extended=repeat)
    sent = [Message(9, 0xFFFFFF + 40 * index, 1, bytes([index + 1]) * 1000) for index in range(5)]
    data = b""
    for message in sent:
        writer.last.clear()  # Absolute headers, as a publisher past 4 h 39 min may send.
        data += b"".join(writer.chunks(6, message))
    assert read(data) == sent


def test_our_own_messages_come_back():
    message = Message(9, 0x1000000, 1, b"abc" * 100_000)
    assert read(encode_message(message, chunk_stream_id=6, chunk_size=128)[:0] or b"") == []
    assert read(encode_message(message, chunk_stream_id=6, chunk_size=128)) == [message]


def test_abort_forgets_half_a_message():
    writer = Writer(128)
    first = writer.chunks(5, Message(9, 0, 1, b"x" * 300))[0]
    abort = encode_message(Message(ABORT, 0, 0, (5).to_bytes(4, "big")), chunk_stream_id=2, chunk_size=128)
    whole = Writer(128).chunks(5, Message(9, 40, 1, b"y" * 10))
    assert read(first + abort + b"".join(whole)) == [Message(9, 40, 1, b"y" * 10)]


def header(stream: int, size: int, type_id: int = 9) -> bytes:
    return basic_header(0, stream) + bytes(3) + size.to_bytes(3, "big") + bytes([type_id]) + bytes(4)


@pytest.mark.parametrize(
    "data",
    [
        header(2, 4, SET_CHUNK_SIZE) + bytes(4),
        header(2, 2, SET_CHUNK_SIZE) + bytes(2),
        header(2, 1, ABORT) + bytes(1),
        header(4, LIMIT + 1),
        bytes([0xC5]) + b"x" * 300,
        bytes([0x85]) + b"x" * 300,
        header(4, 300) + bytes(128) + header(4, 300),
        b"".join(header(64 + stream, 1000) + bytes(128) for stream in range(MAX_CHUNK_STREAMS + 1)),
    ],
    ids=["size zero", "short size", "short abort", "large", "unknown 3", "unknown 2", "inside", "many"],
)
def test_what_breaks_the_rules_is_refused(data: bytes):
    with pytest.raises(ProtocolError):
        read(data)


def test_unfinished_messages_are_bounded_together():
    reader = ChunkReader(max_message=LIMIT, max_buffered=LIMIT)
    size = encode_message(
        Message(SET_CHUNK_SIZE, 0, 0, (0x7FFFFFFF).to_bytes(4, "big")), chunk_stream_id=2, chunk_size=128
    )
    reader.feed(size)
    assert reader.next_message() is None
    half = header(4, LIMIT) + bytes(LIMIT - 1)
    reader.feed(half)
    assert reader.next_message() is None
    assert reader.buffered == LIMIT - 1
    reader.feed(b"\x00")
    assert reader.next_message() is not None
    assert reader.buffered == 0


def test_many_halves_do_not_add_up():
    reader = ChunkReader(max_message=LIMIT, max_buffered=1000)
    for stream in range(3, 10):
        reader.feed(header(stream, LIMIT) + bytes(128))
        assert reader.next_message() is None
    reader.feed(header(10, LIMIT) + bytes(128))
    with pytest.raises(ProtocolError, match="buffered"):
        reader.next_message()
