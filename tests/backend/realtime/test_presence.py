"""Who counts as a viewer, as sockets come and go."""

import asyncio

from backend.storage.models import LiveStreamViewer
from shared.roles import Role
from tests.shop import AFFILIATE, PRODUCT, STREAM, Live, Shop
from tests.waiting import eventually


async def _count(shop: Shop, stream: str = STREAM) -> int:
    return (await shop.guest.get(f"/live/streams/{stream}")).json()["viewerCount"]


async def _becomes(shop: Shop, count: int, stream: str = STREAM) -> None:
    async def look() -> bool:
        return await _count(shop, stream) == count

    await eventually(look, f"{count} viewers")


async def test_two_tabs_of_one_session_count_once(shop: Shop):
    first, second, other = await shop.live(), await shop.live(), await shop.live()
    assert (await first.join(sessionId="ann"))["viewerCount"] == 1
    assert (await second.join(sessionId="ann"))["viewerCount"] == 1
    assert (await other.join(sessionId="ben"))["viewerCount"] == 2
    await first.close()
    await other.hears("viewerCountUpdate", lambda told: told["count"] == 2)
    assert await _count(shop) == 2
    await second.close()
    await other.hears("viewerCountUpdate", lambda told: told == {"streamId": STREAM, "count": 1, "peak": 2})
    await _becomes(shop, 1)


async def test_a_signed_in_viewer_counts_once_on_two_devices(shop: Shop):
    for _ in range(2):
        await (await shop.live(Role.VIEWER, "vera")).join()
    assert await _count(shop) == 1


async def test_those_who_work_on_the_stream_are_no_viewers_of_it(shop: Shop):
    for role, subject in (
        (Role.AFFILIATE, AFFILIATE),
        (Role.MODERATOR, "mo"),
        (Role.OPS, "olga"),
        (Role.ADMIN, "root"),
    ):
        worker = await shop.live(role, subject)
        await worker.join()
        answer = await worker.ask("hostJoinStream", streamId=STREAM)
        assert answer["isHost"] is (role is not Role.OPS), role
        await worker.ask("subscribeControl", {})
    assert await _count(shop) == 0
    await (await shop.live(Role.SELLER, "seller_123")).join()
    assert await _count(shop) == 1


async def test_a_claim_to_be_the_host_makes_a_viewer(shop: Shop):
    liar = await shop.live()
    answer = await liar.ask("hostJoinStream", {"streamId": STREAM, "hostId": AFFILIATE})
    assert (answer["ok"], answer["isHost"]) == (True, False)
    assert (await liar.hears("streamInfo"))["isHost"] is False
    assert await _count(shop) == 1


async def test_the_hosts_join_shows_hidden_products_and_more_history(shop: Shop):
    await shop.affiliate.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle")
    host, viewer = await shop.live(Role.AFFILIATE, AFFILIATE), await shop.live()
    for number in range(60):
        await shop.affiliate.post(f"/live/streams/{STREAM}/messages", json={"message": str(number)})
    await host.ask("hostJoinStream", streamId=STREAM)
    await viewer.join()
    assert len((await host.hears("streamInfo"))["stream"]["products"]) == 1
    assert (await viewer.hears("streamInfo"))["stream"]["products"] == []
    assert [line["message"] for line in await host.hears("recentMessages")] == [str(n) for n in range(10, 60)]
    assert [line["message"] for line in await viewer.hears("recentMessages")] == [str(n) for n in range(40, 60)]
    assert "streamKey" not in str(host.heard)


async def test_leaving_is_like_a_disconnect_from_that_stream(shop: Shop):
    other = (await shop.new_stream())["id"]
    viewer = await shop.live()
    await viewer.join()
    await viewer.join(other)
    assert (await viewer.ask("leaveStream", streamId=STREAM)) == {"ok": True}
    assert (await _count(shop), await _count(shop, other)) == (0, 1)
    await shop.affiliate.post(f"/live/streams/{STREAM}/messages", json={"message": "unheard"})
    await shop.seller.post(f"/live/streams/{other}/messages", json={"message": "heard"})
    assert (await viewer.hears("newMessage"))["message"] == "heard"
    assert (await viewer.ask("leaveStream", streamId="never joined"))["ok"] is False
    assert (await viewer.ask("leaveStream", streamId="never-joined"))["ok"] is True
    assert (await viewer.join())["viewerCount"] == 1


