"""What the payment provider tells, and what becomes of it."""

import asyncio

import pytest

from backend.services import idempotency
from backend.storage.models import Order, Refund
from shared.roles import Role
from tests.market import (
    Clock,
    audited,
    balances,
    body_of,
    bought,
    differences,
    go_live,
    hook,
    nothing_written,
    paid,
    payment,
    set_stock,
    step,
    stock_of,
)
from tests.shop import PRODUCT, Shop, refusal
from tests.waiting import eventually


async def test_a_signed_payment_pays_the_order_once_however_often_it_is_sent(market: Shop):
    made = await bought(market.viewer)
    event = payment(made["id"])
    first = await hook(market, event)
    assert first.json() == {"eventId": "evt_1", "applied": True, "orderStatus": "paid", "note": None}
    for _ in range(3):
        again = await hook(market, event)
        assert (again.status_code, again.text) == (200, first.text)
    assert await audited("paid_twice") == []
    second = await hook(market, {**event, "id": "evt_2"})
    assert (second.status_code, second.json()["applied"]) == (200, False)
    (entry,) = await audited("paid_twice")
    assert (entry["subject"], entry["details"]) == (
        made["id"],
        {"eventId": "evt_2", "amount": "200.0", "currency": "USD"},
    )
    assert refusal(await hook(market, {**event, "type": "payment.failed"})) == (409, "idempotency_key_reused")
    assert await balances(market.affiliate) == {"USD": (15, 0, 0)}


async def test_the_same_event_many_times_at_once_is_applied_once(market: Shop):
    made = await bought(market.viewer)
    event = payment(made["id"])
    answers = await asyncio.gather(*(hook(market, event) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert len({answer.text for answer in answers}) == 1
    assert await differences() == []


async def test_an_event_without_a_good_signature_is_refused(clock: Clock, market: Shop):
    made = await bought(market.viewer)
    event = payment(made["id"])
    now = clock.now().timestamp()
    async with nothing_written():
        assert refusal(await hook(market, event, secret="guessed")) == (401, "bad_signature")
        assert refusal(await hook(market, event, at=now - 302)) == (401, "bad_signature")
        assert refusal(await hook(market, event, at=now + 302)) == (401, "bad_signature")
        assert refusal(await market.guest.post("/webhooks/payments", json=event)) == (401, "bad_signature")
        assert refusal(await market.admin.post("/webhooks/payments", json=event)) == (401, "bad_signature")
    assert (await hook(market, event)).status_code == 200


async def test_without_a_secret_no_event_is_taken(shop: Shop):
    await go_live(shop)
    assert refusal(await hook(shop, payment("o")))[0] == 503


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount": 199.99}, 400),
        ({"amount": 200.01}, 400),
        ({"currency": "EUR"}, 400),
        ({"orderId": "unknown"}, 404),
        ({"type": "payment.imagined"}, 400),
        ({"id": "not an id"}, 400),
    ],
    ids=str,
)
async def test_an_event_that_fits_no_order_is_refused_and_may_be_sent_anew(market: Shop, change: dict, status: int):
    made = await bought(market.viewer)
    event = payment(made["id"])
    async with nothing_written():
        assert refusal(await hook(market, {**event, **change}))[0] == status
    assert (await hook(market, event)).json()["applied"] is True


async def test_a_failed_payment_leaves_the_order_open(market: Shop):
    made = await bought(market.viewer)
    answer = await hook(market, payment(made["id"], "failed"))
    assert (answer.json()["applied"], answer.json()["orderStatus"]) == (False, "pending")
    assert [entry["subject"] for entry in await audited("payment_failed")] == [made["id"]]
    assert (await hook(market, payment(made["id"], event_id="evt_2"))).json()["applied"]


# --- refunds ---


