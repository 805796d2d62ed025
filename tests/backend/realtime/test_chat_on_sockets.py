"""Chat over sockets: who hears what, in which order, exactly once."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from backend.settings import Rate
from shared.roles import Role
from tests.shop import AFFILIATE, STREAM, Live, Shop
from tests.waiting import eventually

OpenShop = Callable[..., Awaitable[Shop]]


async def test_messages_of_one_sender_keep_their_order_and_are_numbered_without_gaps(shop: Shop):
    ann = await shop.live()
    await ann.join()
    answers = await asyncio.gather(
        *(ann.ask("sendMessage", streamId=STREAM, message=str(number)) for number in range(30))
    )
    assert [answer["message"]["seq"] for answer in answers] == list(range(1, 31))
    await ann.hears("newMessage", lambda message: message["seq"] == 30)
    assert [message["message"] for message in ann.all("newMessage")] == [str(number) for number in range(30)]


async def test_a_storm_is_heard_exactly_once_by_those_who_join_in_its_middle(shop: Shop):
    senders = [await shop.live() for _ in range(4)]
    for number, sender in enumerate(senders):
        await sender.join(sessionId=f"sender{number}")
    stop, said = asyncio.Event(), itertools.count()
    newest = 0

    async def storm(sender: Live) -> None:
        nonlocal newest
        while not stop.is_set():
            await sender.say(f"message {(newest := next(said))}")
            await asyncio.sleep(0.01)

    storming = [asyncio.create_task(storm(sender)) for sender in senders]
    joiners: list[Live] = []
    for round_ in range(8):
        joiner = await shop.live()
        joiners.append(joiner)
        await joiner.join()
        if round_ % 3 == 2:
            # The cached snapshot goes: the next joiner's is read while messages are written.
            await shop.moderator.put(f"/live/streams/{STREAM}/products/product_456/toggle")

        async def goes_on(since: int = newest) -> bool:
            return newest > since + 5

        await eventually(goes_on, "the storm goes on")
    stop.set()
    await asyncio.gather(*storming)

    history = (await shop.guest.get(f"/live/streams/{STREAM}/messages?limit=200")).json()
    last = history[-1]["seq"]
    for joiner in joiners:
        await joiner.hears("newMessage", lambda message: message["seq"] == last)
        heard = joiner.all("recentMessages")[0] + joiner.all("newMessage")
        first = heard[0]["seq"]
        assert heard == [message for message in history if message["seq"] >= first]
    assert len(history) > 40


async def test_a_client_that_comes_back_gets_what_it_missed(shop: Shop):
    viewer = await shop.live()
    seen = (await viewer.join(sessionId="ann"))["seq"]
    await viewer.close()
    for number in range(30):
        await shop.affiliate.post(f"/live/streams/{STREAM}/messages", json={"message": str(number)})

    back = await shop.live()
    answer = await back.join(sessionId="ann", since=seen)
    missed = (await back.hears("recentMessages")) or []
    assert [message["message"] for message in missed] == [str(number) for number in range(30)]
    assert answer["seq"] == missed[-1]["seq"]

    uptodate = await shop.live()
    await uptodate.join(since=answer["seq"])
    assert await uptodate.hears("recentMessages") == []
    assert (await shop.live()) is not None
    wrong = await (await shop.live()).ask("joinStream", streamId=STREAM, since=-1)
    assert wrong["error"]["code"] == "validation_failed"


async def test_rest_and_sockets_share_one_chat(shop: Shop):
    viewer = await shop.live()
    await viewer.join()
    said = (await shop.affiliate.post(f"/live/streams/{STREAM}/messages", json={"message": "by REST"})).json()
    assert await viewer.hears("newMessage") == said
    answered = await viewer.say("by socket")
    assert (await shop.guest.get(f"/live/streams/{STREAM}/messages")).json() == [said, answered]


async def test_chat_reaches_only_its_own_stream(shop: Shop):
    other = (await shop.new_stream())["id"]
    here, there = await shop.live(), await shop.live()
    await here.join()
    await there.join(other)
    await here.say("here")
    await there.say("there", other)
    await there.hears("newMessage")
    await here.hears("newMessage")
    assert [message["message"] for message in there.all("newMessage")] == ["there"]
    assert [message["message"] for message in here.all("newMessage")] == ["here"]


async def test_a_guest_chats_only_after_joining(shop: Shop):
    stranger = await shop.live()
    answer = await stranger.ask("sendMessage", streamId=STREAM, message="Hi")
    assert answer["error"]["code"] == "conflict"


async def test_who_talks_too_fast_is_told_when_to_go_on(open_shop: OpenShop):
    shop = await open_shop(chat_rate=Rate(2, 60))
    ann, ben = await shop.live(), await shop.live()
    await ann.join(sessionId="ann")
    await ben.join(sessionId="ben")
    await ann.say("one")
    await ann.say("two")
    refused = (await ann.ask("sendMessage", streamId=STREAM, message="three"))["error"]
    assert refused["code"] == "rate_limited"
    assert 0 < refused["retryAfter"] <= 60
    assert (await ann.hears("error"))["code"] == "rate_limited"
    second_tab = await shop.live()
    await second_tab.join(sessionId="ann")
    assert (await second_tab.ask("sendMessage", streamId=STREAM, message="four"))["error"]["code"] == "rate_limited"
    await ben.say("not mine")
    host = await shop.live(Role.AFFILIATE, AFFILIATE)
    for _ in range(4):
        await host.say("hosts are not limited")


async def test_a_message_is_taken_away_for_everyone(shop: Shop):
    viewer, late = await shop.live(), await shop.live()
    moderator = await shop.live(Role.MODERATOR, "mo")
    await viewer.join()
    message = await viewer.say("spam")
    await moderator.ask("hostJoinStream", streamId=STREAM)

    for _ in range(2):
        answer = await moderator.ask("deleteMessage", messageId=message["id"])
        assert answer == {"ok": True, "messageId": message["id"]}

    told = await viewer.hears("messageDeleted")
    assert (told["messageId"], told["deletedBy"], told["streamId"]) == (message["id"], "mo", STREAM)
    assert (await moderator.hears("messageDeleteSuccess"))["messageId"] == message["id"]
    await late.join()
    assert await late.hears("recentMessages") == []
    await viewer.say("afterwards")
    await viewer.hears("newMessage", lambda heard: heard["message"] == "afterwards")
    assert len(viewer.all("messageDeleted")) == 1


async def test_deleting_needs_a_stream_and_the_right(shop: Shop):
    viewer = await shop.live()
    await viewer.join()
    message = await viewer.say("mine")

    async def code(client: Live, **fields: str) -> str:
        return (await client.ask("deleteMessage", messageId=message["id"], **fields))["error"]["code"]

    assert await code(viewer) == "unauthorized"
    assert await code(await shop.live(Role.VIEWER, "vera"), streamId=STREAM) == "forbidden"
    assert await code(await shop.live(Role.OPS, "olga"), streamId=STREAM) == "forbidden"
    assert await code(await shop.live(Role.SELLER, "seller_123"), streamId=STREAM) == "forbidden"
    assert await code(await shop.live(Role.MODERATOR, "mo", stream="other"), streamId=STREAM) == "forbidden"
    moderator = await shop.live(Role.MODERATOR, "mo")
    assert await code(moderator) == "stream_required"
    await moderator.join()
    await moderator.join((await shop.new_stream())["id"])
    assert await code(moderator) == "stream_required"

    async def still_there() -> list:
        return (await shop.guest.get(f"/live/streams/{STREAM}/messages")).json()

    assert await eventually(still_there, "the message") == [message]
