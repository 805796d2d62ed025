"""The media server with ffmpeg at both ends; its own process, so that it can be killed."""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from backend.media.hls.playlist import MediaPlaylist
from backend.media.rtmp.events import Audio, PublishRequested, Video
from backend.media.rtmp.session import Session

sys.path.append(str(Path(__file__).parents[1] / "backend" / "media"))

from media_api import FakeApi
from media_clips import parse_flv
from media_waiting import until

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg"),
]

KEY = "11111111-2222-4333-8444-555555555555"

_SERVER = """
import asyncio, json, signal, sys
import structlog
from pathlib import Path
from backend.media.server import MediaSettings, serve

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = MediaSettings(
        rtmp_port=int(sys.argv[1]), hls_port=0, hls_dir=Path(sys.argv[2]), api_url=sys.argv[3],
        secret=sys.argv[4], min_free_bytes=0,
    )
    ready = lambda at: print(json.dumps([at.rtmp_port, at.hls_port]), flush=True)
    await serve(settings, stop=stop, ready=ready)

asyncio.run(main())
"""


@dataclass
class MediaProcess:
    """A media server in a process of its own."""

    api: FakeApi
    hls_dir: Path
    process: asyncio.subprocess.Process
    rtmp_port: int
    hls_port: int

    @classmethod
    async def start(cls, api: FakeApi, hls_dir: Path, rtmp_port: int = 0) -> "MediaProcess":
        arguments = (str(rtmp_port), str(hls_dir), api.url, api.secret)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SERVER, *arguments, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        rtmp_port, hls_port = json.loads(await process.stdout.readline())
        return cls(api, hls_dir, process, rtmp_port, hls_port)

    async def kill(self) -> None:
        if self.process.returncode is None:
            await stop(self.process)

    @property
    def address(self) -> str:
        return f"rtmp://localhost:{self.rtmp_port}/live/{KEY}"

    @property
    def playlist_url(self) -> str:
        return f"http://127.0.0.1:{self.hls_port}/hls/show.m3u8"

    async def playlist(self) -> MediaPlaylist:
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.get(self.playlist_url)
        assert response.headers["content-type"] == "application/vnd.apple.mpegurl"
        return MediaPlaylist.parse(response.text, window=6)


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[MediaProcess]:
    async with FakeApi() as api:
        api.keys = {KEY: "show"}
        media = await MediaProcess.start(api, tmp_path / "hls")
        yield media
        await media.kill()


async def ffmpeg(*arguments: str) -> asyncio.subprocess.Process:
    command = ("ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", *arguments)
    return await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)


async def publish(address: str) -> asyncio.subprocess.Process:
    """The command line of the seller's manual."""
    return await ffmpeg(
        *("-re", "-f", "lavfi", "-i", "testsrc2", "-f", "lavfi", "-i", "sine"),
        *("-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-g", "50"),
        *("-c:a", "aac", "-f", "flv", address),
    )


