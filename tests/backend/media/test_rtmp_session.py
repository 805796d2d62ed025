"""The conversation as a playbook: what the peer says, what we answer, what our owner hears."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media_publisher import command, connect_command

from backend.media.rtmp import amf0, session
from backend.media.rtmp.chunks import ChunkReader, Message, encode_message
from backend.media.rtmp.errors import ProtocolError
from backend.media.rtmp.events import Audio, Event, Metadata, PublishRequested, Refused, Unpublished, Video
from backend.media.rtmp.session import Session


class Peer:
    """Speaks to a session in messages, and reads its answers."""

    def __init__(self) -> None:
        self.session = Session(application="live")
        self._reader = ChunkReader(max_message=1 << 20, max_buffered=1 << 20)
        assert list(self.session.receive(b"\x03" + bytes(1536))) == []
        answer = self.session.take_output()
        assert len(answer) == 1 + 1536 + 1536
        assert list(self.session.receive(answer[1:1537])) == []

    def say(self, *messages: Message) -> list[Event]:
        data = (encode_message(message, chunk_stream_id=3, chunk_size=128) for message in messages)
        return list(self.session.receive(b"".join(data)))

    def heard(self) -> Iterator[Any]:
        """Answers: commands as lists, anything else as messages."""
        self._reader.feed(self.session.take_output())
        while (message := self._reader.next_message()) is not None:
            yield amf0.decode(message.payload) if message.type_id == 20 else message

    def commands(self) -> list[list[Any]]:
        return [answer for answer in self.heard() if isinstance(answer, list)]


def publish(key: str) -> Message:
    return command("publish", 5, None, key, "live", stream_id=1)


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def connected(peer: Peer) -> Peer:
    assert peer.say(connect_command()) == []
    list(peer.heard())
    return peer


@pytest.fixture
def publishing(connected: Peer) -> Peer:
    connected.say(publish("key"))
    list(connected.session.accept_publish())
    list(connected.heard())
    return connected


def test_connect_announces_sizes_before_its_result(peer: Peer):
    peer.say(connect_command())
    window, bandwidth, result = peer.heard()
    assert window == Message(5, 0, 0, session.WINDOW.to_bytes(4, "big"))
    assert bandwidth.type_id == 6
    assert result[:2] == ["_result", 1]
    assert result[3]["code"] == "NetConnection.Connect.Success"
    assert peer._reader._chunk_size == session.CHUNK_SIZE


def test_extended_codecs_are_announced_to_who_asks(peer: Peer):
    peer.say(command("connect", 1, {"app": "live", "fourCcList": ["*"]}))
    assert peer.commands()[0][2]["fourCcList"] == ["avc1", "hvc1", "av01", "mp4a"]


@pytest.mark.parametrize("application", ["live", "live/", "live?token=1"])
def test_the_application_may_be_decorated(peer: Peer, application: str):
    assert peer.say(connect_command(application)) == []
    assert peer.commands()[0][0] == "_result"


def test_another_application_is_rejected(peer: Peer):
    assert peer.say(connect_command("vod")) == [Refused("no such application")]
    assert peer.commands()[0][3]["code"] == "NetConnection.Connect.Rejected"


def test_the_usual_way_to_publish(connected: Peer):
    assert connected.say(command("releaseStream", 2, None, "key"), command("FCPublish", 3, None, "key")) == []
    assert [answer[0] for answer in connected.commands()] == ["_result", "_result", "onFCPublish"]
    connected.say(command("createStream", 4, None), command("_checkbw", 5, None))
    assert connected.commands() == [["_result", 4, None, 1], ["_result", 5, None, 0]]
    assert connected.say(publish("key?token=x")) == [PublishRequested("key")]
    assert list(connected.session.accept_publish()) == []
    begin, status = connected.heard()
    assert begin == Message(4, 0, 0, b"\x00\x00\x00\x00\x00\x01")
    assert status[3]["code"] == "NetStream.Publish.Start"
    assert connected.say(Message(8, 20, 1, b"a"), Message(9, 40, 1, b"v")) == [Audio(20, b"a"), Video(40, b"v")]
    assert connected.say(command("FCUnpublish", 6, None, "key")) == [Unpublished("FCUnpublish")]
    assert connected.say(command("deleteStream", 7, None, 1)) == []
    assert connected.say(Message(9, 80, 1, b"late")) == []


def test_nothing_is_read_before_the_decision(connected: Peer):
    assert connected.say(publish("key"), Message(9, 0, 1, b"early")) == [PublishRequested("key")]
    assert connected.say(Message(9, 40, 1, b"also early")) == []
    assert list(connected.session.accept_publish()) == [Video(0, b"early"), Video(40, b"also early")]


def test_a_refusal_is_told(connected: Peer):
    connected.say(publish("key"), Message(9, 0, 1, b"early"))
    connected.session.refuse_publish(session.UNAUTHORIZED, "No such stream key.")
    (status,) = connected.commands()
    assert status == [
        "onStatus",
        0,
        None,
        {"level": "error", "code": "NetStream.Publish.Unauthorized", "description": "No such stream key."},
    ]
    assert connected.say(Message(9, 40, 1, b"stubborn")) == []


def test_play_is_refused(connected: Peer):
    assert connected.say(command("play", 5, None, "key", stream_id=1)) == [Refused("play over RTMP")]
    assert connected.commands()[0][3]["code"] == "NetStream.Play.StreamNotFound"


def test_metadata_with_and_without_its_wrapper(publishing: Peer):
    properties: dict[str, amf0.Value] = {"width": 640.0}
    wrapped = Message(18, 0, 1, amf0.encode("@setDataFrame", "onMetaData", properties))
    plain = Message(15, 0, 1, b"\x00" + amf0.encode("onMetaData", properties))
    other = Message(18, 0, 1, amf0.encode("onTextData", properties))
    assert publishing.say(wrapped, plain, other) == [Metadata(properties)] * 2


def test_an_aggregate_is_taken_apart(publishing: Peer):
    def tag(kind: int, timestamp: int, body: bytes) -> bytes:
        head = bytes([kind]) + len(body).to_bytes(3, "big") + (timestamp & 0xFFFFFF).to_bytes(3, "big")
        return head + bytes([timestamp >> 24]) + bytes(3) + body + (11 + len(body)).to_bytes(4, "big")

    aggregate = Message(22, 5000, 1, tag(8, 100, b"a") + tag(9, 140, b"v") + tag(7, 0, b"?"))
    assert publishing.say(aggregate) == [Audio(5000, b"a"), Video(5040, b"v")]


def test_a_ping_gets_its_pong(connected: Peer):
    connected.say(Message(4, 0, 0, b"\x00\x06\x01\x02\x03\x04"))
    assert list(connected.heard()) == [Message(4, 0, 0, b"\x00\x07\x01\x02\x03\x04")]


def test_what_arrives_is_acknowledged(publishing: Peer):
    publishing.say(*(Message(9, index, 1, bytes(60_000)) for index in range(50)))
    acknowledgements = [answer for answer in publishing.heard() if answer.type_id == 3]
    assert acknowledgements


def test_a_smaller_window_is_respected(publishing: Peer):
    publishing.say(Message(5, 0, 0, (200_000).to_bytes(4, "big")))
    publishing.say(Message(9, 0, 1, bytes(100_000)))
    assert [answer.type_id for answer in publishing.heard()] == [3]


def test_unknown_commands_are_ignored(connected: Peer):
    assert connected.say(command("getStreamLength", 9, None, "key"), command("pause", 0, None)) == []
    assert connected.commands() == []


@pytest.mark.parametrize("key", ["", "x" * 300, "a\nb", "a\x00", "a\u202eb"])
def test_a_malformed_key_is_refused_without_asking(connected: Peer, key: str):
    assert connected.say(publish(key)) == [Refused("malformed stream key")]


@pytest.mark.parametrize(
    "message",
    [
        publish("key"),
        command("createStream", 2, None),
        Message(20, 0, 0, amf0.encode("connect")),
        Message(20, 0, 0, amf0.encode(1, 2)),
        Message(20, 0, 0, b"\x02\xff\xff"),
        Message(20, 0, 0, b""),
    ],
    ids=range(6),
)
def test_what_makes_no_sense_ends_the_conversation(peer: Peer, message: Message):
    with pytest.raises(ProtocolError):
        peer.say(message)


def test_a_second_connect_or_publish_ends_the_conversation(publishing: Peer):
    with pytest.raises(ProtocolError):
        publishing.say(connect_command())
    with pytest.raises(ProtocolError):
        publishing.say(publish("key"))


def test_floods_of_commands_end_the_conversation(connected: Peer):
    with pytest.raises(ProtocolError):
        connected.say(*[command("createStream", 2, None)] * 2000)


def test_strangers_may_not_send_large_messages(connected: Peer):
    with pytest.raises(ProtocolError):
        connected.say(Message(9, 0, 1, bytes(100_000)))


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b"\x06" + bytes(1536)])
def test_other_protocols_are_told_at_the_first_byte(data: bytes):
    with pytest.raises(ProtocolError):
        list(Session(application="live").receive(data))


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=150, deadline=None)
def test_noise_is_ignored_or_a_protocol_error(noise: bytes, publishing: bool):
    peer = Peer()
    peer.say(connect_command())
    if publishing:
        peer.say(publish("key"))
        list(peer.session.accept_publish())
    with contextlib.suppress(ProtocolError):
        list(peer.session.receive(noise))


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_mutated_conversation_is_a_protocol_error_at_worst(mutations: list[tuple[int, int]]):
    peer = Peer()
    said = (connect_command(), command("createStream", 4, None), publish("key"), Message(8, 0, 1, b"sound"))
    data = bytearray(b"".join(encode_message(each, chunk_stream_id=3, chunk_size=128) for each in said))
    for at, value in mutations:
        data[at % len(data)] = value
    try:
        for event in peer.session.receive(bytes(data)):
            if isinstance(event, PublishRequested):
                break
    except ProtocolError:
        pass
