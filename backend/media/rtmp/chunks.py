"""The chunk stream: messages cut into interleaved chunks (RTMP 1.0 section 5.3)."""

from typing import NamedTuple

from backend.media.rtmp.errors import ProtocolError

SET_CHUNK_SIZE = 1
ABORT = 2

DEFAULT_CHUNK_SIZE = 128
MAX_CHUNK_STREAMS = 64

_NO_TIMESTAMP = 0xFFFFFF
"""In a timestamp field: the real one follows in four more bytes."""

_FULL, _SAME_STREAM, _DELTA_ONLY, _NO_HEADER = range(4)
_FIELDS_SIZE = (11, 7, 3, 0)
"""The chunk types, and the size of the message header of each in bytes (section 5.3.1.2)."""


class Message(NamedTuple):
    """One RTMP message, whole."""

    type_id: int
    timestamp: int
    """Milliseconds, modulo 2**32."""
    stream_id: int
    payload: bytes


class _ChunkStream:
    """What the next header of one chunk stream may leave out, and its unfinished message."""

    __slots__ = ("extended", "field", "length", "partial", "stream_id", "timestamp", "type_id")

    def __init__(self) -> None:
        self.timestamp = 0
        self.field = 0
        self.extended = False
        self.length = 0
        self.type_id = 0
        self.stream_id = 0
        self.partial: bytearray | None = None


