"""Showing and hiding products: by hosts, moderators and admins, without undoing one another."""

import asyncio

from shared.roles import Role
from tests.shop import PRODUCT, SELLER, STREAM, Shop, refusal

PATH = f"/live/streams/{STREAM}/products/{PRODUCT}/toggle"


async def test_without_a_body_it_flips_and_with_one_it_sets(shop: Shop):
    states = [
        (await shop.affiliate.put(PATH, **given)).json()["isActive"]
        for given in (
            {},
            {},
            {"json": {}},
            {"json": {"isActive": False}},
            {"json": {"isActive": True}},
            {"json": {"isActive": True}},
        )
    ]
    assert states == [False, True, False, False, True, True]


async def test_two_operators_who_both_hide_leave_it_hidden(shop: Shop):
    answers = await asyncio.gather(*(shop.moderator.put(PATH, json={"isActive": False}) for _ in range(10)))
    assert [answer.json()["isActive"] for answer in answers] == [False] * 10
    assert (await shop.guest.get(f"/live/streams/{STREAM}/products")).json() == []


async def test_concurrent_flips_each_count(shop: Shop):
    answers = await asyncio.gather(*(shop.moderator.put(PATH) for _ in range(9)))
    assert sorted(answer.json()["isActive"] for answer in answers) == [False] * 5 + [True] * 4


async def test_moderators_toggle_where_they_moderate(shop: Shop):
    for scope in ({}, {"stream": STREAM}, {"seller": SELLER}):
        assert (await shop.rest(Role.MODERATOR, "mo", **scope).put(PATH)).status_code == 200
    for scope in ({"stream": "other"}, {"seller": "other"}):
        assert refusal(await shop.rest(Role.MODERATOR, "mo", **scope).put(PATH)) == (403, "forbidden")


async def test_others_do_not_toggle(shop: Shop):
    assert refusal(await shop.guest.put(PATH)) == (401, "unauthorized")
    for client in (shop.viewer, shop.ops, shop.seller):
        assert refusal(await client.put(PATH)) == (403, "forbidden")
    assert (await shop.guest.get(f"/live/streams/{STREAM}/products")).json()[0]["isActive"] is True


async def test_what_is_not_in_the_stream_is_not_found(shop: Shop):
    missing = await shop.affiliate.put(f"/live/streams/{STREAM}/products/desk-lamp/toggle")
    assert refusal(missing) == (404, "product_not_in_stream")
    assert refusal(await shop.affiliate.put(PATH, json={"isActive": "no"})) == (400, "validation_failed")
