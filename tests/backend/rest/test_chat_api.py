"""Chat over REST."""

from collections.abc import Awaitable, Callable

from backend.settings import Rate
from shared.roles import Role
from tests.shop import AFFILIATE, SELLER, STREAM, Shop, refusal

PATH = f"/live/streams/{STREAM}/messages"
ANN = {"sessionId": "ann", "username": "Ann"}


async def _say(shop: Shop, message: str, **fields: str) -> dict:
    answer = await shop.guest.post(PATH, json={"message": message} | ANN | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_history_is_the_newest_messages_oldest_first(shop: Shop):
    said = [await _say(shop, f"message {number}") for number in range(6)]

    assert (await shop.guest.get(PATH)).json() == said
    assert (await shop.guest.get(PATH, params={"limit": 2})).json() == said[-2:]
    assert [message["seq"] for message in said] == [1, 2, 3, 4, 5, 6]
    for limit in ("0", "201", "many", ""):
        assert refusal(await shop.guest.get(PATH, params={"limit": limit})) == (400, "validation_failed")


async def test_a_claimed_user_id_is_not_believed(shop: Shop):
    message = await _say(shop, "I am the seller", userId=SELLER)
    assert message["user"]["id"].startswith("guest_")
    assert message["badge"] is None


async def test_a_guests_session_is_never_told(shop: Shop):
    await _say(shop, "Hi", sessionId="very-secret-session")
    assert "very-secret-session" not in (await shop.guest.get(PATH)).text


async def test_those_who_work_on_the_stream_carry_a_badge_and_their_own_name(shop: Shop):
    badges = {}
    for name in ("affiliate", "moderator", "admin", "ops", "viewer", "seller"):
        message = (await getattr(shop, name).post(PATH, json={"message": "Hi"})).json()
        badges[name] = (message["badge"], message["username"], message["user"]["isGuest"])
    assert badges == {
        "affiliate": ("affiliate", "Alex", False),
        "moderator": ("moderator", "mo", False),
        "admin": ("moderator", "root", False),
        "ops": (None, "olga", False),
        "viewer": (None, "vera", False),
        "seller": (None, "Example Store", False),
    }


async def test_namesakes_of_different_roles_keep_their_own_names(shop: Shop):
    await shop.admin.post("/affiliates", json={"id": SELLER, "name": "Namesake"})
    as_seller = (await shop.seller.post(PATH, json={"message": "Hi"})).json()
    as_affiliate = (await shop.rest(Role.AFFILIATE, SELLER).post(PATH, json={"message": "Hi"})).json()
    assert (as_seller["username"], as_affiliate["username"]) == ("Example Store", "Namesake")


async def test_text_is_made_harmless_where_it_enters(shop: Shop):
    message = await _say(shop, "\x1b[31mred\u202e <b>bold</b>  & 👩🏽‍💻", username=" A\u200bnn\x07 ")
    assert message["message"] == "red <b>bold</b> & 👩🏽‍💻"
    assert message["username"] == message["user"]["username"] == "Ann"


async def test_what_cannot_be_a_message_is_refused(shop: Shop):
    for text, refused in (
        ("", (400, "validation_failed")),
        ("   ", (400, "empty_message")),
        ("\u200b\u3164\x1b[0m", (400, "empty_message")),
        ("x" * 501, (400, "validation_failed")),
        ("x" * 2001, (400, "validation_failed")),
        (5, (400, "validation_failed")),
        (None, (400, "validation_failed")),
    ):
        assert refusal(await shop.guest.post(PATH, json={"message": text} | ANN)) == refused, text
    assert len((await _say(shop, "x" * 500))["message"]) == 500
    assert len((await shop.guest.get(PATH)).json()) == 1


async def test_a_finished_show_takes_no_more_chat(shop: Shop):
    stream = (await shop.new_stream(live=True))["id"]
    await shop.seller.post(f"/live/streams/{stream}/end")
    answer = await shop.guest.post(f"/live/streams/{stream}/messages", json={"message": "late"} | ANN)
    assert refusal(answer) == (409, "stream_over")


async def test_a_deleted_message_is_gone_and_deleting_it_again_changes_nothing(shop: Shop):
    first, second = await _say(shop, "one"), await _say(shop, "two")
    path = f"{PATH}/{first['id']}"

    for _ in range(3):
        answer = await shop.moderator.delete(path)
        assert (answer.status_code, answer.json()) == (200, {"ok": True, "messageId": first["id"]})

    assert (await shop.guest.get(PATH)).json() == [second]
    assert (await shop.guest.get(f"/live/streams/{STREAM}")).json()["seq"] == 3
    assert (await shop.affiliate.get(f"/live/streams/{STREAM}/stats")).json()["totalMessages"] == 1


async def test_messages_are_deleted_by_those_who_moderate_the_stream(shop: Shop):
    message = await _say(shop, "one")
    path = f"{PATH}/{message['id']}"
    assert refusal(await shop.guest.delete(path)) == (401, "unauthorized")
    for client in (shop.viewer, shop.ops, shop.seller, shop.rest(Role.MODERATOR, "mo", stream="other")):
        assert refusal(await client.delete(path)) == (403, "forbidden")
    assert (await shop.guest.get(PATH)).json() == [message]
    assert (await shop.affiliate.delete(path)).status_code == 200


async def test_a_message_of_another_stream_is_not_found(shop: Shop):
    other = (await shop.new_stream())["id"]
    message = await _say(shop, "one")
    assert refusal(await shop.seller.delete(f"/live/streams/{other}/messages/{message['id']}")) == (404, "not_found")
    assert refusal(await shop.affiliate.delete(f"{PATH}/nothing")) == (404, "not_found")
    assert (await shop.guest.get(PATH)).json() == [message]


async def test_who_talks_too_fast_is_asked_to_wait(open_shop: Callable[..., Awaitable[Shop]]):
    shop = await open_shop(chat_rate=Rate(2, 30))
    for _ in range(2):
        await _say(shop, "fast")

    refused = await shop.guest.post(PATH, json={"message": "faster"} | ANN)
    assert refusal(refused) == (429, "rate_limited")
    assert 0 < refused.json()["retryAfter"] <= 30
    assert 1 <= int(refused.headers["Retry-After"]) <= 30

    await _say(shop, "somebody else", sessionId="ben")
    for _ in range(4):
        assert (await shop.rest(Role.AFFILIATE, AFFILIATE).post(PATH, json={"message": "host"})).status_code == 201
