"""Orders after they are placed: every step by every role, their money and their stock."""

import asyncio
from itertools import cycle, product
from typing import Any

import httpx
import pytest

from backend.domain.ledger import Account
from backend.services import orders, settlement, unit_of_work
from backend.services.bus import Bus
from backend.storage.models import Order
from shared.roles import Role
from tests.backend.domain.test_order_rules import LEGAL
from tests.market import (
    WEBHOOK_SECRET,
    Clock,
    audited,
    balances,
    body_of,
    bought,
    delivered,
    differences,
    go_live,
    nothing_written,
    paid,
    second_seller,
    step,
    stock_of,
)
from tests.shop import AFFILIATE, PRODUCT, SELLER, Shop, refusal
from tests.waiting import eventually

STATUSES = ("pending", "paid", "shipped", "delivered", "cancelled", "refunded")
STEPS = {"pay": "paid", "ship": "shipped", "deliver": "delivered", "cancel": "cancelled", "refund": "refunded"}
PATHS = {
    "pending": (),
    "paid": ("pay",),
    "shipped": ("pay", "ship"),
    "delivered": ("pay", "ship", "deliver"),
    "cancelled": ("cancel",),
    "refunded": ("pay", "refund"),
}


async def in_status(market: Shop, status: str) -> dict[str, Any]:
    made = await bought(market.viewer)
    for taken in PATHS[status]:
        made = await step(market.admin, made["id"], taken)
    return made


async def test_sellers_and_admins_take_exactly_the_steps_of_the_table(market: Shop):
    clients = cycle((market.seller, market.admin))
    for status in STATUSES:
        made = await in_status(market, status)
        for name, wanted in STEPS.items():
            if (status, wanted) not in LEGAL:
                for client in (market.seller, market.admin):
                    assert refusal(await client.post(f"/orders/{made['id']}/{name}")) == (409, "conflict"), (
                        status,
                        name,
                    )
    for status, wanted in sorted(LEGAL):
        made = await in_status(market, status)
        name = next(name for name, leads_to in STEPS.items() if leads_to == wanted)
        assert (await step(next(clients), made["id"], name))["status"] == wanted
    assert await differences() == []


async def test_a_buyer_may_only_cancel_and_only_before_it_is_paid(market: Shop):
    for status in STATUSES:
        made = await in_status(market, status)
        for name in STEPS:
            if (status, name) != ("pending", "cancel"):
                answer = await market.viewer.post(f"/orders/{made['id']}/{name}")
                late = name == "cancel"
                assert refusal(answer) == ((409, "conflict") if late else (403, "forbidden")), (status, name)
        assert (await Order.get(id=made["id"])).status == status
    made = await bought(market.viewer)
    assert (await step(market.viewer, made["id"], "cancel"))["status"] == "cancelled"


async def test_a_guest_who_cancels_too_late_is_told_whom_to_ask(market: Shop):
    mine = {"X-Session-Id": "mine"}
    made = await bought(market.guest, body_of(), **mine)
    await step(market.seller, made["id"], "pay")
    answer = await market.guest.post(f"/orders/{made['id']}/cancel", headers=mine)
    assert refusal(answer) == (409, "conflict")
    assert answer.json()["message"] == "The order is paid already: ask its seller."


async def test_nobody_else_takes_any_step(market: Shop):
    await second_seller(market)
    made = await bought(market.guest, body_of(), **{"X-Session-Id": "mine"})
    other_guest = market.rest()
    other_guest.headers["X-Session-Id"] = "another"
    strangers: list[httpx.AsyncClient] = [
        market.rest(Role.SELLER, "seller_2"),
        market.affiliate,
        market.moderator,
        market.ops,
        market.viewer,
        other_guest,
        market.guest,
    ]
    for client, name in product(strangers, STEPS):
        answer = await client.post(f"/orders/{made['id']}/{name}")
        assert answer.status_code in (401, 403, 404), answer.text
    assert (await Order.get(id=made["id"])).status == "pending"


async def test_a_guest_cancels_a_pending_order_by_its_session(market: Shop):
    made = await bought(market.guest, body_of(), **{"X-Session-Id": "mine"})
    answer = await market.guest.post(
        f"/orders/{made['id']}/cancel", headers={"X-Session-Id": "mine"}, json={"reason": "Changed my mind"}
    )
    assert (answer.json()["status"], answer.json()["cancelReason"]) == ("cancelled", "Changed my mind")
    assert await stock_of() == 100


