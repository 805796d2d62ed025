"""The product, as the official JavaScript client and plain HTTP meet it."""

import asyncio
import json
import re
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import pytest
from journey_control import ControlClient
from journey_javascript import JavaScriptClient, Node
from journey_server import STREAM, Server
from journey_waiting import until

from backend.realtime.server import PING_INTERVAL, PING_TIMEOUT

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("javascript")]

TRANSPORTS = {"polling only": ["polling"], "websocket only": ["websocket"], "polling, then an upgrade": None}

# --- the specification, pasted ---

SELLER_STREAM = """
POST /api/v1/live/streams
{
  "title": "Fashion Sale Live",
  "description": "50% off all summer clothes",
  "hostType": "seller",
  "sellerId": "seller_123"
}
"""

AFFILIATE_STREAM = """
POST /api/v1/live/affiliate/streams
{
  "title": "Tech Reviews & Deals",
  "description": "Latest gadget reviews",
  "hostType": "affiliate",
  "affiliateId": "affiliate_456",
  "sellerId": "seller_123"  // Products from this seller
}
"""

SOCKET = """
// Join stream
socket.emit('joinStream', {
  streamId: 'stream_789',
  sessionId: 'mobile_user_123'
});

// Purchase during stream
socket.emit('streamPurchase', {
  streamId: 'stream_789',
  productId: 'product_456',
  affiliateId: 'affiliate_456'
});
"""


def pasted(block: str) -> dict[str, Any]:
    """A request as the specification prints it, for httpx."""
    head, _, body = block.strip().partition("\n")
    method, url = head.split()
    content = re.sub(r"\s+//.*", "", body)
    return {"method": method, "url": url, "content": content, "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize(
    ("role", "block", "affiliate"),
    [("seller", SELLER_STREAM, None), ("affiliate", AFFILIATE_STREAM, "affiliate_456")],
    ids=["seller stream", "affiliate stream"],
)
async def test_a_request_body_of_the_specification_makes_a_stream(
    server: Server, role: str, block: str, affiliate: str | None
) -> None:
    async with server.as_(role) as http:
        answer = await http.request(**pasted(block))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    asked = json.loads(pasted(block)["content"])
    assert {name: made[name] for name in asked} == asked
    assert made["status"] == "scheduled"
    assert made["affiliateId"] == affiliate
    assert made["rtmpUrl"] == f"rtmp://localhost:{server.rtmp_port}/live/{made['streamKey']}"
    assert made["streamKey"] not in made["hlsUrl"]


async def test_the_ten_endpoints_of_the_specification_answer(server: Server) -> None:
    async with server.as_("affiliate") as host, server.as_() as guest, server.as_("seller") as seller:
        made = (await host.request(**pasted(AFFILIATE_STREAM))).json()
        assert (await seller.request(**pasted(SELLER_STREAM))).status_code == 201
        base = f"/api/v1/live/streams/{made['id']}"
        assert (await host.post(f"{base}/products", json={"productId": "product_456"})).status_code == 201
        assert (await host.post(f"{base}/start")).json()["status"] == "live"
        assert [stream["id"] for stream in (await guest.get("/api/v1/live/streams/active")).json()] == [made["id"]]
        seen = (await guest.get(base)).json()
        assert seen["title"] == "Tech Reviews & Deals"
        assert "streamKey" not in seen
        toggled = await host.put(f"{base}/products/product_456/toggle")
        assert toggled.json()["isActive"] is False
        said = await guest.post(f"{base}/messages", json={"message": "Hello", "sessionId": "mobile_user_123"})
        assert said.status_code == 201
        stats = (await host.get(f"{base}/stats")).json()
        assert (stats["status"], stats["totalMessages"], stats["totalProducts"]) == ("live", 1, 1)
        assert (await host.post(f"{base}/end")).json()["status"] == "ended"


