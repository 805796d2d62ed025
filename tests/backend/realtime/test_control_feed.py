"""What consoles hear: a snapshot, then everything that their token may see, numbered and coalesced."""

import asyncio

import pytest

from backend.realtime import control
from shared.roles import Role
from tests.market import Clock
from tests.shop import AFFILIATE, PRODUCT, SELLER, STREAM, Live, Shop
from tests.waiting import eventually


async def _console(shop: Shop, role: Role = Role.MODERATOR, subject: str = "mo", **options: object) -> Live:
    scope = {name: str(options.pop(name)) for name in ("stream", "seller") if name in options}
    console = await shop.live(role, subject, **scope)
    answer = await console.ask("subscribeControl", options or {})
    assert answer == {"ok": True}
    return console


async def test_a_console_starts_with_a_snapshot_of_what_it_may_see(shop: Shop):
    viewer = await shop.live()
    await viewer.join()
    await viewer.say("Hi")
    snapshot = await (await _console(shop)).hears("controlSnapshot")

    assert snapshot["seq"] == 0
    assert snapshot["origin"]
    assert snapshot["operator"]["id"] == "mo"
    assert "moderate" in snapshot["operator"]["permissions"]
    stream = snapshot["streams"][0]
    assert (stream["id"], stream["viewerCount"], stream["ingest"]["state"]) == (STREAM, 1, "none")
    assert stream["figures"]["totalMessages"] == 1
    assert "streamKey" not in str(snapshot)


async def test_each_token_sees_its_own_streams_only(shop: Shop):
    mine = (await shop.new_stream())["id"]

    async def shown(*given: object, **options: object) -> set[str]:
        snapshot = await (await _console(shop, *given, **options)).hears("controlSnapshot")
        return {stream["id"] for stream in snapshot["streams"]}

    assert await shown() == {STREAM, mine}
    assert await shown(Role.OPS, "olga") == {STREAM, mine}
    assert await shown(Role.SELLER, SELLER) == {mine}
    assert await shown(Role.AFFILIATE, AFFILIATE) == {STREAM}
    assert await shown(stream=mine) == {mine}
    assert await shown(seller="other") == set()
    assert await shown(streamIds=[mine, "nothing"]) == {mine}


async def test_guests_and_viewers_get_no_control_feed(shop: Shop):
    for given, code in (((), "unauthorized"), ((Role.VIEWER, "vera"), "forbidden")):
        client = await shop.live(*given)
        assert (await client.ask("subscribeControl", {}))["error"]["code"] == code
    stranger = await shop.live(Role.SELLER, "nobody")
    assert (await stranger.ask("subscribeControl", {}))["error"]["code"] == "unknown_subject"


async def test_batches_are_numbered_without_gaps_and_hold_events_in_order(shop: Shop):
    console = await _console(shop)
    viewer = await shop.live()
    await viewer.join()
    for number in range(40):
        await viewer.say(str(number))
        if number % 10 == 0:
            await asyncio.sleep(0.08)
    await console.hears_batched("newMessage", lambda message: message["message"] == "39")

    batches = console.all("controlBatch")
    assert [batch["seq"] for batch in batches] == list(range(1, len(batches) + 1))
    assert {batch["origin"] for batch in batches} == {console.all("controlSnapshot")[0]["origin"]}
    said = [payload["message"] for name, payload in console.batched() if name == "newMessage"]
    assert said == [str(number) for number in range(40)]
    assert not console.all("newMessage")


