"""A real server in this process, on a real socket, and clients that talk to it."""

import asyncio
import contextlib
import itertools
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import socketio
import uvicorn
from tortoise.transactions import in_transaction

from backend import seed
from backend.app import create_server
from backend.domain.tokens import Keyring
from backend.realtime.server import MAX_MESSAGE
from backend.settings import Rate, Settings
from backend.storage.database import migrate, opened
from shared.roles import Role
from shared.rooms import NAMESPACE
from tests.waiting import PATIENCE, eventually

KEY = "a signing key that only the tests know"
MEDIA_SECRET = "the media server's secret, in tests"
API = "/api/v1"
PASSWORD = "correct horse battery"
SELLER, AFFILIATE, PRODUCT, STREAM = seed.SELLER, seed.AFFILIATE, seed.PRODUCT, seed.STREAM
TEXTS = itertools.count(1)


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Settings of a test's server: no rate limit and cheap hashes, unless the test is about them."""
    folder.mkdir(parents=True, exist_ok=True)
    unlimited = dict.fromkeys(("chat_rate", "sign_in_rate", "sign_in_address_rate"), Rate(0, 1))
    given = {"signing_key": KEY, "media_secret": MEDIA_SECRET, "password_memory": 1, **unlimited, **changes}
    return Settings(data_dir=folder, **given)


async def plant_shop(settings: Settings) -> None:
    """A migrated database with the specification's people and goods."""
    await migrate(settings)
    async with opened(settings), in_transaction():
        await seed.plant(settings.currency)


def copy_shop(planted: Path, folder: Path) -> None:
    """A planted data folder once more, for one test."""
    shutil.copytree(planted, folder, dirs_exist_ok=True)


