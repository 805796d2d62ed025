"""The conversation with one publisher (RTMP 1.0 section 7): bytes in, events out, answers to send."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, TypeAlias

from backend.media.rtmp import amf0
from backend.media.rtmp.chunks import DEFAULT_CHUNK_SIZE, SET_CHUNK_SIZE, ChunkReader, Message, encode_message
from backend.media.rtmp.errors import ProtocolError
from backend.media.rtmp.events import (
    Audio,
    Event,
    Metadata,
    PublishRequested,
    Refused,
    Unpublished,
    Video,
)
from backend.media.rtmp.handshake import Handshake

ACKNOWLEDGEMENT, USER_CONTROL, WINDOW_ACKNOWLEDGEMENT_SIZE, SET_PEER_BANDWIDTH = 3, 4, 5, 6
AUDIO, VIDEO = 8, 9
DATA_AMF3, COMMAND_AMF3, DATA_AMF0, COMMAND_AMF0 = 15, 17, 18, 20
AGGREGATE = 22
"""Message type ids (sections 5.4 and 7.1)."""

_STREAM_BEGIN, _PING_REQUEST, _PING_RESPONSE = 0, 6, 7
_DYNAMIC_LIMIT = 2

CHUNK_SIZE = 60_000
"""Announced to the peer, in bytes. ffmpeg takes it over for its own chunks, which saves us most parsing."""
WINDOW = 2_500_000
"""Acknowledgement window, in bytes, both ways."""

MAX_MESSAGE = 8 << 20
MAX_BUFFERED = 16 << 20
"""Bounds of a publisher, in bytes: one message, and all unfinished ones together."""
MAX_COMMAND = 64 << 10
"""The same for a peer that has not been accepted yet."""
MAX_COMMANDS = 1000
"""In one connection; encoders send ten, and each costs us far more to answer than to send."""
MAX_KEY = 256
"""Characters in a stream key."""

UNAUTHORIZED = "NetStream.Publish.Unauthorized"
"""The key is not allowed: encoders give up."""
BAD_NAME = "NetStream.Publish.BadName"
"""The name is in use or none at all."""
FAILED = "NetStream.Publish.Failed"
"""We cannot tell at present."""

_CONTROL_CHUNK_STREAM, _COMMAND_CHUNK_STREAM, _STATUS_CHUNK_STREAM = 2, 3, 5
_MEDIA_STREAM = 1


class Phase(Enum):
    """How far the conversation has come."""

    HANDSHAKE = auto()
    OPENED = auto()
    """The handshake is done."""
    CONNECTED = auto()
    """The peer is in our application."""
    DECIDING = auto()
    """It has asked to publish and waits."""
    PUBLISHING = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    transaction: float
    arguments: list[amf0.Value]
    stream_id: int

    def text(self, index: int) -> str:
        value = self.arguments[index] if index < len(self.arguments) else None
        return value if isinstance(value, str) else ""

    def object(self) -> dict[str, amf0.Value]:
        value = self.arguments[0] if self.arguments else None
        return value if isinstance(value, dict) else {}


_Answer: TypeAlias = 'Callable[["Session", _Command], Event | None]'


class Session:
    """One peer, from handshake to hang-up.

    Feed it with `receive`, and send what `take_output` gives after every call. After `PublishRequested` it
    reads no further until it is answered.
    """

    def __init__(self, *, application: str) -> None:
        """Serve the one application whose name stands in the publisher's address, as in rtmp://host/application/key."""
        self.phase = Phase.HANDSHAKE
        self._application = application
        self._handshake = Handshake()
        self._reader = ChunkReader(max_message=MAX_COMMAND, max_buffered=MAX_COMMAND * 4)
        self._output: list[bytes] = []
        self._chunk_size = DEFAULT_CHUNK_SIZE
        self._received = 0
        self._acknowledged = 0
        self._window = WINDOW
        self._publish_stream_id = _MEDIA_STREAM
        self._commands = 0

    def receive(self, data: bytes) -> Iterator[Event]:
        """The events in what came from the peer; take them all before the next call.

        Raises:
            ProtocolError: the peer is no publisher; close at once.
        """
        self._received += len(data)
        rest: bytes | None = data
        if self.phase is Phase.HANDSHAKE:
            reply, rest = self._handshake.receive(data)
            self._output.append(reply)
        if rest is not None:
            yield from self._receive_chunks(rest)

    def _receive_chunks(self, data: bytes) -> Iterator[Event]:
        if self.phase is Phase.HANDSHAKE:
            self.phase = Phase.OPENED
        self._reader.feed(data)
        while self.phase not in (Phase.DECIDING, Phase.REFUSED):
            message = self._reader.next_message()
            if message is None:
                break
            yield from self._dispatch(message)
        self._acknowledge()

    def take_output(self) -> bytes:
        """The bytes to send now."""
        output = b"".join(self._output)
        self._output.clear()
        return output

    def accept_publish(self) -> Iterator[Event]:
        """Let the peer publish; gives the events in what it had sent already."""
        self.phase = Phase.PUBLISHING
        self._reader.max_message, self._reader.max_buffered = MAX_MESSAGE, MAX_BUFFERED
        begun = self._publish_stream_id.to_bytes(4, "big")
        self._send_control(USER_CONTROL, _STREAM_BEGIN.to_bytes(2, "big") + begun)
        self._send_status("status", "NetStream.Publish.Start", "Publishing.")
        return self.receive(b"")

    def refuse_publish(self, code: str, reason: str) -> None:
        """Tell the peer, in words for its log, why it may not publish, or no longer; then close.

        `code` is one of `UNAUTHORIZED`, `BAD_NAME` and `FAILED`.
        """
        self.phase = Phase.REFUSED
        self._send_status("error", code, reason)

    def _dispatch(self, message: Message) -> Iterator[Event]:
        if message.type_id == VIDEO:
            if self.phase is Phase.PUBLISHING:
                yield Video(message.timestamp, message.payload)
        elif message.type_id == AUDIO:
            if self.phase is Phase.PUBLISHING:
                yield Audio(message.timestamp, message.payload)
        elif message.type_id in (COMMAND_AMF0, COMMAND_AMF3):
            yield from self._command(message)
        elif message.type_id in (DATA_AMF0, DATA_AMF3):
            yield from self._data(message)
        elif message.type_id == AGGREGATE:
            for part in _split_aggregate(message):
                yield from self._dispatch(part)
        elif message.type_id == USER_CONTROL:
            self._user_control(message.payload)
        elif message.type_id == WINDOW_ACKNOWLEDGEMENT_SIZE and len(message.payload) >= 4:
            # Half of what the peer waits for, so that it never has to wait; within reason, as it is hostile.
            self._window = max(64_000, min(WINDOW, int.from_bytes(message.payload[:4], "big") // 2))

    def _command(self, message: Message) -> Iterator[Event]:
        self._commands += 1
        if self._commands > MAX_COMMANDS:
            raise ProtocolError("too many commands")
        values = amf0.decode(_amf0_body(message))
        if len(values) < 2 or not isinstance(values[0], str) or not isinstance(values[1], int | float):
            raise ProtocolError("malformed command")
        command = _Command(values[0], values[1], values[2:], message.stream_id)
        allowed, answer = self._COMMANDS.get(command.name, (None, None))
        if allowed is None or answer is None:
            return
        if self.phase not in allowed:
            raise ProtocolError(f"{command.name} out of order")
        event = answer(self, command)
        if event is not None:
            yield event

    def _connect(self, command: _Command) -> Event | None:
        properties = command.object()
        self._send_control(WINDOW_ACKNOWLEDGEMENT_SIZE, WINDOW.to_bytes(4, "big"))
        self._send_control(SET_PEER_BANDWIDTH, WINDOW.to_bytes(4, "big") + bytes([_DYNAMIC_LIMIT]))
        self._send_control(SET_CHUNK_SIZE, CHUNK_SIZE.to_bytes(4, "big"))
        self._chunk_size = CHUNK_SIZE
        if str(properties.get("app", "")).partition("?")[0].strip("/") != self._application:
            rejected = _status("error", "NetConnection.Connect.Rejected", "There is no such application.")
            self._send_command("_error", command.transaction, None, rejected)
            self.phase = Phase.REFUSED
            return Refused("no such application")
        server: dict[str, amf0.Value] = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31}
        if "fourCcList" in properties:
            server["fourCcList"] = ["avc1", "hvc1", "av01", "mp4a"]
        success = _status("status", "NetConnection.Connect.Success", "Connection succeeded.")
        self._send_command("_result", command.transaction, server, {**success, "objectEncoding": 0})
        self.phase = Phase.CONNECTED
        return None

    def _acknowledge_name(self, command: _Command) -> None:
        self._send_command("_result", command.transaction, None, None)
        if command.name == "FCPublish":
            self._send_command("onFCPublish", 0, None, {"code": "NetStream.Publish.Start", "description": ""})

    def _create_stream(self, command: _Command) -> None:
        self._send_command("_result", command.transaction, None, _MEDIA_STREAM)

    def _check_bandwidth(self, command: _Command) -> None:
        self._send_command("_result", command.transaction, None, 0)

    def _publish(self, command: _Command) -> Event:
        self._publish_stream_id = command.stream_id or _MEDIA_STREAM
        key = command.text(1).partition("?")[0]
        if not key or len(key) > MAX_KEY or not key.isprintable():
            self.refuse_publish(BAD_NAME, "That is no stream key.")
            return Refused("malformed stream key")
        self.phase = Phase.DECIDING
        return PublishRequested(key)

    def _unpublish(self, command: _Command) -> Event | None:
        if self.phase is not Phase.PUBLISHING:
            return None
        self.phase = Phase.CONNECTED
        return Unpublished(command.name)

    def _play(self, command: _Command) -> Event:
        self._publish_stream_id = command.stream_id or _MEDIA_STREAM
        self._send_status("error", "NetStream.Play.StreamNotFound", "Playback over RTMP is not offered.")
        self.phase = Phase.REFUSED
        return Refused("play over RTMP")

    _ANYWHERE: ClassVar[tuple[Phase, ...]] = (Phase.CONNECTED, Phase.PUBLISHING)
    _COMMANDS: ClassVar[dict[str, tuple[tuple[Phase, ...], _Answer]]] = {
        "connect": ((Phase.OPENED,), _connect),
        "releaseStream": (_ANYWHERE, _acknowledge_name),
        "FCPublish": (_ANYWHERE, _acknowledge_name),
        "createStream": (_ANYWHERE, _create_stream),
        "_checkbw": (_ANYWHERE, _check_bandwidth),
        "publish": ((Phase.CONNECTED,), _publish),
        "FCUnpublish": (_ANYWHERE, _unpublish),
        "closeStream": (_ANYWHERE, _unpublish),
        "deleteStream": (_ANYWHERE, _unpublish),
        "play": (_ANYWHERE, _play),
        "play2": (_ANYWHERE, _play),
    }
    """Each command, the phases it may come in, and its answer; others are ignored, as encoders send many."""

    def _data(self, message: Message) -> Iterator[Event]:
        if self.phase is not Phase.PUBLISHING:
            return
        values = amf0.decode(_amf0_body(message))
        if values[:1] == ["@setDataFrame"]:
            values = values[1:]
        match values:
            case ["onMetaData", dict(properties), *_]:
                yield Metadata(properties)

    def _user_control(self, payload: bytes) -> None:
        if len(payload) >= 6 and int.from_bytes(payload[:2], "big") == _PING_REQUEST:
            self._send_control(USER_CONTROL, _PING_RESPONSE.to_bytes(2, "big") + payload[2:6])

    def _acknowledge(self) -> None:
        if self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._send_control(ACKNOWLEDGEMENT, (self._received & 0xFFFFFFFF).to_bytes(4, "big"))

    def _send_control(self, type_id: int, payload: bytes) -> None:
        self._send(Message(type_id, 0, 0, payload), _CONTROL_CHUNK_STREAM)

    def _send_command(self, name: str, transaction: float, *arguments: amf0.Value) -> None:
        payload = amf0.encode(name, transaction, *arguments)
        self._send(Message(COMMAND_AMF0, 0, 0, payload), _COMMAND_CHUNK_STREAM)

    def _send_status(self, level: str, code: str, description: str) -> None:
        payload = amf0.encode("onStatus", 0, None, _status(level, code, description))
        self._send(Message(COMMAND_AMF0, 0, self._publish_stream_id, payload), _STATUS_CHUNK_STREAM)

    def _send(self, message: Message, chunk_stream_id: int) -> None:
        self._output.append(encode_message(message, chunk_stream_id=chunk_stream_id, chunk_size=self._chunk_size))


def _status(level: str, code: str, description: str) -> dict[str, amf0.Value]:
    return {"level": level, "code": code, "description": description}


def _amf0_body(message: Message) -> bytes:
    # The AMF3 forms hold AMF0 values after a zero byte.
    return message.payload[1:] if message.type_id in (COMMAND_AMF3, DATA_AMF3) else message.payload


def _split_aggregate(message: Message) -> Iterator[Message]:
    """The FLV tags in an aggregate message; the first gets the message's own timestamp (section 7.1.6)."""
    payload, at, base = message.payload, 0, None
    while at + 11 <= len(payload):
        size = int.from_bytes(payload[at + 1 : at + 4], "big")
        timestamp = int.from_bytes(payload[at + 4 : at + 7], "big") | payload[at + 7] << 24
        base = timestamp if base is None else base
        shifted = (message.timestamp + timestamp - base) & 0xFFFFFFFF
        if payload[at] in (AUDIO, VIDEO, DATA_AMF0):
            yield Message(payload[at], shifted, message.stream_id, payload[at + 11 : at + 11 + size])
        at += 11 + size + 4
