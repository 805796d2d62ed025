"""Buying in a stream and outside: what the server decides, what it ignores, what it refuses."""

from typing import Any

import httpx
import pytest

from backend.storage.models import Order
from shared.roles import Role
from tests.market import (
    audited,
    balances,
    body_of,
    bought,
    differences,
    nothing_written,
    order,
    paid,
    second_affiliate,
    second_seller,
    set_stock,
    step,
    stock_of,
)
from tests.shop import AFFILIATE, PRODUCT, SELLER, STREAM, Shop, refusal


async def test_the_specifications_sale_earns_fifteen_at_once_and_is_owed_once_paid(market: Shop):
    made = await bought(market.guest, body_of(affiliateId=AFFILIATE, sessionId="mobile_user_123"))

    assert made["liveSessionId"] == STREAM
    assert made["affiliateId"] == AFFILIATE
    assert made["commissionRate"] == 7.5
    assert made["commissionAmount"] == 15
    assert (made["status"], made["totalAmount"], made["currency"]) == ("pending", 200, "USD")
    assert await balances(market.affiliate) == {}

    await step(market.seller, made["id"], "pay")

    assert await balances(market.affiliate) == {"USD": (15, 0, 0)}
    (entry,) = (await market.affiliate.get(f"/affiliates/{AFFILIATE}/commissions")).json()["items"]
    assert (entry["kind"], entry["amount"], entry["balance"]) == ("sale", 15, 15)
    assert (entry["orderId"], entry["streamId"], entry["productId"]) == (made["id"], STREAM, PRODUCT)
    assert (entry["commissionRate"], entry["commissionBase"]) == (7.5, 200)
    assert (await market.seller.get(f"/sellers/{SELLER}/balance")).json()[0]["available"] == 185
    assert await differences() == []


async def test_money_on_the_wire_is_an_exact_number(market: Shop):
    text = (await order(market.viewer)).text
    assert '"commissionAmount":15.00' in text
    assert '"totalAmount":200.00' in text


async def test_an_order_shows_all_of_itself_to_its_buyer(market: Shop):
    made = await bought(
        market.viewer,
        {
            "items": [{"productId": PRODUCT, "quantity": 2, "variant": "black"}],
            "liveSessionId": STREAM,
            "shippingAddress": {"street": "Main 1"},
        },
    )
    assert made["items"] == [
        {
            "productId": PRODUCT,
            "name": "Noise-cancelling headphones",
            "variant": "black",
            "quantity": 2,
            "unitPrice": 200,
            "amount": 400,
            "discountAmount": 0,
            "commissionRate": 7.5,
            "commissionAmount": 30,
        }
    ]
    assert made["number"].startswith("LS-")
    assert (made["buyerId"], made["isGuestOrder"], made["sellerId"]) == ("vera", False, SELLER)
    assert made["shippingAddress"] == {"street": "Main 1"}
    assert (await market.viewer.get(f"/orders/{made['id']}")).json() == made


# --- what a client claims ---


async def test_a_forged_affiliate_never_earns_the_sale_is_the_hosts_and_the_attempt_is_remembered(market: Shop):
    await second_affiliate(market)
    made = await bought(market.guest, body_of(affiliateId="affiliate_2", sessionId="s"))

    assert (made["affiliateId"], made["commissionRate"], made["commissionAmount"]) == (AFFILIATE, 7.5, 15)
    (entry,) = await audited("affiliate_claim_ignored")
    assert entry["subject"] == "affiliate_2"
    assert entry["stream"] == STREAM
    assert entry["details"] == {"attributedTo": AFFILIATE}
    assert entry["actor"] == made["buyerId"]


async def test_in_a_sellers_own_stream_nobody_earns_whatever_a_stranger_claims(market: Shop):
    stream = await market.new_stream(live=True)
    await market.seller.post(f"/live/streams/{stream['id']}/products", json={"productId": PRODUCT})

    made = await bought(market.viewer, body_of(liveSessionId=stream["id"], affiliateId=AFFILIATE))

    assert (made["affiliateId"], made["commissionRate"], made["commissionAmount"]) == (None, None, 0)
    assert [entry["subject"] for entry in await audited("affiliate_claim_ignored")] == [AFFILIATE]


