"""Who may do what: every endpoint and every command, asked by everyone, about what is theirs and what is not.

The expectation of each cell is the shared table's; a new endpoint or command without a cell fails by itself.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from backend.app import create_runtime
from backend.domain.tokens import Keyring
from backend.rest.app import create_app
from backend.storage.models import LiveStream
from shared.endpoints import ENDPOINTS, GET_DASHBOARD
from shared.ingest import HOOK_PATH
from shared.roles import Permission, Role, Target
from tests.backend.access_cells import OPERATIONS, Cell, Operation, without_cell
from tests.backend.access_world import BAD_TOKENS, Person, Thing, World, cast, mentions, nothing_written
from tests.market import WEBHOOK_SECRET
from tests.shop import KEY, running, settings_in
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(module_settings: Callable[..., Any]) -> AsyncIterator[World]:
    """One server for the whole matrix."""
    async with running(module_settings(webhook_secret=WEBHOOK_SECRET)) as shop:
        client = httpx.AsyncClient(base_url=shop.url, timeout=PATIENCE, verify=False)
        shop.on_close(client.aclose)
        world = World(shop, client)
        await world.populate()
        yield world


@asynccontextmanager
async def nobody_else_named() -> AsyncIterator[None]:
    """However often somebody claims to be another, the database names that other as often as before."""
    before = await mentions()
    yield
    assert await mentions() == before


PATHS = tuple(operation for operation in OPERATIONS if operation.path is not None)
LISTINGS = tuple(operation for operation in OPERATIONS if operation.spec.listing)
FORGERIES = [(role, what, make(role)) for role in Role for what, make in BAD_TOKENS.items()]
each = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


async def test_every_operation_has_a_cell():
    assert not without_cell(), "say in access_cells.py how it is asked"


async def test_there_is_no_door_beside_the_table(tmp_path: Path):
    """Every route is an endpoint's, or one of the few named here: the media server's and the documentation's."""
    app = create_app(create_runtime(settings_in(tmp_path), Keyring(KEY)), "secret")
    paths = {rule.rule.replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules()}
    known = {endpoint.base + path for endpoint in ENDPOINTS for path in (endpoint.path, *endpoint.aliases)}
    assert paths - known == {HOOK_PATH, "/openapi.json", "/api/docs", "/api/docs/assets/{name}"}
    assert known <= paths


@each
async def test_who_may_not_is_refused_and_nothing_is_written(world: World, operation: Operation):
    things = await operation.things(world, new=False)
    async with nothing_written():
        for thing in things:
            for person in cast(thing):
                if code := operation.refusal(person, thing):
                    answered, _ = await operation.ask(world, person, thing)
                    assert answered == code, (thing.name, person.name)


@pytest.mark.parametrize("operation", PATHS, ids=lambda operation: operation.name)
async def test_a_token_that_proves_nothing_is_refused_on_every_path(world: World, operation: Operation):
    thing = (await operation.things(world, new=False))[0]
    async with nothing_written():
        statuses = await _statuses(world, operation, thing, [token for _, _, token in FORGERIES])
    assert [(*shown[:2], got) for shown, got in zip(FORGERIES, statuses, strict=True) if got != 401] == []


