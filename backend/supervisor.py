"""`liveshop serve`: the parent of the API and of the media server. It starts them, restarts what died, stops them."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from backend import data_dir, seams
from backend.settings import OPTIONS, Settings
from backend.storage.database import migrate, opened

log = structlog.get_logger(__name__)

STOP_PATIENCE = 4.0
"""Seconds after SIGTERM after which a child is killed."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.5, 8.0
"""Seconds before a child that died is started again; doubled each time."""
STEADY = 30.0
"""Seconds of life after which a child's back-off starts anew."""

EXPLAINED = 1
"""The exit code of a command that failed and has said why."""
SUPERVISED = "LIVESHOP_SUPERVISED"
"""Set in children: end of file on standard input means that the parent is gone."""

_UNKNOWN_TO_MEDIA = ("signing_key", "database_url", "redis_url", "idp_secret")


Furnish = Callable[[Settings], Awaitable[str | None]]
"""Looks over the open database before anything listens; what its operator should know."""


class StartError(Exception):
    """A child did not start."""

    def __init__(self, child: str, exit_code: int) -> None:
        super().__init__(f"The {child} process could not start (exit code {exit_code}).")
        self.explained = exit_code == EXPLAINED
        """Whether the child has said why itself."""


@dataclass(slots=True)
class Child:
    """One process of the tree."""

    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str]
    ready: asyncio.Event = field(default_factory=asyncio.Event)


def with_real_ports(settings: Settings) -> Settings:
    """The settings with each port 0 replaced by a free one, so that every process knows them all."""
    return replace(
        settings,
        http_port=settings.http_port or free_port(settings.host),
        rtmp_port=settings.rtmp_port or free_port(settings.host),
        hls_port=settings.hls_port or free_port(settings.host),
    )


def free_port(host: str) -> int:
    """A port that nobody listens on now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def serve(settings: Settings, announce: Callable[[str], None], furnish: Furnish) -> None:
    """Run the whole server until SIGTERM or SIGINT.

    Args:
        settings: with real ports.
        announce: told what `furnish` has to say, each listener, then `ready`.
        furnish: gives the open database what a server cannot be without.

    Raises:
        DataDirError: the data folder cannot be used.
        DatabaseError: the database cannot be brought up to date.
        StartError: a child could not start.
    """
    if settings.embedded_database:
        await migrate(settings)
    # What is wrong with the database is said here, once, and not by every child.
    async with opened(settings):
        said = await furnish(settings)
    if said is not None:
        announce(said)
    stopping = _stop_signals()
    children = _children(settings)
    *failures, _ = await asyncio.gather(
        *(_keep(child, announce, stopping) for child in children), _announce_ready(children, announce, stopping)
    )
    for failure in failures:
        if failure is not None:
            raise failure


def _stop_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _children(settings: Settings) -> list[Child]:
    embedded = settings.media == "embedded"
    secret = seams.new_secret(32) if embedded else data_dir.media_secret(settings)
    data_dir.keyring(settings)
    names = [name for name in OPTIONS if name != "media_secret"]
    environment = {
        **os.environ,
        **settings.environment(*names),
        OPTIONS["media_secret"].env: secret,
        SUPERVISED: "1",
    }
    children = [Child("api", ("api",), environment)]
    if embedded:
        children.append(Child("media", ("media", "run"), _for_media(environment)))
    return children


def _for_media(environment: dict[str, str]) -> dict[str, str]:
    """The media server's environment: nothing that only the API must know."""
    hidden = {name for key in _UNKNOWN_TO_MEDIA for name in (OPTIONS[key].env, OPTIONS[key].also_env)}
    return {name: value for name, value in environment.items() if name not in hidden}


async def _announce_ready(children: list[Child], announce: Callable[[str], None], stopping: asyncio.Event) -> None:
    async def all_ready() -> None:
        for child in children:
            await child.ready.wait()

    ready = asyncio.create_task(all_ready())
    stop = asyncio.create_task(_until(stopping))
    await asyncio.wait({ready, stop}, return_when=asyncio.FIRST_COMPLETED)
    if ready.done() and not stopping.is_set():
        announce("ready")
    ready.cancel()
    stop.cancel()


async def _until(event: asyncio.Event) -> None:
    await event.wait()


async def _keep(child: Child, announce: Callable[[str], None], stopping: asyncio.Event) -> StartError | None:
    """Keep one child running until the server stops; what stopped all, if it ended before it was ever ready."""
    back_off = FIRST_BACK_OFF
    while not stopping.is_set():
        started = seams.monotonic()
        code = await _run_once(child, announce, stopping)
        if stopping.is_set():
            break
        if not child.ready.is_set():
            stopping.set()
            return StartError(child.name, code)
        if seams.monotonic() - started > STEADY:
            back_off = FIRST_BACK_OFF
        log.error("child_died", child=child.name, exit_code=code, restart_in=back_off)
        await _wait_at_most(stopping, back_off)
        back_off = min(LONGEST_BACK_OFF, back_off * 2)
    return None


async def _run_once(child: Child, announce: Callable[[str], None], stopping: asyncio.Event) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        # A folder named backend where the server was started must not stand in for ours.
        "-P",
        "-m",
        "backend",
        *child.arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=child.environment,
        # Ctrl-C reaches the whole foreground group; only the parent shall decide how children stop.
        start_new_session=True,
    )
    reading = asyncio.create_task(_read_announcements(child, process, announce))
    exit_ = asyncio.create_task(process.wait())
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({exit_, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not exit_.done():
        await _stop(process, exit_)
    await reading
    return await exit_


async def _stop(process: asyncio.subprocess.Process, exit_: asyncio.Task[int]) -> None:
    process.terminate()
    done, _ = await asyncio.wait({exit_}, timeout=STOP_PATIENCE)
    if not done:
        log.warning("child_killed", pid=process.pid)
        process.kill()


async def _read_announcements(
    child: Child, process: asyncio.subprocess.Process, announce: Callable[[str], None]
) -> None:
    """Pass on what a child says on standard output: its listeners the first time, and that it is ready."""
    if process.stdout is None:
        return
    async for raw in process.stdout:
        line = raw.decode(errors="replace").rstrip()
        if line == "ready":
            child.ready.set()
        elif not child.ready.is_set():
            announce(line)


async def _wait_at_most(event: asyncio.Event, seconds: float) -> None:
    waiting = asyncio.ensure_future(event.wait())
    await asyncio.wait({waiting}, timeout=seconds)
    waiting.cancel()
