"""Events on their way to rooms and sockets, in the order in which they were committed."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog

from backend.realtime.server import HardenedServer
from backend.services.bus import Announcement, Bus
from shared.events import Audience, payload_of, spec_of
from shared.rooms import ADMIN_ROOM, NAMESPACE, person_room, stream_room

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Delivery:
    """One step of the queue: perhaps enter rooms, send events to one room or socket, perhaps cut it."""

    to: str
    events: list[Any]
    enter: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    cut: bool = False
    done: asyncio.Future[None] | None = field(default=None)


class Outbound:
    """One queue for all rooms.

    A joining socket enters its room at its place in this queue: what was announced before is in the history that it
    is given, what is announced after reaches it as an event, and nothing twice.
    """

    def __init__(self, server: HardenedServer, bus: Bus) -> None:
        self._server = server
        self._queue: deque[_Delivery] = deque()
        self._filled = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        bus.subscribe(self._hear)

    def start(self) -> None:
        """Begin to deliver."""
        self._task = asyncio.create_task(self._run(), name="outbound")

    async def stop(self) -> None:
        """Deliver what is queued, then stop."""
        self._closing = True
        self._filled.set()
        if self._task:
            await self._task

    def _hear(self, announcement: Announcement) -> None:
        audience = spec_of(announcement.event).audience
        if audience is Audience.ROOM:
            self._put(_Delivery(stream_room(announcement.stream.id), [announcement.event]))
        elif audience is Audience.PERSON and announcement.person is not None:
            self._put(_Delivery(person_room(announcement.stream.id, announcement.person), [announcement.event]))
        elif audience is Audience.ADMIN:
            self._put(_Delivery(ADMIN_ROOM, [announcement.event]))

    def expel(self, sid: str, *events: Any) -> None:
        """Send a last word to one socket, then cut it."""
        self._put(_Delivery(sid, list(events), cut=True))

    def send(self, sid: str, *events: Any) -> None:
        """Send events to one socket."""
        self._put(_Delivery(sid, list(events)))

    async def admit(self, sid: str, rooms: Iterable[str], *events: Any) -> None:
        """Let a socket into rooms and send it what it missed; returns when that is on its way."""
        done = asyncio.get_running_loop().create_future()
        self._put(_Delivery(sid, list(events), enter=tuple(rooms), done=done))
        await done

    async def dismiss(self, sid: str, rooms: Iterable[str]) -> None:
        """Take a socket out of rooms; returns when it hears nothing more of them."""
        done = asyncio.get_running_loop().create_future()
        self._put(_Delivery(sid, [], leave=tuple(rooms), done=done))
        await done

    def _put(self, delivery: _Delivery) -> None:
        self._queue.append(delivery)
        self._filled.set()

    async def _run(self) -> None:
        while self._queue or not self._closing:
            if not self._queue:
                self._filled.clear()
                await self._filled.wait()
                continue
            delivery = self._queue.popleft()
            try:
                await self._deliver(delivery)
            except Exception:
                log.exception("delivery_failed")
            finally:
                if delivery.done is not None and not delivery.done.done():
                    delivery.done.set_result(None)

    async def _deliver(self, delivery: _Delivery) -> None:
        for room in delivery.enter:
            if not self._server.manager.is_connected(delivery.to, NAMESPACE):
                return
            await self._server.enter_room(delivery.to, room, namespace=NAMESPACE)
        for room in delivery.leave:
            await self._server.leave_room(delivery.to, room, namespace=NAMESPACE)
        for event in delivery.events:
            await self._server.emit(spec_of(event).name, payload_of(event), room=delivery.to, namespace=NAMESPACE)
        if delivery.cut:
            await self._server.disconnect(delivery.to, namespace=NAMESPACE)