async def test_the_providers_refund_takes_money_back_and_one_that_comes_too_late_is_only_noted(market: Shop):
    made = await paid(market)
    part = await hook(market, payment(made["id"], "refunded", amount=100, reference="re_1"))
    assert (part.json()["applied"], part.json()["orderStatus"]) == (True, "paid")
    assert await balances(market.affiliate) == {"USD": (7.5, 0, 0)}
    rest = await hook(market, payment(made["id"], "refunded", event_id="evt_2", amount=100, reference="re_2"))
    assert (rest.json()["applied"], rest.json()["orderStatus"]) == (True, "refunded")
    more = await hook(market, payment(made["id"], "refunded", event_id="evt_3", amount=100, reference="re_3"))
    assert (more.status_code, more.json()["applied"]) == (200, False)
    shown = (await market.viewer.get(f"/orders/{made['id']}")).json()
    assert [(made["amount"], made["reference"]) for made in shown["refunds"]] == [(100, "re_1"), (100, "re_2")]
    assert await differences() == []


async def test_a_refund_without_its_reference_is_refused(market: Shop):
    made = await paid(market)
    async with nothing_written():
        answer = await hook(market, payment(made["id"], "refunded", amount=50))
    assert refusal(answer) == (400, "validation_failed")
    assert [error["field"] for error in answer.json()["errors"]] == ["reference"]


async def refunded(market: Shop, order_id: str) -> list[float]:
    """The amounts that were given back, as the order shows them."""
    shown = (await market.viewer.get(f"/orders/{order_id}")).json()
    assert sum(made["amount"] for made in shown["refunds"]) == shown["refundedAmount"]
    return [made["amount"] for made in shown["refunds"]]


@pytest.mark.parametrize("first", ["seller", "provider"])
async def test_a_refund_that_seller_and_provider_tell_of_by_one_reference_counts_once(market: Shop, first: str):
    made = await paid(market)
    event = payment(made["id"], "refunded", amount=60, reference="re_1")
    if first == "provider":
        assert (await hook(market, event)).json()["applied"] is True
    await step(market.seller, made["id"], "refund", amount=60, reference="re_1")
    # The provider's own word again is answered as it was before.
    assert (await hook(market, event)).json()["applied"] is (first == "provider")
    assert await refunded(market, made["id"]) == [60]
    assert await balances(market.affiliate) == {"USD": (10.5, 0, 0)}
    assert await differences() == []


async def test_the_providers_word_of_a_refund_made_here_is_known_by_the_id_that_the_order_shows(market: Shop):
    made = await step(market.seller, (await paid(market))["id"], "refund", amount=60)
    (shown,) = made["refunds"]
    answer = await hook(market, payment(made["id"], "refunded", amount=60, reference=shown["id"]))
    assert answer.json() == {
        "eventId": "evt_1",
        "applied": False,
        "orderStatus": "paid",
        "note": "the refund is recorded already",
    }
    assert await refunded(market, made["id"]) == [60]


async def test_the_providers_first_word_of_an_equal_amount_is_taken_as_the_refund_made_here(market: Shop):
    made = await paid(market)
    await step(market.seller, made["id"], "refund", amount=60)
    for number, (amount, applied) in enumerate([(60, False), (60, True), (10, True)]):
        event = payment(made["id"], "refunded", event_id=f"evt_{number}", amount=amount, reference=f"re_{number}")
        assert (await hook(market, event)).json()["applied"] is applied
    assert await refunded(market, made["id"]) == [60, 60, 10]
    assert [row.reference for row in await Refund.all().order_by("id")] == ["re_0", "re_1", "re_2"]
    assert await differences() == []


async def test_one_reference_with_another_amount_is_a_conflict_on_every_wire(market: Shop):
    made = await paid(market)
    await step(market.seller, made["id"], "refund", amount=60, reference="re_1")
    async with nothing_written():
        told = await hook(market, payment(made["id"], "refunded", amount=61, reference="re_1"))
        asked = await market.seller.post(f"/orders/{made['id']}/refund", json={"amount": 61, "reference": "re_1"})
    assert refusal(told) == refusal(asked) == (409, "conflict")