async def _statuses(world: World, operation: Operation, thing: Thing, tokens: list[str]) -> list[int]:
    """The statuses of one request with each of many tokens, sent one behind the other: an HTTP client takes longer."""
    body = json.dumps(operation.cell.body(thing))
    path = thing.path(operation.path or "") + operation.cell.query
    head = f"{operation.spec.method} {path} HTTP/1.1\r\nHost: shop\r\nContent-Length: {len(body)}\r\n"
    requests = [f"{head}Authorization: Bearer {token}\r\n\r\n{body}" for token in tokens]
    requests.append("GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(world.shop.url).port)
    writer.write("".join(requests).encode())
    answers = await asyncio.wait_for(reader.read(-1), PATIENCE)
    writer.close()
    *statuses, last = [int(status) for status in re.findall(rb"HTTP/1.1 (\d+) ", answers)]
    assert last == 200
    return statuses


@pytest.mark.parametrize("role", Role)
async def test_a_socket_whose_token_proves_nothing_gets_nothing(world: World, role: Role):
    """It is refused, and what it sends all the same is not heard."""
    (thing, _) = await world.things(Target.STREAM, "scheduled")
    commands = [operation for operation in OPERATIONS if operation.path is None]
    async with nothing_written():
        for what, token in [(what, token) for claimed, what, token in FORGERIES if claimed is role]:
            frames = await _refused_handshake(world.shop.url, token, commands, thing)
            assert json.loads(frames[0].removeprefix("44/live,"))["message"] == "unauthorized", what
            assert not [frame for frame in frames if frame.startswith("43")], what


async def _refused_handshake(url: str, token: str, commands: list[Operation], thing: Thing) -> list[str]:
    """Everything that the server says to a bad token and to every command after it."""
    heard: list[str] = []
    address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with connect(address, open_timeout=PATIENCE) as socket:
        with contextlib.suppress(ConnectionClosed):
            await socket.send("40/live," + json.dumps({"token": token, "role": "admin"}))
            for number, operation in enumerate(commands):
                payload = {"streamId": thing.stream_id, **operation.cell.body(thing)}
                await socket.send(f"42/live,{number}" + json.dumps([operation.spec.name, payload]))
            await socket.send("40/live,")
            while not heard or not heard[-1].startswith("40/live"):
                frame = await socket.recv()
                if isinstance(frame, str) and frame.startswith("4"):
                    heard.append(frame)
    return heard


@each
async def test_who_may_is_answered_by_the_use_case_as_themselves(world: World, operation: Operation):
    """However they claim to be somebody else: the claims are in every payload."""
    things = await operation.things(world, new=operation.changes)
    async with nobody_else_named():
        for thing in things:
            for person in cast(thing):
                if not operation.refusal(person, thing):
                    mine = await _another(world, operation, thing) if operation.cell.once else thing
                    await _is_served(world, operation, _as_named(person, mine), mine)


async def _another(world: World, operation: Operation, thing: Thing) -> Thing:
    return await operation.prepared(world, await world.again(thing, operation.cell.state))


def _as_named(person: Person, thing: Thing) -> Person:
    return next(other for other in cast(thing) if other.name == person.name)


async def _is_served(world: World, operation: Operation, person: Person, thing: Thing) -> None:
    where = (thing.name, person.name)
    answered, answer = await operation.ask(world, person, thing)
    assert answered == operation.expected(person, thing), (*where, answer)
    if answered != "ok":
        return
    for extra in operation.spec.extras:
        probe = operation.cell.extras.get(extra.needs)
        if probe is not None and not isinstance(probe, Cell):
            shown = probe(answer, thing)
            assert shown in (None, person.may(extra.needs, thing, extra.target)), (*where, extra.what)


@pytest.mark.parametrize("operation", LISTINGS, ids=lambda operation: operation.name)
async def test_a_listing_holds_what_is_within_reach_and_nothing_else(world: World, operation: Operation):
    made = [*await world.things(operation.target, ""), *await world.things(operation.target, "")]
    things = [await operation.prepared(world, thing) for thing in made]
    for person in cast(things[0]):
        if operation.expected(person, things[0]) == "ok":
            shown = await _listed(world, operation, person, things)
            expected = {thing.id for thing in things if person.may(operation.spec.needs, thing, operation.target)}
            assert shown == expected, person.name


async def _listed(world: World, operation: Operation, person: Person, things: list[Thing]) -> set[str]:
    """The ids of those things that a listing counts in."""
    if operation.path is None:
        return {stream for thing in things for stream in await _controlled(world, operation, person, thing)}
    _, answer = await operation.ask(world, person, things[0])
    if operation.spec is GET_DASHBOARD:
        reached = [
            row.id for row in await LiveStream.all() if person.may(Permission.READ_STATS, _seen(row), Target.STREAM)
        ]
        assert answer["totalStreams"] == len(reached), person.name
        return {thing.id for thing in things if thing.id in reached}
    listed = {item["id"] for item in (answer if isinstance(answer, list) else answer["items"])}
    assert "victims-order" not in listed or person.role is Role.ADMIN or person.name == "the seller"
    return {thing.id for thing in things if thing.id in listed}


async def _controlled(world: World, operation: Operation, person: Person, thing: Thing) -> list[str]:
    """The streams of the snapshot that a console is sent."""
    live = await world.socket(person)
    before = len(live.all("controlSnapshot"))
    await operation.ask(world, person, thing)

    async def look() -> list[dict[str, Any]]:
        return live.all("controlSnapshot")[before:]

    (snapshot,) = await eventually(look, "a snapshot")
    return [stream["id"] for stream in snapshot["streams"]]


def _seen(row: LiveStream) -> Thing:
    """A stream's row as a thing."""
    host = (Role.AFFILIATE, row.affiliate_id) if row.affiliate_id else (Role.SELLER, row.seller_id)
    return Thing(kind=Target.STREAM, name=row.id, id=row.id, stream_id=row.id, seller_id=row.seller_id, host=host)
