"""What a hostile client tries, and that it gets nothing and disturbs nobody."""

import asyncio
import contextlib
import json
import socket as socket_module
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import socketio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from backend.realtime import hygiene, namespace
from backend.realtime.server import MAX_MESSAGE
from backend.settings import Settings
from shared.roles import Role
from tests.shop import AFFILIATE, STREAM, Live, Shop, running
from tests.waiting import PATIENCE, eventually

OpenShop = Callable[..., Awaitable[Shop]]


class Raw:
    """A websocket that speaks Engine.IO by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, *frames: str | bytes) -> None:
        for frame in frames:
            await self.socket.send(frame)

    async def until(self, start: str) -> str:
        """The first frame from now on that starts so; pings are answered."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = await self.socket.recv()
                assert isinstance(frame, str)
                if frame == "2":
                    await self.socket.send("3")
                elif frame.startswith(start):
                    return frame

    async def ask(self, number: int, payload: str) -> dict:
        """Send an event with an acknowledgement's number; the acknowledgement."""
        await self.send(f"42/live,{number}{payload}")
        return json.loads((await self.until(f"43/live,{number}")).removeprefix(f"43/live,{number}"))[0]

    async def closes(self) -> None:
        """Wait until the server ends the connection."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    if await self.socket.recv() == "2":
                        await self.socket.send("3")


@asynccontextmanager
async def raw(shop: Shop, *, join: bool = True) -> AsyncIterator[Raw]:
    address = shop.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    # A small buffer, so that a test which does not read is noticed soon.
    plain = socket_module.socket()
    plain.setsockopt(socket_module.SOL_SOCKET, socket_module.SO_RCVBUF, 4096)
    plain.connect(("127.0.0.1", int(shop.url.rsplit(":", 1)[1])))
    plain.setblocking(False)
    async with connect(address, sock=plain, max_size=None, open_timeout=PATIENCE) as socket:
        client = Raw(socket)
        await client.until("0")
        if join:
            await client.send("40/live,")
            await client.until("40/live")
        yield client


async def _still_works(shop: Shop) -> None:
    viewer = await shop.live()
    await viewer.join()
    await viewer.say("still here")
    await viewer.close()


async def test_a_bad_token_is_refused_and_never_a_silent_guest(shop: Shop):
    expired = shop.token(Role.ADMIN, days=-1)
    tokens = ("garbage", expired, shop.token(Role.ADMIN)[:-2] + "xx", 5, ["x"], {"a": 1})
    for auth in (*({"token": token} for token in tokens), "garbage", ["x"]):
        live = Live()
        with pytest.raises(socketio.exceptions.ConnectionError):
            await live.client.connect(
                shop.url, namespaces=["/live"], transports=["websocket"], auth=auth, wait_timeout=PATIENCE
            )
        assert live.refused["message"] == "unauthorized"
        assert live.refused["data"]["code"] == "unauthorized"


async def test_a_socket_is_closed_when_its_token_expires(shop: Shop):
    token = shop.keyring.issue(Role.MODERATOR, "mo", lifetime=timedelta(seconds=2))
    moderator = await shop.live(token=token)
    assert (await moderator.ask("subscribeControl", {}))["ok"]
    await asyncio.wait_for(moderator.closed.wait(), PATIENCE)


async def test_forged_connect_and_disconnect_events_do_nothing(shop: Shop):
    async with raw(shop) as client:
        joined = await client.ask(1, json.dumps(["joinStream", {"streamId": STREAM, "sessionId": "ann"}]))
        token = shop.token(Role.ADMIN, "root")
        for number, forged in enumerate(
            (
                ["connect", {"asgi.scope": {}}, {"token": token}],
                ["connect", {"token": token}],
                ["disconnect", "x"],
                ["disconnect"],
                ["__disconnect_final", "x"],
            ),
            start=2,
        ):
            answer = await client.ask(number, json.dumps(forged))
            assert answer["error"]["code"] == "unknown_event"
        assert (await shop.guest.get(f"/live/streams/{STREAM}")).json()["viewerCount"] == 1
        said = await client.ask(9, json.dumps(["sendMessage", {"streamId": STREAM, "message": "me"}]))
        assert said["message"]["user"]["id"] == joined["userId"]
        assert said["message"]["badge"] is None


async def test_misshapen_events_are_refused_and_the_connection_stays(shop: Shop):
    async with raw(shop) as client:
        for number, payload in enumerate(
            ('["nonsense",{}]', "[]", "[5]", '[{"a":1}]', '["joinStream",{},{}]', '["joinStream",1,2,3]'), start=1
        ):
            assert (await client.ask(number, payload))["error"]["code"] == "unknown_event", payload
        for number, payload in enumerate(
            ('["joinStream"]', '["joinStream",5]', '["joinStream","x"]', '["joinStream",[]]', '["joinStream",{}]'),
            start=10,
        ):
            assert (await client.ask(number, payload))["error"]["code"] == "validation_failed", payload
        for number, fields in enumerate(
            ({"streamId": 5}, {"streamId": ""}, {"streamId": "a\nb"}, {"streamId": "x" * 65}, {"streamId": None}),
            start=20,
        ):
            answer = await client.ask(number, json.dumps(["joinStream", fields]))
            assert (answer["error"]["code"], answer["error"]["errors"][0]["field"]) == ("validation_failed", "streamId")
        assert (await client.ask(30, '["joinStream",{"streamId":"nowhere"}]'))["error"]["code"] == "not_found"
        assert (await client.ask(31, json.dumps(["joinStream", {"streamId": STREAM, "extra": [1]}])))["ok"]


async def test_a_refusal_without_an_acknowledgement_comes_as_an_error_event(shop: Shop):
    async with raw(shop) as client:
        await client.send('42/live,["joinStream",{"streamId":"nowhere"}]')
        name, error = json.loads((await client.until("42/live,")).removeprefix("42/live,"))
        assert (name, error["code"], error["event"]) == ("error", "not_found", "joinStream")
        assert error["message"] == error["error"]


async def test_what_is_no_json_is_ignored_and_the_connection_stays(shop: Shop):
    async with raw(shop) as client:
        await client.send(
            "42/live,[",
            '42/live,["joinStream",NaN]',
            '42/live,["sendMessage",{"message":"\\ud800"}]',
            "42/live," + "[" * 20_000,
            "42/live,1" + '["joinStream",' + "[" * 20_000 + "]" * 20_000 + "]",
            "43/live,77[1]",
            "44/live,{}",
            "49/live,",
            "4x",
            "9zz",
        )
        assert (await client.ask(5, json.dumps(["joinStream", {"streamId": STREAM}])))["ok"]


async def test_binary_is_cut_off(shop: Shop):
    for frames in (
        (b"\x04binary",),
        ('451-/live,["joinStream",{"_placeholder":true,"num":0}]',),
        ("461-/live,1[]",),
        ("4",),
    ):
        async with raw(shop) as client:
            await client.send(*frames)
            await client.closes()
    await _still_works(shop)


async def test_an_oversized_packet_is_cut_off(shop: Shop):
    async with raw(shop) as client:
        with contextlib.suppress(ConnectionClosed):
            await client.send(
                "42/live," + json.dumps(["sendMessage", {"streamId": STREAM, "message": "x" * MAX_MESSAGE}])
            )
        await client.closes()
    await _still_works(shop)


async def test_a_second_connect_on_one_connection_is_refused(shop: Shop):
    async with raw(shop) as client:
        await client.ask(1, json.dumps(["joinStream", {"streamId": STREAM, "sessionId": "ann"}]))
        await client.send('40/live,{"token":"' + shop.token(Role.ADMIN, "root") + '"}')
        await client.until("44/live")
        said = await client.ask(2, json.dumps(["sendMessage", {"streamId": STREAM, "message": "me"}]))
        assert said["message"]["user"]["isGuest"] is True


async def test_other_namespaces_are_refused(shop: Shop):
    async with raw(shop, join=False) as client:
        for name in ("", "/admin,"):
            await client.send(f"40{name}")
            assert (await client.until("44")).startswith("44")


async def test_a_connection_that_never_joins_is_dropped(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hygiene, "IDLE_LIMIT", 0.1)
    async with raw(shop, join=False) as client:
        await client.closes()


async def test_who_leaves_the_namespace_and_stays_is_dropped_and_counted_no_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hygiene, "IDLE_LIMIT", 0.1)
    async with raw(shop) as client:
        await client.ask(1, json.dumps(["joinStream", {"streamId": STREAM}]))
        await client.send("41/live,")
        await client.closes()
    assert (await shop.guest.get(f"/live/streams/{STREAM}")).json()["viewerCount"] == 0


async def test_a_reader_that_does_not_read_is_dropped(
    shop_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hygiene, "MAX_BACKLOG", 50)
    async with running(shop_settings(), send_buffer=8192) as shop, raw(shop) as client:
        await client.ask(1, json.dumps(["joinStream", {"streamId": STREAM}]))
        client.socket.transport.pause_reading()
        host = await shop.live(Role.AFFILIATE, AFFILIATE)

        async def dropped() -> bool:
            await asyncio.gather(*(host.say("x" * 500) for _ in range(20)))
            return (await shop.guest.get(f"/live/streams/{STREAM}")).json()["viewerCount"] == 0

        await eventually(dropped, "the slow reader is dropped")
        client.socket.transport.abort()


async def test_one_address_holds_so_many_sockets_and_no_more(open_shop: OpenShop):
    shop = await open_shop(max_connections_per_address=3)
    held = [await shop.live() for _ in range(3)]
    extra = Live()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await extra.client.connect(shop.url, namespaces=["/live"], transports=["websocket"], wait_timeout=PATIENCE)
    assert extra.refused["message"] == "too_many_connections"
    await held[0].close()

    async def free_again() -> bool:
        with contextlib.suppress(socketio.exceptions.ConnectionError):
            await shop.live()
            return True
        return False

    await eventually(free_again, "a place is free again")


async def test_a_crash_has_a_name_for_its_log_entry_and_no_details(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(namespace.Inbound.handle.__globals__["HANDLERS"], "streamHeartbeat", broken)
    viewer = await shop.live()
    error = (await viewer.ask("streamHeartbeat", streamId=STREAM))["error"]
    assert error["code"] == "internal_error"
    assert error["incidentId"] in error["message"]
    assert "secret detail" not in str(error) + str(viewer.heard)
    logged = capfd.readouterr()
    assert error["incidentId"] in logged.out + logged.err


async def test_polling_clients_are_served_as_well(shop: Shop):
    viewer = await shop.live(transports=("polling",))
    await viewer.join(sessionId="ann")
    message = await viewer.say("by polling")
    assert await viewer.hears("newMessage") == message
    assert (await viewer.ask("streamHeartbeat", streamId=STREAM))["timestamp"].endswith("Z")
    assert await viewer.hears("heartbeatAck")


async def test_an_event_that_is_no_json_is_answered_and_not_met_with_silence(shop: Shop):
    lone = '["sendMessage",{"message":"\\ud800"}]'
    async with raw(shop) as client:
        assert (await client.ask(7, lone))["error"]["code"] == "malformed_body"
        await client.send(f"42/live,{lone}")
        name, told = json.loads((await client.until('42/live,["error"')).removeprefix("42/live,"))
        assert (name, told["code"], told["event"]) == ("error", "malformed_body", "sendMessage")
        assert (await client.ask(8, f'["joinStream",{{"streamId":"{STREAM}"}}]'))["ok"] is True
    async with raw(shop, join=False) as outsider:
        # Whoever has not joined the namespace is told nothing in it.
        await outsider.send(f"42/live,9{lone}")
        await outsider.send("40/live,")
        assert (await outsider.until("4")).startswith("40/live")
