"""One transaction, then the news of it: commit, then tell."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import structlog
from tortoise.expressions import F
from tortoise.models import Model
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from backend.domain.actors import StreamScope
from backend.services import incidents
from backend.services.bus import Announcement, Bus
from backend.storage.database import gave_way
from backend.storage.models import LiveStream

log = structlog.get_logger(__name__)

T = TypeVar("T")
M = TypeVar("M", bound=Model)

TRIES = 3
"""How often a transaction is begun that gives way to others."""

_under_way: set[asyncio.Task[Any]] = set()


class UnitOfWork:
    """What one transaction wants told once it is committed."""

    def __init__(self) -> None:
        self.announcements: list[Announcement] = []
        self.taken_in: list[Callable[[], None]] = []
        self.afterwards: list[Callable[[], None]] = []

    def tell(self, stream: StreamScope, event: Any, *, to_staff: Any = None, person: str | None = None) -> None:
        """Announce `event` after the commit."""
        self.announcements.append(Announcement(stream, event, to_staff, person))

    def take_in(self, act: Callable[[], None]) -> None:
        """Do something after the commit, before anyone is told: whoever hears the news finds it done."""
        self.taken_in.append(act)

    def then(self, act: Callable[[], None]) -> None:
        """Do something after the commit, and after the announcements."""
        self.afterwards.append(act)


async def commit(bus: Bus, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    """Run `work` in one transaction; tell its announcements after the commit, and nothing when it fails.

    A transaction that gave way to another one is done again: `work` must not keep what it learned in an earlier try.

    It runs in a task of its own: a cancellation that hit Tortoise while it enters or leaves a transaction would never
    release the connection, so only the waiting for it can be cancelled.
    """

    async def run() -> T:
        result, unit = await _committed(work)
        for act in unit.taken_in:
            act()
        bus.publish(*unit.announcements)
        for act in unit.afterwards:
            act()
        return result

    task = asyncio.create_task(run())
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return await asyncio.shield(task)


async def _committed(work: Callable[[UnitOfWork], Awaitable[T]]) -> tuple[T, UnitOfWork]:
    for _ in range(TRIES - 1):
        try:
            return await _try(work)
        except Exception as error:
            if not gave_way(error):
                raise
            log.info("transaction_gave_way", reason=str(error))
    return await _try(work)


async def _try(work: Callable[[UnitOfWork], Awaitable[T]]) -> tuple[T, UnitOfWork]:
    unit = UnitOfWork()
    async with in_transaction():
        result = await work(unit)
    return result, unit


Step = Callable[[UnitOfWork, str], Awaitable[None]]
"""What is done for one row of many, by its id."""


async def one_by_one(bus: Bus, ids: Iterable[Any], step: Step) -> None:
    """Do a step for each row, each in a transaction of its own: one that fails does not keep the others."""
    for row_id in ids:
        await _attempt(bus, step, str(row_id))


BATCH = 100
"""Rows looked up at once."""


async def all_due(bus: Bus, rows: QuerySet[M], step: Step) -> None:
    """Do a step for every row of a query, oldest first; many that fail keep none behind them waiting."""
    last = ""
    while ids := await rows.filter(id__gt=last).order_by("id").limit(BATCH).values_list("id", flat=True):
        await one_by_one(bus, ids, step)
        last = str(ids[-1])


async def _attempt(bus: Bus, step: Step, row_id: str) -> None:
    try:
        await commit(bus, lambda unit: step(unit, row_id))
    except Exception as error:
        incidents.log_failure("step_failed", error, row=row_id)


async def next_seq(stream_id: str, count: int = 1) -> int:
    """Take `count` numbers of a stream's counter, within the caller's transaction; the first of them."""
    await LiveStream.filter(id=stream_id).update(seq=F("seq") + count)
    stream: LiveStream = await LiveStream.get(id=stream_id).only("id", "seq")
    newest: int = stream.seq
    return newest - count + 1