async def test_a_suspended_affiliates_show_goes_on_and_its_sales_are_the_sellers(market: Shop):
    await market.admin.post(f"/affiliates/{AFFILIATE}/suspend")
    made = await paid(market, body_of(affiliateId=AFFILIATE))
    assert (made["affiliateId"], made["commissionRate"], made["commissionAmount"]) == (None, None, 0)
    (entry,) = await audited("host_not_approved")
    assert (entry["stream"], entry["subject"], entry["actor"]) == (STREAM, AFFILIATE, "vera")
    assert await balances(market.admin) == {}
    assert await differences() == []

    await market.admin.post(f"/affiliates/{AFFILIATE}/approve")
    assert (await bought(market.viewer))["commissionAmount"] == 15


@pytest.mark.parametrize("who", ["seller", "admin"])
async def test_a_sellers_or_admins_checkout_may_name_an_approved_affiliate(market: Shop, who: str):
    stream = await market.new_stream(live=True)
    await market.seller.post(f"/live/streams/{stream['id']}/products", json={"productId": PRODUCT})
    client: httpx.AsyncClient = getattr(market, who)

    made = await bought(client, body_of(liveSessionId=stream["id"], affiliateId=AFFILIATE))
    assert (made["affiliateId"], made["commissionAmount"]) == (AFFILIATE, 15)

    await market.admin.post(f"/affiliates/{AFFILIATE}/suspend")
    made = await bought(client, body_of(liveSessionId=stream["id"], affiliateId=AFFILIATE))
    assert (made["affiliateId"], made["commissionAmount"]) == (None, 0)


async def test_another_sellers_token_may_not_name_an_affiliate_nor_set_terms(market: Shop):
    await second_seller(market)
    other = market.rest(Role.SELLER, "seller_2")
    made = await bought(
        other, {"items": [{"productId": PRODUCT}], "affiliateId": AFFILIATE, "discountAmount": 10, "shippingAmount": 5}
    )
    assert (made["affiliateId"], made["totalAmount"]) == (None, 200)
    assert len(await audited("affiliate_claim_ignored")) == len(await audited("order_terms_ignored")) == 1


async def test_a_price_in_the_payload_changes_nothing_and_is_remembered(market: Shop):
    body = {
        "items": [{"productId": PRODUCT, "quantity": 1, "price": 0.01}],
        "liveSessionId": STREAM,
        "commissionRate": 99,
        "totalAmount": 0.01,
    }
    made = await bought(market.viewer, body)
    assert (made["totalAmount"], made["commissionRate"], made["items"][0]["unitPrice"]) == (200, 7.5, 200)
    (entry,) = await audited("order_claims_ignored")
    assert entry["details"] == {"commissionRate": "99", "items[0].price": "0.01", "totalAmount": "0.01"}


async def test_every_items_claims_are_remembered(market: Shop):
    items = [{"productId": PRODUCT, "specialPrice": price} for price in (1, 2)]
    await bought(market.viewer, {"items": items, "total": 3})
    (entry,) = await audited("order_claims_ignored")
    assert entry["details"] == {"items[0].specialPrice": "1", "items[1].specialPrice": "2", "total": "3"}


@pytest.mark.parametrize("sold_out", [True, False])
async def test_what_a_refused_order_forged_is_remembered_although_nothing_else_of_it_is(market: Shop, sold_out: bool):
    if sold_out:
        await set_stock(PRODUCT, 0)
    else:
        await _end(market)
    async with nothing_written():
        forged = body_of(affiliateId="affiliate_2", discountAmount=50)
        assert (await order(market.viewer, forged)).status_code == 409
    (entry,) = await audited("purchase_refused")
    code = "out_of_stock" if sold_out else "stream_not_live"
    message = entry["details"].pop("message")
    assert message
    assert entry["details"] == {"code": code, "affiliateId": "affiliate_2", "discountAmount": "50.0"}


async def test_a_proper_clients_sold_out_order_is_no_attempt(market: Shop):
    await set_stock(PRODUCT, 0)
    for client in (market.viewer, market.admin):
        assert (await order(client, body_of(affiliateId=AFFILIATE))).status_code == 409
    assert await audited("purchase_refused") == []


