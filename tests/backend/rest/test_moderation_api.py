"""Acts by REST: what each does, who may, what is told, kept and undone."""

import asyncio
from typing import Any

import httpx
import pytest

from backend.storage.models import AuditEntry, ModerationAct
from shared.roles import Role
from tests.market import Clock, audited, body_of, order
from tests.shop import AFFILIATE, STREAM, Shop, refusal
from tests.waiting import eventually

ACTS = f"/live/streams/{STREAM}/acts"
MESSAGES = f"/live/streams/{STREAM}/messages"
ANN = {"X-Session-Id": "ann's secret session".replace(" ", "-").replace("'", "")}


async def act(client: httpx.AsyncClient, kind: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(ACTS, json={"kind": kind, **fields})
    assert answer.status_code == 201, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def undo(client: httpx.AsyncClient, act_id: str) -> httpx.Response:
    return await client.post(f"{ACTS}/{act_id}/undo")


async def say(shop: Shop, text: str = "hello", name: str = "Ann", **headers: str) -> httpx.Response:
    return await shop.guest.post(MESSAGES, json={"message": text, "username": name}, headers=headers or ANN)


async def said(shop: Shop, text: str = "hello", name: str = "Ann", **headers: str) -> dict[str, Any]:
    answer = await say(shop, text, name, **headers)
    assert answer.status_code in (200, 201), answer.text
    message: dict[str, Any] = answer.json()
    return message


async def history(shop: Shop) -> list[str]:
    return [message["message"] for message in (await shop.guest.get(MESSAGES)).json()]


async def test_a_timeout_silences_says_until_when_and_is_over_by_itself(clock: Clock, shop: Shop):
    ann = (await said(shop))["user"]["id"]
    done = await act(shop.moderator, "timeout", userId=ann, seconds=600, reason="spam")
    assert (done["kind"], done["subjectName"], done["summary"]) == ("timeout", "Ann", "timed out Ann for 10 min: spam")
    refused = await say(shop)
    assert refusal(refused) == (403, "timed_out")
    assert 590 < refused.json()["retryAfter"] <= 600
    clock.forward(seconds=601)
    await said(shop, "back")


async def test_a_timeout_ends_early_at_a_moderators_word(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    await act(shop.moderator, "timeout", userId=ann, seconds=600)
    await act(shop.moderator, "untimeout", userId=ann)
    await said(shop, "back")


async def test_a_warned_person_writes_again_once_they_acknowledge(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    await act(shop.moderator, "warn", userId=ann, reason="Be kind.")
    assert refusal(await say(shop)) == (403, "warned")
    path = f"/live/streams/{STREAM}/warning/acknowledge"
    assert (await shop.guest.post(path, headers=ANN)).status_code == 200
    await said(shop, "sorry")
    assert refusal(await shop.guest.post(path, headers=ANN)) == (409, "conflict")


@pytest.mark.parametrize("by", ["userId", "username", "sessionId"])
async def test_the_seller_panels_routes_time_out_ban_and_unban(shop: Shop, by: str):
    message = await said(shop)
    whom = {"userId": message["user"]["id"], "username": "Ann", "sessionId": ANN["X-Session-Id"]}
    person = {by: whom[by]}
    base = f"/live/streams/{STREAM}"
    assert (await shop.affiliate.post(f"{base}/timeout", json={**person, "duration": 60})).status_code == 200
    assert refusal(await say(shop)) == (403, "timed_out")
    assert (await shop.affiliate.post(f"{base}/ban", json={**person, "reason": "again"})).status_code == 200
    assert refusal(await say(shop)) == (403, "banned")
    assert (await shop.affiliate.post(f"{base}/unban", json=person)).status_code == 200
    assert refusal(await say(shop)) == (403, "timed_out")


async def test_a_name_that_several_use_is_a_conflict_with_the_candidates(shop: Shop):
    ids = {(await said(shop, **{"X-Session-Id": f"s{number}"}))["user"]["id"] for number in range(3)}
    answer = await shop.moderator.post(f"/live/streams/{STREAM}/ban", json={"username": "Ann"})
    assert refusal(answer) == (409, "ambiguous")
    assert {error["message"] for error in answer.json()["errors"]} == ids
    unknown = await shop.moderator.post(f"/live/streams/{STREAM}/ban", json={"username": "Nobody"})
    assert refusal(unknown) == (400, "validation_failed")


async def test_a_banned_guest_finds_every_door_shut_and_unban_opens_all(market: Shop):
    ann = (await said(market))["user"]["id"]
    await act(market.moderator, "ban", userId=ann, reason="fraud")

    async def doors() -> list[httpx.Response]:
        return [
            await say(market),
            await market.guest.get(MESSAGES, headers=ANN),
            await order(market.guest, body_of(), **ANN),
        ]

    for answer in await doors():
        assert refusal(answer) == (403, "banned")
        assert "fraud" in answer.json()["message"]
    await act(market.moderator, "unban", userId=ann)
    for answer in await doors():
        assert answer.is_success, answer.text


async def test_a_ban_with_the_address_shuts_out_new_sessions_too(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    done = await act(shop.moderator, "ban", userId=ann, withAddress=True)
    assert refusal(await say(shop, **{"X-Session-Id": "fresh"})) == (403, "banned")
    assert "addr_" not in str(done)
    assert (await undo(shop.moderator, done["id"])).status_code == 201
    await said(shop, **{"X-Session-Id": "fresh"})


async def test_deleted_text_never_comes_back_until_it_is_restored_in_its_place(shop: Shop):
    texts = ["one", "two", "three"]
    messages = [await said(shop, text) for text in texts]
    done = await act(shop.moderator, "delete", messageIds=[messages[1]["id"]])
    assert await history(shop) == ["one", "three"]
    await undo(shop.moderator, done["id"])
    assert await history(shop) == texts
    await act(shop.moderator, "delete", userId=messages[0]["user"]["id"], lastSeconds=60)
    assert await history(shop) == []
    await act(shop.moderator, "restore", messageIds=[messages[2]["id"]])
    assert await history(shop) == ["three"]


async def test_a_message_that_two_acts_removed_comes_back_when_both_are_undone(shop: Shop):
    message = await said(shop)
    first = await act(shop.moderator, "delete", messageIds=[message["id"]])
    second = await act(shop.affiliate, "sweep", messageIds=[message["id"], (await said(shop, "two"))["id"]])
    await undo(shop.affiliate, first["id"])
    assert await history(shop) == []
    await undo(shop.affiliate, second["id"])
    assert await history(shop) == ["hello", "two"]


@pytest.mark.parametrize(
    ("mode", "value", "code"),
    [
        ("off", 1, "chat_closed"),
        ("registered", 1, "chat_restricted"),
        ("buyers", 1, "chat_restricted"),
        ("followers", 5, "chat_restricted"),
    ],
)
async def test_modes_refuse_whom_they_exclude_and_let_staff_speak(shop: Shop, mode: str, value: int, code: str):
    done = await act(shop.moderator, "mode", mode=mode, value=value)
    assert refusal(await say(shop)) == (403, code)
    assert (await shop.moderator.post(MESSAGES, json={"message": "staff"})).is_success
    shown = (await shop.guest.get(f"/live/streams/{STREAM}/chat-modes")).json()
    assert shown == [{"mode": mode, "value": value, "endsAt": None}]
    await undo(shop.moderator, done["id"])
    await said(shop)


async def test_followers_may_write_once_they_have_followed_long_enough(clock: Clock, shop: Shop):
    await act(shop.moderator, "mode", mode="followers", value=5)
    followed = await shop.guest.post(f"/streamers/{AFFILIATE}/follow", headers=ANN)
    assert followed.json()["isFollowing"] is True
    assert refusal(await say(shop)) == (403, "chat_restricted")
    clock.forward(minutes=5)
    await said(shop)


async def test_buyers_may_write(market: Shop):
    await act(market.moderator, "mode", mode="buyers", value=1)
    assert (await order(market.guest, body_of(), **ANN)).status_code == 201
    await said(market)


async def test_slow_mode_says_when_to_write_again(shop: Shop):
    await act(shop.moderator, "mode", mode="slow", value=30)
    await said(shop)
    answer = await say(shop)
    assert refusal(answer) == (429, "slow_mode")
    assert 0 < answer.json()["retryAfter"] <= 30
    await said(shop, **{"X-Session-Id": "another"})


async def test_a_mode_for_a_time_gives_way_to_what_was_before(clock: Clock, shop: Shop):
    await act(shop.moderator, "mode", mode="slow", value=5)
    await act(shop.affiliate, "shield", seconds=300, modes={"slow": 60, "registered": 1})
    path = f"/live/streams/{STREAM}/chat-modes"
    assert [(mode["mode"], mode["value"]) for mode in (await shop.guest.get(path)).json()] == [
        ("slow", 60),
        ("registered", 1),
    ]
    clock.forward(seconds=301)
    assert [(mode["mode"], mode["value"]) for mode in (await shop.guest.get(path)).json()] == [("slow", 5)]


async def test_an_announcement_is_a_line_that_undo_takes_away(shop: Shop):
    done = await act(shop.moderator, "announce", text="Shipping is free today.")
    (line,) = (await shop.guest.get(MESSAGES)).json()
    assert (line["kind"], line["message"]) == ("announcement", "Shipping is free today.")
    await undo(shop.moderator, done["id"])
    assert await history(shop) == []


async def test_a_staff_note_is_seen_by_staff_alone(shop: Shop):
    await act(shop.moderator, "staff_note", text="Watch Ann.")
    assert await history(shop) == []
    seen = (await shop.affiliate.get(f"/live/streams/{STREAM}/moderation/messages")).json()["items"]
    assert [(line["kind"], line["message"]) for line in seen] == [("staff_note", "Watch Ann.")]


# --- who may ---


async def test_nobody_acts_on_an_equal_or_higher_rank(shop: Shop):
    host = (await shop.affiliate.post(MESSAGES, json={"message": "welcome"})).json()
    other = shop.rest(token=shop.token(Role.MODERATOR, "mo2"))
    colleague = (await other.post(MESSAGES, json={"message": "hi"})).json()
    for message in (host, colleague):
        for fields in (
            {"kind": "ban", "userId": message["user"]["id"]},
            {"kind": "delete", "messageIds": [message["id"]]},
        ):
            assert refusal(await shop.moderator.post(ACTS, json=fields)) == (403, "outranked")
    await act(shop.affiliate, "timeout", userId=colleague["user"]["id"], seconds=60)
    assert len(await audited("act_refused")) == 4


async def test_an_act_is_undone_by_its_author_or_a_higher_rank(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    done = await act(shop.affiliate, "ban", userId=ann)
    assert refusal(await undo(shop.moderator, done["id"])) == (403, "outranked")
    mine = await act(shop.moderator, "mode", mode="off", value=1)
    assert (await undo(shop.affiliate, mine["id"])).status_code == 201
    assert refusal(await undo(shop.affiliate, mine["id"])) == (409, "conflict")
    assert refusal(await undo(shop.affiliate, "no-such-act")) == (404, "not_found")


async def test_an_act_that_is_over_cannot_be_undone(clock: Clock, shop: Shop):
    ann = (await said(shop))["user"]["id"]
    done = await act(shop.moderator, "timeout", userId=ann, seconds=60)
    clock.forward(seconds=61)
    assert refusal(await undo(shop.moderator, done["id"])) == (409, "conflict")


async def test_an_act_reaches_no_further_than_its_actor(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    for client in (shop.affiliate, shop.moderator):
        answer = await client.post(ACTS, json={"kind": "ban", "userId": ann, "reach": "everywhere"})
        assert refusal(answer) == (403, "forbidden")
    await act(shop.admin, "ban", userId=ann, reach="everywhere")
    other = await shop.new_stream(live=True)
    answer = await shop.guest.post(f"/live/streams/{other['id']}/messages", json={"message": "x"}, headers=ANN)
    assert refusal(answer) == (403, "banned")


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "fly"},
        {"kind": "acknowledge"},
        {"kind": "ban"},
        {"kind": "timeout", "userId": "x"},
        {"kind": "mode"},
        {"kind": "mode", "mode": "slow", "value": 3601},
        {"kind": "mode", "mode": "off", "value": 2},
        {"kind": "warn", "userId": "x"},
        {"kind": "delete"},
        {"kind": "announce", "text": "\u200b"},
        {"kind": "undo"},
        {"kind": "shield", "seconds": 60},
        {"kind": "mode", "mode": "off", "reach": "everywhere"},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_by_name_and_leaves_no_act(shop: Shop, body: dict[str, Any]):
    answer = await shop.admin.post(ACTS, json=body)
    assert refusal(answer) == (400, "validation_failed"), answer.text
    assert answer.json()["errors"][0]["field"]
    assert await ModerationAct.all().count() == 0


# --- what is kept ---


async def test_every_act_and_its_undo_are_in_the_audit_log_with_before_and_after(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    done = await act(shop.moderator, "ban", userId=ann, reason="fraud", withAddress=True)
    await undo(shop.affiliate, done["id"])
    entries = (await shop.affiliate.get("/audit", params={"streamId": STREAM})).json()["items"]
    by_what = {entry["what"]: entry for entry in entries}
    banned = by_what["act_ban"]
    assert (banned["actorId"], banned["client"], banned["subjectId"], banned["reason"]) == ("mo", "rest", ann, "fraud")
    assert banned["before"] == {f"ban:{ann}": None}
    assert banned["after"][f"ban:{ann}"]["reason"] == "fraud"
    assert by_what["act_undo"]["after"][f"ban:{ann}"] is None
    assert "addr_" not in (await shop.affiliate.get("/audit/export", params={"format": "jsonl"})).text


async def test_the_export_is_csv_that_no_spreadsheet_runs(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    await act(shop.moderator, "timeout", userId=ann, seconds=60, reason="=cmd()")
    answer = await shop.admin.get("/audit/export")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "'=cmd()" in answer.text


async def test_others_streams_are_not_in_ones_log(shop: Shop):
    await act(shop.moderator, "mode", mode="off", value=1)
    assert (await shop.seller.get("/audit")).json()["items"] == []
    assert refusal(await shop.viewer.get("/audit"))[0] == 403
    assert refusal(await shop.guest.get("/audit"))[0] == 401


async def test_a_retried_act_is_one_act(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    body = {"kind": "timeout", "userId": ann, "seconds": 60}
    answers = await asyncio.gather(
        *(shop.moderator.post(ACTS, json=body, headers={"Idempotency-Key": "k"}) for _ in range(10))
    )
    assert len({answer.text for answer in answers}) == 1
    assert await ModerationAct.all().count() == 1


async def test_a_persons_card_tells_what_staff_needs(market: Shop):
    ann = (await said(market, "one"))["user"]["id"]
    two = await said(market, "two")
    await order(market.guest, body_of(), **ANN)
    await act(market.moderator, "delete", messageIds=[two["id"]])
    await act(market.moderator, "timeout", userId=ann, seconds=600, reason="spam")
    await act(market.moderator, "person_note", userId=ann, text="Came back from yesterday.")
    other = (await said(market, **{"X-Session-Id": "same-house"}, name="Bo"))["user"]["id"]
    card = (await market.moderator.get(f"/live/streams/{STREAM}/people/{ann}")).json()
    assert (card["username"], card["messageCount"], card["removedCount"], card["orderCount"]) == ("Ann", 2, 1, 1)
    assert [line["state"] for line in card["messages"]] == ["shown", "removed"]
    assert card["timeout"]["reason"] == "spam"
    assert {done["kind"] for done in card["acts"]} == {"timeout", "person_note"}
    assert card["others"] == [other]
    assert refusal(await market.moderator.get(f"/live/streams/{STREAM}/people/nobody"))[0] == 404


async def test_somebody_banned_asks_once_and_is_let_in_again(shop: Shop):
    ann = (await said(shop))["user"]["id"]
    path = f"/live/streams/{STREAM}/unban-requests"
    assert refusal(await shop.guest.post(path, json={"text": "?"}, headers=ANN)) == (409, "conflict")
    await act(shop.moderator, "ban", userId=ann)
    filed = (await shop.guest.post(path, json={"text": "It was my brother."}, headers=ANN)).json()
    assert refusal(await shop.guest.post(path, json={"text": "please"}, headers=ANN)) == (409, "already_exists")
    (waiting,) = (await shop.moderator.get(path)).json()["items"]
    assert waiting["text"] == "It was my brother."
    answered = await shop.moderator.post(f"{path}/{filed['id']}/answer", json={"granted": True})
    assert answered.json()["granted"] is True
    await said(shop)


async def test_an_undone_act_is_marked_in_the_list_of_acts(shop: Shop):
    done = await act(shop.moderator, "mode", mode="off", value=1)
    await undo(shop.moderator, done["id"])
    shown = (await shop.moderator.get(ACTS)).json()["items"]
    assert [(each["kind"], each["undone"]) for each in shown] == [("undo", False), ("mode", True)]


async def test_a_whole_hour_is_undone_at_once(shop: Shop):
    ann = (await said(shop, "one"))["user"]["id"]
    two = await said(shop, "two")
    await act(shop.moderator, "delete", messageIds=[two["id"]])
    await act(shop.moderator, "mode", mode="off", value=1)
    await act(shop.moderator, "ban", userId=ann)
    mine = (await shop.affiliate.get(ACTS, params={"actorId": "mo"})).json()["items"]
    await act(shop.affiliate, "undo", actIds=[each["id"] for each in mine])
    assert await history(shop) == ["one", "two"]
    await said(shop, "three")


async def test_the_modes_return_is_told_when_their_time_is_over(clock: Clock, shop: Shop):
    viewer = await shop.live()
    await viewer.join(sessionId="v")
    await act(shop.moderator, "mode", mode="off", value=1, seconds=60)
    await viewer.hears("chatModesUpdate", lambda event: len(event["modes"]) == 1)
    clock.forward(seconds=61)

    async def told() -> bool:
        return viewer.all("chatModesUpdate")[-1]["modes"] == []

    await eventually(told, "the room hears that the chat is on again")


async def test_nothing_of_an_act_is_left_when_the_audit_log_cannot_be_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    ann = (await said(shop))["user"]["id"]

    async def failing(**_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(AuditEntry, "create", failing)
    assert (await shop.moderator.post(ACTS, json={"kind": "ban", "userId": ann})).status_code == 500
    monkeypatch.undo()
    assert await ModerationAct.all().count() == 0
    await said(shop, "still here")