class Live:
    """A Socket.IO client in `/live` that remembers everything it hears."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self.heard: list[tuple[str, Any]] = []
        self.refused: Any = None
        self.closed = asyncio.Event()
        self.client.on("*", self._hear, namespace=NAMESPACE)
        self.client.on("connect_error", self._refuse, namespace=NAMESPACE)
        self.client.on("disconnect", self._close, namespace=NAMESPACE)

    async def _hear(self, event: str, *payload: Any) -> None:
        self.heard.append((event, payload[0] if payload else None))

    async def _refuse(self, data: Any) -> None:
        self.refused = data

    async def _close(self, *_: Any) -> None:
        self.closed.set()

    async def ask(self, event: str, payload: Any = None, **fields: Any) -> Any:
        """Send a command; its acknowledgement."""
        return await self.client.call(event, fields or payload, namespace=NAMESPACE, timeout=PATIENCE)

    async def join(self, stream_id: str = STREAM, **fields: Any) -> Any:
        """Join a stream; the acknowledgement, which must be good."""
        answer = await self.ask("joinStream", streamId=stream_id, **fields)
        assert answer["ok"], answer
        return answer

    async def say(self, message: str, stream_id: str = STREAM, **fields: Any) -> Any:
        """Say something; the stored message."""
        answer = await self.ask("sendMessage", streamId=stream_id, message=message, **fields)
        assert answer["ok"], answer
        return answer["message"]

    def all(self, event: str) -> list[Any]:
        """Everything heard under a name, in order."""
        return [payload for name, payload in self.heard if name == event]

    async def hears(self, event: str, matching: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first event of a name that matches, now or soon."""

        async def look() -> list[Any]:
            return [payload for payload in self.all(event) if matching(payload)][:1]

        return (await eventually(look, f"hears {event}; it heard {[name for name, _ in self.heard]}"))[0]

    def batched(self) -> list[tuple[str, Any]]:
        """The events inside all control batches, in order."""
        return [(item["event"], item["payload"]) for batch in self.all("controlBatch") for item in batch["events"]]

    async def hears_batched(self, event: str, matching: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first event of a name inside a control batch that matches, now or soon."""

        async def look() -> list[Any]:
            return [payload for name, payload in self.batched() if name == event and matching(payload)][:1]

        return (await eventually(look, f"hears {event} in a batch"))[0]

    async def close(self) -> None:
        """Leave."""
        with contextlib.suppress(Exception):
            await self.client.disconnect()


class Shop:
    """A running server and the clients that a test has made of it."""

    def __init__(self, settings: Settings, url: str, stack: AsyncExitStack) -> None:
        self.settings, self.url, self._stack = settings, url, stack
        self.keyring = Keyring(KEY)
        self.guest = self.rest()
        self.admin = self.rest(Role.ADMIN, "root")
        self.seller = self.rest(Role.SELLER, SELLER)
        self.affiliate = self.rest(Role.AFFILIATE, AFFILIATE)
        self.moderator = self.rest(Role.MODERATOR, "mo")
        self.ops = self.rest(Role.OPS, "olga")
        self.viewer = self.rest(Role.VIEWER, "vera")

    def token(self, role: Role, subject: str = "somebody", *, days: float = 1, **scope: str) -> str:
        """A token of this server."""
        return self.keyring.issue(role, subject, lifetime=timedelta(days=days), **scope)

    def rest(self, role: Role | None = None, subject: str = "", *, token: str | None = None, **scope: str):
        """A REST client; paths are below the base path."""
        if role is not None:
            token = self.token(role, subject, **scope)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Loading the system's certificates takes longer than most tests.
        client = httpx.AsyncClient(base_url=self.url + API, headers=headers, timeout=PATIENCE, verify=False)
        self._stack.push_async_callback(client.aclose)
        return client

    def on_close(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have something of a test's closed before the server stops."""
        self._stack.push_async_callback(close)

    async def live(
        self,
        role: Role | None = None,
        subject: str = "",
        *,
        token: str | None = None,
        transports: tuple[str, ...] = ("websocket",),
        **scope: str,
    ) -> Live:
        """A connected socket client."""
        if role is not None:
            token = self.token(role, subject, **scope)
        live = Live()
        self._stack.push_async_callback(live.close)
        auth = {"token": token} if token is not None else None
        await live.client.connect(
            self.url, namespaces=[NAMESPACE], transports=list(transports), auth=auth, wait_timeout=PATIENCE
        )
        return live

    async def account(self, name: str, role: Role = Role.VIEWER, **fields: Any) -> dict[str, Any]:
        """A new account that signs in with PASSWORD."""
        body = {"id": name, "displayName": name, "role": role, "name": name, "password": PASSWORD, **fields}
        made = await self.admin.post("/accounts", json=body)
        assert made.status_code == 201, made.text
        return made.json()

    async def sign_in(self, name: str, password: str = PASSWORD) -> dict[str, Any]:
        """The tokens of a new sign-in."""
        signed_in = await self.guest.post("/auth/sign-in", json={"name": name, "password": password})
        assert signed_in.status_code == 200, signed_in.text
        return signed_in.json()

    async def new_stream(self, *, live: bool = False, **fields: Any) -> dict[str, Any]:
        """A new stream of the seller; the host's view of it."""
        made = await self.seller.post("/live/streams", json={"title": f"Show {next(TEXTS)}", **fields})
        assert made.status_code == 201, made.text
        stream = made.json()
        if live:
            stream = (await self.seller.post(f"/live/streams/{stream['id']}/start")).json()
        return stream


@asynccontextmanager
async def running(settings: Settings, *, send_buffer: int | None = None) -> AsyncIterator[Shop]:
    """The server of `settings`, from its start to its orderly stop."""
    listener = socket.create_server(("127.0.0.1", 0))
    if send_buffer is not None:
        # The connections inherit it: the system then holds less for a client that does not read.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            create_server(settings, Keyring(KEY), MEDIA_SECRET),
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE,
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))

    async def started() -> bool:
        return server.started or serving.done()

    await eventually(started, "the server starts")
    if serving.done():
        await serving
    try:
        async with AsyncExitStack() as stack:
            yield Shop(settings, url, stack)
    finally:
        server.should_exit = True
        await serving


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """A refused request's status and code; its body must have the one shape of all refusals."""
    assert answer.headers["Content-Type"] == "application/json", answer.text
    body = answer.json()
    assert {"statusCode", "error", "code", "message", "errors"} <= set(body), body
    assert set(body) <= {"statusCode", "error", "code", "message", "errors", "incidentId", "retryAfter"}, body
    assert body["statusCode"] == answer.status_code
    assert body["message"]
    assert all(set(error) == {"field", "code", "message"} for error in body["errors"])
    return answer.status_code, body["code"]