async def test_discount_and_shipping_of_strangers_are_ignored_and_remembered(market: Shop):
    made = await bought(market.viewer, body_of(discountAmount=50, shippingAmount=9))
    assert (made["discountAmount"], made["shippingAmount"], made["totalAmount"]) == (0, 0, 200)
    (entry,) = await audited("order_terms_ignored")
    assert (entry["actor"], entry["details"]) == ("vera", {"discountAmount": "50.0", "shippingAmount": "9.0"})


async def test_the_sellers_discount_lowers_the_commissions_base_and_shipping_does_not_raise_it(market: Shop):
    made = await bought(market.seller, body_of(discountAmount=50, shippingAmount=9.99))
    assert (made["goodsAmount"], made["discountAmount"], made["shippingAmount"]) == (200, 50, 9.99)
    assert (made["totalAmount"], made["commissionAmount"]) == (159.99, 11.25)


# --- what is refused ---


async def _hide(market: Shop) -> None:
    await market.affiliate.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle", json={"isActive": False})


async def _end(market: Shop) -> None:
    await market.affiliate.post(f"/live/streams/{STREAM}/end")


async def _sell_out(market: Shop) -> None:
    del market
    await set_stock(PRODUCT, 0)


@pytest.mark.parametrize(
    ("prepare", "body", "expected"),
    [
        (_hide, body_of(), (409, "product_not_active")),
        (_end, body_of(), (409, "stream_not_live")),
        (_sell_out, body_of(), (409, "out_of_stock")),
        (None, body_of("linen-shirt"), (404, "product_not_in_stream")),
        (None, body_of(quantity=101), (409, "out_of_stock")),
        (None, body_of(liveSessionId="nothing"), (404, "not_found")),
        (None, body_of("no-such-product"), (400, "validation_failed")),
        (None, body_of(quantity=0), (400, "validation_failed")),
        (None, body_of(quantity=-1), (400, "validation_failed")),
        (None, body_of(quantity=1001), (400, "validation_failed")),
        (None, body_of(quantity=10**30), (400, "validation_failed")),
        (None, body_of(quantity=1.5), (400, "validation_failed")),
        (None, body_of(quantity="1"), (400, "validation_failed")),
        (None, body_of(quantity=True), (400, "validation_failed")),
        (None, {"items": [], "liveSessionId": STREAM}, (400, "validation_failed")),
        (None, {"items": [{"productId": PRODUCT}] * 51, "liveSessionId": STREAM}, (400, "validation_failed")),
        (None, body_of(discountAmount=-1), (400, "validation_failed")),
    ],
)
async def test_what_cannot_be_bought_is_refused_and_nothing_is_written(
    market: Shop, prepare: Any, body: dict[str, Any], expected: tuple[int, str]
):
    if prepare:
        await prepare(market)
    async with nothing_written():
        answer = await order(market.viewer, body, **{"Idempotency-Key": "k"})
        assert refusal(answer) == expected


@pytest.mark.parametrize(
    ("prepare", "body", "code"),
    [
        (_hide, body_of(), "product_not_active"),
        (_end, body_of(), "stream_not_live"),
        (None, body_of("linen-shirt"), "product_not_in_stream"),
        (None, body_of(liveSessionId="nowhere"), "not_found"),
        (None, body_of(quantity=-1), "validation_failed"),
        (None, body_of(quantity=10**30), "validation_failed"),
    ],
)
async def test_an_attempt_that_only_a_wrong_client_makes_is_remembered(
    market: Shop, prepare: Any, body: dict[str, Any], code: str
):
    if prepare:
        await prepare(market)
    await order(market.viewer, body)
    (entry,) = await audited("purchase_refused")
    assert (entry["actor"], entry["details"]["code"]) == ("vera", code)


async def test_a_scheduled_stream_sells_nothing_yet(shop: Shop):
    async with nothing_written():
        assert refusal(await order(shop.viewer)) == (409, "stream_not_live")


async def test_an_order_has_one_seller(market: Shop):
    other = await second_seller(market)
    body = {"items": [{"productId": PRODUCT}, {"productId": other}]}
    async with nothing_written():
        answer = await order(market.viewer, body)
        assert refusal(answer) == (400, "validation_failed")
        assert answer.json()["errors"][0]["code"] == "mixed_sellers"


