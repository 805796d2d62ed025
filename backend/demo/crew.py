"""The demo's child processes: started with a lifeline, watched, and gone when the demo is gone."""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

STOP_PATIENCE = 3.5
"""Seconds after SIGTERM after which a child is killed."""
_START_PATIENCE = 30.0
"""Seconds in which a child must say that it is ready."""
_TIDY_PATIENCE = 6.0


class ChildError(Exception):
    """A child could not do its part; the message says which."""


@dataclass(slots=True)
class Child:
    """One process of the demo."""

    name: str
    process: asyncio.subprocess.Process
    needed: bool
    """Its end before the demo's is a loss."""
    ended: asyncio.Task[int] = field(init=False)


class Crew:
    """Starts children and stops them. Whatever they write goes to one log file in the folder.

    The folder is removed at the end by a stagehand, a process of its own that also outlives a killed demo.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], on_loss: Callable[[str, int], None]) -> None:
        self.log_path = folder / "demo.log"
        self._folder = folder
        self._environment = environment
        self._on_loss = on_loss
        self._children: list[Child] = []
        self._log: IO[bytes] = self.log_path.open("ab")
        self._stagehand: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        self._stagehand = await self._spawn("backend.demo.stagehand", str(self._folder))
        return self

    async def start(self, name: str, module: str, *arguments: str, order: bytes = b"") -> Child:
        """Start a child that reads `order` and then lives until its standard input ends."""
        process = await self._spawn(module, *arguments)
        if process.stdin is not None and order:
            process.stdin.write(order)
        return self._join(name, process)

    async def start_until_ready(self, name: str, module: str, *arguments: str) -> Child:
        """Start a child and wait until it says `ready` on standard output.

        Raises:
            ChildError: it ended before that, or never said it.
        """
        process = await self._spawn(module, *arguments, stdout=asyncio.subprocess.PIPE)
        child = self._join(name, process)
        try:
            async with asyncio.timeout(_START_PATIENCE):
                await self._read_until_ready(child)
        except TimeoutError as error:
            raise ChildError(f"{name} was not ready in {_START_PATIENCE:.0f} s") from error
        return child

    async def ask(self, module: str, *arguments: str) -> tuple[int, str]:
        """Run a command to its end; its exit code and what it wrote to standard output.

        Raises:
            ChildError: it did not end.
        """
        process = await self._spawn(module, *arguments, stdout=asyncio.subprocess.PIPE)
        self._tell_stagehand(f"+{process.pid}")
        try:
            async with asyncio.timeout(_START_PATIENCE):
                output = await process.stdout.read() if process.stdout else b""
                code = await process.wait()
        except TimeoutError as error:
            process.kill()
            raise ChildError(f"{' '.join(arguments)} did not end in {_START_PATIENCE:.0f} s") from error
        finally:
            self._tell_stagehand(f"-{process.pid}")
        return code, output.decode(errors="replace").strip()

    async def in_foreground(self, name: str, module: str, environment: Mapping[str, str]) -> Child:
        """Start a child that has the terminal."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", module, env={**self._environment, **environment}
        )
        return self._join(name, process, needed=False)

    async def _spawn(self, module: str, *arguments: str, stdout: int | None = None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            module,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=self._log if stdout is None else stdout,
            stderr=self._log,
            env=self._environment,
            # Ctrl-C reaches the whole foreground group; only the demo shall decide how its children stop.
            start_new_session=True,
        )

    def _join(self, name: str, process: asyncio.subprocess.Process, *, needed: bool = True) -> Child:
        self._tell_stagehand(f"+{process.pid}")
        child = Child(name, process, needed)
        child.ended = asyncio.create_task(self._follow(child))
        self._children.append(child)
        return child

    async def _follow(self, child: Child) -> int:
        code = await child.process.wait()
        self._tell_stagehand(f"-{child.process.pid}")
        if child.needed:
            self._on_loss(child.name, code)
        return code

    async def _read_until_ready(self, child: Child) -> None:
        output = child.process.stdout
        while output is not None and (line := await output.readline()):
            self._log.write(line)
            if line.strip() == b"ready":
                return
        raise ChildError(f"{child.name} could not start (exit code {await child.ended})")

    def _tell_stagehand(self, line: str) -> None:
        if self._stagehand.stdin is not None:
            self._stagehand.stdin.write(f"{line}\n".encode())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(stop(child) for child in self._children))
        if self._stagehand.stdin is not None:
            self._stagehand.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stagehand.wait(), _TIDY_PATIENCE)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def last_words(self, lines: int) -> str:
        """The end of the log."""
        return "\n".join(self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


async def stop(child: Child) -> None:
    """Stop one child, by force if it does not in time."""
    child.needed = False
    if child.process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.process.terminate()
    done, _ = await asyncio.wait({child.ended}, timeout=STOP_PATIENCE)
    if not done:
        with contextlib.suppress(ProcessLookupError):
            child.process.kill()
        await child.ended