async def test_a_cancelled_paid_order_is_refunded_in_full_and_its_stock_is_back(market: Shop):
    made = await paid(market, body_of(quantity=3))
    assert await stock_of() == 97
    cancelled = await step(market.seller, made["id"], "cancel")
    assert (cancelled["status"], cancelled["refundedAmount"]) == ("cancelled", 600)
    assert await stock_of() == 100
    assert await balances(market.affiliate) == {"USD": (0, 0, 0)}
    assert await differences() == []


async def test_partial_refunds_take_back_their_part_and_the_last_one_the_rest(market: Shop):
    made = await paid(market)
    pending = [15.0]
    for amount in (0.01, 66.66, 66.66):
        answer = await step(market.seller, made["id"], "refund", amount=amount)
        assert answer["status"] == "paid"
        pending.append((await balances(market.affiliate))["USD"][0])
    # 15.00 x 0.01/200 is nothing, x 66.67/200 is 5.00, x 133.33/200 is 10.00
    assert pending == [15, 15, 10, 5]
    done = await step(market.seller, made["id"], "refund")
    assert (done["status"], done["refundedAmount"]) == ("refunded", 200)
    assert await balances(market.affiliate) == {"USD": (0, 0, 0)}
    assert await stock_of() == 99, "goods come back only when that is said"
    assert await differences() == []


@pytest.mark.parametrize("amount", [0, 200.01, 0.001])
async def test_a_refund_of_nothing_or_of_more_than_is_left_is_refused(market: Shop, amount: float):
    made = await paid(market)
    async with nothing_written():
        assert refusal(await market.seller.post(f"/orders/{made['id']}/refund", json={"amount": amount}))[0] == 400
        answer = await market.seller.post(f"/orders/{made['id']}/refund", json={"amount": 1, "restock": True})
        assert refusal(answer)[0] == 400


async def test_goods_come_back_with_a_refund_of_all_that_is_left(market: Shop):
    made = await paid(market, body_of(quantity=2))
    await step(market.seller, made["id"], "refund", amount=100)
    await step(market.seller, made["id"], "refund", restock=True)
    assert await stock_of() == 100


async def test_a_free_order_lives_like_any_other(market: Shop):
    made = await bought(market.seller, body_of(discountAmount=200))
    await step(market.seller, made["id"], "pay")
    assert (await step(market.seller, made["id"], "refund", restock=True))["status"] == "refunded"
    assert refusal(await market.seller.post(f"/orders/{made['id']}/refund")) == (409, "conflict")
    other = await bought(market.seller, body_of(discountAmount=200))
    await step(market.seller, other["id"], "pay")
    await step(market.seller, other["id"], "cancel")
    assert await stock_of() == 100
    assert await differences() == []


async def test_a_refund_with_a_key_is_made_once(market: Shop):
    made = await paid(market)

    async def give_back(amount: float) -> httpx.Response:
        return await market.seller.post(
            f"/orders/{made['id']}/refund", json={"amount": amount}, headers={"Idempotency-Key": "r"}
        )

    first, again, other = await give_back(50), await give_back(50), await give_back(60)
    assert first.json() == again.json()
    assert first.json()["refundedAmount"] == 50
    assert refusal(other) == (409, "idempotency_key_reused")


# --- expiry ---


async def test_an_unpaid_order_expires_and_gives_its_stock_back(clock: Clock, market: Shop):
    made = await bought(market.viewer, body_of(quantity=5))
    kept = await paid(market)
    assert await stock_of() == 94
    clock.forward(seconds=market.settings.order_expiry + 1)

    async def expired() -> bool:
        return (await Order.get(id=made["id"])).status == "cancelled"

    await eventually(expired, "the order expires")
    shown = (await market.viewer.get(f"/orders/{made['id']}")).json()
    assert (shown["status"], shown["cancelReason"]) == ("cancelled", "expired")
    assert (await Order.get(id=kept["id"])).status == "paid"
    assert await stock_of() == 99


