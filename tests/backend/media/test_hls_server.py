"""The HTTP server, over real sockets."""

import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest
from media_running import RunningMedia, running

from backend.media import hls_server
from backend.media.server import MediaSettings

SEGMENT = bytes(range(256)) * 1024
PLAYLIST = b"#EXTM3U\n"


@pytest.fixture
def files(media: RunningMedia) -> Path:
    (media.hls_dir / "show").mkdir()
    (media.hls_dir / "show.m3u8").write_bytes(PLAYLIST)
    (media.hls_dir / "show" / "ab12-0.ts").write_bytes(SEGMENT)
    (media.hls_dir / "show" / "ab12-0.m4s").write_bytes(b"short")
    (media.hls_dir / "show" / "ab12-0.mp4").write_bytes(b"")
    (media.hls_dir / "show" / "publisher").write_text("secret")
    (media.hls_dir.parent / "outside.ts").write_bytes(b"outside")
    return media.hls_dir


@pytest.fixture
async def client(media: RunningMedia, files: Path):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{media.hls_port}", trust_env=False) as client:
        yield client


async def raw(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_playlist_is_asked_for_again(client: httpx.AsyncClient):
    response = await client.get("/hls/show.m3u8?_=1")
    assert response.status_code == 200
    assert response.content == PLAYLIST
    assert response.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["access-control-allow-origin"] == "*"
    assert "date" in response.headers


async def test_a_segment_never_changes(client: httpx.AsyncClient):
    response = await client.get("/hls/show/ab12-0.ts")
    assert response.content == SEGMENT
    assert response.headers["content-type"] == "video/mp2t"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await client.get("/hls/show/ab12-0.m4s")).headers["content-type"] == "video/iso.segment"
    assert (await client.get("/hls/show/ab12-0.mp4")).headers["content-type"] == "video/mp4"


async def test_head_and_options(client: httpx.AsyncClient):
    response = await client.head("/hls/show/ab12-0.ts")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(SEGMENT))
    assert (await client.head("/nothing")).status_code == 404
    response = await client.options("/hls/show.m3u8")
    assert response.status_code == 204
    assert response.headers["access-control-allow-headers"] == "Range"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, len(SEGMENT)),
        ("bytes=-10", len(SEGMENT) - 10, len(SEGMENT)),
        ("bytes=5-99999999", 5, len(SEGMENT)),
        ("bytes=1000-200000", 1000, 200_001),
    ],
)
async def test_ranges(client: httpx.AsyncClient, asked: str, start: int, stop: int):
    response = await client.get("/hls/show/ab12-0.ts", headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == SEGMENT[start:stop]
    assert response.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(SEGMENT)}"


@pytest.mark.parametrize("asked", ["bytes=262144-", "bytes=999999-1000000", "bytes=-0"])
async def test_ranges_outside(client: httpx.AsyncClient, asked: str):
    response = await client.get("/hls/show/ab12-0.ts", headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(SEGMENT)}"


@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=9-3", "x"])
async def test_what_is_no_range_is_ignored(client: httpx.AsyncClient, asked: str):
    response = await client.get("/hls/show/ab12-0.ts", headers={"Range": asked})
    assert (response.status_code, len(response.content)) == (200, len(SEGMENT))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/hls/",
        "/hls/other.m3u8",
        "/hls/show",
        "/hls/show/publisher",
        "/hls/../outside.ts",
        "/hls/show/../../outside.ts",
        "/hls/%2e%2e/outside.ts",
        "/hls/..%2foutside.ts",
        "//hls/show.m3u8",
        "/hls/show/ab12-0.ts/",
        "/hls/show.m3u8\x00",
        "/hls/show/ab12-0.ts.tmp",
        "http://x/hls/show.m3u8",
    ],
)
async def test_everything_else_is_not_found(media: RunningMedia, files: Path, path: str):
    answer = await raw(media.hls_port, f"GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"Cache-Control: no-store" in answer


async def test_health(client: httpx.AsyncClient):
    response = await client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


async def test_other_methods_are_not_allowed(client: httpx.AsyncClient):
    response = await client.delete("/hls/show.m3u8")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET / SPDY\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_bad_requests(media: RunningMedia, request_: bytes):
    assert (await raw(media.hls_port, request_)).startswith(b"HTTP/1.1 400 ")


async def test_endless_headers_are_not_read(media: RunningMedia):
    answer = b""
    with contextlib.suppress(ConnectionError):
        answer = await raw(media.hls_port, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000)
    assert answer == b""


async def test_slow_headers_are_not_waited_for(media: RunningMedia, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hls_server, "HEADER_TIMEOUT", 0.2)
    assert await raw(media.hls_port, b"GET / HTTP/1.1\r\n") == b""


async def test_a_viewer_who_takes_nothing_is_dropped(media: RunningMedia, files: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hls_server, "SEND_TIMEOUT", 0.2)
    (files / "show" / "large-0.ts").write_bytes(bytes(64 << 20))
    reader, writer = await asyncio.open_connection("127.0.0.1", media.hls_port)
    writer.write(b"GET /hls/show/large-0.ts HTTP/1.1\r\n\r\n")
    await asyncio.sleep(0.5)
    received = 0
    try:
        while data := await reader.read(1 << 20):
            received += len(data)
    except ConnectionError:
        pass
    assert received < 64 << 20
    writer.close()


async def test_connections_are_kept_or_closed_as_asked(media: RunningMedia, files: Path):
    request = b"GET /hls/show.m3u8 HTTP/1.1\r\n\r\n"
    last = b"GET /hls/show.m3u8 HTTP/1.1\r\nConnection: close\r\n\r\n"
    assert (await raw(media.hls_port, request * 3 + last)).count(PLAYLIST) == 4
    assert (await raw(media.hls_port, b"GET /hls/show.m3u8 HTTP/1.0\r\n\r\n")).count(PLAYLIST) == 1


async def test_viewers_are_bounded(settings: MediaSettings):
    changed = MediaSettings(
        hls_dir=settings.hls_dir,
        api_url=settings.api_url,
        secret=settings.secret,
        rtmp_port=0,
        hls_port=0,
        max_viewer_connections=2,
    )
    async with running(changed) as media:
        kept = [await asyncio.open_connection("127.0.0.1", media.hls_port) for _ in range(2)]
        await asyncio.sleep(0.05)
        with contextlib.suppress(ConnectionError):
            assert await raw(media.hls_port, b"GET /healthz HTTP/1.0\r\n\r\n") == b""
        for _, writer in kept:
            writer.close()
