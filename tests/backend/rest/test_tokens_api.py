"""Tokens for programs, and the revocation of every kind of token, over REST."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.services import sign_ins
from backend.services.revocations import Revocations
from backend.storage.models import ApiToken, RefreshToken, Revocation, SignInRow
from shared.roles import Permission, Role
from tests.market import Clock
from tests.shop import PASSWORD, SELLER, STREAM, Shop, refusal

WRONG = (401, "unauthorized")


async def _signed_in(shop: Shop, name: str, role: Role = Role.VIEWER, **fields: Any) -> Any:
    """A client that has signed in with a new account."""
    await shop.account(name, role, **fields)
    return shop.rest(token=(await shop.sign_in(name))["accessToken"])


async def _make(client: Any, *scopes: str, days: int = 30) -> dict[str, Any]:
    made = await client.post("/tokens", json={"name": "Bot", "scopes": scopes, "days": days})
    assert made.status_code == 201, made.text
    return made.json()


async def test_an_api_token_is_shown_once_and_stored_as_a_digest(shop: Shop):
    client = await _signed_in(shop, "vera")
    made = await _make(client, "chat", "watch", "chat")

    assert made["token"].startswith("lsk_")
    assert (made["name"], made["accountId"], made["scopes"]) == ("Bot", "vera", ["chat", "watch"])
    listed = (await client.get("/tokens")).json()["items"]
    assert listed == [{name: value for name, value in made.items() if name != "token"}]
    row = await ApiToken.get(id=made["id"])
    assert made["token"] not in str({name: getattr(row, name) for name in row._meta.fields_map if name != "account"})


async def test_an_api_token_acts_as_its_account_within_its_scopes(shop: Shop):
    client = await _signed_in(shop, "sal", Role.SELLER, actsFor=SELLER)
    bot = shop.rest(token=(await _make(client, "host_seller_stream", "watch"))["token"])

    me = (await bot.get("/auth/me")).json()
    assert (me["id"], me["role"], me["account"]["id"]) == (SELLER, "seller", "sal")
    assert me["permissions"] == ["host_seller_stream", "watch"]
    made = await bot.post("/live/streams", json={"title": "By a program"})
    assert made.status_code == 201
    path = f"/live/streams/{made.json()['id']}"
    for beyond in (f"{path}/start", f"{path}/end", f"{path}/messages"):
        assert refusal(await bot.post(beyond, json={"message": "x"})) == (403, "forbidden")
    assert refusal(await bot.get(f"{path}/stats")) == (403, "forbidden")
    assert refusal(await bot.get("/orders")) == (403, "forbidden")
    assert "streamKey" in (await client.get(path)).json()
    seen = (await bot.get(path)).json()
    assert "streamKey" not in seen
    assert "ingest" not in seen


async def test_an_api_token_sees_no_more_orders_than_its_scopes_say(shop: Shop):
    order = {"items": [{"productId": "product_456"}]}
    assert (await shop.viewer.post("/orders", json=order)).status_code == 201
    client = await _signed_in(shop, "root", Role.ADMIN)
    bot = shop.rest(token=(await _make(client, "buy"))["token"])
    assert (await client.get("/orders")).json()["total"] == 1
    assert refusal(await bot.get("/orders")) == (403, "forbidden")
    reader = shop.rest(token=(await _make(client, "read_orders"))["token"])
    (placed,) = (await reader.get("/orders")).json()["items"]
    assert refusal(await reader.post(f"/orders/{placed['id']}/pay")) == (403, "forbidden")


async def test_scopes_are_a_part_of_the_accounts_permissions(shop: Shop):
    client = await _signed_in(shop, "vera")
    for scopes in (["moderate"], ["chat", "manage_people"], ["fly"], []):
        made = await client.post("/tokens", json={"name": "Bot", "scopes": scopes})
        assert refusal(made) == (400, "validation_failed")
    for days in (0, 367):
        made = await client.post("/tokens", json={"name": "Bot", "scopes": ["chat"], "days": days})
        assert refusal(made) == (400, "validation_failed")


async def test_an_api_token_makes_itself_no_stronger_one(shop: Shop):
    client = await _signed_in(shop, "root", Role.ADMIN)
    bot = shop.rest(token=(await _make(client, *Permission))["token"])
    await shop.account("vera")
    body = {"displayName": "X", "role": "admin", "name": "mallory", "password": PASSWORD}
    refused = [
        await bot.post("/tokens", json={"name": "Bot", "scopes": ["chat"]}),
        await bot.put("/auth/password", json={"current": PASSWORD, "new": "another horse battery"}),
        await bot.put("/accounts/vera/password", json={"password": PASSWORD}),
        await bot.post("/accounts", json=body),
    ]
    assert {refusal(answer) for answer in refused} == {(403, "forbidden")}
    assert (await bot.get("/accounts")).status_code == 200


async def test_a_signed_token_that_is_less_than_its_account_makes_no_api_token(shop: Shop):
    await shop.account("mo", Role.MODERATOR)
    body = {"name": "Bot", "scopes": ["chat"]}
    for less in (
        shop.rest(Role.VIEWER, "mo"),
        shop.rest(Role.MODERATOR, "mo", stream=STREAM),
        shop.rest(Role.MODERATOR, "mo", seller=SELLER),
    ):
        assert refusal(await less.post("/tokens", json=body)) == (403, "forbidden")
    assert (await shop.moderator.post("/tokens", json=body)).status_code == 201
    assert refusal(await shop.viewer.post("/tokens", json=body)) == (409, "conflict")
    assert refusal(await shop.guest.post("/tokens", json=body)) == WRONG


async def test_an_api_token_expires(shop: Shop, clock: Clock):
    made = await _make(await _signed_in(shop, "vera"), "chat", days=2)
    bot = shop.rest(token=made["token"])
    clock.forward(days=1)
    assert (await bot.get("/auth/me")).status_code == 200
    clock.forward(days=1, seconds=1)
    assert refusal(await bot.get("/auth/me")) == WRONG


async def test_an_api_token_is_revoked_at_once_by_its_owner_or_an_admin(shop: Shop):
    client = await _signed_in(shop, "vera")
    stranger = await _signed_in(shop, "mallory")
    for revoker in (client, shop.admin):
        made = await _make(client, "chat")
        bot = shop.rest(token=made["token"])
        assert refusal(await stranger.delete(f"/tokens/{made['id']}")) == (404, "not_found")
        assert refusal(await shop.guest.delete(f"/tokens/{made['id']}")) == WRONG
        assert (await bot.get("/auth/me")).status_code == 200
        for _ in range(2):
            assert (await revoker.delete(f"/tokens/{made['id']}")).json() == {"ok": True}
        assert refusal(await bot.get("/auth/me")) == WRONG
        assert refusal(await bot.get(f"/live/streams/{STREAM}")) == WRONG
    assert all(row["revokedAt"] for row in (await client.get("/tokens")).json()["items"])


async def test_tokens_of_others_are_listed_for_admins(shop: Shop):
    client = await _signed_in(shop, "vera")
    made = await _make(client, "chat")
    listed = (await shop.admin.get("/tokens?accountId=vera")).json()
    assert [row["id"] for row in listed["items"]] == [made["id"]]
    assert refusal(await shop.ops.get("/tokens?accountId=vera")) == (403, "forbidden")
    assert (await client.get("/tokens?accountId=vera")).status_code == 200
    assert (await shop.ops.get("/tokens")).json()["items"] == []
    assert refusal(await shop.guest.get("/tokens")) == WRONG


async def test_an_api_token_of_a_disabled_account_counts_no_more(shop: Shop):
    bot = shop.rest(token=(await _make(await _signed_in(shop, "vera"), "chat"))["token"])
    await shop.admin.post("/accounts/vera/disable")
    assert refusal(await bot.get("/auth/me")) == WRONG
    await shop.admin.post("/accounts/vera/enable")
    assert (await bot.get("/auth/me")).status_code == 200


async def test_admins_revoke_signed_tokens_by_their_jti(shop: Shop):
    token = shop.token(Role.OPS, "olga")
    jti = shop.keyring.read(token).token_id
    assert (await shop.rest(token=token).get("/auth/me")).json()["account"] is None
    for client in (shop.ops, shop.viewer, shop.seller):
        assert refusal(await client.delete(f"/tokens/{jti}")) == (404, "not_found")
    assert (await shop.admin.delete(f"/tokens/{jti}")).status_code == 200
    assert refusal(await shop.rest(token=token).get("/auth/me")) == WRONG
    assert (await shop.ops.get("/auth/me")).status_code == 200


async def test_a_signed_guest_can_be_revoked(shop: Shop):
    guest = (await shop.guest.post("/guest")).json()
    jti = shop.keyring.read(guest["token"]).token_id
    await shop.admin.delete(f"/tokens/{jti}")
    said = await shop.rest(token=guest["token"]).post(f"/live/streams/{STREAM}/messages", json={"message": "Hi"})
    assert refusal(said) == WRONG


@pytest.mark.parametrize("token", ["lsk_", "lsk_x", "lsk_" + "A" * 43, "lsk_\u00e9", "lsr_x"])
async def test_what_is_no_api_token_is_refused(shop: Shop, token: str):
    answer = await shop.guest.get("/auth/me", headers={"Authorization": f"Bearer {token}".encode()})
    assert refusal(answer) == WRONG


async def test_old_revocations_are_forgotten_and_lasting_ones_are_not(open_shop: Callable[..., Any], clock: Clock):
    shop = await open_shop(access_lifetime=60)
    await shop.account("vera")
    signed_in = await shop.sign_in("vera")
    token = shop.token(Role.OPS, "olga", days=300)
    await shop.rest(token=signed_in["accessToken"]).post("/auth/sign-out")
    await shop.admin.delete(f"/tokens/{shop.keyring.read(token).token_id}")
    clock.forward(days=100)
    held = Revocations()
    await held.refresh()
    await held.forget_old()
    await sign_ins.forget_old()

    assert await Revocation.all().count() == 1
    assert await SignInRow.all().count() == await RefreshToken.all().count() == 0
    assert refusal(await shop.rest(token=token).get("/auth/me")) == WRONG
