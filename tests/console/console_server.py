"""A small real server: REST and Socket.IO on a socket, as the contract says, with switches for mishaps."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import socketio
import uvicorn
from console_shows import ORIGIN, operator, stream

from shared import events, wire
from shared.commands import MakePayout
from shared.endpoints import DELETE_MESSAGE, MAKE_PAYOUT, SIGN_OUT
from shared.problems import Code, ProblemError
from shared.roles import Role
from shared.rooms import NAMESPACE
from shared.views import AccountView, PayoutView, SignedInView

TOKEN = "good"
NAME, PASSWORD = "mo", "correct horse battery"


class Server:
    """Speaks `subscribeControl` and two REST operations."""

    def __init__(self) -> None:
        self.origin = ORIGIN
        self.seq = 0
        self.subscriptions = 0
        self.refusal: dict[str, Any] | None = None
        self.asked: list[tuple[str, str, str]] = []
        self.keys: list[str] = []
        self.tokens = {TOKEN}
        self.shown: list[str] = []
        self.lifetime = timedelta(minutes=15)
        self.issued = 0
        self.sio = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], ping_interval=1)
        self.sio.on("connect", self._connect, namespace=NAMESPACE)
        self.sio.on("subscribeControl", self._subscribe, namespace=NAMESPACE)
        self.app = socketio.ASGIApp(self.sio, self._rest)
        self.address = ("127.0.0.1", 0)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: dict[str, str] | None) -> None:
        self.shown.append((auth or {}).get("token", ""))
        if self.shown[-1] not in self.tokens:
            raise socketio.exceptions.ConnectionRefusedError("unauthorized", {"code": "unauthorized"})

    async def _subscribe(self, sid: str, body: Any = None) -> dict[str, Any]:
        self.subscriptions += 1
        if self.refusal is not None:
            return self.refusal
        snapshot = events.ControlSnapshot(
            origin=self.origin,
            seq=self.seq,
            operator=operator(),
            streams=[stream(seq=self.seq)],
            timestamp=stream().created_at,
        )
        await self.sio.emit("controlSnapshot", wire.to_plain(snapshot), to=sid, namespace=NAMESPACE)
        return {"ok": True}

    async def batch(self, *news: Any, skip: int = 0) -> None:
        """Send a batch to everyone, as if `skip` before it had been lost."""
        self.seq += 1 + skip
        items = [
            events.ControlItem(event=events.spec_of(n).name, payload=wire.to_plain(events.payload_of(n))) for n in news
        ]
        body = events.ControlBatch(origin=self.origin, seq=self.seq, events=items)
        await self.sio.emit("controlBatch", wire.to_plain(body), namespace=NAMESPACE)

    async def kick(self) -> None:
        """Close every socket from this side, as when a token is revoked."""
        for sid in list(self.sio.manager.rooms.get(NAMESPACE, {}).get(None, {})):
            await self.sio.disconnect(sid, namespace=NAMESPACE)

    async def _rest(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        token = dict(scope["headers"]).get(b"authorization", b"").decode()
        self.asked.append((scope["method"], scope["path"], token))
        status, body = 200, wire.encode({"ok": True, "messageId": "m1"})
        if scope["path"] == MAKE_PAYOUT.url(affiliate_id="affiliate_456"):
            self.keys.append(dict(scope["headers"]).get(b"idempotency-key", b"").decode())
            status, body = 201, wire.encode(await self._paid(receive))
        elif scope["path"].startswith("/api/v1/auth/"):
            status, body = await self._auth(scope["path"], receive)
        elif scope["path"] != DELETE_MESSAGE.url(stream_id="s1", message_id="m1"):
            status, body = 404, wire.encode(ProblemError(Code.NOT_FOUND, "There is no such message.").body())
        if scope["path"].endswith("/broken"):
            status, body = 502, b"<html>Bad gateway</html>"
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _auth(self, path: str, receive: Any) -> tuple[int, bytes]:
        """A sign-in whose newest tokens alone count."""
        given = wire.parse((await receive())["body"])
        newest = f"refresh-{self.issued}"
        right = given in ({"name": NAME, "password": PASSWORD}, {"refreshToken": newest})
        if not right:
            return 401, wire.encode(ProblemError(Code.UNAUTHORIZED, "The name or the password is wrong.").body())
        if path == SIGN_OUT.url():
            self.tokens = set()
            return 200, b'{"ok": true}'
        self.issued += 1
        self.tokens = {f"access-{self.issued}"}
        signed_in = SignedInView(
            access_token=f"access-{self.issued}",
            refresh_token=f"refresh-{self.issued}",
            expires_at=datetime.now(UTC) + self.lifetime,
            account=AccountView(
                id=NAME,
                display_name="Mo",
                role=Role.MODERATOR,
                name=NAME,
                acts_for=None,
                disabled_at=None,
                created_at=stream().created_at,
            ),
        )
        return 200, wire.encode(signed_in)

    async def _paid(self, receive: Any) -> PayoutView:
        asked = wire.decode(MakePayout, (await receive())["body"])
        return PayoutView(
            id="payout-1",
            affiliate_id="affiliate_456",
            amount=asked.amount or Decimal(0),
            currency=asked.currency or "",
            created_by="mod_7",
            created_at=stream().created_at,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Listen, on the same port each time; everything is cut at the end."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(self.address)
        self.address = listener.getsockname()
        config = uvicorn.Config(self.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{self.address[1]}"
        finally:
            server.should_exit = server.force_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await serving
            listener.close()
