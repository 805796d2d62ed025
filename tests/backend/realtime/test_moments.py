"""Flash sales and pins: prices that really change, ends that survive a restart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.settings import Settings
from backend.storage.models import FlashSaleRow, LedgerJournal, LiveStreamProduct
from shared.roles import Role
from tests.market import Clock, body_of, bought, differences, go_live, guest_socket, moving_clock, paid
from tests.shop import AFFILIATE, PRODUCT, STREAM, Live, Shop, running

SALE = {"streamId": STREAM, "productId": PRODUCT, "durationSeconds": 60, "discountPercent": 25}


async def host_of(shop: Shop) -> Live:
    return await shop.live(token=shop.token(Role.AFFILIATE, AFFILIATE, days=400))


async def price_now(shop: Shop) -> float:
    client = shop.rest(token=shop.token(Role.VIEWER, "vera", days=400))
    total: float = (await bought(client))["totalAmount"]
    return total


async def test_the_price_changes_at_both_ends_of_a_flash_sale_to_the_instant(clock: Clock, market: Shop):
    host = await host_of(market)
    clock.stop_at(datetime.now(UTC) + timedelta(seconds=5))
    start = clock.now()
    assert (await host.ask("startFlashSale", SALE))["ok"]
    told = await host_hears(host, market)
    assert (told["discountPercent"], told["price"], told["startedBy"]) == (25, 150, AFFILIATE)
    assert told["currency"] == "USD"
    assert await price_now(market) == 150
    clock.stop_at(start + timedelta(seconds=60) - timedelta(microseconds=1))
    assert await price_now(market) == 150
    clock.stop_at(start + timedelta(seconds=60))
    assert await price_now(market) == 200
    clock.stop_at(start - timedelta(microseconds=1))
    assert await price_now(market) == 200


async def host_hears(host: Live, market: Shop) -> dict[str, Any]:
    """What a viewer who comes now is shown of the sale."""
    del host
    late = await guest_socket(market, "late")
    told: dict[str, Any] = await late.hears("flashSaleStarted")
    return told


async def test_a_flash_sale_comes_off_the_special_price_and_the_commission_off_what_was_paid(market: Shop):
    stream = await market.new_stream(live=True)
    await market.seller.post(
        f"/live/streams/{stream['id']}/products", json={"productId": PRODUCT, "specialPrice": 99.99}
    )
    host = await market.live(Role.SELLER, "seller_123")
    assert (await host.ask("startFlashSale", {**SALE, "streamId": stream["id"], "discountPercent": 33}))["ok"]
    made = await bought(market.seller, body_of(liveSessionId=stream["id"], affiliateId=AFFILIATE))
    # 99.99 x 0.67 = 66.9933; 7.5 % of 66.99 = 5.02425
    assert (made["totalAmount"], made["commissionAmount"]) == (66.99, 5.02)


async def test_the_ledger_names_the_moment_that_sold_a_product(market: Shop):
    host = await host_of(market)
    shown = await LiveStreamProduct.get(stream_id=STREAM, product_id=PRODUCT)
    plain = await paid(market)
    assert (await host.ask("startFlashSale", SALE))["ok"]
    sale = await FlashSaleRow.get()
    cheaper = await paid(market)
    outside = await paid(market, {"items": [{"productId": PRODUCT}]})
    moments = {
        journal.order_id: {
            (entry.featured_id, entry.flash_sale_id) for entry in journal.entries if entry.product_id == PRODUCT
        }
        for journal in await LedgerJournal.all().prefetch_related("entries")
    }
    assert moments == {
        plain["id"]: {(shown.id, None)},
        cheaper["id"]: {(shown.id, sale.id)},
        outside["id"]: {(None, None)},
    }
    assert await differences() == []


async def test_the_room_hears_once_when_a_sale_ends(clock: Clock, market: Shop):
    viewer, host = await guest_socket(market), await host_of(market)
    await host.ask("startFlashSale", SALE)
    started = await viewer.hears("flashSaleStarted")
    clock.forward(seconds=61)
    ended = await viewer.hears("flashSaleEnded")
    assert (ended["productId"], ended["endTime"]) == (PRODUCT, started["endTime"])
    await host.ask("startFlashSale", SALE)
    clock.forward(seconds=61)
    await viewer.hears("flashSaleEnded", lambda told: told["endTime"] != started["endTime"])
    assert len(viewer.all("flashSaleEnded")) == 2
    late = await guest_socket(market, "late")
    assert not late.all("flashSaleStarted")


async def test_a_second_sale_of_a_product_replaces_the_first(clock: Clock, market: Shop):
    viewer, host = await guest_socket(market), await host_of(market)
    await host.ask("startFlashSale", SALE)
    await host.ask("startFlashSale", {**SALE, "durationSeconds": 600, "discountPercent": 10})
    assert await price_now(market) == 180
    clock.forward(seconds=61)
    assert await price_now(market) == 180, "the end of the first changes nothing"
    clock.forward(seconds=540)
    await viewer.hears("flashSaleEnded")
    assert await price_now(market) == 200
    assert len(viewer.all("flashSaleEnded")) == 1


async def test_a_sale_ends_after_a_restart_too(shop_settings: Callable[..., Settings]):
    with moving_clock() as clock:
        async with running(shop_settings()) as first:
            await go_live(first)
            await (await host_of(first)).ask("startFlashSale", SALE)
        async with running(shop_settings()) as second:
            viewer = await guest_socket(second)
            assert (await viewer.hears("flashSaleStarted"))["price"] == 150
            assert await price_now(second) == 150
            clock.forward(seconds=61)
            await viewer.hears("flashSaleEnded")
            assert await price_now(second) == 200


async def test_hiding_a_product_ends_its_pin_and_its_sale_and_the_room_hears(market: Shop):
    viewer, host = await guest_socket(market), await host_of(market)
    assert (await host.ask("startFlashSale", SALE))["ok"]
    assert (await host.ask("pinProduct", {"streamId": STREAM, "productId": PRODUCT}))["ok"]
    await paid(market)
    toggle = f"/live/streams/{STREAM}/products/{PRODUCT}/toggle"
    assert (await market.affiliate.put(toggle, json={"isActive": False})).status_code == 200
    assert (await viewer.hears("productUnpinned"))["productId"] == PRODUCT
    assert (await viewer.hears("flashSaleEnded"))["productId"] == PRODUCT
    late = await guest_socket(market, "late")
    assert not late.all("flashSaleStarted") + late.all("productPinned")
    for command in ({"pinProduct": {"streamId": STREAM, "productId": PRODUCT}}, {"startFlashSale": SALE}):
        ((name, payload),) = command.items()
        assert (await host.ask(name, payload))["error"]["code"] == "product_not_active"

    assert (await market.affiliate.put(toggle, json={"isActive": True})).status_code == 200
    assert await price_now(market) == 200
    assert len(viewer.all("flashSaleEnded")) == len(viewer.all("productUnpinned")) == 1
    assert await differences() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"durationSeconds": 0}, "validation_failed"),
        ({"durationSeconds": 86_401}, "validation_failed"),
        ({"discountPercent": 0}, "validation_failed"),
        ({"discountPercent": 101}, "validation_failed"),
        ({"discountPercent": 12.5}, "validation_failed"),
        ({"productId": "linen-shirt"}, "product_not_in_stream"),
        ({"streamId": "nothing"}, "not_found"),
    ],
    ids=str,
)
async def test_a_wrong_sale_is_refused(market: Shop, change: dict[str, Any], code: str):
    host = await market.live(Role.AFFILIATE, AFFILIATE)
    assert (await host.ask("startFlashSale", {**SALE, **change}))["error"]["code"] == code
    assert await FlashSaleRow.all().count() == 0


async def test_a_sale_needs_a_live_stream_and_somebody_who_works_on_it(market: Shop):
    for live in (await guest_socket(market), await market.live(Role.SELLER, "seller_123")):
        for event in ("startFlashSale", "pinProduct", "unpinProduct"):
            answer = await live.ask(event, SALE)
            assert answer["error"]["code"] in ("unauthorized", "forbidden")
    host = await market.live(Role.AFFILIATE, AFFILIATE)
    await market.affiliate.post(f"/live/streams/{STREAM}/end")
    assert (await host.ask("startFlashSale", SALE))["error"]["code"] == "stream_not_live"


async def test_a_pin_is_shown_to_all_replaced_and_taken_away(market: Shop):
    viewer, mod = await guest_socket(market), await market.live(Role.MODERATOR, "mo")
    await market.affiliate.post(f"/live/streams/{STREAM}/products", json={"productId": "linen-shirt"})
    pin = {"streamId": STREAM, "productId": PRODUCT}
    assert (await mod.ask("pinProduct", pin))["ok"]
    assert (await mod.hears("pinProductSuccess"))["productId"] == PRODUCT
    told = await viewer.hears("productPinned")
    assert (told["productId"], told["pinnedBy"], told["timerEndTime"]) == (PRODUCT, "mo", None)

    await mod.ask("pinProduct", {**pin, "productId": "linen-shirt"})
    late = await guest_socket(market, "late")
    assert (await late.hears("productPinned"))["productId"] == "linen-shirt"
    assert (await mod.ask("unpinProduct", pin))["error"]["code"] == "not_found"
    assert (await mod.ask("unpinProduct", {**pin, "productId": "linen-shirt"}))["ok"]
    assert (await viewer.hears("productUnpinned"))["productId"] == "linen-shirt"
    last = await guest_socket(market, "last")
    assert not last.all("productPinned")


async def test_a_pin_with_a_timer_ends_by_itself(clock: Clock, market: Shop):
    viewer, host = await guest_socket(market), await host_of(market)
    await host.ask("pinProduct", {"streamId": STREAM, "productId": PRODUCT, "timerDuration": 30})
    told = await viewer.hears("productPinned")
    ends, begins = datetime.fromisoformat(told["timerEndTime"]), datetime.fromisoformat(told["timestamp"])
    assert ends - begins == timedelta(seconds=30)
    clock.forward(seconds=31)
    assert (await viewer.hears("productUnpinned"))["productId"] == PRODUCT
    assert len(viewer.all("productUnpinned")) == 1
