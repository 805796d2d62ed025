"""The namespace `/live`: connections come and go here, and every command passes through one door."""

import asyncio
from typing import Any

import socketio
import structlog
from socketio.exceptions import ConnectionRefusedError as Refused

from backend import seams
from backend.domain.actors import Actor
from backend.realtime.inbound import Inbound
from backend.realtime.sockets import LiveSocket, Sockets
from backend.services import incidents
from shared import wire
from shared.events import ErrorEvent
from shared.problems import Code, ProblemError
from shared.rooms import NAMESPACE

log = structlog.get_logger(__name__)


class LiveNamespace(socketio.AsyncNamespace):  # type: ignore[misc]
    """Lets clients in, passes their commands on, and answers each with an acknowledgement or a refusal."""

    def __init__(self, inbound: Inbound, sockets: Sockets) -> None:
        super().__init__(NAMESPACE)
        self._inbound = inbound
        self._sockets = sockets
        self._cutting: set[asyncio.Task[None]] = set()
        inbound.runtime.revocations.subscribe(self._cut)

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Called by python-socketio for everything that happens in the namespace."""
        sid = str(args[0])
        if event == "connect":
            return await self._connect(sid, args[1], args[2] if len(args) > 2 else None)
        if event == "disconnect":
            return self._disconnect(sid)
        return await self._command(sid, event, args[1] if len(args) > 1 else None)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        try:
            actor = await self._inbound.runtime.identity.read(_token_of(auth))
            address = _address_of(environ)
            self._check_address(address)
        except ProblemError as problem:
            raise _refused(problem) from problem
        except Exception as error:
            raise _refused(incidents.report(error, "connect")) from error
        actor = actor.coming_from(self._inbound.runtime.keyring.address_hash(address))
        socket = LiveSocket(sid=sid, actor=actor, address=address)
        socket.expiry = self._schedule_expiry(sid, actor)
        self._sockets.add(socket)

    def _check_address(self, address: str) -> None:
        most = self._inbound.runtime.settings.max_connections_per_address
        if most and self._sockets.from_address(address) >= most:
            raise ProblemError(
                Code.TOO_MANY_CONNECTIONS, f"At most {most} connections from one address; close some first."
            )

    def _schedule_expiry(self, sid: str, actor: Actor) -> asyncio.TimerHandle | None:
        if actor.expires_at is None:
            return None
        seconds = (actor.expires_at - seams.now()).total_seconds()
        loop = asyncio.get_running_loop()
        return loop.call_later(seconds, lambda: loop.create_task(self.disconnect(sid)))

    def _cut(self, credentials: frozenset[str]) -> None:
        """Close the sockets that stand on what was just revoked."""
        for sid in self._sockets.standing_on(credentials):
            task = asyncio.get_running_loop().create_task(self.disconnect(sid))
            self._cutting.add(task)
            task.add_done_callback(self._cutting.discard)

    def _disconnect(self, sid: str) -> None:
        socket = self._sockets.remove(sid)
        if socket is not None:
            self._inbound.leave_all(socket)

    async def _command(self, sid: str, event: str, payload: Any) -> Any:
        socket = self._sockets.get(sid)
        if socket is None:
            return None
        try:
            return wire.to_plain(await self._inbound.handle(socket, event, payload))
        except ProblemError as problem:
            return self._refuse(sid, event, problem)
        except Exception as error:
            return self._refuse(sid, event, incidents.report(error, event))

    def _refuse(self, sid: str, event: str, problem: ProblemError) -> Any:
        """The refusal as an acknowledgement; also as an `error` event, for clients that ask for none."""
        self._inbound.outbound.send(
            sid,
            ErrorEvent(
                message=problem.message,
                error=problem.message,
                code=problem.code,
                event=event[:64],
                errors=problem.errors,
                incident_id=problem.incident_id,
            ),
        )
        return wire.to_plain(problem.refusal())


def _refused(problem: ProblemError) -> Refused:
    """What the client's `connect_error` carries: the code as its message, the words in its data."""
    return Refused(problem.code.value, {"code": problem.code.value, "message": problem.message})


def _token_of(auth: Any) -> str | None:
    """The token of a handshake; none at all is a guest, anything else that is no text in `{token}` is refused."""
    if auth is not None and not isinstance(auth, dict):
        raise ProblemError(Code.UNAUTHORIZED, "Send the token as auth: {token}.")
    token = auth.get("token") if auth else None
    if token is None or token == "":
        return None
    if not isinstance(token, str):
        raise ProblemError(Code.UNAUTHORIZED, "The token must be text.")
    return token


def _address_of(environ: dict[str, Any]) -> str:
    """The peer's address. python-socketio's own REMOTE_ADDR is always 127.0.0.1."""
    client = environ.get("asgi.scope", {}).get("client")
    return str(client[0]) if client else "unknown"
