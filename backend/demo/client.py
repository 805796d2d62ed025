"""The demo's way to the server: its public REST operations and its Socket.IO commands, as any client has them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import httpx
import socketio

from shared import commands, events, wire
from shared.endpoints import Endpoint
from shared.problems import Code, ErrorBody, ProblemError
from shared.rooms import NAMESPACE

R = TypeVar("R")
A = TypeVar("A")

PATIENCE = 10.0
"""Seconds for which an answer may take."""
KEY_HEADER = "Idempotency-Key"
_NAMES = {spec.body: spec for spec in commands.COMMANDS.values()}


class Caller:
    """One person's REST calls, under a token or a guest's session."""

    def __init__(self, http: httpx.AsyncClient, token: str | None = None, *, session: str | None = None) -> None:
        self._http = http
        self._headers: dict[str, str] = {}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        elif session:
            self._headers["X-Session-Id"] = session

    async def call(
        self,
        endpoint: Endpoint[R],
        body: Any = None,
        *,
        query: Any = None,
        headers: Mapping[str, str] | None = None,
        **parameters: str,
    ) -> R:
        """Carry out one operation.

        Args:
            endpoint: which.
            body: a command; bytes are sent as they are.
            query: a command that the address carries.
            headers: further ones.
            parameters: the path's.

        Raises:
            ProblemError: it was refused, or (`offline`) the server did not answer.
        """
        sent = {**self._headers, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            response = await self._http.request(
                endpoint.method,
                endpoint.url(**parameters),
                content=body if body is None or isinstance(body, bytes) else wire.encode(body),
                params={name: value for name, value in wire.to_plain(query).items() if value is not None}
                if query is not None
                else None,
                headers=sent,
            )
        except httpx.HTTPError as error:
            raise ProblemError(Code.OFFLINE, f"{endpoint.name}: no answer ({type(error).__name__}).") from error
        if response.is_error:
            raise _refusal(response)
        return cast("R", wire.decode(endpoint.returns, response.content))


def _refusal(response: httpx.Response) -> ProblemError:
    try:
        body = wire.decode(ErrorBody, response.content)
        return ProblemError(Code(body.code), body.message, errors=body.errors)
    except (ProblemError, ValueError):
        return ProblemError(Code.INTERNAL, f"HTTP {response.status_code} without a reason.")


class Connection:
    """One socket in the namespace of live streams."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url
        self._token = token
        self._socket = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self._leaving = False

    def on(self, event: type[Any], hear: Callable[[Any], None]) -> None:
        """Have `hear` called with every event of one kind."""
        name = next(spec.name for spec in events.EVENTS.values() if spec.body is event)

        async def heard(payload: Any) -> None:
            hear(events.read(name, payload))

        self._socket.on(name, heard, namespace=NAMESPACE)

    def on_loss(self, hear: Callable[[], None]) -> None:
        """Have `hear` called when the connection ends without our doing."""

        async def lost(*_: Any) -> None:
            if not self._leaving:
                hear()

        self._socket.on("disconnect", lost, namespace=NAMESPACE)

    async def open(self) -> None:
        """Connect.

        Raises:
            ProblemError: `offline` when the server cannot be reached or refuses.
        """
        try:
            await self._socket.connect(
                self._url,
                namespaces=[NAMESPACE],
                transports=["websocket"],
                auth={"token": self._token} if self._token else None,
                wait_timeout=PATIENCE,
            )
        except socketio.exceptions.ConnectionError as error:
            raise ProblemError(Code.OFFLINE, f"A socket could not connect: {error}.") from error

    async def send(self, command: Any, returns: type[A]) -> A:
        """Send one command; its acknowledgement.

        Raises:
            ProblemError: it was refused, or (`offline`) not acknowledged.
        """
        name = _NAMES[type(command)].name
        try:
            answer = await self._socket.call(name, wire.to_plain(command), namespace=NAMESPACE, timeout=PATIENCE)
        except (socketio.exceptions.SocketIOError, TimeoutError) as error:
            raise ProblemError(Code.OFFLINE, f"{name} was not acknowledged ({type(error).__name__}).") from error
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            problem = answer.get("error", {}) if isinstance(answer, dict) else {}
            raise ProblemError(Code(problem.get("code", Code.INTERNAL)), f"{name}: {problem.get('message', answer)}")
        return wire.from_wire(returns, answer)

    async def close(self) -> None:
        """Disconnect."""
        self._leaving = True
        await self._socket.disconnect()
