"""What a socket may ask, and what it hears of it."""

from shared.roles import Role
from tests.shop import AFFILIATE, STREAM, Shop


async def test_the_specifications_join_is_answered_with_the_stream_and_its_chat(shop: Shop):
    viewer = await shop.live()

    answer = await viewer.ask("joinStream", {"streamId": "stream_789", "sessionId": "mobile_user_123"})

    assert answer["ok"] is True
    assert answer["sessionId"] == "mobile_user_123"
    assert answer["userId"].startswith("guest_")
    info = await viewer.hears("streamInfo")
    assert info["stream"]["id"] == STREAM
    assert info["viewerCount"] == 1
    assert await viewer.hears("recentMessages") == []
    assert await viewer.hears("viewerCountUpdate", lambda told: told["count"] == 1)


async def test_a_message_reaches_everyone_in_the_stream(shop: Shop):
    ann, ben = await shop.live(), await shop.live()
    await ann.join(sessionId="ann")
    await ben.join(sessionId="ben")

    message = await ann.say("Does it come in blue?", username="Ann")

    for listener in (ann, ben):
        heard = await listener.hears("newMessage")
        assert heard == message
    assert message["user"] == {"id": message["user"]["id"], "username": "Ann", "isGuest": True}
    assert message["badge"] is None


async def test_the_host_starts_and_ends_the_show_over_the_socket(shop: Shop):
    host, viewer = await shop.live(Role.AFFILIATE, AFFILIATE), await shop.live()
    assert (await host.ask("hostJoinStream", streamId=STREAM))["isHost"] is True
    await viewer.join()

    started = await host.ask("startStream", streamId=STREAM)
    assert started["stream"]["status"] == "live"
    assert (await host.hears("streamStarted"))["stream"]["streamKey"]
    assert (await viewer.hears("streamStatusUpdate"))["status"] == "live"

    ended = await host.ask("endStream", streamId=STREAM)
    assert ended["stream"]["status"] == "ended"
    assert (await host.hears("streamEnded"))["stream"]["id"] == STREAM
    assert await viewer.hears("streamStatusUpdate", lambda told: told["status"] == "ended" and told["endedAt"])
