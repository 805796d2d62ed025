"""Moderation on sockets: the contract's commands, what each hears, and bans that cut."""

import asyncio
from typing import Any

import pytest

from shared.roles import Role
from tests.shop import AFFILIATE, STREAM, Live, Shop
from tests.waiting import eventually


async def moderator_of(shop: Shop) -> Live:
    moderator = await shop.live(Role.MODERATOR, "mo")
    await moderator.ask("hostJoinStream", streamId=STREAM)
    return moderator


async def watching(shop: Shop, session: str = "ann", **options: Any) -> tuple[Live, str]:
    viewer = await shop.live(**options)
    joined = await viewer.join(sessionId=session)
    return viewer, joined["userId"]


async def test_a_ban_tells_the_room_and_the_person_and_cuts_the_socket(shop: Shop):
    moderator, (ann, ann_id), (bo, _) = await moderator_of(shop), await watching(shop), await watching(shop, "bo")
    await ann.say("hello", username="Ann")
    answer = await moderator.ask("banUser", userId=ann_id, reason="fraud")
    assert (answer["ok"], answer["act"]["kind"], answer["act"]["client"]) == (True, "ban", "socket")
    assert await moderator.hears("banSuccess") == {"userId": ann_id}
    assert (await ann.hears("bannedFromStream"))["reason"] == "fraud"
    await asyncio.wait_for(ann.closed.wait(), 5)
    told = await bo.hears("userBanned")
    assert (told["userId"], told["username"], told["bannedBy"]) == (ann_id, "Ann", "mo")
    assert not bo.closed.is_set()
    await bo.hears("viewerCountUpdate", lambda event: event["count"] == 1)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_ban_holds_across_reconnect_another_tab_and_both_transports(shop: Shop, transport: str):
    moderator, (ann, ann_id) = await moderator_of(shop), await watching(shop)
    second_tab, _ = await watching(shop)
    await moderator.ask("banUser", userId=ann_id)
    for socket in (ann, second_tab):
        await asyncio.wait_for(socket.closed.wait(), 5)
    again = await shop.live(transports=[transport])
    answer = await again.ask("joinStream", streamId=STREAM, sessionId="ann")
    assert (answer["ok"], answer["error"]["code"]) == (False, "banned")
    assert again.all("recentMessages") == []
    assert (await moderator.ask("unbanUser", userId=ann_id))["ok"]
    await again.join(sessionId="ann")


async def test_a_new_session_of_the_same_guest_token_is_the_same_guest(shop: Shop):
    token = (await shop.guest.post("/guest")).json()["token"]
    moderator = await moderator_of(shop)
    ann = await shop.live(token=token)
    ann_id = (await ann.join(sessionId="one"))["userId"]
    await moderator.ask("banUser", userId=ann_id)
    await asyncio.wait_for(ann.closed.wait(), 5)
    again = await shop.live(token=token)
    answer = await again.ask("joinStream", streamId=STREAM, sessionId="two")
    assert answer["error"]["code"] == "banned"


async def test_a_banned_account_is_shut_out_on_every_device(shop: Shop):
    moderator = await moderator_of(shop)
    phone, laptop = await shop.live(Role.VIEWER, "vera"), await shop.live(Role.VIEWER, "vera")
    for device in (phone, laptop):
        await device.join()
    await moderator.ask("banUser", userId="vera", reason="no")
    for device in (phone, laptop):
        await asyncio.wait_for(device.closed.wait(), 5)
    again = await shop.live(Role.VIEWER, "vera")
    assert (await again.ask("joinStream", streamId=STREAM))["error"]["code"] == "banned"
    assert (await again.ask("sendMessage", streamId=STREAM, message="hi"))["error"]["code"] == "banned"


async def test_who_joins_while_the_ban_is_committed_is_refused_or_cut(shop: Shop):
    moderator = await moderator_of(shop)
    _, ann_id = await watching(shop)
    tabs = [await shop.live() for _ in range(20)]
    joins = [tab.ask("joinStream", streamId=STREAM, sessionId="ann") for tab in tabs]
    answers = await asyncio.gather(*joins[:10], moderator.ask("banUser", userId=ann_id), *joins[10:])
    assert answers[10]["ok"]

    async def shut_out() -> bool:
        joined = [tab for tab, answer in zip(tabs, answers[:10] + answers[11:], strict=True) if answer["ok"]]
        return all(tab.closed.is_set() for tab in joined)

    await eventually(shut_out, "everyone who got in is cut")


