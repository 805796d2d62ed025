"""The last one out: a small process that tidies up after the demo, however the demo ended.

Its argument is the demo's folder. Standard input tells which children came (`+PID`) and which went (`-PID`); when it
ends, the demo is over or was killed: the children that are left are stopped, and the folder goes.
"""

import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from backend import seams
from backend.data_dir import DataDirError, locked

STOP_PATIENCE = 4.5
"""Seconds after SIGTERM after which a child is killed."""
_STEP = 0.05
_PAUSE = threading.Event()


def main(arguments: list[str]) -> int:
    """Wait for the end of standard input, then tidy up."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    tidy(Path(arguments[0]), remaining(sys.stdin))
    return 0


def remaining(told: Iterable[str]) -> set[int]:
    """The children that came and did not go, once nothing more is told."""
    children: set[int] = set()
    for line in told:
        (children.add if line.startswith("+") else children.discard)(int(line[1:]))
    return children


def tidy(folder: Path, children: set[int]) -> None:
    """Stop the children, wait until no server holds the folder, and remove it."""
    _signal(children, signal.SIGTERM)
    if not _wait(lambda: not _alive(children), STOP_PATIENCE):
        _signal(children, signal.SIGKILL)
    with contextlib.suppress(DataDirError, OSError), locked(folder, _pause):
        pass
    shutil.rmtree(folder, ignore_errors=True)


def _pause(seconds: float) -> None:
    _PAUSE.wait(seconds)


def _signal(children: set[int], number: signal.Signals) -> None:
    for pid in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _alive(children: set[int]) -> bool:
    for pid in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, 0)
            return True
    return False


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    deadline = seams.monotonic() + seconds
    while not done():
        if seams.monotonic() > deadline:
            return False
        _pause(_STEP)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
