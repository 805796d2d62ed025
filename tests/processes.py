"""The command line as real processes."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from tests.waiting import soon

START_PATIENCE = 40.0
"""Seconds in which a server must be ready: two processes import everything on a busy machine."""


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without any setting of Liveshop."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LIVESHOP_")
        and name not in ("DATABASE_URL", "REDIS_URL", "RTMP_SERVER_URL", "HLS_SERVER_URL", "WEBSOCKET_URL")
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **changes}


def run(*arguments: str, within: float = 60, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "backend", *arguments],
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )


def children_on(data_dir: Path) -> list[psutil.Process]:
    """Processes that a supervisor has started for a data folder and that still run."""
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if one.environ().get("LIVESHOP_DATA_DIR") == str(data_dir) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


class Served:
    """`liveshop serve` on free ports."""

    def __init__(self, data_dir: Path, *options: str, log: Path, **changes: str) -> None:
        self.data_dir, self.log = data_dir, log
        self._out, self._err = log.with_suffix(".out"), log.with_suffix(".err")
        ports = ("--http-port", "0", "--rtmp-port", "0", "--hls-port", "0")
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend", "serve", "--data-dir", str(data_dir), *ports, *options],
                env=environment(**changes),
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.family: list[psutil.Process] = []

    @property
    def said(self) -> list[str]:
        """Lines on standard output so far."""
        return self._out.read_text().splitlines()

    @property
    def complaints(self) -> str:
        """Standard error so far."""
        return self._err.read_text()

    @property
    def url(self) -> str:
        """Where the API listens."""
        return next(line.split(" on ")[1] for line in self.said if line.startswith("API"))

    def children(self) -> dict[str, psutil.Process]:
        """The processes below the supervisor, by name."""
        named = {}
        for process in psutil.Process(self.process.pid).children(recursive=True):
            if process.status() != psutil.STATUS_ZOMBIE:
                named["media" if "media" in process.cmdline() else "api"] = process
        return named

    def ready(self) -> "Served":
        """Wait until everything accepts connections."""
        soon(lambda: "ready" in self.said or self.process.poll() is not None, "ready", within=START_PATIENCE)
        assert self.process.poll() is None, self.complaints
        self.note_family()
        return self

    def note_family(self) -> None:
        """Remember the processes that must be gone in the end."""
        root = psutil.Process(self.process.pid)
        self.family += [root, *root.children(recursive=True)]

    def left_over(self) -> list[psutil.Process]:
        """Processes of this server that still run."""
        return [one for one in self.family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask the server to stop; for how many seconds it took."""
        self.note_family()
        asked = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - asked

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: Any) -> None:
        for one in self.left_over():
            one.kill()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