async def test_many_tellings_of_one_refund_at_once_give_the_money_back_once(market: Shop):
    made = await paid(market)
    body = {"amount": 60, "reference": "re_1"}
    tellings = [
        hook(market, payment(made["id"], "refunded", event_id=f"evt_{number}", **body))
        if number % 2
        else market.seller.post(f"/orders/{made['id']}/refund", json=body)
        for number in range(20)
    ]
    answers = await asyncio.gather(*tellings)
    assert [answer.status_code for answer in answers] == [200] * 20
    assert await refunded(market, made["id"]) == [60]
    assert await differences() == []


async def test_an_old_event_is_not_applied_again_when_its_answer_is_kept_no_longer(clock: Clock, market: Shop):
    made = await bought(market.viewer)
    first = await hook(market, payment(made["id"]))
    await step(market.seller, made["id"], "ship")
    assert (await hook(market, payment(made["id"]))).text == first.text
    clock.forward(hours=49)
    await idempotency.forget_old()
    assert (await hook(market, payment(made["id"]))).json() == {**first.json(), "orderStatus": "shipped"}
    assert await differences() == []


async def test_a_payment_that_its_seller_told_of_first_is_no_second_one(market: Shop):
    made = await paid(market)
    assert (await hook(market, payment(made["id"]))).json()["applied"] is False
    assert await audited("paid_twice") == []


# --- late payments ---


async def _expired(market: Shop, clock: Clock, quantity: int = 1) -> str:
    made = await bought(market.viewer, body_of(quantity=quantity))
    clock.forward(hours=1)

    async def gone() -> bool:
        return (await Order.get(id=made["id"])).status == "cancelled"

    await eventually(gone, "the order expires")
    return str(made["id"])


async def test_a_late_payment_revives_an_expired_order_while_its_goods_are_there(clock: Clock, market: Shop):
    order_id = await _expired(market, clock)
    answer = await hook(market, payment(order_id))
    assert answer.json() == {"eventId": "evt_1", "applied": True, "orderStatus": "paid", "note": None}
    row = await Order.get(id=order_id)
    assert (row.status, row.cancelled_at, row.cancel_reason, row.expires_at) == ("paid", None, None, None)
    assert await stock_of() == 99
    assert await balances(market.affiliate) == {"USD": (15, 0, 0)}
    assert await differences() == []


async def test_what_an_account_by_the_name_of_expired_cancelled_stays_cancelled(market: Shop):
    buyer = market.rest(Role.VIEWER, "expired")
    made = await bought(buyer)
    await step(buyer, made["id"], "cancel", reason="expired")
    answer = await hook(market, payment(made["id"]))
    assert (answer.json()["applied"], answer.json()["orderStatus"]) == (False, "cancelled")


async def test_a_late_payment_for_goods_that_are_gone_is_remembered_and_changes_nothing(clock: Clock, market: Shop):
    order_id = await _expired(market, clock, quantity=2)
    await set_stock(PRODUCT, 1)
    answer = await hook(market, payment(order_id, amount=400))
    assert (answer.status_code, answer.json()["applied"], answer.json()["orderStatus"]) == (200, False, "cancelled")
    assert [entry["subject"] for entry in await audited("late_payment_unfulfilled")] == [order_id]
    assert await stock_of() == 1
    assert await differences() == []


async def test_a_late_payment_takes_all_goods_or_none(clock: Clock, market: Shop):
    made = await bought(market.viewer, {"items": [{"productId": "desk-lamp"}, {"productId": "yoga-mat"}]})
    clock.forward(hours=1)

    async def gone() -> bool:
        return (await Order.get(id=made["id"])).status == "cancelled"

    await eventually(gone, "the order expires")
    await set_stock("yoga-mat", 0)
    answer = await hook(market, payment(made["id"], amount=made["totalAmount"]))
    assert answer.json()["applied"] is False
    assert (await stock_of("desk-lamp"), await stock_of("yoga-mat")) == (60, 0)


async def test_a_payment_does_not_revive_what_its_buyer_cancelled(market: Shop):
    made = await bought(market.viewer)
    await step(market.viewer, made["id"], "cancel", reason="expired")
    answer = await hook(market, payment(made["id"]))
    assert (answer.json()["applied"], answer.json()["orderStatus"]) == (False, "cancelled")
    assert len(await audited("late_payment_unfulfilled")) == 1
    assert await stock_of() == 100
