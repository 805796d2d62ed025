"""Work that repeats in the background until the process stops."""

import asyncio
from collections.abc import Awaitable, Callable

from backend import seams
from backend.services import incidents


class Periodic:
    """Calls `work` every `interval` seconds. A failure is logged, and the next turn comes all the same."""

    def __init__(self, name: str, interval: float, work: Callable[[], Awaitable[None]]) -> None:
        self._name, self._interval, self._work = name, interval, work
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Let the turn under way finish, so that no transaction is torn apart."""
        self._stopping.set()
        if self._task:
            await self._task

    async def _run(self) -> None:
        while not await self._stopped_within(self._interval):
            try:
                await self._work()
            except Exception as error:
                incidents.log_failure("background_work_failed", error, work=self._name)

    async def _stopped_within(self, seconds: float) -> bool:
        waiter = asyncio.ensure_future(seams.sleep(seconds))
        stopping = asyncio.ensure_future(self._stopping.wait())
        _, pending = await asyncio.wait({waiter, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        return self._stopping.is_set()
