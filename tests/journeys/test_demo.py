"""The demo as a newcomer meets it: with and without a terminal, to its end, cut short and with its parts killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.journey

DEMO = [sys.executable, "-m", "backend", "demo", "--http-port", "0", "--rtmp-port", "0", "--hls-port", "0"]
SHOW_SECONDS = 12
STOP_SECONDS = 5.0
START_PATIENCE = 40.0
ON_AIR = "is live after"


class Run:
    """One headless demo, with a temporary folder of its own."""

    def __init__(self, tmp_path: Path, *options: str) -> None:
        self.tmp = tmp_path / "tmp"
        self.tmp.mkdir()
        self._errors = tmp_path / "stderr"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*DEMO, "--headless", *options],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=tmp_path,
                env={**os.environ, "TMPDIR": str(self.tmp)},
            )

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def until_on_air(self) -> None:
        wait(lambda: self.errors.count(ON_AIR) == 2 or self.process.poll() is not None, START_PATIENCE)
        assert self.errors.count(ON_AIR) == 2, self.errors

    def children(self, *words: str) -> list[psutil.Process]:
        return [process for process in family(self.tmp) if all(word in process.cmdline() for word in words)]

    def end(self, seconds: float) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, output

    def nothing_is_left(self) -> bool:
        return not family(self.tmp) and not list(self.tmp.iterdir())


def family(folder: Path) -> list[psutil.Process]:
    """Every process that was started with this temporary folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("TMPDIR") == str(folder):
                found.append(process)
    return found


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*options: str) -> Run:
        runs.append(Run(tmp_path, *options))
        return runs[-1]

    yield start
    for run in runs:
        for process in family(run.tmp):
            with contextlib.suppress(psutil.Error):
                process.kill()
        run.process.communicate()


def test_a_whole_show_passes_and_leaves_nothing(start: Callable[..., Run]):
    run = start("--seconds", str(SHOW_SECONDS))
    code, summary = run.end(START_PATIENCE + SHOW_SECONDS + 30)
    assert code == 0, run.errors + summary
    assert "2 of 2 live" in summary
    assert "errors    0" in summary
    assert run.nothing_is_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_is_gone_in_time(start: Callable[..., Run], number: signal.Signals):
    run = start()
    run.until_on_air()
    told = time.monotonic()
    run.process.send_signal(number)
    code, _ = run.end(3 * STOP_SECONDS)
    assert time.monotonic() - told < STOP_SECONDS
    assert code == 128 + number
    assert run.nothing_is_left()
    assert "Traceback" not in run.errors


def test_killed_outright_it_leaves_nothing_either(start: Callable[..., Run]):
    run = start()
    run.until_on_air()
    run.process.kill()
    assert wait(run.nothing_is_left, 2 * STOP_SECONDS), family(run.tmp)


@pytest.mark.parametrize(
    ("words", "told"),
    [(("backend.demo.publisher",), "the publisher of"), (("api",), "lost the connection")],
    ids=["publisher", "api"],
)
def test_a_dead_part_fails_the_show(start: Callable[..., Run], words: tuple[str, ...], told: str):
    run = start("--seconds", "8")
    run.until_on_air()
    run.children(*words)[0].kill()
    code, summary = run.end(60)
    assert code == 1
    assert told in summary
    assert run.nothing_is_left()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is missing")
def test_in_a_terminal_the_control_room_opens_and_quitting_it_ends_all(tmp_path: Path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    tmux = ["tmux", "-u", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    command = f"TMPDIR={folder} {' '.join(DEMO)}; echo exit=$?; cat"

    def screen() -> str:
        return subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=False).stdout

    subprocess.run([*tmux, "new-session", "-d", "-x", "120", "-y", "40", "-c", str(tmp_path), command], check=True)
    try:
        assert wait(lambda: "2 live" in screen(), START_PATIENCE), screen()
        assert "Maya" in screen()
        subprocess.run([*tmux, "send-keys", "q"], check=True)
        assert wait(lambda: "exit=" in screen(), STOP_SECONDS), screen()
        assert "exit=0" in screen()
        assert "2 of 2 live" in screen()
        assert not [process for process in family(folder) if "backend" in " ".join(process.cmdline())]
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
