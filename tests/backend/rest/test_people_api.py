"""Accounts, sellers, affiliates and the catalogue over REST."""

import asyncio

import pytest

from shared.roles import Role
from tests.shop import AFFILIATE, PRODUCT, SELLER, STREAM, Shop, refusal


async def test_a_guest_gets_a_signed_identity_that_beats_a_session(shop: Shop):
    guest = (await shop.guest.post("/guest")).json()
    signed = shop.rest(token=guest["token"])

    said = await signed.post(
        f"/live/streams/{STREAM}/messages",
        json={"message": "Hi", "sessionId": "another"},
        headers={"X-Session-Id": "x"},
    )

    assert said.status_code == 201
    assert said.json()["user"]["id"] == guest["userId"]
    assert guest["expiresAt"].endswith("Z")


async def test_a_guests_session_comes_from_the_header_then_from_the_body(shop: Shop):
    path = f"/live/streams/{STREAM}/messages"

    async def author(headers: dict[str, str], **body: str) -> str:
        answer = await shop.guest.post(path, json={"message": "Hi"} | body, headers=headers)
        return answer.json()["user"]["id"]

    by_header, by_body = await author({"X-Session-Id": "one"}), await author({}, sessionId="one")
    assert by_header == by_body
    assert await author({"X-Session-Id": "one"}, sessionId="two") == by_header
    assert await author({}, sessionId="two") != by_header
    assert refusal(await shop.guest.post(path, json={"message": "Hi"})) == (400, "validation_failed")
    bad = await shop.guest.post(path, json={"message": "Hi"}, headers={"X-Session-Id": "a b"})
    assert refusal(bad) == (400, "validation_failed")


async def test_people_are_registered_by_admins_only(shop: Shop):
    bodies = {
        "/accounts": {"id": "new_account", "displayName": "New", "role": "moderator"},
        "/sellers": {"id": "new_seller", "businessName": "New"},
        "/affiliates": {"id": "new_affiliate", "name": "New"},
    }
    for path, body in bodies.items():
        assert refusal(await shop.guest.post(path, json=body)) == (401, "unauthorized")
        for client in (shop.viewer, shop.seller, shop.affiliate, shop.moderator, shop.ops):
            assert refusal(await client.post(path, json=body)) == (403, "forbidden"), path
        made = await shop.admin.post(path, json=body)
        assert (made.status_code, made.json()["id"]) == (201, body["id"])
        assert refusal(await shop.admin.post(path, json=body)) == (409, "already_exists")
        unnamed = await shop.admin.post(path, json={name: value for name, value in body.items() if name != "id"})
        assert len(unnamed.json()["id"]) == 36


async def test_an_id_names_one_person_whatever_they_are(shop: Shop):
    bodies = {
        "/accounts": {"displayName": "New", "role": "moderator"},
        "/sellers": {"businessName": "New"},
        "/affiliates": {"name": "New"},
    }
    for number, (taking, body) in enumerate(bodies.items()):
        assert (await shop.admin.post(taking, json={"id": f"id{number}", **body})).status_code == 201
        for path, other in bodies.items():
            assert refusal(await shop.admin.post(path, json={"id": f"id{number}", **other})) == (409, "already_exists")
            assert refusal(await shop.admin.post(path, json={"id": "guest_0", **other})) == (409, "already_exists")