async def test_undoing_an_unban_bans_again_and_cuts(shop: Shop):
    moderator, (ann, ann_id) = await moderator_of(shop), await watching(shop)
    await moderator.ask("banUser", userId=ann_id)
    await asyncio.wait_for(ann.closed.wait(), 5)
    lifted = await moderator.ask("unbanUser", userId=ann_id)
    back, _ = await watching(shop)
    assert (await moderator.ask("moderate", streamId=STREAM, kind="undo", actIds=[lifted["act"]["id"]]))["ok"]
    await asyncio.wait_for(back.closed.wait(), 5)


async def test_a_timeout_is_told_with_its_end_and_the_socket_stays(shop: Shop):
    moderator, (ann, ann_id) = await moderator_of(shop), await watching(shop)
    answer = await moderator.ask("timeoutUser", userId=ann_id, timeoutMinutes=5)
    assert answer["act"]["endsAt"] == (await ann.hears("timedOut"))["until"]
    assert (await ann.hears("timedOut"))["timeoutMinutes"] == 5
    assert (await moderator.hears("timeoutSuccess"))["userId"] == ann_id
    assert (await moderator.hears("userTimedOut"))["userId"] == ann_id
    refused = await ann.ask("sendMessage", streamId=STREAM, message="hi")
    assert refused["error"]["code"] == "timed_out"
    assert 0 < refused["error"]["retryAfter"] <= 300
    assert not ann.closed.is_set()


async def test_a_warned_person_hears_it_and_acknowledges(shop: Shop):
    moderator, (ann, ann_id) = await moderator_of(shop), await watching(shop)
    await moderator.ask("moderate", streamId=STREAM, kind="warn", userId=ann_id, reason="Be kind.")
    assert (await ann.hears("warned"))["reason"] == "Be kind."
    assert (await ann.ask("sendMessage", streamId=STREAM, message="hi"))["error"]["code"] == "warned"
    assert (await ann.ask("acknowledgeWarning", streamId=STREAM))["ok"]
    await ann.say("sorry")


async def test_a_restored_message_returns_to_the_room_and_to_late_joiners_in_its_place(shop: Shop):
    moderator, (ann, _) = await moderator_of(shop), await watching(shop)
    messages = [await ann.say(text) for text in ("one", "two", "three")]
    removed = await moderator.ask("deleteMessage", messageId=messages[1]["id"], streamId=STREAM)
    assert removed["ok"]
    await ann.hears("messageDeleted")
    done = next(act for act in (await shop.moderator.get(f"/live/streams/{STREAM}/acts")).json()["items"])
    await moderator.ask("moderate", streamId=STREAM, kind="undo", actIds=[done["id"]])
    assert (await ann.hears("messageRestored"))["message"]["id"] == messages[1]["id"]
    late, _ = await watching(shop, "late")
    assert [line["message"] for line in late.all("recentMessages")[0]] == ["one", "two", "three"]


async def test_consoles_hear_every_act_and_what_viewers_do_not_see(shop: Shop):
    console = await shop.live(Role.AFFILIATE, AFFILIATE)
    await console.ask("subscribeControl")
    moderator, (ann, ann_id) = await moderator_of(shop), await watching(shop)
    message = await ann.say("hello")
    await moderator.ask("deleteMessage", messageId=message["id"], streamId=STREAM)
    await moderator.ask("moderate", streamId=STREAM, kind="staff_note", text="Watch Ann.")
    acts = [
        await console.hears_batched("controlAct", lambda event, kind=kind: event["act"]["kind"] == kind)
        for kind in ("delete", "staff_note")
    ]
    assert [act["act"]["actorId"] for act in acts] == ["mo", "mo"]
    gone = await console.hears_batched("controlMessage", lambda event: event["message"]["state"] == "removed")
    assert gone["message"]["message"] == "hello"
    note = await console.hears_batched("controlMessage", lambda event: event["message"]["kind"] == "staff_note")
    assert note["message"]["message"] == "Watch Ann."
    assert ann.all("controlAct") == ann.all("controlMessage") == []
    assert [line["message"] for line in ann.all("newMessage")] == ["hello"]
    assert ann_id


async def test_a_viewer_cannot_moderate_whatever_they_claim(shop: Shop):
    ann, _ = await watching(shop)
    bo, bo_id = await watching(shop, "bo")
    for command, fields in (
        ("banUser", {"userId": bo_id, "streamId": STREAM, "hostId": AFFILIATE}),
        ("timeoutUser", {"userId": bo_id, "streamId": STREAM, "timeoutMinutes": 5}),
        ("moderate", {"kind": "mode", "mode": "off", "streamId": STREAM, "actorId": "mo"}),
    ):
        answer = await ann.ask(command, **fields)
        assert answer["error"]["code"] == "unauthorized"
    assert not bo.closed.is_set()
    await bo.say("still here")