async def test_the_socket_calls_of_the_specification_work(server: Server, node: Node) -> None:
    client = node.open("app", server.url)
    client.paste(SOCKET)
    assert (await client.hears("streamInfo")).payload["stream"]["id"] == STREAM
    assert (await client.hears("recentMessages")).payload == []
    await client.hears("viewerCountUpdate", lambda payload: payload["streamId"] == STREAM and payload["count"] == 1)
    # The seeded stream is scheduled; nothing is sold before it is live.
    refused = (await client.hears("error")).payload
    assert (refused["code"], refused["event"]) == ("stream_not_live", "streamPurchase")
    async with server.as_("affiliate") as host:
        assert (await host.post(f"/api/v1/live/streams/{STREAM}/start")).status_code == 200
    client.paste(SOCKET)
    sold = (await client.hears("streamPurchase")).payload
    assert (sold["productName"], sold["amount"]) == ("Noise-cancelling headphones", 200)
    purchase = {"streamId": STREAM, "productId": "product_456", "affiliateId": "affiliate_456"}
    answer = await client.ask("streamPurchase", purchase)
    assert answer["ok"] is True, answer
    order = answer["order"]
    told = {name: order[name] for name in ("liveSessionId", "affiliateId", "commissionRate", "commissionAmount")}
    assert told == {
        "liveSessionId": STREAM,
        "affiliateId": "affiliate_456",
        "commissionRate": 7.5,
        "commissionAmount": 15,
    }


# --- transports ---


@pytest.fixture(params=TRANSPORTS.values(), ids=TRANSPORTS.keys())
def transports(request: pytest.FixtureRequest) -> list[str] | None:
    found: list[str] | None = request.param
    return found


async def test_every_transport_joins_and_chats_and_is_told_of_errors(
    server: Server, node: Node, transports: list[str] | None
) -> None:
    client = node.open("client", server.url, transports=transports)
    other = node.open("other", server.url, transports=["websocket"])
    await other.ask("joinStream", {"streamId": STREAM, "sessionId": "other-session"})

    joined = await client.ask("joinStream", {"streamId": STREAM, "sessionId": "client-session"})
    assert joined["ok"] is True
    assert joined["sessionId"] == "client-session"
    assert joined["viewerCount"] == 2
    info = await client.hears("streamInfo")
    assert info.payload["isHost"] is False

    said = await client.ask("sendMessage", {"streamId": STREAM, "message": "Grüße 👋", "username": "Ana"})
    assert said["ok"] is True
    for listener in (client, other):
        message = (await listener.hears("newMessage")).payload
        assert message == said["message"]
        assert (message["message"], message["username"]) == ("Grüße 👋", "Ana")
        assert message["user"]["id"].startswith("guest_")
    assert "client-session" not in json.dumps([heard.args for heard in other.heard])

    refused = await client.ask("sendMessage", {"streamId": STREAM, "message": "  "})
    assert refused["ok"] is False
    assert refused["error"]["code"] == "empty_message"
    error = (await client.hears("error")).payload
    assert (error["event"], error["code"]) == ("sendMessage", "empty_message")
    assert error["message"] == error["error"] == refused["error"]["message"]
    assert not other.all("error")

    alive = await client.ask("streamHeartbeat", {"streamId": STREAM})
    assert alive["ok"] is True
    await client.hears("heartbeatAck")

    used = client.all("_transport")
    assert used == (transports or ["polling", "websocket"])


async def test_a_bad_token_is_told_as_unauthorized_on_every_transport(
    server: Server, node: Node, transports: list[str] | None
) -> None:
    client = node.open("client", server.url, transports=transports, auth={"token": "not.a.token"})
    refused = (await client.hears("_connect_error")).payload
    assert refused["message"] == "unauthorized"
    assert refused["data"]["code"] == "unauthorized"
    assert refused["data"]["message"]
    assert not client.all("_connect")


async def test_every_transport_comes_back_after_a_crash_of_the_server(
    server: Server, node: Node, transports: list[str] | None
) -> None:
    client = node.open("client", server.url, transports=transports, reconnectionDelay=100, reconnectionDelayMax=500)
    session = {"streamId": STREAM, "sessionId": "client-session"}
    before = await client.ask("joinStream", session)
    said = [await client.ask("sendMessage", {"streamId": STREAM, "message": f"before {n}"}) for n in range(3)]
    visits = "SELECT left_at IS NULL FROM live_stream_viewers ORDER BY joined_at"
    await until(lambda: server.rows(visits) == [(1,)], "the visit is written")

    server.kill_everything()
    await client.hears("_disconnect")
    mark = len(client.heard)
    await server.start()
    await client.hears("_connect", after=mark, within=15)

    after = await client.ask("joinStream", session)
    assert after["ok"] is True
    assert after["userId"] == before["userId"]
    assert after["viewerCount"] == 1
    history = (await client.hears("recentMessages", after=mark)).payload
    assert history == [answer["message"] for answer in said]
    again = await client.ask("sendMessage", {"streamId": STREAM, "message": "after"})
    assert again["message"]["seq"] > said[-1]["message"]["seq"]
    await until(lambda: server.rows(visits) == [(0,), (1,)], "the visit of before is closed, the one of after is open")


