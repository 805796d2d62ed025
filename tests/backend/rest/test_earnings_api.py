"""Rates, entries, statements: what affiliates and sellers are shown of their money."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import ANY

import pytest

from backend.services import settlement
from backend.storage.models import AffiliateRate, LedgerEntry
from shared.roles import Role
from tests.backend.books import Settling
from tests.market import (
    Clock,
    affiliate_stream,
    audited,
    balances,
    body_of,
    bought,
    delivered,
    differences,
    go_live,
    paid,
    second_affiliate,
    second_seller,
    step,
)
from tests.shop import AFFILIATE, PRODUCT, SELLER, Shop, refusal

RATES = f"/affiliates/{AFFILIATE}/rates"


async def set_rate(market: Shop, **body: Any) -> dict[str, Any]:
    answer = await market.admin.put(RATES, json=body)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def rate_of_a_sale(market: Shop) -> float:
    rate: float = (await bought(market.viewer))["commissionRate"]
    return rate


async def test_the_products_rate_beats_the_sellers_and_that_the_default(market: Shop):
    old = await bought(market.viewer)
    await set_rate(market, rate=8)
    assert await rate_of_a_sale(market) == 8
    await set_rate(market, sellerId=SELLER, rate=12)
    assert await rate_of_a_sale(market) == 12
    await set_rate(market, productId=PRODUCT, rate=0)
    assert await rate_of_a_sale(market) == 0
    await set_rate(market, productId=PRODUCT, rate=99.99)
    assert await rate_of_a_sale(market) == 99.99
    await set_rate(market, productId=PRODUCT, rate=None)
    assert await rate_of_a_sale(market) == 12
    await set_rate(market, sellerId=SELLER, rate=None)
    assert await rate_of_a_sale(market) == 8
    assert await AffiliateRate.all().count() == 0

    kept = await step(market.admin, old["id"], "pay")
    assert (kept["commissionRate"], kept["commissionAmount"]) == (7.5, 15)
    assert await balances(market.affiliate) == {"USD": (15, 0, 0)}
    assert len(await audited("rate_set")) == 6
    assert await differences() == []


async def test_rates_of_others_do_not_apply(market: Shop):
    await second_affiliate(market)
    await second_seller(market)
    await market.admin.put("/affiliates/affiliate_2/rates", json={"productId": PRODUCT, "rate": 50})
    await set_rate(market, sellerId="seller_2", rate=60)
    await set_rate(market, productId="linen-shirt", rate=70)
    assert await rate_of_a_sale(market) == 7.5


async def test_lines_at_several_rates_make_the_orders_mean_rate(market: Shop):
    await market.affiliate.post("/live/streams/stream_789/products", json={"productId": "linen-shirt"})
    await set_rate(market, productId="linen-shirt", rate=20)
    items = [{"productId": PRODUCT}, {"productId": "linen-shirt", "quantity": 2}]
    made = await bought(market.viewer, {"items": items, "liveSessionId": "stream_789"})
    # 15.00 of 200.00 and 15.96 of 79.80: 30.96 of 279.80 is 11.065 %
    assert [line["commissionAmount"] for line in made["items"]] == [15, 15.96]
    assert (made["commissionAmount"], made["commissionRate"]) == (30.96, 11.07)


@pytest.mark.parametrize(
    "body",
    [
        {"rate": None},
        {"rate": 100.01},
        {"rate": -1},
        {"rate": 7.555},
        {"rate": "7"},
        {"sellerId": SELLER, "productId": PRODUCT, "rate": 1},
        {"sellerId": "nobody", "rate": 1},
        {"productId": "nothing", "rate": 1},
        {"sellerId": SELLER},
    ],
    ids=str,
)
async def test_a_wrong_rate_is_refused(market: Shop, body: dict[str, Any]):
    assert refusal(await market.admin.put(RATES, json=body)) == (400, "validation_failed")
    for client in (market.affiliate, market.seller, market.ops):
        assert refusal(await client.put(RATES, json={"rate": 100})) == (403, "forbidden")


async def test_money_is_shown_to_its_owner_to_ops_and_to_admins_only(market: Shop):
    await second_affiliate(market)
    await second_seller(market)
    foreign = market.rest(Role.AFFILIATE, "affiliate_2"), market.rest(Role.SELLER, "seller_2")
    for owner, allowed, base in (
        (market.affiliate, AFFILIATE, "affiliates"),
        (market.seller, SELLER, "sellers"),
    ):
        for path in ("balance", "commissions", "statement?month=2026-11"):
            url = f"/{base}/{allowed}/{path}"
            for client in (owner, market.ops, market.admin):
                assert (await client.get(url)).status_code == 200, url
            for client in (*foreign, market.viewer, market.moderator):
                assert refusal(await client.get(url)) == (403, "forbidden")
            assert refusal(await market.guest.get(url)) == (401, "unauthorized")
        assert refusal(await market.admin.get(f"/{base}/nobody/balance")) == (404, "not_found")
    assert refusal(await market.seller.get(f"/affiliates/{AFFILIATE}/balance")) == (403, "forbidden")


async def test_running_balances_hold_over_pages_and_currencies(market: Shop):
    yen = await second_seller(market, "seller_jp", currency="JPY", price=980)
    stream = await affiliate_stream(market, "seller_jp", yen)
    for number in range(4):
        made = await paid(market, body_of(quantity=number + 1))
        await paid(market, body_of(yen, liveSessionId=stream))
        if number % 2:
            await step(market.admin, made["id"], "refund", amount=10)

    async def entries(**query: Any) -> list[dict[str, Any]]:
        answer = await market.affiliate.get(f"/affiliates/{AFFILIATE}/commissions", params=query)
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    whole = await entries()
    pages = [row for page in (1, 2, 3, 4) for row in await entries(page=page, limit=3)]
    assert pages == whole
    running: dict[str, float] = {}
    for row in reversed(whole):
        running[row["currency"]] = round(running.get(row["currency"], 0) + row["amount"], 2)
        assert row["balance"] == running[row["currency"]]
    assert {row["currency"] for row in await entries(currency="JPY")} == {"JPY"}
    found = await balances(market.affiliate)
    assert {currency: pending for currency, (pending, *_) in found.items()} == running
    assert running["JPY"] == 4 * 74


async def test_entries_name_the_product_and_the_moment_that_sold_it(market: Shop):
    await market.affiliate.post("/live/streams/stream_789/products", json={"productId": "linen-shirt"})
    await paid(market)
    await LedgerEntry.filter(product_id=PRODUCT).update(featured_id="featured_1", flash_sale_id="sale_1")
    await paid(market, body_of("linen-shirt"))
    await market.seller.put(f"/products/{PRODUCT}", json={"name": "Headphones, second edition"})

    async def sold(client: Any, owner: str) -> list[tuple[Any, ...]]:
        rows = (await client.get(f"/{owner}/commissions")).json()["items"]
        return [tuple(row[name] for name in ("productId", "productName", "featuredId", "flashSaleId")) for row in rows]

    expected = [
        ("linen-shirt", "Linen summer shirt", ANY, None),
        (PRODUCT, "Headphones, second edition", "featured_1", "sale_1"),
    ]
    assert await sold(market.affiliate, f"affiliates/{AFFILIATE}") == expected
    assert await sold(market.seller, f"sellers/{SELLER}") == expected


async def test_several_currencies_are_settled_and_paid_apart(clock: Clock, market: Shop):
    yen = await second_seller(market, "seller_jp", currency="JPY", price=980)
    stream = await affiliate_stream(market, "seller_jp", yen)
    await delivered(market)
    await delivered(market, body_of(yen, liveSessionId=stream))
    clock.forward(days=8)
    await settlement.settle_due(Settling(market.settings))  # type: ignore[arg-type]
    admin = market.rest(token=market.token(Role.ADMIN, "root", days=400))
    url = f"/affiliates/{AFFILIATE}/payouts"
    assert refusal(await admin.post(url)) == (400, "validation_failed")
    assert (await admin.post(url, json={"currency": "JPY"})).json()["amount"] == 74
    assert (await admin.post(url)).json() | {"id": "", "createdAt": ""} == {
        "id": "",
        "affiliateId": AFFILIATE,
        "amount": 15,
        "currency": "USD",
        "reference": None,
        "createdBy": "root",
        "createdAt": "",
    }
    assert await balances(admin) == {"JPY": (0, 0, 74), "USD": (0, 0, 15)}
    assert await differences() == []


# --- statements ---


async def _sold_at(clock: Clock, market: Shop, *moments: datetime) -> None:
    for moment in moments:
        clock.stop_at(moment)
        admin = market.rest(token=market.token(Role.ADMIN, "root", days=400))
        made = await bought(admin)
        await step(admin, made["id"], "pay")


async def _statement(market: Shop, month: str, owner: str = f"affiliates/{AFFILIATE}") -> dict[str, Any]:
    admin = market.rest(token=market.token(Role.ADMIN, "root", days=400))
    answer = await admin.get(f"/{owner}/statement", params={"month": month})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


EDGES = (
    datetime(2027, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2027, 2, 1, tzinfo=UTC),
    datetime(2027, 2, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(2027, 2, 28, 23, 30, tzinfo=UTC),
    datetime(2027, 3, 1, tzinfo=UTC),
)


async def test_a_statement_covers_its_month_to_the_microsecond(clock: Clock, market: Shop):
    await _sold_at(clock, market, *EDGES)
    shown = await _statement(market, "2027-02")
    assert (shown["startsAt"], shown["endsAt"]) == ("2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z")
    assert shown["timeZone"] == "UTC"
    assert shown["currencies"] == [
        {"currency": "USD", "opening": 15, "earned": 45, "reversed": 0, "paidOut": 0, "closing": 60}
    ]
    assert (await _statement(market, "2027-01"))["currencies"][0]["closing"] == 15
    assert (await _statement(market, "2027-03"))["currencies"][0]["opening"] == 60
    seller = await _statement(market, "2027-02", f"sellers/{SELLER}")
    assert (seller["currencies"][0]["opening"], seller["currencies"][0]["earned"]) == (185, 555)


async def test_a_statement_follows_the_installations_time_zone(clock: Clock, open_shop: Any):
    market = await open_shop(time_zone="Europe/Berlin")
    await go_live(market)
    await _sold_at(clock, market, *EDGES)
    shown = await _statement(market, "2027-02")
    # In Berlin, February 2027 is from 23:00 UTC on the 31st to 23:00 UTC on the 28th.
    assert (shown["startsAt"], shown["endsAt"]) == ("2027-01-31T23:00:00Z", "2027-02-28T23:00:00Z")
    assert (shown["currencies"][0]["opening"], shown["currencies"][0]["earned"]) == (0, 45)


async def test_a_statement_tells_earned_reversed_and_paid_out_apart(clock: Clock, market: Shop):
    made = await delivered(market, body_of(quantity=2))
    await step(market.admin, made["id"], "refund", amount=100)
    clock.forward(days=8)
    await settlement.settle_due(Settling(market.settings))  # type: ignore[arg-type]
    admin = market.rest(token=market.token(Role.ADMIN, "root", days=400))
    await admin.post(f"/affiliates/{AFFILIATE}/payouts", json={"amount": 20})
    months = sorted({f"{moment:%Y-%m}" for moment in (clock.now(), datetime.now(UTC))})
    lines = [(await _statement(market, month))["currencies"][0] for month in months]
    totals = {name: sum(line[name] for line in lines) for name in ("earned", "reversed", "paidOut")}
    assert totals == {"earned": 30, "reversed": 7.5, "paidOut": 20}
    assert (lines[0]["opening"], lines[-1]["closing"]) == (0, 2.5)


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "202-11", "2026-1", "0001-01", "9999-12", ""])
async def test_a_month_that_is_none_is_refused(market: Shop, month: str):
    answer = await market.admin.get(f"/affiliates/{AFFILIATE}/statement", params={"month": month})
    assert refusal(answer) == (400, "validation_failed")
