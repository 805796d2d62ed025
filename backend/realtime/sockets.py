"""The sockets of this process: who they are, where they watch, how many come from one address."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from backend.domain.actors import Actor, StreamScope


@dataclass(slots=True)
class LiveSocket:
    """One connected client."""

    sid: str
    actor: Actor
    address: str
    session_id: str | None = None
    """A guest's session, fixed by its first join."""
    joined: dict[str, StreamScope] = field(default_factory=dict)
    """Where it watches or works, by stream."""
    expiry: asyncio.TimerHandle | None = None
    closed: bool = False
    """Whether it is gone: what waited meanwhile must not bring it back."""


class Sockets:
    """All connected clients, by socket and by address."""

    def __init__(self) -> None:
        self._sockets: dict[str, LiveSocket] = {}
        self._addresses: Counter[str] = Counter()
        self._standing_on: defaultdict[str, set[str]] = defaultdict(set)
        """Sockets by the credentials that let them in."""

    def add(self, socket: LiveSocket) -> None:
        """A client has connected."""
        self._sockets[socket.sid] = socket
        self._addresses[socket.address] += 1
        for credential in socket.actor.credentials:
            self._standing_on[credential].add(socket.sid)

    def get(self, sid: str) -> LiveSocket | None:
        """The client behind a socket; None once it is gone."""
        return self._sockets.get(sid)

    def remove(self, sid: str) -> LiveSocket | None:
        """A client is gone; what was known of it."""
        socket = self._sockets.pop(sid, None)
        if socket is None:
            return None
        socket.closed = True
        if socket.expiry:
            socket.expiry.cancel()
        self._addresses[socket.address] -= 1
        if not self._addresses[socket.address]:
            del self._addresses[socket.address]
        for credential in socket.actor.credentials:
            self._standing_on[credential].discard(sid)
            if not self._standing_on[credential]:
                del self._standing_on[credential]
        return socket

    def standing_on(self, credentials: Iterable[str]) -> set[str]:
        """The sockets that any of these credentials let in."""
        return {sid for one in credentials for sid in self._standing_on.get(one, ())}

    def __iter__(self) -> Iterator[LiveSocket]:
        """Every connected client."""
        return iter(list(self._sockets.values()))

    def from_address(self, address: str) -> int:
        """How many clients are connected from an address."""
        return self._addresses[address]
