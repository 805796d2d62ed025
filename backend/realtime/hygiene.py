"""Sockets that take without giving: the silent, readers who do not read, and those that never say what they want."""

import structlog

from backend import seams
from backend.realtime.server import HardenedServer
from shared.rooms import NAMESPACE

log = structlog.get_logger(__name__)

MAX_BACKLOG = 2000
"""Packets that may wait for one reader; past that it is dropped."""
IDLE_LIMIT = 20.0
"""Seconds in which a connection must join the namespace."""


class Hygiene:
    """Looks over all Engine.IO connections now and then."""

    def __init__(self, server: HardenedServer) -> None:
        self._server = server
        self._homeless_since: dict[str, float] = {}

    async def sweep(self) -> None:
        """Drop who answers no ping, readers that do not read, and who has been in no namespace for too long."""
        now = seams.monotonic()
        members = {eio_sid for _, eio_sid in self._server.manager.get_participants(NAMESPACE, None)}
        connections = dict(self._server.eio.sockets)
        homeless = connections.keys() - members
        self._homeless_since = {eio_sid: self._homeless_since.get(eio_sid, now) for eio_sid in homeless}
        for eio_sid, connection in connections.items():
            if connection.closed or connection.closing:
                continue
            # Engine.IO itself looks at a few connections a second only; those that poll would be counted for long.
            if not await connection.check_ping_timeout():
                continue
            if connection.queue.qsize() > MAX_BACKLOG:
                log.warning("slow_reader_dropped", waiting=connection.queue.qsize())
            elif now - self._homeless_since.get(eio_sid, now) <= IDLE_LIMIT:
                continue
            await self._server.cut(eio_sid)