# --- counts ---


class Crowd:
    """Two hundred JavaScript clients in two streams, and everyone who counts them."""

    SIZES = (120, 80)

    def __init__(self, server: Server, streams: list[str]) -> None:
        self.server = server
        self.streams = streams
        self.viewers: list[tuple[str, JavaScriptClient]] = []
        self.hosts: list[JavaScriptClient] = []

    async def join(self, node: Node, hosting: Node) -> None:
        token = self.server.installation.tokens["affiliate"]
        for stream in self.streams:
            host = hosting.open(f"host of {stream}", self.server.url, auth={"token": token})
            answer = await host.ask("hostJoinStream", {"streamId": stream})
            assert answer["isHost"] is True
            self.hosts.append(host)
        wanted = [stream for stream, size in zip(self.streams, self.SIZES, strict=True) for _ in range(size)]
        for number, stream in enumerate(wanted):
            transports = ["polling"] if number % 10 == 0 else None
            client = node.open(f"viewer {number}", self.server.url, transports=transports, hears=["viewerCountUpdate"])
            self.viewers.append((stream, client))
        answers = await asyncio.gather(
            *(
                client.ask("joinStream", {"streamId": stream, "sessionId": f"session-{number}"})
                for number, (stream, client) in enumerate(self.viewers)
            )
        )
        assert all(answer["ok"] for answer in answers)

    async def counted(self, control: ControlClient, sizes: tuple[int, int], within: float = 10.0) -> None:
        """Wait until everyone has the same, right count: the hosts, the control room, REST."""
        right = dict(zip(self.streams, sizes, strict=True))
        for stream, host in zip(self.streams, self.hosts, strict=True):
            await until(
                lambda stream=stream, host=host: (host.latest("viewerCountUpdate") or {}).get("count") == right[stream],
                f"the host is told {right[stream]}, not {host.latest('viewerCountUpdate')}",
                within,
            )
        await until(
            lambda: {stream: control.counts.get(stream) for stream in self.streams} == right,
            f"the control room shows {right}, not {control.counts}",
        )
        async with self.server.as_() as http, self.server.as_("affiliate") as host_http:
            active = {s["id"]: s["viewerCount"] for s in (await http.get("/api/v1/live/streams/active")).json()}
            assert {stream: active[stream] for stream in self.streams} == right
            for stream in self.streams:
                assert (await http.get(f"/api/v1/live/streams/{stream}")).json()["viewerCount"] == right[stream]
                stats = (await host_http.get(f"/api/v1/live/streams/{stream}/stats")).json()
                assert stats["currentViewers"] == right[stream]


@pytest.fixture
async def two_streams(server: Server) -> list[str]:
    async with server.as_("affiliate") as http:
        other = (await http.request(**pasted(AFFILIATE_STREAM))).json()["id"]
        for stream in (STREAM, other):
            assert (await http.post(f"/api/v1/live/streams/{stream}/start")).status_code == 200
    return [STREAM, other]


@pytest.fixture
async def hosting(javascript: None) -> Any:
    """A second Node.js process, which stays when the first one goes."""
    async with Node.running() as running:
        yield running


@pytest.fixture
async def control(server: Server) -> Any:
    async with ControlClient.connected(server.url, server.installation.tokens["moderator"]) as connected:
        yield connected