async def test_a_session_is_fixed_by_the_first_join(shop: Shop):
    viewer = await shop.live()
    first = await viewer.join(sessionId="ann")
    other = (await shop.new_stream())["id"]
    assert (await viewer.join(other))["userId"] == first["userId"]
    assert (await viewer.join(other, sessionId="ann"))["userId"] == first["userId"]
    refused = await viewer.ask("joinStream", streamId=STREAM, sessionId="ben")
    assert refused["error"]["code"] == "session_fixed"
    assert await _count(shop) == 1


async def test_a_guest_without_a_session_is_given_one(shop: Shop):
    viewer = await shop.live()
    given = await viewer.join()
    assert len(given["sessionId"]) >= 20
    again = await shop.live()
    assert (await again.join(sessionId=given["sessionId"]))["userId"] == given["userId"]
    assert await _count(shop) == 1


async def test_a_signed_guest_is_the_same_person_everywhere(shop: Shop):
    guest = (await shop.guest.post("/guest")).json()
    viewer = await shop.live(token=guest["token"])
    joined = await viewer.join(sessionId="claimed")
    assert joined["userId"] == guest["userId"]
    assert (await viewer.say("Hi"))["user"]["id"] == guest["userId"]


async def test_a_session_is_never_told_to_anyone_else(shop: Shop):
    watcher, guest = await shop.live(), await shop.live()
    moderator = await shop.live(Role.MODERATOR, "mo")
    await moderator.ask("subscribeControl", {})
    await watcher.join()
    await guest.join(sessionId="very-secret-session")
    await guest.say("Hi")
    await watcher.hears("newMessage")
    await moderator.hears_batched("newMessage")
    assert "very-secret-session" not in str(watcher.heard) + str(moderator.heard)


async def test_who_vanishes_while_joining_leaves_no_ghost(shop: Shop):
    streams = [(await shop.new_stream())["id"] for _ in range(12)]

    async def come_and_go(stream: str, delay: float) -> None:
        viewer = await shop.live()
        await viewer.client.emit("joinStream", {"streamId": stream}, namespace="/live")
        await asyncio.sleep(delay)
        await viewer.close()

    await asyncio.gather(*(come_and_go(stream, number * 0.001) for number, stream in enumerate(streams)))

    async def all_gone() -> bool:
        return [await _count(shop, stream) for stream in streams] == [0] * len(streams)

    await eventually(all_gone, "nobody is left")


async def test_a_storm_of_joins_and_leaves_ends_at_zero_with_every_visit_closed(shop: Shop):
    watcher = await shop.live()
    await watcher.join(sessionId="watcher")
    watcher.heard.clear()
    viewers: list[Live] = await asyncio.gather(*(shop.live() for _ in range(40)))
    await asyncio.gather(*(viewer.join(sessionId=f"s{number}") for number, viewer in enumerate(viewers)))
    await watcher.hears("viewerCountUpdate", lambda told: told["count"] == 41)
    assert len(watcher.all("viewerCountUpdate")) <= 6
    await asyncio.gather(*(viewer.close() for viewer in viewers))
    await _becomes(shop, 1)
    await watcher.close()
    await _becomes(shop, 0)
    assert (await shop.guest.get(f"/live/streams/{STREAM}")).json()["peakViewers"] == 41

    async def closed() -> bool:
        return await LiveStreamViewer.all().count() == 41 and not await LiveStreamViewer.filter(left_at=None).exists()

    await eventually(closed, "every visit is closed")
    stats = (await shop.affiliate.get(f"/live/streams/{STREAM}/stats")).json()
    assert (stats["currentViewers"], stats["peakViewers"], stats["totalViewers"]) == (0, 41, 41)
