"""The media server, put together."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog

from backend.media.hls_server import MAX_HEADER, HlsServer
from backend.media.ingest.hooks import ApiHooks
from backend.media.ingest.ingest import Ingest
from backend.media.settings import MediaSettings

__all__ = ["ListenError", "Listening", "MediaSettings", "serve"]

_BACKLOG = 256

_log = structlog.get_logger(__name__)


class ListenError(Exception):
    """A port cannot be listened on; the message is one line that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the media server listens."""

    host: str
    rtmp_port: int
    hls_port: int


async def serve(
    settings: MediaSettings, *, stop: asyncio.Event, ready: Callable[[Listening], None] | None = None
) -> None:
    """Run the media server until `stop` is set; `ready` is told where it listens.

    Then publishers are cut and what they sent is kept as a last segment, but playlists stay open: a media
    server that comes back within the grace period continues the shows. The API decides when a show is over.

    Raises:
        ListenError: a port is in use, or not ours to use.
        OSError: `settings.hls_dir` cannot be made.
    """
    settings.hls_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        hooks = await stack.enter_async_context(ApiHooks(settings.api_url, settings.secret))
        viewers = HlsServer(settings.hls_dir, max_connections=settings.max_viewer_connections)
        ingest = Ingest(settings, hooks)
        hls = await _listen(
            "HLS",
            settings.host,
            settings.hls_port,
            lambda host, port: asyncio.start_server(viewers.handle, host, port, limit=MAX_HEADER, backlog=_BACKLOG),
        )
        stack.push_async_callback(viewers.stop)
        stack.callback(hls.close)
        loop = asyncio.get_running_loop()
        rtmp = await _listen(
            "RTMP",
            settings.host,
            settings.rtmp_port,
            lambda host, port: loop.create_server(ingest.connect, host, port, backlog=_BACKLOG),
        )
        stack.push_async_callback(ingest.stop)
        stack.callback(rtmp.close)
        listening = Listening(host=settings.host, rtmp_port=_port(rtmp), hls_port=_port(hls))
        _log.info("media_ready", host=settings.host, rtmp_port=listening.rtmp_port, hls_port=listening.hls_port)
        if ready is not None:
            ready(listening)
        await _run_until(stop, ingest)
    _log.info("media_stopped")


async def _run_until(stop: asyncio.Event, ingest: Ingest) -> None:
    """Run until `stop` is set, or raise what made the ingest end before."""
    running = asyncio.create_task(ingest.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
    finally:
        running.cancel()
        stopping.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)


async def _listen(
    name: str, host: str, port: int, start: Callable[[str, int], Awaitable[asyncio.Server]]
) -> asyncio.Server:
    try:
        return await start(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ListenError(f"{name} port {port} on {host} is in use") from error
        raise ListenError(f"{name} port {port} on {host} cannot be used: {error.strerror or error}") from error


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
