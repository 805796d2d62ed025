"""The same key and body is the same order: under any concurrency, after a restart, for this buyer alone."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from backend.services import idempotency
from backend.settings import Settings
from backend.storage.models import IdempotencyRecord, Order
from shared.roles import Role
from tests.market import (
    Clock,
    body_of,
    bought,
    go_live,
    guest_socket,
    nothing_written,
    order,
    set_stock,
    step,
    stock_of,
)
from tests.shop import PRODUCT, STREAM, Shop, refusal, running

KEY = {"Idempotency-Key": "purchase-1"}


async def test_fifty_at_once_with_one_key_are_one_order(market: Shop):
    answers = await asyncio.gather(*(order(market.viewer, **KEY) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (await Order.all().count(), await stock_of()) == (1, 99)


async def test_fifty_at_once_over_the_socket_with_one_key_are_one_order(market: Shop):
    buyer = await guest_socket(market)
    payload = {"streamId": STREAM, "productId": PRODUCT, "idempotencyKey": "k"}
    answers = await asyncio.gather(*(buyer.ask("streamPurchase", payload) for _ in range(50)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["ok"] is True
    assert (await Order.all().count(), await stock_of()) == (1, 99)
    assert len(buyer.all("newPurchase")) <= 1


async def test_a_purchase_without_a_key_is_a_new_order(market: Shop):
    first, second = await bought(market.viewer), await bought(market.viewer)
    assert first["id"] != second["id"]


async def test_another_body_under_the_same_key_is_refused(market: Shop):
    await bought(market.viewer, **KEY)
    async with nothing_written():
        for body in (body_of(quantity=2), body_of("linen-shirt"), {"items": [{"productId": PRODUCT}]}):
            assert refusal(await order(market.viewer, body, **KEY)) == (409, "idempotency_key_reused")


async def test_a_key_belongs_to_its_buyer_and_operation(market: Shop):
    mine = await bought(market.viewer, **KEY)
    theirs = await bought(market.rest(Role.VIEWER, "victor"), **KEY)
    guests = await bought(market.guest, body_of(), **{"X-Session-Id": "s"}, **KEY)
    assert len({mine["id"], theirs["id"], guests["id"]}) == 3
    await market.admin.post(f"/orders/{mine['id']}/pay")
    refunded = await market.seller.post(f"/orders/{mine['id']}/refund", json={"amount": 1}, headers=KEY)
    assert refunded.json()["refundedAmount"] == 1


async def test_the_first_answer_is_kept_whatever_became_of_the_order(market: Shop):
    first = await bought(market.viewer, **KEY)
    await market.admin.post(f"/orders/{first['id']}/pay")
    assert await bought(market.viewer, **KEY) == first
    assert (await market.viewer.get(f"/orders/{first['id']}")).json()["status"] == "paid"


@pytest.mark.parametrize(
    ("steps", "status"),
    [("pay", "paid"), ("pay ship", "shipped"), ("pay deliver", "delivered"), ("cancel", "cancelled")],
)
async def test_every_step_of_an_orders_life_may_be_retried_under_its_key(market: Shop, steps: str, status: str):
    made = await bought(market.viewer)
    *before, last = steps.split()
    for each in before:
        await step(market.admin, made["id"], each)
    answers = [await market.admin.post(f"/orders/{made['id']}/{last}", headers=KEY) for _ in range(3)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, status)] * 3
    assert len({answer.text for answer in answers}) == 1
    assert refusal(await market.admin.post(f"/orders/{made['id']}/{last}"))[0] == 409


async def test_the_same_purchase_by_rest_and_socket_is_one_order(market: Shop):
    buyer = await market.live(Role.VIEWER, "vera")
    await buyer.join()
    by_rest = await bought(market.viewer, **KEY)
    by_socket = await buyer.ask(
        "streamPurchase", {"streamId": STREAM, "productId": PRODUCT, "idempotencyKey": "purchase-1"}
    )
    assert by_socket["order"] == by_rest


async def test_a_refused_attempt_may_be_retried_under_its_key(market: Shop):
    await set_stock(PRODUCT, 0)
    assert refusal(await order(market.viewer, **KEY)) == (409, "out_of_stock")
    await set_stock(PRODUCT, 1)
    made = await bought(market.viewer, **KEY)
    assert await bought(market.viewer, **KEY) == made
    assert await stock_of() == 0


async def test_the_answer_survives_a_restart(shop_settings: Callable[..., Settings]):
    async with running(shop_settings()) as first:
        await go_live(first)
        made = await order(first.viewer, **KEY)
    async with running(shop_settings()) as second:
        again = await order(second.viewer, **KEY)
        assert (again.status_code, again.text) == (201, made.text)
        assert await Order.all().count() == 1


async def test_answers_are_kept_for_a_day_and_forgotten_some_time_later(clock: Clock, market: Shop):
    await bought(market.viewer, **KEY)
    clock.forward(hours=24)
    await idempotency.forget_old()
    assert await IdempotencyRecord.all().count() == 1
    clock.forward(hours=25)
    await idempotency.forget_old()
    assert await IdempotencyRecord.all().count() == 0


async def test_a_key_that_is_too_long_is_refused(market: Shop):
    headers: dict[str, Any] = {"Idempotency-Key": "k" * 256}
    assert refusal(await order(market.viewer, **headers)) == (400, "validation_failed")


async def test_one_purchase_is_one_order_wherever_its_session_is_named(market: Shop):
    header = await bought(market.guest, body_of(), **{"X-Session-Id": "s"}, **KEY)
    bodies = (body_of(sessionId="s"), body_of(sessionId="s", isGuestOrder=True))
    assert [(await bought(market.guest, body, **KEY))["id"] for body in bodies] == [header["id"]] * 2
    buyer = await guest_socket(market, "s")
    answer = await buyer.ask(
        "streamPurchase", {"streamId": STREAM, "productId": PRODUCT, "idempotencyKey": KEY["Idempotency-Key"]}
    )
    assert answer["order"]["id"] == header["id"]
    assert await Order.all().count() == 1


async def test_a_header_that_cannot_be_printed_is_no_key(market: Shop):
    headers = [(b"Idempotency-Key", b"\xff"), (b"Content-Type", b"application/json")]
    answer = await market.viewer.post("/orders", json=body_of(), headers=headers)
    assert refusal(answer) == (400, "validation_failed")


@pytest.mark.parametrize("key", ["", " ", "a ", "k\x00", "k\n", "\u202e", "k" * 256])
async def test_a_text_that_cannot_be_printed_is_no_key_of_a_socket(market: Shop, key: str):
    buyer = await guest_socket(market)
    answer = await buyer.ask("streamPurchase", {"streamId": STREAM, "productId": PRODUCT, "idempotencyKey": key})
    assert answer["error"]["code"] == "validation_failed"
