"""`liveshop serve` as an operator runs it: its own processes, its own data folder, its own ports."""

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from journey_waiting import until

from tests.postgres import create_database, drop_database

POSTGRES = os.environ.get("LIVESHOP_TEST_POSTGRES", "")
"""A PostgreSQL database; those of tests are made beside it."""
LIVESHOP = Path(sys.executable).with_name("liveshop")
STREAM = "stream_789"
"""The stream that `liveshop seed` makes."""


@dataclass(frozen=True)
class Installation:
    """A data folder after `liveshop seed`, and a token for everyone."""

    data_dir: Path
    tokens: dict[str, str]

    @classmethod
    def make(cls, data_dir: Path) -> "Installation":
        run("seed", "--data-dir", str(data_dir))
        people = {
            "seller": "seller_123",
            "affiliate": "affiliate_456",
            "moderator": "mod_1",
            "admin": "admin_1",
        }
        tokens = {
            role: run("token", "--role", role, "--id", subject, "--data-dir", str(data_dir)).strip()
            for role, subject in people.items()
        }
        return cls(data_dir, tokens)

    def copy(self, data_dir: Path) -> "Installation":
        shutil.copytree(self.data_dir, data_dir)
        return Installation(data_dir, self.tokens)


def run(*arguments: str) -> str:
    """The standard output of one short command."""
    return subprocess.run(
        [LIVESHOP, *arguments], check=True, capture_output=True, text=True, env=clean_environment(), timeout=60
    ).stdout


def clean_environment(**extra: str) -> dict[str, str]:
    """This process's environment without any setting of a developer's own server."""
    ours = ("LIVESHOP_", "RTMP_SERVER_URL", "HLS_SERVER_URL", "WEBSOCKET_URL", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | extra


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, below those that the system hands out to clients."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@dataclass
class Server:
    """A server that can be killed and started again on the same folder and ports."""

    installation: Installation
    environment: dict[str, str] = field(default_factory=dict)
    log: Path = field(init=False)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.http_port, self.rtmp_port, self.hls_port = free_ports(3)
        self.log = self.installation.data_dir.with_suffix(".log")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    async def start(self, within: float = 30.0) -> None:
        """Start, and wait until the server says that it is ready."""
        written = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220
                [
                    LIVESHOP,
                    "serve",
                    *("--data-dir", self.installation.data_dir),
                    *("--http-port", str(self.http_port)),
                    *("--rtmp-port", str(self.rtmp_port)),
                    *("--hls-port", str(self.hls_port)),
                ],
                env=clean_environment(**self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def ready() -> bool:
            said = self.log.read_bytes()[written:].decode(errors="replace")
            assert self.process is not None
            assert self.process.poll() is None, f"the server did not start:\n{said}"
            return "ready" in said.splitlines()

        await until(ready, "the server is ready", within)

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        assert self.process is not None
        try:
            supervisor = psutil.Process(self.process.pid)
            return [supervisor, *supervisor.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill_supervisor(self) -> None:
        """kill -9 of the process that was started; its children have to notice."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_everything(self) -> None:
        """kill -9 of all processes at once, as a power cut would."""
        family = self.processes()
        for process in family:
            process.suspend()
        for process in family:
            process.kill()
        assert self.process is not None
        self.process.wait()
        psutil.wait_procs(family, timeout=5)

    async def stop(self) -> list[psutil.Process]:
        """SIGTERM; the processes that are left after five seconds, which are killed then."""
        if self.process is None or self.process.poll() is not None:
            return []
        family = self.processes()
        self.process.send_signal(signal.SIGTERM)
        _, left = await asyncio.to_thread(psutil.wait_procs, family, 5)
        for process in left:
            process.kill()
        return left

    def as_(self, role: str | None = None) -> httpx.AsyncClient:
        """A client of the REST API with that role's token, or with none."""
        headers = {"Authorization": f"Bearer {self.installation.tokens[role]}"} if role else {}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10)

    def liveshop(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command beside the server, on its data folder and with its settings."""
        return subprocess.run(
            [LIVESHOP, *arguments, "--data-dir", self.installation.data_dir],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env=clean_environment(**self.environment),
        )

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database file, read beside the server."""
        path = self.installation.data_dir / "liveshop.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()


@asynccontextmanager
async def on_postgres(installation: Installation, folder: Path, **environment: str) -> AsyncIterator[Server]:
    """A seeded server on a PostgreSQL database of its own."""
    url = await create_database(POSTGRES)
    server = Server(installation.copy(folder), {"LIVESHOP_DATABASE_URL": url, **environment})
    try:
        for command in ("migrate", "seed"):
            done = server.liveshop(command)
            assert done.returncode == 0, done.stderr
        await server.start()
        yield server
    finally:
        left = await server.stop()
        await drop_database(url)
    assert not left