async def test_two_hundred_clients_are_counted_everywhere_until_all_have_left(
    server: Server, node: Node, hosting: Node, control: ControlClient, two_streams: list[str]
) -> None:
    crowd = Crowd(server, two_streams)
    await crowd.join(node, hosting)
    await crowd.counted(control, Crowd.SIZES)
    for stream, client in crowd.viewers:
        expected = Crowd.SIZES[two_streams.index(stream)]
        await client.hears("viewerCountUpdate", lambda p, n=expected, s=stream: (p["streamId"], p["count"]) == (s, n))

    # A second tab of one person counts once, also after the first is closed.
    tab = node.open("second tab", server.url)
    assert (await tab.ask("joinStream", {"streamId": STREAM, "sessionId": "session-0"}))["viewerCount"] == 120
    crowd.viewers[0][1].close()
    await crowd.counted(control, Crowd.SIZES)
    tab.close()
    await crowd.counted(control, (119, 80))

    # Half say that they leave, half just disconnect.
    for number, (stream, client) in enumerate(crowd.viewers[1:]):
        if number % 2:
            client.emit("leaveStream", {"streamId": stream})
        else:
            client.close()
    await crowd.counted(control, (0, 0))
    assert control.gaps == 0
    async with server.as_("affiliate") as http:
        stats = [(await http.get(f"/api/v1/live/streams/{stream}/stats")).json() for stream in two_streams]
    assert [(s["peakViewers"], s["totalViewers"]) for s in stats] == [(120, 120), (80, 80)]


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_clients_that_vanish_are_no_longer_counted_within_the_ping_timeout(
    how: str,
    server: Server,
    hosting: Node,
    control: ControlClient,
    two_streams: list[str],
    record_property: Callable[[str, object], None],
) -> None:
    async with Node.running() as doomed:
        crowd = Crowd(server, two_streams)
        await crowd.join(doomed, hosting)
        await crowd.counted(control, Crowd.SIZES)
        gone_at = time.monotonic()
        if how == "killed":
            await doomed.kill()
        else:
            # Their connections stay open and silent, as after a lost network.
            doomed.freeze()
        await crowd.counted(control, (0, 0), within=PING_INTERVAL + PING_TIMEOUT + 5)
        record_property(f"200 {how} clients uncounted after, s", f"{time.monotonic() - gone_at:.1f}")
    await until(
        lambda: server.rows("SELECT count(*) FROM live_stream_viewers WHERE left_at IS NULL") == [(0,)],
        "every visit is closed",
    )


# --- products ---


async def test_a_toggled_product_reaches_clients_and_consoles_within_300_ms(
    server: Server, node: Node, record_property: Callable[[str, object], None]
) -> None:
    token = server.installation.tokens["moderator"]
    toggle = f"/api/v1/live/streams/{STREAM}/products/product_456/toggle"
    waited: dict[str, list[float]] = {"JavaScript client": [], "second control room": []}
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(server.as_("moderator"))
        guest = await stack.enter_async_context(server.as_())
        other = await stack.enter_async_context(ControlClient.connected(server.url, token))
        viewer = node.open("viewer", server.url)
        await viewer.ask("joinStream", {"streamId": STREAM, "sessionId": "viewer-session"})

        for number in range(20):
            shown = number % 2 == 1
            heard, listed = len(viewer.heard), len(other.events)
            asked_at = time.monotonic()
            answer = await http.put(toggle)
            assert answer.json()["isActive"] is shown
            update = await viewer.hears("streamProductsUpdate", after=heard)
            waited["JavaScript client"].append(update.at - asked_at)
            at, _, body = await until(
                lambda start=listed: next((e for e in other.events[start:] if e[1] == "streamProductsUpdate"), None),
                "the second control room hears of it",
            )
            waited["second control room"].append(at - asked_at)

            # Viewers are told of what is shown, consoles of everything.
            assert [p["productId"] for p in update.payload["products"]] == (["product_456"] if shown else [])
            assert [(p["productId"], p["isActive"]) for p in body["products"]] == [("product_456", shown)]
            public = (await guest.get(f"/api/v1/live/streams/{STREAM}/products")).json()
            assert [p["productId"] for p in public] == (["product_456"] if shown else [])
        assert other.gaps == 0

    for who, seconds in waited.items():
        median, p95 = statistics.median(seconds), sorted(seconds)[round(0.95 * len(seconds)) - 1]
        record_property(f"toggle to {who}, ms", f"median {median * 1000:.0f}, p95 {p95 * 1000:.0f}")
        assert median < 0.3


# --- crashes under load ---


class Talker:
    """A JavaScript client that always has a few messages under way."""

    UNDER_WAY = 3

    def __init__(self, client: JavaScriptClient) -> None:
        self.client = client
        self.sent: list[str] = []
        self.acknowledged: list[dict[str, Any]] = []
        self._going = True

    async def talk(self) -> None:
        joined = await self.client.ask("joinStream", {"streamId": STREAM, "sessionId": f"{self.client.name}-session"})
        assert joined["ok"] is True
        await asyncio.gather(*(self._speak() for _ in range(self.UNDER_WAY)))

    async def _speak(self) -> None:
        while self._going:
            text = f"{self.client.name}: {len(self.sent)}"
            self.sent.append(text)
            try:
                answer = await self.client.ask("sendMessage", {"streamId": STREAM, "message": text})
            except TimeoutError:
                return
            if answer["ok"]:
                self.acknowledged.append(answer["message"])

    def hush(self) -> None:
        self._going = False


