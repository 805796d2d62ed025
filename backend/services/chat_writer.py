"""Group commit: all chat that arrived during the last commit shares the next one; only then is anyone told."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import structlog

from backend import seams
from backend.domain.actors import StreamScope
from backend.services.bus import Bus
from backend.services.unit_of_work import UnitOfWork, commit, next_seq
from backend.storage import views
from backend.storage.models import LiveStreamMessage
from shared.events import NewMessage
from shared.problems import Code, ProblemError
from shared.views import Badge, ChatMessageView

log = structlog.get_logger(__name__)

BATCH = 500
"""Messages in one transaction, at most."""
BACKLOG = 5000
"""Messages that may wait; past that a sender is asked to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that may be said."""

    stream: StreamScope
    author_id: str
    is_guest: bool
    username: str
    badge: Badge | None
    text: str
    address_hash: str | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    draft: Draft
    done: asyncio.Future[ChatMessageView]


class ChatWriter:
    """Stores messages in order and announces them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="chat-writer")

    async def stop(self) -> None:
        """Write what has been accepted, then stop."""
        self._closing = True
        self._arrived.set()
        if self._task:
            await self._task

    async def write(self, draft: Draft) -> ChatMessageView:
        """Store a message; returns when it is committed and announced.

        Raises:
            ProblemError: `unavailable` when too many wait, the database fails, or the server stops.
        """
        if self._closing or len(self._waiting) >= BACKLOG:
            raise ProblemError(Code.UNAVAILABLE, "The chat is overloaded. Try again in a moment.", retry_after=1)
        waiting = _Waiting(draft, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await asyncio.shield(waiting.done)

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            await self._commit(batch)

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            stored = await commit(self._bus, lambda unit: _store([item.draft for item in batch], unit))
        except Exception:
            log.exception("chat_not_stored", messages=len(batch))
            refusal = ProblemError(Code.UNAVAILABLE, "The message could not be stored. Try again.", retry_after=1)
            for item in batch:
                _settle(item.done, refusal)
            return
        for item, message in zip(batch, stored, strict=True):
            _settle(item.done, message)


def _settle(done: asyncio.Future[ChatMessageView], outcome: ChatMessageView | ProblemError) -> None:
    if done.done():
        return
    if isinstance(outcome, ProblemError):
        done.set_exception(outcome)
        # The asker may be gone; nobody then looks at the refusal.
        done.exception()
    else:
        done.set_result(outcome)


async def _store(drafts: list[Draft], unit: UnitOfWork) -> list[ChatMessageView]:
    """One block of numbers a stream, one insert for all; the stored messages in the drafts' order."""
    by_stream: defaultdict[str, list[int]] = defaultdict(list)
    for index, draft in enumerate(drafts):
        by_stream[draft.stream.id].append(index)
    rows: dict[int, LiveStreamMessage] = {}
    for stream_id, indexes in sorted(by_stream.items()):
        first = await next_seq(stream_id, len(indexes))
        for offset, index in enumerate(indexes):
            rows[index] = _row(drafts[index], first + offset)
    await LiveStreamMessage.bulk_create([rows[index] for index in range(len(drafts))])
    stored = []
    for index, draft in enumerate(drafts):
        message = views.message(rows[index])
        unit.tell(draft.stream, NewMessage.of(message))
        stored.append(message)
    return stored


def _row(draft: Draft, seq: int) -> LiveStreamMessage:
    return LiveStreamMessage(
        id=seams.new_id(),
        stream_id=draft.stream.id,
        seq=seq,
        author_id=draft.author_id,
        is_guest=draft.is_guest,
        username=draft.username,
        badge=draft.badge,
        message=draft.text,
        address_hash=draft.address_hash,
        sent_at=seams.now(),
    )
