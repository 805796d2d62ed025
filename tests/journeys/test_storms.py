"""Storms of purchases: five hundred at once, and a power cut in the middle of one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import socketio
from journey_server import POSTGRES, STREAM, Server, on_postgres

pytestmark = pytest.mark.journey

BUYERS, STOCK = 500, 100
PRODUCT = "product_456"
NAMESPACE = "/live"


@pytest.fixture(params=["sqlite", "postgres"])
async def any_server(
    request: pytest.FixtureRequest, make_server: Callable[..., Any], installation: Any, tmp_path: Any
) -> AsyncIterator[Server]:
    """A seeded server on either database."""
    if request.param == "sqlite":
        yield await make_server(LIVESHOP_MAX_CONNECTIONS_PER_ADDRESS="0")
        return
    if not POSTGRES:
        pytest.skip("needs LIVESHOP_TEST_POSTGRES")
    async with on_postgres(installation, tmp_path / "data", LIVESHOP_MAX_CONNECTIONS_PER_ADDRESS="0") as server:
        yield server


async def go_live(server: Server) -> None:
    async with server.as_("affiliate") as http:
        assert (await http.post(f"/api/v1/live/streams/{STREAM}/start")).json()["status"] == "live"


async def by_socket(server: Server, number: int, ready: asyncio.Barrier) -> tuple[bool, str]:
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    await client.connect(server.url, namespaces=[NAMESPACE], transports=["websocket"], wait_timeout=60)
    try:
        joining = {"streamId": STREAM, "sessionId": f"socket-{number}"}
        assert (await client.call("joinStream", joining, namespace=NAMESPACE, timeout=60))["ok"]
        await ready.wait()
        wanted = {"streamId": STREAM, "productId": PRODUCT}
        answer = await client.call("streamPurchase", wanted, namespace=NAMESPACE, timeout=120)
    finally:
        await client.disconnect()
    return answer["ok"], answer["order"]["id"] if answer["ok"] else answer["error"]["code"]


async def by_rest(http: httpx.AsyncClient, number: int, ready: asyncio.Barrier) -> tuple[bool, str]:
    await ready.wait()
    answer = await http.post("/api/v1/orders", json=checkout(), headers={"X-Session-Id": f"rest-{number}"})
    return answer.status_code == 201, answer.json()["id" if answer.status_code == 201 else "code"]


def checkout() -> dict[str, Any]:
    return {"items": [{"productId": PRODUCT}], "liveSessionId": STREAM}


async def test_five_hundred_buyers_at_once_get_exactly_the_hundred_there_are(any_server: Server) -> None:
    await go_live(any_server)
    ready = asyncio.Barrier(BUYERS)
    limits = httpx.Limits(max_connections=BUYERS)
    async with httpx.AsyncClient(base_url=any_server.url, timeout=120, limits=limits) as http:
        answers = await asyncio.gather(
            *(by_socket(any_server, number, ready) for number in range(BUYERS // 2)),
            *(by_rest(http, number, ready) for number in range(BUYERS // 2)),
        )
        sold = {what for good, what in answers if good}
        assert [what for good, what in answers if not good] == ["out_of_stock"] * (BUYERS - STOCK)
        assert len(sold) == STOCK
        assert (await http.get(f"/api/v1/products/{PRODUCT}")).json()["stock"] == 0
    async with any_server.as_("admin") as admin:
        # The first payments meet on an empty ledger.
        paid = await asyncio.gather(*(admin.post(f"/api/v1/orders/{order_id}/pay") for order_id in sold))
        assert {answer.status_code for answer in paid} == {200}
        balance = (await admin.get("/api/v1/affiliates/affiliate_456/balance")).json()
        assert balance[0]["pending"] == STOCK * 15
        listed = (await admin.get("/api/v1/orders", params={"limit": 200})).json()
        assert (listed["total"], {row["status"] for row in listed["items"]}) == (STOCK, {"paid"})
    verified = any_server.liveshop("ledger", "verify")
    assert verified.stdout.endswith(f"\n{STOCK} journals, {STOCK} orders: the ledger is right\n"), verified.stdout


async def test_the_same_purchase_fifty_times_at_once_is_one_order(any_server: Server) -> None:
    await go_live(any_server)
    headers = {"X-Session-Id": "one", "Idempotency-Key": "one"}
    async with httpx.AsyncClient(base_url=any_server.url, timeout=60) as http:
        answers = await asyncio.gather(
            *(http.post("/api/v1/orders", json=checkout(), headers=headers) for _ in range(50))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.text for answer in answers}) == 1
        assert (await http.get(f"/api/v1/products/{PRODUCT}")).json()["stock"] == STOCK - 1


async def test_a_storm_of_everything_at_once_ends_in_right_books(any_server: Server) -> None:
    """Purchases, catalogue edits, toggles, sales, payments, refunds: no two wait for each other for ever."""
    await go_live(any_server)

    async def shop_and_pay(http: httpx.AsyncClient, admin: httpx.AsyncClient, number: int) -> None:
        answer = await http.post("/api/v1/orders", json=checkout(), headers={"X-Session-Id": f"s{number}"})
        if answer.status_code != 201:
            assert answer.json()["code"] in ("product_not_active", "out_of_stock"), answer.text
            return
        order = f"/api/v1/orders/{answer.json()['id']}"
        assert (await admin.post(f"{order}/pay")).status_code == 200
        refunds = await asyncio.gather(*(admin.post(f"{order}/refund", json={"amount": 90}) for _ in range(3)))
        assert sorted(refund.status_code for refund in refunds) == [200, 200, 400]
        if number % 3 == 0:
            assert (await admin.post(f"{order}/cancel")).status_code == 200

    async def disturb(seller: httpx.AsyncClient, host: httpx.AsyncClient, number: int) -> None:
        edited = await seller.put(f"/api/v1/products/{PRODUCT}", json={"price": 200 + number})
        assert edited.status_code == 200, edited.text
        for active in (False, True):
            url = f"/api/v1/live/streams/{STREAM}/products/{PRODUCT}/toggle"
            assert (await host.put(url, json={"isActive": active})).status_code == 200

    async with (
        any_server.as_() as http,
        any_server.as_("admin") as admin,
        any_server.as_("seller") as seller,
        any_server.as_("affiliate") as host,
    ):
        for client in (http, admin, seller, host):
            client.timeout = httpx.Timeout(60)
        await asyncio.gather(
            *(shop_and_pay(http, admin, number) for number in range(40)),
            *(disturb(seller, host, number) for number in range(10)),
        )
    verified = any_server.liveshop("ledger", "verify")
    assert verified.returncode == 0, verified.stdout


async def test_no_acknowledged_order_is_lost_or_doubled_by_a_power_cut(any_server: Server) -> None:
    await go_live(any_server)
    acknowledged: dict[int, str] = {}
    some, many = asyncio.Event(), asyncio.Event()

    async def buy(http: httpx.AsyncClient, number: int) -> None:
        headers = {"X-Session-Id": f"s{number}", "Idempotency-Key": f"k{number}"}
        answer = await http.post("/api/v1/orders", json=checkout(), headers=headers)
        assert answer.status_code == 201, answer.text
        made = answer.json()["id"]
        assert acknowledged.setdefault(number, made) == made, "another order under the same key"
        for event, number_of_orders in ((some, 20), (many, 30)):
            if len(acknowledged) >= number_of_orders:
                event.set()

    async with httpx.AsyncClient(base_url=any_server.url, timeout=60) as http, any_server.as_("admin") as admin:
        storm = [asyncio.create_task(buy(http, number)) for number in range(80)]
        await some.wait()
        first = list(acknowledged.values())[:15]
        paying = [asyncio.create_task(admin.post(f"/api/v1/orders/{made}/pay")) for made in first]
        await many.wait()
        any_server.kill_everything()
        await asyncio.gather(*storm, *paying, return_exceptions=True)
    assert 30 <= len(acknowledged) < 80, "the power cut came in the middle"

    await any_server.start()
    async with httpx.AsyncClient(base_url=any_server.url, timeout=60) as http, any_server.as_("admin") as admin:
        await asyncio.gather(*(buy(http, number) for number in range(80)))
        assert len(set(acknowledged.values())) == len(acknowledged) == 80
        listed = [
            row["id"]
            for page in (1, 2)
            for row in (await admin.get("/api/v1/orders", params={"page": page, "limit": 50})).json()["items"]
        ]
        assert sorted(listed) == sorted(acknowledged.values())
        assert (await http.get(f"/api/v1/products/{PRODUCT}")).json()["stock"] == STOCK - 80
        for made in acknowledged.values():
            assert (await admin.post(f"/api/v1/orders/{made}/pay")).status_code in (200, 409)
    verified = any_server.liveshop("ledger", "verify")
    assert verified.stdout.endswith("\n80 journals, 80 orders: the ledger is right\n"), verified.stdout
