"""Streams over REST: who may do what, and what each step answers."""

import asyncio

import httpx

from shared.roles import Role
from tests.shop import AFFILIATE, PRODUCT, SELLER, STREAM, Shop
from tests.shop import refusal as _refusal


async def test_a_token_decides_whose_stream_it_is(shop: Shop):
    made = await shop.seller.post("/live/streams", json={"title": "Mine"})
    assert made.json()["sellerId"] == SELLER

    forged = await shop.seller.post("/live/streams", json={"title": "Theirs", "sellerId": "seller_999"})
    assert _refusal(forged) == (403, "forbidden")


async def test_a_forged_affiliate_is_refused(shop: Shop):
    body = {"title": "Theirs", "affiliateId": "affiliate_999", "sellerId": SELLER}
    assert _refusal(await shop.affiliate.post("/live/affiliate/streams", json=body)) == (403, "forbidden")


async def test_a_host_type_that_is_not_the_routes_is_refused(shop: Shop):
    for client, path, host_type in (
        (shop.seller, "/live/streams", "affiliate"),
        (shop.affiliate, "/live/affiliate/streams", "seller"),
    ):
        answer = await client.post(path, json={"title": "Show", "hostType": host_type, "sellerId": SELLER})
        assert _refusal(answer) == (400, "validation_failed")
        assert answer.json()["errors"][0]["field"] == "hostType"


async def test_an_unknown_seller_of_an_affiliates_stream_is_refused(shop: Shop):
    answer = await shop.affiliate.post("/live/affiliate/streams", json={"title": "Show", "sellerId": "nobody"})
    assert (_refusal(answer), answer.json()["errors"][0]["field"]) == ((400, "validation_failed"), "sellerId")


async def test_only_hosts_create_streams(shop: Shop):
    body = {"title": "Show", "sellerId": SELLER}
    for path, crossed in (("/live/streams", shop.affiliate), ("/live/affiliate/streams", shop.seller)):
        assert _refusal(await shop.guest.post(path, json=body)) == (401, "unauthorized")
        for client in (shop.viewer, shop.moderator, shop.ops, crossed):
            assert _refusal(await client.post(path, json=body)) == (403, "forbidden")


async def test_an_admin_creates_a_stream_for_a_named_host(shop: Shop):
    unnamed = await shop.admin.post("/live/streams", json={"title": "Show"})
    assert _refusal(unnamed) == (400, "validation_failed")
    named = await shop.admin.post("/live/streams", json={"title": "Show", "sellerId": SELLER})
    assert (named.status_code, named.json()["sellerId"]) == (201, SELLER)


async def test_a_seller_without_a_row_is_an_unknown_subject(shop: Shop):
    stranger = shop.rest(Role.SELLER, "seller_404")
    for answer in (
        await stranger.post("/live/streams", json={"title": "Show"}),
        await stranger.get("/live/streams"),
        await stranger.post(f"/live/streams/{STREAM}/start"),
        await stranger.post("/products", json={"name": "Thing", "price": 1, "stock": 1}),
    ):
        assert _refusal(answer) == (403, "unknown_subject")
    other = shop.rest(Role.AFFILIATE, "affiliate_404")
    answer = await other.post("/live/affiliate/streams", json={"title": "Show", "sellerId": SELLER})
    assert _refusal(answer) == (403, "unknown_subject")


async def test_an_affiliate_hosts_only_while_approved(shop: Shop):
    await shop.admin.post("/affiliates", json={"id": "bea", "name": "Bea"})
    bea = shop.rest(Role.AFFILIATE, "bea")
    body = {"title": "Show", "sellerId": SELLER}

    assert _refusal(await bea.post("/live/affiliate/streams", json=body)) == (403, "affiliate_not_approved")
    assert (await shop.admin.post("/affiliates/bea/approve")).json()["status"] == "approved"
    stream = (await bea.post("/live/affiliate/streams", json=body)).json()

    assert (await shop.admin.post("/affiliates/bea/suspend")).json()["status"] == "suspended"
    assert _refusal(await bea.post("/live/affiliate/streams", json=body)) == (403, "affiliate_not_approved")
    assert _refusal(await bea.post(f"/live/streams/{stream['id']}/start")) == (403, "affiliate_not_approved")


async def test_start_and_end_follow_the_life_cycle(shop: Shop):
    stream = (await shop.new_stream())["id"]

    assert _refusal(await shop.seller.post(f"/live/streams/{stream}/end")) == (409, "stream_not_live")
    started = (await shop.seller.post(f"/live/streams/{stream}/start")).json()
    assert (started["status"], bool(started["startedAt"]), started["endedAt"]) == ("live", True, None)
    assert "without video" in started["ingest"]["warnings"][0]
    assert _refusal(await shop.seller.post(f"/live/streams/{stream}/start")) == (409, "stream_live")
    ended = (await shop.seller.post(f"/live/streams/{stream}/end")).json()
    assert (ended["status"], ended["startedAt"], bool(ended["endedAt"])) == ("ended", started["startedAt"], True)
    assert _refusal(await shop.seller.post(f"/live/streams/{stream}/start")) == (409, "stream_over")
    assert _refusal(await shop.seller.post(f"/live/streams/{stream}/end")) == (409, "stream_not_live")
    assert _refusal(await shop.seller.get(f"/live/streams/{stream}/obs-setup")) == (409, "stream_over")


