"""Clients that mean harm: closed fast, nothing kept, a good stream undisturbed."""

import asyncio
import gc
import random
import socket
import time

import psutil
import pytest
from media_api import FakeApi
from media_clips import Tag
from media_publisher import Publisher, RefusedError, command, connect_command
from media_running import RunningMedia
from media_waiting import until

from backend.media.ingest import connection
from backend.media.rtmp.chunks import Message, encode_message
from tests.waiting import PATIENCE

KEY = "11111111-2222-4333-8444-555555555555"
FAST = 2.0
"""Seconds; some hundred times what it takes, as machines are shared."""


@pytest.fixture(autouse=True)
def _keys(api: FakeApi) -> None:
    api.keys = {KEY: "show"}


@pytest.fixture
async def good(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    """A publisher that sends before and after; its pictures all have to arrive."""
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(tag for tag in clip if tag.timestamp < 5000)
    yield publisher
    await publisher.send_tags(tag for tag in clip if tag.timestamp >= 5000)
    await until(lambda: (api.program("show") or {}).get("segments") == 4)
    program = api.program("show")
    assert program is not None
    assert program["state"] == "live"


async def stranger(port: int, data: bytes) -> Publisher:
    publisher = Publisher(*await asyncio.open_connection("127.0.0.1", port))
    publisher.writer.write(data)
    return publisher


_NOISE = random.Random(1).randbytes(200_000)


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01" + _NOISE, b"\x04" + bytes(1536), _NOISE[:20_000]],
    ids=["http", "tls", "version", "noise"],
)
async def test_other_protocols_are_closed(media: RunningMedia, good: Publisher, data: bytes):
    publisher = await stranger(media.rtmp_port, data)
    assert await publisher.hung_up(FAST)


def command_message(payload: bytes) -> Message:
    return Message(20, 0, 0, payload)


_HALF = bytes([0x04]) + bytes(3) + (60_000).to_bytes(3, "big") + b"\x09" + bytes(4) + bytes(128)


@pytest.mark.parametrize(
    "data",
    [
        _NOISE,
        bytes([2]) + bytes(3) + b"\x00\x00\x04\x01" + bytes(4) + bytes(4),
        bytes([0xC5]) + bytes(300),
        bytes([4]) + bytes(3) + b"\xff\xff\xff\x09" + bytes(4),
        b"".join(bytes([0, at]) + _HALF[1:] for at in range(200)),
    ],
    ids=["noise", "chunk size zero", "unknown chunk stream", "huge message", "half messages"],
)
async def test_broken_chunk_streams_are_closed(media: RunningMedia, good: Publisher, data: bytes):
    publisher = await Publisher.connect(media.rtmp_port)
    publisher.writer.write(data)
    assert await publisher.hung_up(FAST)


@pytest.mark.parametrize(
    "payload",
    [
        b"\x02\x00\x03foo\x00" + bytes(8) + b"\x03\x00\x01a" * 4000,
        b"\x02\x00\x03foo\x00" + bytes(8) + b"\x0a\xff\xff\xff\xff",
        b"\x02\xff\xffab",
        b"",
        b"\x11\x0a\x0b\x01",
    ],
    ids=["depth", "array", "cut short", "empty", "amf3"],
)
async def test_malformed_commands_are_closed(media: RunningMedia, good: Publisher, payload: bytes):
    publisher = await Publisher.connect(media.rtmp_port)
    publisher.send(connect_command(), 3)
    publisher.send(command_message(payload), 3)
    assert await publisher.hung_up(FAST)


async def test_publishing_before_connecting_is_closed(media: RunningMedia, good: Publisher):
    publisher = await Publisher.connect(media.rtmp_port)
    publisher.send(command("publish", 5, None, KEY, "live", stream_id=1), 3)
    assert await publisher.hung_up(FAST)


async def test_a_flood_without_reading_is_closed(media: RunningMedia, good: Publisher):
    publisher = await Publisher.connect(media.rtmp_port)
    publisher.send(connect_command(), 3)
    started = time.monotonic()
    try:
        for number in range(30_000):
            publisher.send(command("createStream", number, None), 3)
            await publisher.writer.drain()
    except ConnectionError:
        pass
    assert await publisher.hung_up(FAST)
    assert time.monotonic() - started < 5


async def test_what_is_never_read_is_bounded(media: RunningMedia, good: Publisher):
    connected = socket.create_connection(("127.0.0.1", media.rtmp_port))
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader, writer = await asyncio.open_connection(sock=connected)
    writer.write(b"\x03" + bytes(1536))
    writer.write((await reader.readexactly(3073))[1:1537])
    ping = encode_message(Message(4, 0, 0, b"\x00\x06" + bytes(4)), chunk_stream_id=2, chunk_size=128)

    async def flood() -> None:
        for _ in range(100):
            writer.write(ping * 10_000)
            await writer.drain()

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(flood(), PATIENCE)


async def test_slow_handshakes_are_closed_all_at_once(
    media: RunningMedia, good: Publisher, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "PUBLISH_TIMEOUT", 0.5)
    strangers = [await stranger(media.rtmp_port, b"\x03") for _ in range(90)]
    assert all(await asyncio.gather(*(each.hung_up(2) for each in strangers)))


async def test_a_thousand_bad_clients_leave_nothing(media: RunningMedia, good: Publisher):
    async def trouble(number: int) -> None:
        publisher = await Publisher.connect(media.rtmp_port)
        if number % 2:
            publisher.set_chunk_size(1 << 20)
            publisher.send(connect_command(), 3)
            publisher.writer.write(_HALF)
        else:
            publisher.writer.write(_NOISE)
        publisher.vanish()

    async def round_of_trouble() -> int:
        for start in range(0, 250, 50):
            await asyncio.gather(*(trouble(start + number) for number in range(50)))
        await asyncio.sleep(0.2)
        gc.collect()
        return psutil.Process().num_fds()

    before = await round_of_trouble()
    assert await round_of_trouble() <= before + 5
    left = [each for each in gc.get_objects() if isinstance(each, connection.PublisherConnection)]
    assert len(left) <= 3


async def test_wrong_keys_at_once_are_all_refused(media: RunningMedia, good: Publisher):
    tries = (Publisher.publish(media.rtmp_port, f"wrong-{number}") for number in range(40))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(result, RefusedError) for result in results)


async def test_a_slow_api_holds_nobody_else_up(media: RunningMedia, good: Publisher, api: FakeApi):
    api.delay = 0.3
    waiting = asyncio.create_task(Publisher.publish(media.rtmp_port, "wrong"))
    await asyncio.sleep(0.05)
    gone = await Publisher.connect(media.rtmp_port)
    gone.send(connect_command(), 3)
    gone.send(command("publish", 5, None, KEY, "live", stream_id=1), 3)
    await asyncio.sleep(0.05)
    gone.vanish()
    with pytest.raises(RefusedError):
        await waiting
    api.delay = 0