async def test_of_many_states_only_the_newest_of_a_batch_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(control, "GATHER", 0.05)
    console = await _console(shop)
    await asyncio.gather(*(shop.moderator.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle") for _ in range(30)))
    truth = (await shop.affiliate.get(f"/live/streams/{STREAM}")).json()
    await console.hears_batched("streamProductsUpdate", lambda told: told["seq"] == truth["seq"])
    for batch in console.all("controlBatch"):
        assert [item["event"] for item in batch["events"]].count("streamProductsUpdate") <= 1


async def test_hidden_products_are_told_to_consoles_but_not_to_viewers(shop: Shop):
    viewer, host = await shop.live(), await shop.live(Role.AFFILIATE, AFFILIATE)
    console = await _console(shop)
    await viewer.join()
    await shop.moderator.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle", json={"isActive": False})

    told = await viewer.hears("streamProductsUpdate")
    assert (told["streamId"], told["products"]) == (STREAM, [])
    assert told["timestamp"].endswith("Z")
    seen = await console.hears_batched("streamProductsUpdate")
    assert [(item["productId"], item["isActive"]) for item in seen["products"]] == [(PRODUCT, False)]

    stated = await host.ask("updateStreamProducts", streamId=STREAM)
    assert [item["productId"] for item in stated["products"]] == [PRODUCT]
    await viewer.hears("streamProductsUpdate", lambda again: again["seq"] == told["seq"] + 1)
    assert all(update["products"] == [] for update in viewer.all("streamProductsUpdate"))


async def test_only_the_host_and_admins_state_the_products(shop: Shop):
    for given, code in (
        ((), "unauthorized"),
        ((Role.MODERATOR, "mo"), "forbidden"),
        ((Role.OPS, "olga"), "forbidden"),
        ((Role.SELLER, SELLER), "forbidden"),
    ):
        client = await shop.live(*given)
        claim = {"streamId": STREAM, "products": [{"productId": "forged"}]}
        assert (await client.ask("updateStreamProducts", claim))["error"]["code"] == code


async def test_new_streams_and_their_life_are_told_to_consoles(shop: Shop):
    console = await _console(shop)
    narrow = await _console(shop, stream=STREAM)
    made = await shop.new_stream()
    told = await console.hears_batched("controlStreamUpdate", lambda told: told["streamId"] == made["id"])
    assert told["stream"]["status"] == "scheduled"
    assert "streamKey" not in str(told)
    await shop.seller.post(f"/live/streams/{made['id']}/start")
    await console.hears_batched("streamStatusUpdate", lambda told: told["status"] == "live")
    await shop.affiliate.post(f"/live/streams/{STREAM}/start")
    await narrow.hears_batched("streamStatusUpdate")
    assert made["id"] not in str(narrow.batched())


async def test_figures_follow_what_happens(clock: Clock, shop: Shop):
    console = await _console(shop)
    viewer = await shop.live()
    await viewer.join()
    await console.hears_batched("viewerCountUpdate", lambda told: told["count"] == 1)
    await console.hears_batched("figuresUpdate", lambda told: told["figures"]["totalViewers"] == 1)
    await viewer.say("Hi")
    await console.hears_batched(
        "figuresUpdate",
        lambda told: told["figures"].items() >= {"messagesPerMinute": 1, "totalMessages": 1, "totalViewers": 1}.items(),
    )


async def test_a_quiet_console_hears_a_sign_of_life(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(control, "KEEP_ALIVE", 0.1)
    console = await _console(shop)
    await console.hears("controlBatch", lambda batch: batch["seq"] >= 2)
    assert all(batch["events"] == [] for batch in console.all("controlBatch"))


async def test_subscribing_again_starts_anew(shop: Shop):
    console = await _console(shop)
    await shop.moderator.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle")
    await console.hears_batched("streamProductsUpdate")
    before = len(console.heard)
    assert (await console.ask("subscribeControl", {}))["ok"]
    await shop.moderator.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle")

    async def anew() -> list:
        return [payload for name, payload in console.heard[before:] if name == "controlBatch" and payload["events"]]

    await eventually(anew, "a batch after the second snapshot")
    names = [name for name, _ in console.heard[before:] if name.startswith("control")]
    assert names[0] == "controlSnapshot"
    assert next(told["seq"] for name, told in console.heard[before:] if name == "controlBatch") == 1


async def test_a_console_that_begins_late_is_told_what_holds(shop: Shop):
    await shop.affiliate.post(f"/live/streams/{STREAM}/start")
    host = await shop.live(Role.AFFILIATE, AFFILIATE)
    assert (await host.ask("pinProduct", streamId=STREAM, productId=PRODUCT))["ok"]
    sale = {"streamId": STREAM, "productId": PRODUCT, "durationSeconds": 60, "discountPercent": 20}
    assert (await host.ask("startFlashSale", **sale))["ok"]

    console = await _console(shop)
    assert (await console.hears_batched("productPinned"))["productId"] == PRODUCT
    assert (await console.hears_batched("flashSaleStarted"))["price"] == 160
    assert console.all("controlBatch")[0]["seq"] == 1
