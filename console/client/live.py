"""The real server: REST by httpx, events by Socket.IO over a websocket.

The retry loop is our own: python-socketio gives up after a server's `disconnect`, and its delays can't be shown
as a countdown. Each attempt is a fresh socket; each success begins with a snapshot.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

import aiohttp
import socketio

from console import seams
from console.client import rest
from console.client.badge import Badge
from console.client.protocol import Hear
from console.client.rest import Request, in_words
from console.core.credentials import Credentials
from console.core.events import (
    BatchArrived,
    Connecting,
    ConnectionLost,
    Misunderstood,
    SignInRefused,
    SnapshotArrived,
)
from console.core.state import Position
from shared import commands, events, wire
from shared.endpoints import Endpoint
from shared.problems import Code, ProblemError
from shared.rooms import NAMESPACE

R = TypeVar("R")

DELAYS = (0.5, 1.0, 2.0, 4.0, 5.0)
"""Seconds before the next attempt, by how many have failed; the last one stays."""
SILENCE_SECONDS = 15.0
"""A server that says something every 5 s and is silent this long is gone, whatever TCP believes."""
_CONNECT_SECONDS = 5.0
_FINAL = frozenset({Code.UNAUTHORIZED, Code.FORBIDDEN, Code.UNKNOWN_SUBJECT})
"""Refusals that trying again does not change."""
_PASSING = frozenset({Code.OFFLINE, Code.UNAVAILABLE, Code.INTERNAL})
"""Why signing in may succeed a moment later."""


class _RefusedError(Exception):
    """The server answered, and wants nothing to do with this token."""


class _LostError(Exception):
    """The attempt, or the connection, came to an end."""


class LiveClient:
    """A client of a running server."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self._url = url
        self._badge = Badge(url, credentials)
        self._hurry = asyncio.Event()
        self._link: _Link | None = None
        self._http = rest.connect(url)

    async def run(self, hear: Hear) -> None:
        """Stay connected until cancelled or refused."""
        failures, renewing = 0, False
        # Not `async with self._http`: that raises when a call has come first.
        async with contextlib.aclosing(self._http), aiohttp.ClientSession() as session:
            while True:
                # A token is renewed without a word: nothing is lost in between.
                if not renewing:
                    hear(Connecting())
                self._link = link = _Link(self._url, self._badge, session, hear)
                try:
                    await link.listen()
                    renewing, delay = True, 0.0
                except _RefusedError as refusal:
                    hear(SignInRefused(reason=str(refusal)))
                    return
                except Exception as loss:  # whatever went wrong, a control room keeps trying
                    renewing = False
                    failures = 1 if link.was_live else failures + 1
                    delay = DELAYS[min(failures, len(DELAYS)) - 1]
                    retry_at = seams.now() + timedelta(seconds=delay)
                    hear(ConnectionLost(reason=in_words(loss), retry_at=retry_at))
                finally:
                    self._link = None
                await self._pause(delay)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless the operator is in a hurry."""
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    def resync(self) -> None:
        """Get a new snapshot: now if connected, else by trying to connect at once."""
        self._hurry.set()
        if self._link is not None:
            self._link.resubscribe()

    async def call(
        self,
        endpoint: Endpoint[R],
        *,
        body: Any = None,
        query: Any = None,
        idempotency_key: str | None = None,
        **parameters: str,
    ) -> R:
        """Carry out one REST operation; with an idempotency key, once however often it is asked for.

        Raises:
            ProblemError: when it is refused, or (`offline`) when the server can't be reached.
        """
        token = await self._badge.token()
        request = Request(token=token, body=body, query=query, idempotency_key=idempotency_key)
        return (await rest.ask(self._http, endpoint, request, **parameters)).value

    async def leave(self) -> None:
        """End the sign-in that this client made, if it made one."""
        await self._badge.give_back()


class _Link:
    """One connection, from its handshake to its end."""

    def __init__(self, url: str, badge: Badge, session: aiohttp.ClientSession, hear: Hear) -> None:
        self.was_live = False
        self._url = url
        self._badge = badge
        self._hear = hear
        self._position: Position | None = None
        self._subscribing = False
        self._refusal: _RefusedError | None = None
        self._reason = ""
        self._heard_at = seams.monotonic()
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=session, logger=False)
        self._socket.on("connect_error", self._on_refusal, namespace=NAMESPACE)
        self._socket.on("disconnect", self._on_disconnect, namespace=NAMESPACE)
        self._socket.on("controlSnapshot", self._on_snapshot, namespace=NAMESPACE)
        self._socket.on("controlBatch", self._on_batch, namespace=NAMESPACE)

    async def listen(self) -> None:
        """Connect, subscribe, and pass on what comes until it is time for another token.

        Raises:
            _RefusedError: when the server refuses the operator.
            _LostError: when there is no connection (any more).
        """
        try:
            await self._connect(await self._shown())
            await self._subscribe()
            if await self._is_renewal_due():
                return
        finally:
            for task in self._tasks:
                task.cancel()
            with contextlib.suppress(Exception):
                await self._socket.disconnect()
        raise self._refusal or _LostError(self._reason or "The server closed the connection.")

    async def _shown(self) -> str:
        try:
            return await self._badge.token()
        except ProblemError as problem:
            if problem.code in _PASSING:
                raise _LostError(problem.message) from problem
            raise _RefusedError(problem.message) from problem

    async def _connect(self, token: str) -> None:
        try:
            async with asyncio.timeout(2 * _CONNECT_SECONDS):
                await self._socket.connect(
                    self._url,
                    auth={"token": token},
                    transports=["websocket"],
                    namespaces=[NAMESPACE],
                    wait_timeout=_CONNECT_SECONDS,
                )
        except (socketio.exceptions.ConnectionError, TimeoutError, aiohttp.ClientError, OSError) as error:
            raise self._refusal or _LostError(self._reason or f"{self._url} can't be reached.") from error

    async def _subscribe(self) -> None:
        """Ask for a snapshot; batches after it continue it."""
        self._subscribing = True
        try:
            answer = await self._socket.call(
                "subscribeControl",
                wire.to_plain(commands.SubscribeControl()),
                namespace=NAMESPACE,
                timeout=_CONNECT_SECONDS,
            )
        except socketio.exceptions.SocketIOError as error:
            raise _LostError("The server did not answer.") from error
        finally:
            self._subscribing = False
        refusal = _refusal_in(answer)
        if refusal is not None:
            raise refusal

    def resubscribe(self) -> None:
        """Ask for a new snapshot, unless one is on its way."""
        if not self._subscribing and self._socket.connected:
            self._subscribing = True
            task = asyncio.ensure_future(self._subscribe_again())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _subscribe_again(self) -> None:
        try:
            await self._subscribe()
        except _RefusedError as refusal:
            self._refusal = refusal
            self._over.set()
        except _LostError as loss:
            self._end(str(loss))

    async def _is_renewal_due(self) -> bool:
        """Wait for the end, of which a long silence is one, or until the token is to be renewed; whether that is it."""
        while not self._over.is_set():
            left = self._heard_at + SILENCE_SECONDS - seams.monotonic()
            holds = self._badge.seconds_left
            if holds == 0:
                return True
            if left <= 0:
                self._end(f"The server has been silent for {SILENCE_SECONDS:.0f} s.")
                return False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), left if holds is None else min(left, holds))
        return False

    def _end(self, reason: str) -> None:
        self._reason = self._reason or reason
        self._over.set()

    def _on_refusal(self, data: Any = None, *_: Any) -> None:
        # Without a mapping it is the library's own word for a transport that failed.
        message = data.get("message") if isinstance(data, Mapping) else None
        if message == Code.UNAUTHORIZED:
            self._refusal = _RefusedError("This token is wrong, expired or revoked.")
        elif message is not None:
            self._reason = str(message)

    def _on_disconnect(self, reason: Any = None, *_: Any) -> None:
        self._end("The server closed the connection." if reason else "The connection broke.")

    def _on_snapshot(self, payload: Any = None, *_: Any) -> None:
        try:
            snapshot = wire.from_wire(events.ControlSnapshot, payload)
        except ProblemError as problem:
            self._hear(Misunderstood(what=problem.message))
            self._end("The server speaks another version of the protocol.")
            return
        self._heard_at = seams.monotonic()
        self._subscribing = False
        self.was_live = True
        self._position = Position(snapshot.origin, snapshot.seq)
        self._hear(SnapshotArrived(at=seams.now(), snapshot=snapshot))

    def _on_batch(self, payload: Any = None, *_: Any) -> None:
        try:
            batch = wire.from_wire(events.ControlBatch, payload)
        except ProblemError as problem:
            self._hear(Misunderstood(what=problem.message))
            return
        self._heard_at = seams.monotonic()
        if self._position is None or not self._position.precedes(batch.origin, batch.seq):
            self._position = None
            self.resubscribe()
            return
        self._position = Position(batch.origin, batch.seq)
        self._hear(BatchArrived(at=seams.now(), batch=batch))


def _refusal_in(answer: Any) -> Exception | None:
    """What a refused acknowledgement means for the connection."""
    if not isinstance(answer, Mapping) or answer.get("ok") is not False:
        return None
    error = answer.get("error")
    if not isinstance(error, Mapping):
        return _LostError("The server refused without a reason.")
    message = str(error.get("message") or error.get("code") or "Refused.")
    return _RefusedError(message) if error.get("code") in _FINAL else _LostError(message)