class ChunkReader:
    """Puts messages together again from the bytes of a connection.

    Give it what arrives with `feed`, then take messages with `next_message` until there is none. Set Chunk
    Size and Abort are obeyed and not passed on. What it holds is bounded by `max_buffered` and one read.
    """

    def __init__(self, *, max_message: int, max_buffered: int) -> None:
        """Refuse messages over `max_message` bytes, and more than `max_buffered` of unfinished ones."""
        self.max_message = max_message
        self.max_buffered = max_buffered
        self._chunk_size = DEFAULT_CHUNK_SIZE
        self._streams: dict[int, _ChunkStream] = {}
        self._data = b""
        self._at = 0
        self._current: _ChunkStream | None = None
        self._chunk_left = 0
        self._buffered = 0

    @property
    def buffered(self) -> int:
        """Bytes held of messages and headers that are not whole yet."""
        return self._buffered + len(self._data) - self._at

    def feed(self, data: bytes) -> None:
        """Add bytes as they came from the peer, cut anywhere."""
        rest = self._data[self._at :]
        self._data = rest + data if rest else data
        self._at = 0

    def next_message(self) -> Message | None:
        """The next whole message, or None until more bytes come.

        Raises:
            ProtocolError: the bytes are no chunk stream, or break a bound.
        """
        while self._has_payload():
            message = self._read_payload()
            if message is None:
                continue
            if message.type_id == SET_CHUNK_SIZE:
                self._set_chunk_size(message.payload)
            elif message.type_id == ABORT:
                self._abort(message.payload)
            else:
                return message
        return None

    def _has_payload(self) -> bool:
        """Whether a chunk's payload can be read on."""
        if self._current is None:
            return self._read_header()
        return self._at < len(self._data)

    def _read_header(self) -> bool:
        """Read a chunk's header if it is here whole; the chunk's stream is then the current one."""
        basic = self._basic_header()
        if basic is None:
            return False
        chunk_type, stream_id, fields_at = basic
        stream = self._chunk_stream(stream_id, chunk_type)
        end = fields_at + _FIELDS_SIZE[chunk_type]
        if end > len(self._data):
            return False
        if chunk_type == _NO_HEADER:
            field, extended = stream.field, stream.extended
        else:
            field = int.from_bytes(self._data[fields_at : fields_at + 3], "big")
            extended = field == _NO_TIMESTAMP
        if extended:
            if end + 4 > len(self._data):
                return False
            value = int.from_bytes(self._data[end : end + 4], "big")
            # The specification repeats the extended timestamp on type 3; some encoders do not.
            repeated = value in (field, stream.timestamp)
            if chunk_type != _NO_HEADER:
                field = value
            if chunk_type != _NO_HEADER or repeated:
                end += 4
        self._start_chunk(stream, chunk_type, fields_at, field)
        stream.extended = extended
        self._at = end
        return True

    def _basic_header(self) -> tuple[int, int, int] | None:
        """Chunk type, chunk stream id, and where the message header starts (section 5.3.1.1)."""
        data, at = self._data, self._at
        if at >= len(data):
            return None
        chunk_type, stream_id = data[at] >> 6, data[at] & 0x3F
        if stream_id > 1:
            return chunk_type, stream_id, at + 1
        end = at + 2 + stream_id  # One or two more bytes, little-endian.
        if end > len(data):
            return None
        return chunk_type, int.from_bytes(data[at + 1 : end], "little") + 64, end

    def _chunk_stream(self, stream_id: int, chunk_type: int) -> _ChunkStream:
        stream = self._streams.get(stream_id)
        if stream is None:
            # The specification asks for type 0 here; librtmp opens chunk streams with type 1.
            if chunk_type not in (_FULL, _SAME_STREAM):
                raise ProtocolError(f"chunk type {chunk_type} on unknown chunk stream {stream_id}")
            if len(self._streams) >= MAX_CHUNK_STREAMS:
                raise ProtocolError("too many chunk streams")
            stream = self._streams[stream_id] = _ChunkStream()
        return stream

    def _start_chunk(self, stream: _ChunkStream, chunk_type: int, fields_at: int, field: int) -> None:
        if stream.partial is None:
            self._start_message(stream, chunk_type, fields_at, field)
        elif chunk_type != _NO_HEADER:
            raise ProtocolError("message header inside a message")
        received = len(stream.partial) if stream.partial is not None else 0
        self._chunk_left = min(self._chunk_size, stream.length - received)
        self._current = stream

    def _start_message(self, stream: _ChunkStream, chunk_type: int, fields_at: int, field: int) -> None:
        data = self._data
        if chunk_type in (_FULL, _SAME_STREAM):
            stream.length = int.from_bytes(data[fields_at + 3 : fields_at + 6], "big")
            stream.type_id = data[fields_at + 6]
        if chunk_type == _FULL:
            stream.stream_id = int.from_bytes(data[fields_at + 7 : fields_at + 11], "little")
            stream.timestamp = field
        else:
            # Also for a message that starts with type 3: it repeats the delta, after type 0 the timestamp.
            stream.timestamp = (stream.timestamp + field) & 0xFFFFFFFF
        stream.field = field
        if stream.length > self.max_message:
            raise ProtocolError(f"message of {stream.length} bytes")

    def _read_payload(self) -> Message | None:
        """Take what is here of the current chunk; the message if that completes it."""
        stream = self._current
        assert stream is not None  # noqa: S101 - the caller has just looked
        start, end = self._at, min(self._at + self._chunk_left, len(self._data))
        self._at = end
        self._chunk_left -= end - start
        if not self._chunk_left:
            self._current = None
        if stream.partial is None and end - start == stream.length:
            payload = self._data[start:end]
        else:
            kept = self._keep(stream, start, end)
            if len(kept) < stream.length:
                return None
            payload = bytes(kept)
            self._forget(stream)
        return Message(stream.type_id, stream.timestamp, stream.stream_id, payload)

    def _keep(self, stream: _ChunkStream, start: int, end: int) -> bytearray:
        if stream.partial is None:
            stream.partial = bytearray()
        self._buffered += end - start
        if self._buffered > self.max_buffered:
            raise ProtocolError("too much buffered in unfinished messages")
        stream.partial += memoryview(self._data)[start:end]
        return stream.partial

    def _forget(self, stream: _ChunkStream) -> None:
        if stream.partial is not None:
            self._buffered -= len(stream.partial)
            stream.partial = None

    def _set_chunk_size(self, payload: bytes) -> None:
        size = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        if len(payload) < 4 or not size:
            raise ProtocolError("bad chunk size")
        self._chunk_size = size

    def _abort(self, payload: bytes) -> None:
        if len(payload) < 4:
            raise ProtocolError("bad abort message")
        stream = self._streams.get(int.from_bytes(payload[:4], "big"))
        if stream is not None:
            self._forget(stream)


def encode_message(message: Message, *, chunk_stream_id: int, chunk_size: int) -> bytes:
    """A message as chunks: one with a full header, the rest without (section 5.3.1.2).

    `chunk_stream_id` is 2 to 63; timestamps from 0xFFFFFF on are extended.
    """
    extended = message.timestamp >= _NO_TIMESTAMP
    extension = message.timestamp.to_bytes(4, "big") if extended else b""
    payload = message.payload
    parts = [
        bytes([_FULL << 6 | chunk_stream_id]),
        min(message.timestamp, _NO_TIMESTAMP).to_bytes(3, "big"),
        len(payload).to_bytes(3, "big"),
        bytes([message.type_id]),
        message.stream_id.to_bytes(4, "little"),
        extension,
        payload[:chunk_size],
    ]
    for at in range(chunk_size, len(payload), chunk_size):
        parts += (bytes([_NO_HEADER << 6 | chunk_stream_id]), extension, payload[at : at + chunk_size])
    return b"".join(parts)