async def test_more_orders_that_cannot_be_expired_than_are_looked_up_at_once_keep_none_behind_them(
    clock: Clock, market: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(unit_of_work, "BATCH", 2)
    made = [await bought(market.viewer) for _ in range(5)]
    locked = orders.locked

    async def failing(order_id: str) -> Order:
        if order_id != made[-1]["id"]:
            raise RuntimeError("this row is damaged")
        return await locked(order_id)

    monkeypatch.setattr(orders, "locked", failing)
    clock.forward(hours=1)

    async def expired() -> bool:
        return (await Order.get(id=made[-1]["id"])).status == "cancelled"

    await eventually(expired, "the newest expires")
    assert await Order.filter(status="pending").count() == 4


async def test_one_order_that_cannot_be_expired_does_not_keep_the_others(
    clock: Clock, market: Shop, monkeypatch: pytest.MonkeyPatch
):
    broken, fine = await bought(market.viewer), await bought(market.viewer)
    locked = orders.locked

    async def failing(order_id: str) -> Order:
        if order_id == broken["id"]:
            raise RuntimeError("this row is damaged")
        return await locked(order_id)

    monkeypatch.setattr(orders, "locked", failing)
    clock.forward(hours=1)

    async def expired() -> bool:
        return (await Order.get(id=fine["id"])).status == "cancelled"

    await eventually(expired, "the other order expires")
    assert (await Order.get(id=broken["id"])).status == "pending"


# --- settlement, reversal, payout ---


async def _settled(market: Shop, clock: Clock, **by: float) -> None:
    clock.forward(**(by or {"days": 7, "seconds": 1}))
    await settlement.settle_due(_Only(market))  # type: ignore[arg-type]


class _Only:
    """What settling needs of a runtime, without its background."""

    def __init__(self, market: Shop) -> None:
        self.settings, self.bus = market.settings, Bus()


def admin_of(market: Shop) -> httpx.AsyncClient:
    """An admin whose token outlives a moved clock."""
    return market.rest(token=market.token(Role.ADMIN, "root", days=400))


async def _pay_out(client: httpx.AsyncClient, affiliate_id: str = AFFILIATE, **body: Any) -> httpx.Response:
    return await client.post(f"/affiliates/{affiliate_id}/payouts", json=body or None)


async def test_a_commission_becomes_available_when_the_delay_after_delivery_is_over(clock: Clock, market: Shop):
    admin = admin_of(market)
    await delivered(market)
    undelivered = await paid(market)
    await _settled(market, clock, days=7, seconds=-30)
    assert await balances(admin) == {"USD": (30, 0, 0)}
    await _settled(market, clock, seconds=60)
    assert await balances(admin) == {"USD": (15, 15, 0)}
    await _settled(market, clock, days=100)
    assert await balances(admin) == {"USD": (15, 15, 0)}
    assert undelivered["status"] == "paid"
    assert await differences() == []


async def test_the_server_settles_by_itself(clock: Clock, market: Shop):
    admin = admin_of(market)
    await delivered(market)
    clock.forward(days=7, seconds=1)

    async def available() -> bool:
        return await balances(admin) == {"USD": (0, 15, 0)}

    await eventually(available, "the commission settles")


async def test_a_refund_before_settlement_settles_the_rest_only(clock: Clock, market: Shop):
    admin = admin_of(market)
    made = await delivered(market)
    await step(admin, made["id"], "refund", amount=50)
    await _settled(market, clock)
    assert await balances(admin) == {"USD": (0, 11.25, 0)}
    await step(admin, made["id"], "refund")
    assert await balances(admin) == {"USD": (0, 0, 0)}
    assert await differences() == []


async def test_a_refund_after_the_payout_makes_a_negative_balance_that_the_next_payout_nets(clock: Clock, market: Shop):
    admin = admin_of(market)
    first = await delivered(market)
    await _settled(market, clock)
    answer = await _pay_out(admin, reference="SEPA 1")
    assert (answer.status_code, answer.json()["amount"], answer.json()["reference"]) == (201, 15, "SEPA 1")
    assert await balances(admin) == {"USD": (0, 0, 15)}

    await step(admin, first["id"], "refund")
    assert await balances(admin) == {"USD": (0, -15, 15)}
    assert refusal(await _pay_out(admin)) == (409, "conflict")

    made = await bought(admin, body_of(quantity=3))
    await step(admin, made["id"], "pay")
    await step(admin, made["id"], "deliver")
    await _settled(market, clock)
    assert await balances(admin) == {"USD": (0, 30, 15)}
    assert (await _pay_out(admin)).json()["amount"] == 30
    assert await balances(admin) == {"USD": (0, 0, 45)}
    paid_out = (await admin.get(f"/affiliates/{AFFILIATE}/payouts")).json()
    assert [row["amount"] for row in paid_out["items"]] == [30, 15]
    assert await differences() == []


async def test_a_payout_is_at_most_what_is_available_made_once_a_key_and_only_by_admins(clock: Clock, market: Shop):
    admin = admin_of(market)
    await delivered(market)
    async with nothing_written():
        assert refusal(await _pay_out(admin)) == (409, "conflict")
    await _settled(market, clock)
    async with nothing_written():
        for amount in (15.01, 0):
            assert refusal(await _pay_out(admin, amount=amount)) == (409, "conflict")
        assert refusal(await _pay_out(admin, currency="EUR")) == (409, "conflict")
        assert refusal(await _pay_out(admin, "nobody")) == (404, "not_found")
        for role in (Role.OPS, Role.SELLER, Role.AFFILIATE):
            subject = {Role.SELLER: SELLER, Role.AFFILIATE: AFFILIATE}.get(role, "x")
            client = market.rest(token=market.token(role, subject, days=400))
            assert refusal(await _pay_out(client)) == (403, "forbidden")

    headers = {"Idempotency-Key": "payout-1"}
    url = f"/affiliates/{AFFILIATE}/payouts"
    first = await admin.post(url, json={"amount": 5}, headers=headers)
    again = await admin.post(url, json={"amount": 5}, headers=headers)
    other = await admin.post(url, json={"amount": 6}, headers=headers)
    assert first.json() == again.json()
    assert refusal(other) == (409, "idempotency_key_reused")
    assert await balances(admin) == {"USD": (0, 10, 5)}
    assert [entry["details"]["payoutId"] for entry in await audited("payout")] == [first.json()["id"]]


async def test_concurrent_payouts_never_pay_more_than_there_is(clock: Clock, market: Shop):
    admin = admin_of(market)
    await delivered(market)
    await _settled(market, clock)
    answers = await asyncio.gather(*(_pay_out(admin, amount=5) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
    assert await balances(admin) == {"USD": (0, 0, 15)}


async def test_the_seller_is_owed_net_of_commission_and_fee(open_shop: Any):
    market = await open_shop(platform_fee=250, webhook_secret=WEBHOOK_SECRET)
    await go_live(market)
    await paid(market)
    found = (await market.seller.get(f"/sellers/{SELLER}/balance")).json()
    assert found == [{"currency": "USD", "pending": 0, "available": 180, "paidOut": 0}]
    fee, sold = (await market.seller.get(f"/sellers/{SELLER}/commissions")).json()["items"]
    assert {fee["account"], sold["account"]} == {Account.SELLER}
    assert (sold["productId"], sold["amount"], sold["balance"], sold["commissionBase"]) == (PRODUCT, 185, 185, 200)
    assert (fee["productId"], fee["amount"], fee["balance"], fee["commissionRate"]) == (None, -5, 180, 2.5)


# --- hostile text ---

HOSTILE, HARMLESS = "a\x00b\x1b[31m\u202ec", "abc"


async def test_free_text_is_stored_without_control_characters(market: Shop):
    item = {"productId": PRODUCT, "variant": HOSTILE}
    made = await bought(market.viewer, {"items": [item], "shippingAddress": {HOSTILE: HOSTILE, "line2": ""}})
    assert made["items"][0]["variant"] == HARMLESS
    assert made["shippingAddress"] == {HARMLESS: HARMLESS, "line2": ""}
    assert (await step(market.viewer, made["id"], "cancel", reason=HOSTILE))["cancelReason"] == HARMLESS
    made = await paid(market)
    assert (await step(market.seller, made["id"], "refund", amount=1, reason=HOSTILE))["refunds"][0][
        "reason"
    ] == HARMLESS
    await bought(market.viewer, body_of(price=HOSTILE))
    assert [entry["details"]["price"] for entry in await audited("order_claims_ignored")] == [HARMLESS]


@pytest.mark.parametrize("reference", ["a\x00", "a\n", " a", "\u202e", "é"])
async def test_a_reference_is_printable(market: Shop, reference: str):
    made = await paid(market)
    refund = {"amount": 1, "reference": reference}
    assert refusal(await market.seller.post(f"/orders/{made['id']}/refund", json=refund)) == (400, "validation_failed")
    payout = {"amount": 1, "reference": reference}
    refused = await market.admin.post(f"/affiliates/{AFFILIATE}/payouts", json=payout)
    assert refusal(refused) == (400, "validation_failed")