async def test_two_who_ask_for_one_id_at_once_do_not_both_get_it(shop: Shop):
    answers = await asyncio.gather(
        shop.admin.post("/accounts", json={"id": "one", "displayName": "New", "role": "ops"}),
        shop.admin.post("/sellers", json={"id": "one", "businessName": "New"}),
        shop.admin.post("/affiliates", json={"id": "one", "name": "New"}),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_accounts_are_listed_in_pages_for_admins(shop: Shop):
    for number in range(5):
        await shop.admin.post("/accounts", json={"id": f"a{number}", "displayName": "A", "role": "viewer"})

    page = (await shop.admin.get("/accounts?page=2&limit=2")).json()

    assert [account["id"] for account in page["items"]] == ["a2", "a3"]
    assert (page["total"], page["page"], page["totalPages"]) == (5, 2, 3)
    assert page["items"][0]["displayName"] == "A"
    assert (await shop.admin.get("/accounts/a4")).json()["role"] == "viewer"
    assert refusal(await shop.ops.get("/accounts")) == (403, "forbidden")
    assert refusal(await shop.admin.get("/accounts?limit=201")) == (400, "validation_failed")
    assert (await shop.admin.get("/accounts?page=99")).json()["items"] == []


async def test_sellers_are_public_and_edit_themselves(shop: Shop):
    listed = (await shop.guest.get("/sellers")).json()["items"][0]
    assert listed == (await shop.guest.get(f"/sellers/{SELLER}")).json()
    assert set(listed) == {"id", "businessName", "logo", "currency", "createdAt"}

    edited = await shop.seller.put(f"/sellers/{SELLER}", json={"businessName": "Store", "logo": "/logo.png"})
    assert (edited.json()["businessName"], edited.json()["logo"], edited.json()["currency"]) == (
        "Store",
        "/logo.png",
        "USD",
    )
    await shop.admin.post("/sellers", json={"id": "other", "businessName": "Other"})
    assert refusal(await shop.seller.put("/sellers/other", json={"businessName": "Mine"})) == (403, "forbidden")
    assert (await shop.admin.put("/sellers/other", json={"businessName": "Renamed"})).status_code == 200
    assert refusal(await shop.admin.put("/sellers/nobody", json={"businessName": "X"})) == (404, "not_found")


async def test_a_sellers_currency_is_fixed_by_the_first_product(shop: Shop):
    await shop.admin.post("/sellers", json={"id": "tokyo", "businessName": "Tokyo"})
    assert (await shop.admin.put("/sellers/tokyo", json={"currency": "JPY"})).json()["currency"] == "JPY"
    await shop.admin.post("/products", json={"sellerId": "tokyo", "name": "Tea", "price": 1500, "stock": 3})
    assert refusal(await shop.admin.put("/sellers/tokyo", json={"currency": "USD"})) == (409, "conflict")
    assert (await shop.admin.put("/sellers/tokyo", json={"currency": "JPY"})).status_code == 200
    assert refusal(await shop.admin.put("/sellers/tokyo", json={"currency": "yen"})) == (400, "validation_failed")


async def test_affiliates_are_seen_by_themselves_ops_and_admins(shop: Shop):
    await shop.admin.post("/affiliates", json={"id": "bea", "name": "Bea", "commissionRate": 12.25})
    for client in (shop.affiliate, shop.ops, shop.admin):
        seen = (await client.get(f"/affiliates/{AFFILIATE}")).json()
        assert (seen["commissionRate"], seen["status"]) == (7.5, "approved")
    assert (await shop.admin.get("/affiliates/bea")).json()["commissionRate"] == 12.25
    assert refusal(await shop.affiliate.get("/affiliates/bea")) == (403, "forbidden")
    assert refusal(await shop.seller.get(f"/affiliates/{AFFILIATE}")) == (403, "forbidden")
    assert refusal(await shop.guest.get("/affiliates")) == (401, "unauthorized")
    assert [row["id"] for row in (await shop.affiliate.get("/affiliates")).json()["items"]] == [AFFILIATE]
    assert {row["id"] for row in (await shop.ops.get("/affiliates")).json()["items"]} == {AFFILIATE, "bea"}


async def test_an_affiliate_edits_itself_but_not_its_rate(shop: Shop):
    path = f"/affiliates/{AFFILIATE}"
    edited = await shop.affiliate.put(path, json={"displayName": "Lex", "username": "lex"})
    assert (edited.json()["displayName"], edited.json()["username"]) == ("Lex", "lex")
    assert refusal(await shop.affiliate.put(path, json={"commissionRate": 50})) == (403, "forbidden")
    assert refusal(await shop.ops.put(path, json={"name": "Ops"})) == (403, "forbidden")
    assert (await shop.admin.put(path, json={"commissionRate": 0})).json()["commissionRate"] == 0
    assert refusal(await shop.admin.put(path, json={"commissionRate": 7.125})) == (400, "validation_failed")
    assert refusal(await shop.admin.put(path, json={"commissionRate": 101})) == (400, "validation_failed")
    for client in (shop.affiliate, shop.ops, shop.seller):
        assert refusal(await client.post(f"{path}/suspend")) == (403, "forbidden")


async def test_an_affiliates_username_is_unique_and_short(shop: Shop):
    taken = await shop.admin.post("/affiliates", json={"id": "x", "name": "X", "username": "alex"})
    assert refusal(taken) == (409, "already_exists")
    long = await shop.admin.post("/affiliates", json={"id": "y", "name": "Y", "username": "\ufb2c" * 50})
    assert refusal(long) == (400, "validation_failed")
    await shop.admin.post("/affiliates", json={"id": "bea", "name": "Bea"})
    assert refusal(await shop.admin.put("/affiliates/bea", json={"username": "alex"})) == (409, "already_exists")


async def test_products_are_public_and_belong_to_the_tokens_seller(shop: Shop):
    made = await shop.seller.post(
        "/products", json={"id": "mug", "name": "Mug", "price": 12.5, "stock": 3, "images": ["/a.png"]}
    )
    assert made.status_code == 201
    assert made.json()["sellerId"] == SELLER
    assert (made.json()["price"], made.json()["currency"], made.json()["stock"]) == (12.5, "USD", 3)
    assert (await shop.guest.get("/products/mug")).json() == made.json()
    again = await shop.seller.post("/products", json={"id": "mug", "name": "Mug", "price": 1, "stock": 1})
    assert refusal(again) == (409, "already_exists")
    forged = {"name": "Mug", "price": 1, "stock": 1, "sellerId": "other"}
    assert refusal(await shop.seller.post("/products", json=forged)) == (403, "forbidden")
    assert refusal(await shop.affiliate.post("/products", json=forged)) == (403, "forbidden")
    assert refusal(await shop.admin.post("/products", json=forged)) == (400, "validation_failed")


async def test_the_catalogue_comes_in_pages_by_seller(shop: Shop):
    await shop.admin.post("/sellers", json={"id": "other", "businessName": "Other"})
    await shop.admin.post("/products", json={"sellerId": "other", "name": "Thing", "price": 1, "stock": 1})
    mine = (await shop.guest.get(f"/products?sellerId={SELLER}&limit=4")).json()
    assert (len(mine["items"]), mine["total"], mine["totalPages"]) == (4, 6, 2)
    assert (await shop.guest.get("/products?sellerId=other")).json()["total"] == 1
    assert (await shop.guest.get("/products")).json()["total"] == 7


PRICES = [
    ("USD", 0, 201),
    ("USD", 0.01, 201),
    ("USD", 999_999_999_999.99, 201),
    ("USD", 0.001, 400),
    ("USD", -1, 400),
    ("USD", "5", 400),
    ("USD", True, 400),
    ("USD", 1e13, 400),
    ("JPY", 1500, 201),
    ("JPY", 0.5, 400),
    ("KWD", 1.234, 201),
    ("KWD", 1.2345, 400),
]


async def test_a_price_has_at_most_its_currencys_decimals(shop: Shop):
    for currency in ("USD", "JPY", "KWD"):
        await shop.admin.post("/sellers", json={"id": currency, "businessName": currency, "currency": currency})
    for currency, price, status in PRICES:
        body = {"sellerId": currency, "name": "Thing", "price": price, "stock": 1}
        answer = await shop.admin.post("/products", json=body)
        assert answer.status_code == status, (currency, price, answer.text)
        if status == 201:
            assert answer.json()["price"] == price
        else:
            assert [error["field"] for error in answer.json()["errors"]] == ["price"]


async def test_a_product_is_edited_by_its_seller_and_admins(shop: Shop):
    edited = await shop.seller.put(f"/products/{PRODUCT}", json={"price": 180, "stock": 0, "name": " New  name "})
    assert (edited.json()["price"], edited.json()["stock"], edited.json()["name"]) == (180, 0, "New name")
    shown = (await shop.guest.get(f"/live/streams/{STREAM}")).json()["products"][0]["product"]
    assert (shown["price"], shown["stock"], shown["quantity"], shown["name"]) == (180, 0, 0, "New name")

    await shop.admin.post("/sellers", json={"id": "other", "businessName": "Other"})
    other = shop.rest(Role.SELLER, "other")
    assert refusal(await other.put(f"/products/{PRODUCT}", json={"price": 1})) == (403, "forbidden")
    assert refusal(await shop.admin.put("/products/nothing", json={"price": 1})) == (404, "not_found")
    assert refusal(await shop.admin.put(f"/products/{PRODUCT}", json={"stock": -1})) == (400, "validation_failed")


@pytest.mark.parametrize("way", ["known", "new"])
async def test_a_product_joins_a_stream_known_or_new(shop: Shop, way: str):
    path = f"/live/streams/{STREAM}/products"
    item = (
        {"productId": "linen-shirt"}
        if way == "known"
        else {"product": {"id": "scarf", "name": "Scarf", "price": 9, "stock": 2}}
    )
    added = await shop.affiliate.post(path, json=item | {"specialPrice": 7.5, "isActive": False})

    assert added.status_code == 201
    assert (added.json()["specialPrice"], added.json()["isActive"], added.json()["position"]) == (7.5, False, 1)
    assert len((await shop.guest.get(path)).json()) == 1
    assert [item["position"] for item in (await shop.affiliate.get(path)).json()] == [0, 1]
    product_id = added.json()["productId"]
    assert (await shop.guest.get(f"/products/{product_id}")).json()["sellerId"] == SELLER
    assert refusal(await shop.affiliate.post(path, json={"productId": product_id})) == (409, "already_exists")


async def test_a_product_that_cannot_join_a_stream_is_refused(shop: Shop):
    path = f"/live/streams/{STREAM}/products"
    await shop.admin.post("/sellers", json={"id": "other", "businessName": "Other"})
    await shop.admin.post("/products", json={"id": "alien", "sellerId": "other", "name": "A", "price": 1, "stock": 1})
    for body in (
        {},
        {"productId": "nothing"},
        {"productId": "alien"},
        {"productId": "desk-lamp", "specialPrice": 0.001},
        {"productId": "desk-lamp", "product": {"name": "Lamp", "price": 1, "stock": 1}},
        {"product": {"name": "Lamp"}},
        {"product": {"name": "Lamp", "price": "1", "stock": 1}},
    ):
        assert refusal(await shop.affiliate.post(path, json=body)) == (400, "validation_failed"), body
    taken = {"product": {"id": PRODUCT, "name": "Lamp", "price": 1, "stock": 1}}
    assert refusal(await shop.affiliate.post(path, json=taken)) == (409, "already_exists")
    for client, status in (
        (shop.guest, 401),
        (shop.viewer, 403),
        (shop.moderator, 403),
        (shop.ops, 403),
        (shop.seller, 403),
    ):
        assert refusal(await client.post(path, json={"productId": "desk-lamp"}))[0] == status
    assert len((await shop.affiliate.get(path)).json()) == 1


async def test_a_finished_show_takes_no_more_products(shop: Shop):
    stream = (await shop.new_stream(live=True))["id"]
    await shop.seller.post(f"/live/streams/{stream}/end")
    answer = await shop.seller.post(f"/live/streams/{stream}/products", json={"productId": PRODUCT})
    assert refusal(answer) == (409, "stream_over")
