"""The specification's ten operations, with its request bodies as they are printed there."""

from tests.shop import AFFILIATE, PRODUCT, SELLER, STREAM, Shop


async def test_a_seller_creates_a_stream_with_the_specifications_body(shop: Shop):
    made = await shop.seller.post(
        "/live/streams",
        json={
            "title": "Fashion Sale Live",
            "description": "50% off all summer clothes",
            "hostType": "seller",
            "sellerId": "seller_123",
        },
    )

    assert made.status_code == 201
    stream = made.json()
    assert stream["title"] == "Fashion Sale Live"
    assert stream["description"] == "50% off all summer clothes"
    assert (stream["hostType"], stream["sellerId"], stream["affiliateId"]) == ("seller", SELLER, None)
    assert stream["status"] == "scheduled"
    assert stream["rtmpUrl"] == f"rtmp://localhost:1935/live/{stream['streamKey']}"
    assert stream["streamKey"] not in stream["hlsUrl"]
    assert stream["hlsUrl"].startswith("http://localhost:8080/hls/")
    assert stream["hlsUrl"].endswith(".m3u8")


async def test_an_affiliate_creates_a_stream_with_the_specifications_body(shop: Shop):
    made = await shop.affiliate.post(
        "/live/affiliate/streams",
        json={
            "title": "Tech Reviews & Deals",
            "description": "Latest gadget reviews",
            "hostType": "affiliate",
            "affiliateId": "affiliate_456",
            "sellerId": "seller_123",
        },
    )

    assert made.status_code == 201
    stream = made.json()
    assert (stream["hostType"], stream["sellerId"], stream["affiliateId"]) == ("affiliate", SELLER, AFFILIATE)
    assert stream["affiliate"]["displayName"] == "Alex"


async def test_a_show_runs_from_start_to_end_over_rest(shop: Shop):
    started = await shop.affiliate.post(f"/live/streams/{STREAM}/start")
    assert (started.status_code, started.json()["status"]) == (200, "live")

    active = await shop.guest.get("/live/streams/active")
    assert [stream["id"] for stream in active.json()] == [STREAM]

    details = await shop.guest.get(f"/live/streams/{STREAM}")
    assert [item["productId"] for item in details.json()["products"]] == [PRODUCT]

    toggled = await shop.affiliate.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle")
    assert (toggled.status_code, toggled.json()["isActive"]) == (200, False)

    added = await shop.affiliate.post(f"/live/streams/{STREAM}/products", json={"productId": "linen-shirt"})
    assert (added.status_code, added.json()["product"]["price"]) == (201, 39.90)

    said = await shop.guest.post(
        f"/live/streams/{STREAM}/messages",
        json={"message": "Hello!", "username": "Ann", "sessionId": "mobile_user_123"},
    )
    assert (said.status_code, said.json()["message"], said.json()["username"]) == (201, "Hello!", "Ann")

    stats = await shop.affiliate.get(f"/live/streams/{STREAM}/stats")
    assert stats.status_code == 200
    assert (stats.json()["totalMessages"], stats.json()["totalProducts"]) == (1, 2)

    ended = await shop.affiliate.post(f"/live/streams/{STREAM}/end")
    assert (ended.status_code, ended.json()["status"]) == (200, "ended")
    assert (await shop.guest.get("/live/streams/active")).json() == []