async def test_a_discount_above_the_goods_or_with_too_many_decimals_is_refused(market: Shop):
    async with nothing_written():
        assert refusal(await order(market.seller, body_of(discountAmount=200.01))) == (400, "validation_failed")
        assert refusal(await order(market.seller, body_of(discountAmount=0.001))) == (400, "validation_failed")
        assert refusal(await order(market.seller, body_of(shippingAmount=0.001))) == (400, "validation_failed")
    made = await bought(market.seller, body_of(discountAmount=200))
    assert (made["totalAmount"], made["commissionAmount"]) == (0, 0)


async def test_one_missing_product_of_several_takes_no_stock_of_the_others(market: Shop):
    await set_stock("yoga-mat", 0)
    async with nothing_written():
        body = {"items": [{"productId": "desk-lamp"}, {"productId": "yoga-mat"}]}
        assert refusal(await order(market.viewer, body)) == (409, "out_of_stock")


async def test_two_lines_of_one_product_need_stock_for_both(market: Shop):
    await set_stock(PRODUCT, 3)
    twice = {"items": [{"productId": PRODUCT, "quantity": 2}] * 2, "liveSessionId": STREAM}
    async with nothing_written():
        assert refusal(await order(market.viewer, twice)) == (409, "out_of_stock")
    await set_stock(PRODUCT, 4)
    assert (await bought(market.viewer, twice))["totalAmount"] == 800
    assert await stock_of() == 0


async def test_an_order_that_costs_more_than_can_be_counted_is_refused(market: Shop):
    product = {"id": "moon", "name": "Moon", "price": 10**12, "stock": 1000}
    assert (await market.seller.post("/products", json=product)).status_code == 201
    async with nothing_written():
        answer = await order(market.viewer, {"items": [{"productId": "moon", "quantity": 1000}]})
        assert refusal(answer) == (400, "validation_failed")


# --- who ---


async def test_a_guest_needs_a_session_and_never_shows_it(market: Shop):
    async with nothing_written():
        answer = await order(market.guest)
        assert refusal(answer) == (400, "validation_failed")
    made = await order(market.guest, body_of(sessionId="my-secret-session"))
    assert made.status_code == 201
    assert "my-secret-session" not in made.text
    assert made.json()["buyerId"].startswith("guest_")
    assert made.json()["isGuestOrder"] is True


async def test_each_sees_their_own_orders_sellers_their_goods_and_admins_all(market: Shop):
    other = await second_seller(market)
    mine = await bought(market.viewer)
    guests = await bought(market.guest, body_of(), **{"X-Session-Id": "s1"})
    foreign = await bought(market.viewer, {"items": [{"productId": other}]})

    async def seen(client: httpx.AsyncClient, **query: Any) -> list[str]:
        answer = await client.get("/orders", params=query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["items"]]

    assert await seen(market.viewer) == [foreign["id"], mine["id"]]
    assert await seen(market.seller) == [guests["id"], mine["id"]]
    assert await seen(market.admin) == [foreign["id"], guests["id"], mine["id"]]
    assert await seen(market.ops) == []
    guest = market.rest()
    guest.headers["X-Session-Id"] = "s1"
    assert await seen(guest) == [guests["id"]]
    assert refusal(await market.guest.get("/orders")) == (401, "unauthorized")
    assert await seen(market.admin, limit=1, page=2) == [guests["id"]]
    assert await seen(market.admin, liveSessionId=STREAM) == [guests["id"], mine["id"]]
    assert await seen(market.admin, status="paid") == []


async def test_a_stranger_is_not_even_told_that_an_order_exists(market: Shop):
    made = await bought(market.viewer)
    stranger = market.rest(Role.VIEWER, "somebody-else")
    await second_seller(market)
    other_seller = market.rest(Role.SELLER, "seller_2")
    for client in (stranger, other_seller, market.guest, market.affiliate, market.ops):
        assert refusal(await client.get(f"/orders/{made['id']}")) == (404, "not_found")
        assert refusal(await client.post(f"/orders/{made['id']}/cancel")) == (404, "not_found")
    assert (await Order.get(id=made["id"])).status == "pending"
