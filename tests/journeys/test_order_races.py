"""Steps of orders and payouts that meet on PostgreSQL: nobody waits in a circle, nobody is paid what is not there."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest
from journey_server import POSTGRES, STREAM, Installation, Server, on_postgres
from tortoise.expressions import F

from backend.services.bus import Bus
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage.database import opened
from backend.storage.models import Product
from tests.postgres import read_one
from tests.shop import settings_in
from tests.waiting import eventually

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not POSTGRES, reason="needs LIVESHOP_TEST_POSTGRES"),
]

SECRET = "only the payment provider knows"
AFFILIATE = "/api/v1/affiliates/affiliate_456"
ORDERS = "/api/v1/orders"
PAIRS = 30


@pytest.fixture
async def server(installation: Installation, tmp_path: Path) -> AsyncIterator[Server]:
    """A live stream with plenty to sell, whose orders expire and settle within seconds."""
    settings = {
        "LIVESHOP_WEBHOOK_SECRET": SECRET,
        "LIVESHOP_ORDER_EXPIRY": "5",
        "LIVESHOP_SETTLEMENT_DAYS": "0.00001",
    }
    async with on_postgres(installation, tmp_path / "data", **settings) as server:
        yield server


@pytest.fixture
async def admin(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with server.as_("admin") as admin:
        admin.timeout = httpx.Timeout(60)
        assert (await admin.post(f"/api/v1/live/streams/{STREAM}/start")).status_code == 200
        yield admin


async def sold(admin: httpx.AsyncClient, count: int, *steps: str) -> list[str]:
    """The ids of new orders that took these steps, all at once."""

    async def sell() -> str:
        body = {"items": [{"productId": "product_456"}], "liveSessionId": STREAM}
        order_id = (await admin.post(ORDERS, json=body)).json()["id"]
        for step in steps:
            assert (await admin.post(f"{ORDERS}/{order_id}/{step}")).status_code == 200
        return str(order_id)

    return list(await asyncio.gather(*(sell() for _ in range(count))))


async def pay_by_event(server: Server, order_id: str) -> httpx.Response:
    event = {"id": order_id, "type": "payment.succeeded", "orderId": order_id, "amount": 200, "currency": "USD"}
    body, stamp = json.dumps(event).encode(), int(time.time())
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Liveshop-Signature": f"t={stamp},v1={digest}", "Content-Type": "application/json"}
    async with server.as_() as http:
        return await http.post("/api/v1/webhooks/payments", content=body, headers=headers, timeout=60)


async def codes(requests: Iterable[Awaitable[httpx.Response]]) -> Counter[int]:
    return Counter(answer.status_code for answer in await asyncio.gather(*requests))


async def deadlocks(server: Server) -> int:
    """Those that PostgreSQL had to end; a retry hides them from clients, not from here."""
    query = "select deadlocks from pg_stat_database where datname = current_database()"
    return int(await read_one(server.environment["LIVESHOP_DATABASE_URL"], query))


async def available(admin: httpx.AsyncClient) -> float:
    return float((await admin.get(f"{AFFILIATE}/balance")).json()[0]["available"])


def verified(server: Server) -> str:
    return server.liveshop("ledger", "verify").stdout.splitlines()[-1]


async def test_cancelled_orders_and_late_payments_lock_in_one_order(
    server: Server, admin: httpx.AsyncClient, record_property: Callable[[str, Any], None]
) -> None:
    late = await sold(admin, PAIRS)
    paid = await sold(admin, PAIRS, "pay")
    gone = await sold(admin, PAIRS, "pay")

    async def expired() -> bool:
        page = await admin.get(ORDERS, params={"status": "cancelled", "limit": 1})
        return bool(page.json()["total"] == PAIRS)

    await eventually(expired, "the unpaid orders expire", within=30)
    answers = await codes(
        request
        for one, two, three in zip(late, paid, gone, strict=True)
        for request in (
            pay_by_event(server, one),
            admin.post(f"{ORDERS}/{two}/cancel"),
            admin.post(f"{ORDERS}/{three}/refund", json={"restock": True}),
        )
    )
    assert answers == {200: 3 * PAIRS}
    found = await deadlocks(server)
    record_property("deadlocks of cancels, restocking refunds and late payments", found)
    assert found == 0
    assert verified(server).endswith("the ledger is right")


async def test_a_payout_beside_refunds_waits_for_them_and_pays_what_is_there(
    server: Server, admin: httpx.AsyncClient, record_property: Callable[[str, Any], None]
) -> None:
    orders = await sold(admin, PAIRS, "pay", "deliver")

    async def settled() -> bool:
        return await available(admin) == PAIRS * 15

    await eventually(settled, "the commissions are available", within=30)
    for first in range(0, PAIRS, 6):
        answers = await codes(
            request
            for order_id in orders[first : first + 6]
            for request in (
                admin.post(f"{ORDERS}/{order_id}/refund"),
                admin.post(f"{AFFILIATE}/payouts", json={"amount": 40}),
                admin.post(f"{AFFILIATE}/payouts"),
            )
        )
        assert set(answers) <= {200, 201, 409}, answers
    found = await deadlocks(server)
    record_property("deadlocks of refunds and payouts", found)
    assert found == 0
    # Among them: no payout took its account below zero where it stands in the chain.
    assert verified(server).endswith("the ledger is right")


async def test_of_two_transactions_that_wait_in_a_circle_both_happen(server: Server, tmp_path: Path) -> None:
    """The second line of defence, for circles that nobody thought of."""
    bus, tries = Bus(), 0
    met = asyncio.Barrier(2)

    async def lock_both(_: UnitOfWork, ids: tuple[str, str]) -> None:
        nonlocal tries
        tries += 1
        first, second = ids
        await Product.filter(id=first).update(stock=F("stock") + 1)
        if tries <= 2:
            await met.wait()
        await Product.filter(id=second).update(stock=F("stock") + 1)

    settings = settings_in(tmp_path / "beside", database_url=server.environment["LIVESHOP_DATABASE_URL"])
    async with opened(settings):
        one, two = await Product.all().order_by("id").limit(2)
        await asyncio.gather(
            commit(bus, lambda unit: lock_both(unit, (one.id, two.id))),
            commit(bus, lambda unit: lock_both(unit, (two.id, one.id))),
        )
        stocks = [(await Product.get(id=row.id)).stock - row.stock for row in (one, two)]
    assert (stocks, tries) == ([2, 2], 3)