async def stop(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


async def output(program: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        program, "-v", "error", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert err == b"", err
    return out.decode()


async def decode_times(segments: Path, stream: str) -> list[float]:
    arguments = ("-select_streams", stream, "-show_entries", "packet=dts_time", "-of", "csv=p=0")
    return [float(line.strip(",")) for line in (await output("ffprobe", *arguments, str(segments))).split()]


def join(media: MediaProcess, playlist: MediaPlaylist, target: Path) -> Path:
    target.write_bytes(b"".join((media.hls_dir / entry.uri).read_bytes() for entry in playlist.entries))
    return target


async def test_a_show_from_ffmpeg_to_ffprobe(media: MediaProcess, tmp_path: Path):
    publisher = await publish(media.address)
    await until(lambda: media.api.requests)
    accepted = time.monotonic()
    await until(lambda: media.api.state("show") == "live", within=4)
    assert time.monotonic() - accepted < 3
    first = await media.playlist()
    await asyncio.sleep(12)
    last = await media.playlist()
    assert last.next_sequence >= first.next_sequence + 5
    assert not any(entry.discontinuity for entry in last.entries)
    assert [entry.duration for entry in last.entries] == pytest.approx([2.0] * len(last.entries), abs=0.01)
    streams = await output("ffprobe", "-show_entries", "stream=codec_name", "-of", "csv=p=0", media.playlist_url)
    assert set(streams.split()) == {"h264", "aac"}
    joined = join(media, last, tmp_path / "joined.ts")
    for stream, gap in (("v", 0.045), ("a", 0.03)):
        times = await decode_times(joined, stream)
        assert len(times) > 200
        assert all(0 < after - before < gap for before, after in pairwise(times))
    publisher.terminate()
    await publisher.wait()
    await until(lambda: media.api.state("show") == "lost")


async def test_a_wrong_key_fails_at_once(media: MediaProcess):
    started = time.monotonic()
    publisher = await publish(media.address + "x")
    _, err = await publisher.communicate()
    assert publisher.returncode not in (0, None)
    assert b"No such stream key." in err
    assert time.monotonic() - started < 2
    assert list(media.hls_dir.iterdir()) == []


async def test_a_killed_publisher_continues(media: MediaProcess):
    publisher = await publish(media.address)
    await until(lambda: media.api.state("show") == "live")
    await asyncio.sleep(1.3)
    await stop(publisher)
    await until(lambda: media.api.state("show") == "lost")
    before = await media.playlist()
    assert not before.ended
    publisher = await publish(media.address)
    await until(lambda: media.api.state("show") == "live")
    after = await media.playlist()
    assert after.entries[: len(before.entries)] == before.entries
    assert after.entries[len(before.entries)].discontinuity
    await stop(publisher)


async def test_a_killed_server_continues(media: MediaProcess):
    publisher = await publish(media.address)
    await until(lambda: media.api.state("show") == "live")
    before = await media.playlist()
    await media.kill()
    await publisher.wait()
    again = await MediaProcess.start(media.api, media.hls_dir, media.rtmp_port)
    await until(lambda: media.api.state("show") == "lost")
    publisher = await publish(again.address)
    await until(lambda: media.api.state("show") == "live")
    after = await again.playlist()
    assert after.next_sequence == before.next_sequence + 1
    assert [entry.discontinuity for entry in after.entries] == [False] * len(before.entries) + [True]
    await stop(publisher)
    await again.kill()


async def test_what_comes_out_is_what_went_in(media: MediaProcess, tmp_path: Path):
    source = tmp_path / "source.flv"
    encoder = await ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", "sine", "-t", "10"),
        *("-c:v", "libx264", "-preset", "faster", "-bf", "2", "-g", "50", "-c:a", "aac", str(source)),
    )
    assert await encoder.wait() == 0
    publisher = await ffmpeg("-re", "-i", str(source), "-c", "copy", "-f", "flv", media.address)
    assert await publisher.wait() == 0
    await until(lambda: media.api.state("show") == "lost")
    joined = join(media, await media.playlist(), tmp_path / "joined.ts")
    for stream in ("v", "a"):
        assert await frame_hashes(joined, stream) == await frame_hashes(source, stream)


@pytest.mark.parametrize("start", [0, 0xFFFFFF - 3000])
async def test_timestamps_arrive_as_they_were_sent(tmp_path: Path, start: int):
    """Silence makes ffmpeg send many messages with type 3 headers alone; late starts need extended timestamps."""
    source = tmp_path / "source.flv"
    encoder = await ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", "anullsrc", "-t", "8"),
        *("-c:v", "libx264", "-preset", "faster", "-bf", "2", "-g", "50", "-c:a", "aac"),
        *("-output_ts_offset", str(start / 1000), str(source)),
    )
    assert await encoder.wait() == 0
    received: list[tuple[int, int, int]] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(application="live")
        while data := await reader.read(5000):
            events = list(session.receive(data))
            if any(isinstance(event, PublishRequested) for event in events):
                events += session.accept_publish()
            received.extend((9, each.timestamp, len(each.payload)) for each in events if isinstance(each, Video))
            received.extend((8, each.timestamp, len(each.payload)) for each in events if isinstance(each, Audio))
            writer.write(session.take_output())
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    address = f"rtmp://127.0.0.1:{server.sockets[0].getsockname()[1]}/live/{KEY}"
    publisher = await ffmpeg("-copyts", "-i", str(source), "-c", "copy", "-f", "flv", address)
    assert await publisher.wait() == 0
    server.close()
    sent = [(tag.kind, tag.timestamp, len(tag.body)) for tag in parse_flv(source.read_bytes())]
    for kind in (8, 9):
        assert len([each for each in received if each[0] == kind]) > 190
        assert [each for each in received if each[0] == kind] == [each for each in sent if each[0] == kind]


async def frame_hashes(path: Path, stream: str) -> list[str]:
    text = await output("ffmpeg", "-i", str(path), "-map", f"0:{stream}", "-f", "framemd5", "-")
    return [line.split(",")[-1].strip() for line in text.splitlines() if not line.startswith("#")]
