"""One API process: REST and Socket.IO behind uvicorn."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable

import uvicorn

from backend import data_dir, seams
from backend.app import create_server
from backend.realtime.server import MAX_MESSAGE
from backend.settings import Settings

DRAIN = 3
"""Seconds that requests under way are given when the process stops."""
BACKLOG = 2048
"""Connections that may wait to be accepted: a join storm comes all at once."""


class ListenError(Exception):
    """The port cannot be listened on; the message names it."""


class _Server(uvicorn.Server):
    """uvicorn, which says goodbye to sockets before it waits for requests under way: an open poll is one of them."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._hang_up = hang_up

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._hang_up()
        await super().shutdown(sockets)


def listen(host: str, port: int, what: str) -> socket.socket:
    """A listening TCP socket.

    Raises:
        ListenError: the port is in use, or not ours to use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG, reuse_port=False)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ListenError(f"Port {port} for {what} cannot be used: {reason}. Choose another.") from error


def run(settings: Settings, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called when connections are accepted.

    Raises:
        ListenError: the port is taken.
        DataDirError: a secret cannot be read.
        SystemExit: the database cannot be used; the log says why.
    """
    listener = listen(settings.host, settings.http_port, "the API")
    app = create_server(settings, data_dir.keyring(settings), data_dir.media_secret(settings))
    server = _Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE,
            ws_per_message_deflate=False,
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=DRAIN,
            proxy_headers=True,
            forwarded_allow_ips=list(settings.trusted_proxies),
        ),
        app.engineio_server.hang_up,
    )
    # uvicorn raises the signal that stopped it once more; a stop that was asked for is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_serve(server, listener, ready))


async def _serve(server: uvicorn.Server, listener: socket.socket, ready: Callable[[], None]) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await seams.sleep(0.02)
    if server.started:
        ready()
    await serving