async def test_of_many_concurrent_starts_one_wins(shop: Shop):
    stream = (await shop.new_stream())["id"]
    answers = await asyncio.gather(*(shop.seller.post(f"/live/streams/{stream}/start") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_only_the_host_and_admins_start_and_end(shop: Shop):
    stream = (await shop.new_stream())["id"]
    for step in ("start", "end"):
        assert _refusal(await shop.guest.post(f"/live/streams/{stream}/{step}")) == (401, "unauthorized")
        for client in (shop.viewer, shop.moderator, shop.ops, shop.affiliate):
            assert _refusal(await client.post(f"/live/streams/{stream}/{step}")) == (403, "forbidden")
        assert (await shop.admin.post(f"/live/streams/{stream}/{step}")).status_code == 200


async def test_the_affiliates_own_paths_answer_the_same(shop: Shop):
    path = f"/live/affiliate/streams/{STREAM}"
    assert (await shop.affiliate.get("/live/affiliate/streams")).json()[0]["id"] == STREAM
    assert (await shop.guest.get(path)).json()["id"] == STREAM
    assert (await shop.affiliate.post(f"{path}/start")).json()["status"] == "live"
    assert (await shop.affiliate.get(f"{path}/stats")).json()["streamId"] == STREAM
    assert (await shop.guest.get(f"{path}/products")).json()[0]["productId"] == PRODUCT
    assert (await shop.affiliate.put(f"{path}/products/{PRODUCT}/toggle")).json()["isActive"] is False
    assert (await shop.affiliate.post(f"{path}/end")).json()["status"] == "ended"


async def test_a_stream_shows_each_caller_what_they_may_see(shop: Shop):
    await shop.affiliate.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle", json={"isActive": False})
    seen = {
        name: (await getattr(shop, name).get(f"/live/streams/{STREAM}")).json()
        for name in ("guest", "viewer", "seller", "affiliate", "moderator", "ops", "admin")
    }

    assert {name for name, stream in seen.items() if "streamKey" in stream} == {"affiliate", "admin"}
    assert {name for name, stream in seen.items() if stream["products"]} == {"affiliate", "moderator", "ops", "admin"}
    assert seen["affiliate"]["rtmpUrl"].endswith(seen["affiliate"]["streamKey"])


async def test_own_streams_are_those_one_works_on_newest_first(shop: Shop):
    first, second = (await shop.new_stream())["id"], (await shop.new_stream())["id"]

    async def own(client: httpx.AsyncClient) -> list[str]:
        return [stream["id"] for stream in (await client.get("/live/streams")).json()]

    assert await own(shop.seller) == [second, first]
    assert await own(shop.affiliate) == [STREAM]
    assert set(await own(shop.ops)) == set(await own(shop.admin)) == {STREAM, first, second}
    assert set(await own(shop.moderator)) == {STREAM, first, second}
    assert await own(shop.rest(Role.MODERATOR, "mo", stream=first)) == [first]
    assert set(await own(shop.rest(Role.MODERATOR, "mo", seller=SELLER))) == {STREAM, first, second}
    assert await own(shop.rest(Role.MODERATOR, "mo", seller="another")) == []
    assert _refusal(await shop.guest.get("/live/streams")) == (401, "unauthorized")
    assert _refusal(await shop.viewer.get("/live/streams")) == (403, "forbidden")


async def test_active_streams_come_most_watched_first_and_in_pages_when_asked(shop: Shop):
    quiet, busy = (await shop.new_stream(live=True))["id"], (await shop.new_stream(live=True))["id"]
    watcher = await shop.live()
    await watcher.join(quiet)
    assert [stream["id"] for stream in (await shop.guest.get("/live/streams/active")).json()] == [quiet, busy]
    for _ in range(2):
        await (await shop.live()).join(busy)

    answer = await shop.guest.get("/live/streams/active")
    assert [(stream["id"], stream["viewerCount"]) for stream in answer.json()] == [(busy, 2), (quiet, 1)]

    page = (await shop.guest.get("/live/streams/active?page=2&limit=1")).json()
    assert [stream["id"] for stream in page["streams"]] == [quiet]
    assert (page["total"], page["page"], page["totalPages"]) == (2, 2, 2)
    assert _refusal(await shop.guest.get("/live/streams/active?page=0")) == (400, "validation_failed")


async def test_details_of_a_new_stream_are_kept_and_cleaned(shop: Shop):
    stream = await shop.new_stream(
        title="  \x1b[31mSummer\u202e   sale ",
        category="Fashion",
        tags=["new", " ", "linen\u200b"],
        scheduledAt="2026-12-01T20:00:00+02:00",
        thumbnailUrl="https://example.com/a.jpg",
    )
    assert stream["title"] == "Summer sale"
    assert (stream["category"], stream["tags"]) == ("Fashion", ["new", "linen"])
    assert stream["scheduledAt"] == "2026-12-01T18:00:00Z"
    assert stream["thumbnailUrl"] == "https://example.com/a.jpg"


SENSELESS = [
    ({"title": ""}, "title"),
    ({"title": "\u200b\u3164"}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"title": "\ufb2c" * 200}, "title"),
    ({"title": None}, "title"),
    ({"title": 5}, "title"),
    ({"category": "\ufb2c" * 60}, "category"),
    ({"scheduledAt": "2026-12-01T20:00:00"}, "scheduledAt"),
    ({"scheduledAt": "0001-01-01T00:00:00+14:00"}, "scheduledAt"),
    ({"scheduledAt": "9999-12-31T23:59:59-14:00"}, "scheduledAt"),
    ({"thumbnailUrl": "javascript:alert(1)"}, "thumbnailUrl"),
    ({"tags": ["x"] * 21}, "tags"),
    ({"tags": "new"}, "tags"),
    ({"sellerId": "has space"}, "sellerId"),
]


async def test_a_senseless_detail_is_refused_by_name(shop: Shop):
    for changes, field in SENSELESS:
        answer = await shop.seller.post("/live/streams", json={"title": "Show"} | changes)
        assert _refusal(answer) == (400, "validation_failed"), changes
        assert [error["field"] for error in answer.json()["errors"]] == [field], changes


async def test_obs_is_told_the_server_without_the_key_and_the_key_alone(shop: Shop):
    stream = await shop.new_stream()
    setup = (await shop.seller.get(f"/live/streams/{stream['id']}/obs-setup")).json()
    assert setup["rtmpUrl"] == "rtmp://localhost:1935/live"
    assert setup["streamKey"] == stream["streamKey"]
    assert set(setup["recommendedSettings"]) == {"encoder", "bitrate", "keyframeInterval", "resolution", "fps"}
    assert _refusal(await shop.moderator.get(f"/live/streams/{stream['id']}/obs-setup")) == (403, "forbidden")


async def test_a_key_is_replaced_but_not_while_live(shop: Shop):
    stream = await shop.new_stream()
    path = f"/live/streams/{stream['id']}"
    new = (await shop.seller.post(f"{path}/regenerate-key")).json()["streamKey"]
    assert new != stream["streamKey"]
    assert (await shop.seller.get(path)).json()["streamKey"] == new
    for client in (shop.ops, shop.moderator, shop.affiliate):
        assert _refusal(await client.post(f"{path}/regenerate-key")) == (403, "forbidden")
    await shop.seller.post(f"{path}/start")
    assert _refusal(await shop.seller.post(f"{path}/regenerate-key")) == (409, "stream_live")


async def test_figures_are_for_those_who_work_on_the_stream(shop: Shop):
    path = f"/live/streams/{STREAM}/stats"
    stats = (await shop.affiliate.get(path)).json()
    assert stats == {
        "streamId": STREAM,
        "status": "scheduled",
        "currentViewers": 0,
        "peakViewers": 0,
        "totalViewers": 0,
        "totalMessages": 0,
        "messagesCount": 0,
        "totalProducts": 1,
        "productsClicked": 0,
        "totalOrders": 0,
        "purchaseCount": 0,
        "totalSales": 0,
        "revenue": 0,
        "currency": "USD",
        "duration": 0,
    }
    for client in (shop.moderator, shop.ops, shop.admin):
        assert (await client.get(path)).status_code == 200
    for client in (shop.seller, shop.viewer, shop.rest(Role.MODERATOR, "mo", stream="other")):
        assert _refusal(await client.get(path)) == (403, "forbidden")
    assert _refusal(await shop.guest.get(path)) == (401, "unauthorized")


async def test_a_stream_that_is_not_there_is_not_found_everywhere(shop: Shop):
    for method, path in [
        ("GET", ""),
        ("POST", "/start"),
        ("POST", "/end"),
        ("GET", "/obs-setup"),
        ("POST", "/regenerate-key"),
        ("GET", "/stats"),
        ("GET", "/products"),
        ("PUT", f"/products/{PRODUCT}/toggle"),
        ("GET", "/messages"),
        ("DELETE", "/messages/m1"),
    ]:
        answer = await shop.admin.request(method, f"/live/streams/nowhere{path}")
        assert _refusal(answer) == (404, "not_found"), path


async def test_a_renamed_host_is_shown_under_the_new_name(shop: Shop):
    stream = (await shop.new_stream())["id"]
    assert (await shop.guest.get(f"/live/streams/{stream}")).json()["seller"]["businessName"] == "Example Store"
    await shop.guest.get(f"/live/streams/{STREAM}")

    await shop.seller.put(f"/sellers/{SELLER}", json={"businessName": "Better Store"})
    await shop.affiliate.put(f"/affiliates/{AFFILIATE}", json={"displayName": "Alexandra"})

    assert (await shop.guest.get(f"/live/streams/{stream}")).json()["seller"]["businessName"] == "Better Store"
    affiliates = (await shop.guest.get(f"/live/streams/{STREAM}")).json()
    assert affiliates["seller"]["businessName"] == "Better Store"
    assert affiliates["affiliate"]["displayName"] == "Alexandra"
