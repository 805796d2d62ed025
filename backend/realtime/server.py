"""python-socketio, hardened: what its stock server lets a hostile client do, this one refuses.

It leans on three private hooks of python-socketio 5.18 (`_handle_event`, `_handle_eio_message`,
`_handle_eio_disconnect`); the dependency is pinned to that series, and `tests/backend/realtime` holds every refusal.
"""

import re
from typing import Any

import socketio
import structlog
from socketio import packet

from shared import wire
from shared.events import ErrorEvent
from shared.problems import Code, ProblemError
from shared.rooms import NAMESPACE

log = structlog.get_logger(__name__)

MAX_MESSAGE = 100_000
"""Bytes of one packet from a client, at most."""
PING_INTERVAL = 15
"""Seconds between two pings."""
PING_TIMEOUT = 10
"""Seconds after which an unanswered ping means that the client is gone."""

_BINARY_PACKETS = "56"
_EVENT = re.compile(rf'2{NAMESPACE},(?P<id>[0-9]{{0,9}})\["(?P<name>[A-Za-z0-9_]{{1,64}})"')
"""The beginning of an event's packet."""


class _Json:
    """The contract's codec, where python-socketio expects the json module."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return wire.encode(value).decode()

    @staticmethod
    def loads(text: str, **_: Any) -> Any:
        try:
            return wire.parse(text)
        except ProblemError as problem:
            raise ValueError(problem.message) from problem


class HardenedServer(socketio.AsyncServer):  # type: ignore[misc]
    """Refuses events that only the library itself may raise, shapes that no client sends, and binary packets."""

    def __init__(self, allowed_origins: tuple[str, ...]) -> None:
        super().__init__(
            async_mode="asgi",
            json=_Json,
            namespaces=[NAMESPACE],
            cors_allowed_origins="*" if "*" in allowed_origins else list(allowed_origins),
            max_http_buffer_size=MAX_MESSAGE,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            logger=False,
            engineio_logger=False,
        )

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: Any) -> None:  # noqa: A002
        if _is_a_clients_event(data, self.reserved_events):
            await super()._handle_event(eio_sid, namespace, id, data)
        elif id is not None:
            problem = ProblemError(Code.UNKNOWN_EVENT, "An event is a name and at most one object.")
            await self._acknowledge(eio_sid, namespace, id, problem)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        # Announced attachments are buffered without bound until they have all come.
        if not isinstance(data, str) or data[:1] in _BINARY_PACKETS:
            await self.cut(eio_sid)
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            log.debug("packet_ignored", reason=type(error).__name__)
            if isinstance(error.__cause__, ProblemError):
                await self._refuse(eio_sid, data, error.__cause__)

    async def _refuse(self, eio_sid: str, data: str, problem: ProblemError) -> None:
        """Answer an event that is no JSON: its acknowledgement where it asks for one, else an `error` event."""
        event = _EVENT.match(data)
        if event is None or self.manager.sid_from_eio_sid(eio_sid, NAMESPACE) is None:
            return
        if event["id"]:
            await self._acknowledge(eio_sid, NAMESPACE, int(event["id"]), problem)
        else:
            told = ErrorEvent(
                message=problem.message, error=problem.message, code=problem.code, event=event["name"], errors=[]
            )
            packed = self.packet_class(packet.EVENT, namespace=NAMESPACE, data=["error", wire.to_plain(told)])
            await self._send_packet(eio_sid, packed)

    async def _acknowledge(self, eio_sid: str, namespace: str, number: int, problem: ProblemError) -> None:
        refusal = wire.to_plain(problem.refusal())
        await self._send_packet(eio_sid, self.packet_class(packet.ACK, namespace=namespace, id=number, data=[refusal]))

    async def cut(self, eio_sid: str) -> None:
        """End a connection now, without waiting until its client has read or answered anything."""
        connection = self.eio.sockets.get(eio_sid)
        if connection is not None and not connection.closed:
            await connection.close(wait=False)
            # Engine.IO's writer would only look for this when its next ping is due.
            connection.queue.put_nowait(None)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        connection = self.eio.sockets.get(eio_sid)
        if connection is not None and reason == self.reason.CLIENT_DISCONNECT:
            # The poll that the client left open would otherwise wait for its next packet until its time is out.
            connection.queue.put_nowait(None)

    async def hang_up(self) -> None:
        """Close every connection, polls that wait for news too; clients come back by themselves."""
        for connection in list(self.eio.sockets.values()):
            await connection.close(wait=False)


def _is_a_clients_event(data: Any, reserved: list[str]) -> bool:
    return isinstance(data, list) and 1 <= len(data) <= 2 and isinstance(data[0], str) and data[0] not in reserved