@pytest.mark.parametrize("how", ["the supervisor", "every process"])
async def test_acknowledged_messages_survive_a_kill_under_load(
    make_server: Callable[..., Any], node: Node, how: str, record_property: Callable[[str, object], None]
) -> None:
    server: Server = await make_server(LIVESHOP_CHAT_RATE="0")
    talkers = [
        Talker(node.open(f"talker-{n}", server.url, hears=["_disconnect"], reconnection=False)) for n in range(8)
    ]
    talking = [asyncio.create_task(talker.talk()) for talker in talkers]
    await until(lambda: sum(len(t.acknowledged) for t in talkers) > 400, "the chat is under way", 30)
    if how == "the supervisor":
        server.kill_supervisor()
    else:
        server.kill_everything()
    for talker in talkers:
        await talker.client.hears("_disconnect", within=15)
        talker.hush()
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    acknowledged = {message["id"]: message for talker in talkers for message in talker.acknowledged}

    await server.start()

    rows = server.rows("SELECT id, seq, message FROM live_stream_messages WHERE stream_id = ? ORDER BY seq", STREAM)
    assert len({text for _, _, text in rows}) == len(rows), "no message is stored twice"
    assert all(later[1] == earlier[1] + 1 for earlier, later in pairwise(rows)), "the numbers have no gap"
    stored = {id_: (seq, text) for id_, seq, text in rows}
    assert {id_: (m["seq"], m["message"]) for id_, m in acknowledged.items()}.items() <= stored.items()
    for talker in talkers:
        spoken = [text for _, _, text in rows if text.startswith(f"{talker.client.name}: ")]
        assert spoken == talker.sent[: len(spoken)], "a client's messages are stored in the order it sent them"
    # What the API gives is the end of the same history.
    async with server.as_() as http:
        history = (await http.get(f"/api/v1/live/streams/{STREAM}/messages", params={"limit": 200})).json()
    assert [(m["id"], m["seq"], m["message"]) for m in history] == rows[-200:]
    record_property(f"kill -9 of {how}", f"{len(acknowledged)} acknowledged, {len(rows)} stored")


# --- clients of an earlier backend ---


async def test_a_claimed_user_or_host_gives_no_rights(server: Server, node: Node) -> None:
    app = node.open("app", server.url)
    joined = await app.ask("joinStream", {"streamId": STREAM, "userId": "affiliate_456"})
    assert joined["ok"] is True
    assert joined["userId"].startswith("guest_")
    assert joined["sessionId"]
    hosting = await app.ask("hostJoinStream", {"streamId": STREAM, "hostId": "affiliate_456"})
    assert (hosting["ok"], hosting["isHost"], hosting["viewerCount"]) == (True, False, 1)

    said = await app.ask("sendMessage", {"streamId": STREAM, "message": "I am the host", "userId": "affiliate_456"})
    assert said["message"]["user"]["id"] == joined["userId"]
    assert said["message"]["user"]["isGuest"] is True
    assert said["message"]["badge"] is None

    refusals = {
        "startStream": ({"streamId": STREAM, "hostId": "affiliate_456"}, "unauthorized"),
        "endStream": ({"streamId": STREAM, "hostId": "affiliate_456"}, "unauthorized"),
        "updateStreamProducts": ({"streamId": STREAM, "products": []}, "unauthorized"),
        "deleteMessage": ({"streamId": STREAM, "messageId": said["message"]["id"]}, "unauthorized"),
        "subscribeControl": ({}, "unauthorized"),
    }
    for event, (payload, code) in refusals.items():
        answer = await app.ask(event, payload)
        assert answer["ok"] is False, event
        assert answer["error"]["code"] == code, event
    await app.hears("error", lambda error: error["event"] == "subscribeControl")
    admin = await app.ask("subscribeToAdminUpdates", {"userId": "admin_1"})
    assert admin["ok"] is False

    async with server.as_() as http:
        stream = (await http.get(f"/api/v1/live/streams/{STREAM}")).json()
        history = (await http.get(f"/api/v1/live/streams/{STREAM}/messages")).json()
        started = await http.post(f"/api/v1/live/streams/{STREAM}/start", json={"userId": "affiliate_456"})
    assert stream["status"] == "scheduled"
    assert [message["id"] for message in history] == [said["message"]["id"]]
    assert started.status_code == 401
