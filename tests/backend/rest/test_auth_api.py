"""Accounts that sign in, over REST."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from backend.domain.passwords import POLICY
from backend.services.passwords import Passwords
from backend.settings import Rate, Settings
from backend.storage.models import Account
from shared.roles import PERMISSIONS, Role
from tests.market import Clock
from tests.shop import AFFILIATE, PASSWORD, SELLER, Shop, refusal, running

WRONG = (401, "unauthorized")


async def _sign_in(shop: Shop, name: str, password: str) -> Any:
    return await shop.guest.post("/auth/sign-in", json={"name": name, "password": password})


async def _refresh(shop: Shop, token: str) -> Any:
    return await shop.guest.post("/auth/refresh", json={"refreshToken": token})


async def _still_in(shop: Shop, signed_in: dict[str, Any]) -> bool:
    answer = await shop.rest(token=signed_in["accessToken"]).get("/auth/me")
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


async def test_a_viewer_signs_up_and_is_signed_in(shop: Shop):
    body = {"name": " Vera@Example.org ", "password": PASSWORD, "displayName": "Vera"}
    made = await shop.guest.post("/auth/sign-up", json=body)

    assert made.status_code == 201
    assert made.json()["tokenType"] == "Bearer"
    account = made.json()["account"]
    assert (account["name"], account["displayName"], account["role"]) == ("vera@example.org", "Vera", "viewer")
    me = (await shop.rest(token=made.json()["accessToken"]).get("/auth/me")).json()
    assert (me["id"], me["role"], me["account"]) == (account["id"], "viewer", account)
    assert set(me["permissions"]) == PERMISSIONS[Role.VIEWER]
    assert refusal(await shop.guest.post("/auth/sign-up", json=body)) == (409, "already_exists")
    assert (await _sign_in(shop, "VERA@example.org", PASSWORD)).status_code == 200


async def test_of_many_who_want_one_name_at_once_one_gets_it(shop: Shop):
    body = {"name": "vera", "password": PASSWORD}
    answers = await asyncio.gather(*(shop.guest.post("/auth/sign-up", json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_sign_up_can_be_closed(open_shop: Callable[..., Any]):
    shop = await open_shop(sign_up="closed")
    closed = await shop.guest.post("/auth/sign-up", json={"name": "vera", "password": PASSWORD})
    assert refusal(closed) == (403, "forbidden")


@pytest.mark.parametrize("password", ["short", "x" * 201, "vera.the.viewer", "VERA.THE.VIEWER", "123456789"])
async def test_a_password_against_the_policy_is_refused_with_the_policy(shop: Shop, password: str):
    answer = await shop.guest.post("/auth/sign-up", json={"name": "vera.the.viewer", "password": password})
    assert refusal(answer) == (400, "validation_failed")
    assert answer.json()["message"] == POLICY
    assert password not in answer.text


@pytest.mark.parametrize("name", ["v", "has space", "ve/ra", "-vera", "\u0475era", "x" * 65])
async def test_a_name_that_nobody_can_have_is_refused(shop: Shop, name: str):
    answer = await shop.guest.post("/auth/sign-up", json={"name": name, "password": PASSWORD})
    assert refusal(answer) == (400, "validation_failed")


async def test_an_unknown_name_and_a_wrong_password_are_answered_alike(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    await shop.account("vera")
    await shop.admin.post("/accounts", json={"id": "nameless", "displayName": "N", "role": "viewer"})
    compared: list[str] = []
    verify = Passwords._verify

    def counted(self: Passwords, stored: str, password: str) -> bool:
        compared.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "_verify", counted)
    wrong = await _sign_in(shop, "vera", "wrong horse battery")
    unknown = await _sign_in(shop, "nobody", PASSWORD)
    impossible = await _sign_in(shop, "no\x00such name", PASSWORD + "\x00")

    assert refusal(wrong) == refusal(unknown) == refusal(impossible) == WRONG
    assert wrong.text == unknown.text == impossible.text
    # The same work is done for each, with parameters of the same cost.
    assert len(compared) == 3
    assert len({stored.rsplit("$", 2)[0] for stored in compared}) == 1


async def test_a_hash_of_another_strength_is_renewed_at_the_next_sign_in(shop_settings: Callable[..., Settings]):
    async with running(shop_settings(password_memory=1)) as shop:
        await shop.account("vera")
        assert (await _stored_hash("vera")).startswith("$argon2id$v=19$m=1024,")
    async with running(shop_settings(password_memory=2)) as shop:
        for _ in range(2):
            await shop.sign_in("vera")
            assert (await _stored_hash("vera")).startswith("$argon2id$v=19$m=2048,")


async def _stored_hash(account_id: str) -> str:
    return (await Account.get(id=account_id)).password_hash or ""


async def test_guesses_are_slowed_down_by_name_and_say_when_to_try_again(open_shop: Callable[..., Any]):
    shop = await open_shop(sign_in_rate=Rate(3, 60))
    await shop.account("vera")
    for _ in range(3):
        assert refusal(await _sign_in(shop, "vera", "wrong horse battery")) == WRONG
    held = await _sign_in(shop, "VERA ", PASSWORD)
    assert refusal(held) == (429, "rate_limited")
    assert 0 < held.json()["retryAfter"] <= 60
    assert int(held.headers["Retry-After"]) >= 1
    assert refusal(await _sign_in(shop, "another", PASSWORD)) == WRONG


async def test_guesses_are_slowed_down_by_address(open_shop: Callable[..., Any]):
    shop = await open_shop(sign_in_address_rate=Rate(3, 60))
    for number in range(3):
        assert refusal(await _sign_in(shop, f"name{number}", PASSWORD)) == WRONG
    assert refusal(await _sign_in(shop, "vera", PASSWORD)) == (429, "rate_limited")
    made = await shop.guest.post("/auth/sign-up", json={"name": "vera", "password": PASSWORD})
    assert refusal(made) == (429, "rate_limited")


async def test_a_refresh_token_is_good_once_and_ends_its_sign_in_the_second_time(shop: Shop):
    await shop.account("vera")
    other = await shop.sign_in("vera")
    first = await shop.sign_in("vera")
    second = (await _refresh(shop, first["refreshToken"])).json()
    assert second["refreshToken"] != first["refreshToken"]
    assert second["account"]["id"] == "vera"
    assert await _still_in(shop, first)
    assert await _still_in(shop, second)

    assert refusal(await _refresh(shop, first["refreshToken"])) == WRONG

    assert refusal(await _refresh(shop, second["refreshToken"])) == WRONG
    assert not await _still_in(shop, first)
    assert not await _still_in(shop, second)
    assert await _still_in(shop, other)
    assert (await _refresh(shop, other["refreshToken"])).status_code == 200
    assert refusal(await _refresh(shop, "lsr_nothing")) == WRONG


@pytest.mark.parametrize("seed", range(4))
async def test_a_refresh_token_is_never_good_twice_however_many_use_it_at_once(shop: Shop, seed: int):
    chance = random.Random(seed)
    await shop.account("vera")
    newest = await shop.sign_in("vera")
    spent: list[str] = []
    for _ in range(chance.randint(0, 3)):
        spent.append(newest["refreshToken"])
        newest = (await _refresh(shop, newest["refreshToken"])).json()
    tried = [newest["refreshToken"]] * chance.randint(2, 6) + spent
    chance.shuffle(tried)

    answers = await asyncio.gather(*(_refresh(shop, token) for token in tried))

    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) <= 1
    # Somebody used one a second time: nothing of the sign-in is left, what it gave last included.
    for signed_in in [newest, *good]:
        assert not await _still_in(shop, signed_in)
        assert refusal(await _refresh(shop, signed_in["refreshToken"])) == WRONG


async def test_sign_ins_that_are_not_refreshed_expire(open_shop: Callable[..., Any], clock: Clock):
    shop = await open_shop(access_lifetime=60, refresh_lifetime=600)
    await shop.account("vera")
    signed_in = await shop.sign_in("vera")
    clock.forward(seconds=61)
    assert not await _still_in(shop, signed_in)
    signed_in = (await _refresh(shop, signed_in["refreshToken"])).json()
    assert await _still_in(shop, signed_in)
    clock.forward(seconds=601)
    assert refusal(await _refresh(shop, signed_in["refreshToken"])) == WRONG


async def test_signing_out_ends_one_sign_in_by_either_of_its_tokens(shop: Shop):
    await shop.account("vera")
    first, second, third = [await shop.sign_in("vera") for _ in range(3)]

    assert (await shop.rest(token=first["accessToken"]).post("/auth/sign-out")).json() == {"ok": True}
    out = await shop.guest.post("/auth/sign-out", json={"refreshToken": second["refreshToken"]})
    assert out.json() == {"ok": True}

    for ended in (first, second):
        assert not await _still_in(shop, ended)
        assert refusal(await _refresh(shop, ended["refreshToken"])) == WRONG
    assert await _still_in(shop, third)
    assert refusal(await shop.guest.post("/auth/sign-out")) == WRONG
    assert refusal(await shop.admin.post("/auth/sign-out")) == (409, "conflict")


async def test_a_changed_password_ends_the_other_sign_ins(shop: Shop):
    await shop.account("vera")
    here, there = await shop.sign_in("vera"), await shop.sign_in("vera")
    client = shop.rest(token=here["accessToken"])
    new = "another horse battery"

    wrong = await client.put("/auth/password", json={"current": "wrong horse", "new": new})
    weak = await client.put("/auth/password", json={"current": PASSWORD, "new": "vera"})
    assert refusal(wrong) == refusal(weak) == (400, "validation_failed")
    assert [error["field"] for error in weak.json()["errors"]] == ["new"]
    assert (await client.put("/auth/password", json={"current": PASSWORD, "new": new})).json() == {"ok": True}

    assert await _still_in(shop, here)
    assert not await _still_in(shop, there)
    assert refusal(await _sign_in(shop, "vera", PASSWORD)) == WRONG
    await shop.sign_in("vera", new)
    assert refusal(await shop.guest.put("/auth/password", json={"current": PASSWORD, "new": new})) == WRONG


async def test_an_admin_gives_accounts_names_and_passwords(shop: Shop):
    await shop.admin.post("/accounts", json={"id": "mo", "displayName": "Mo", "role": "moderator"})
    assert refusal(await shop.admin.put("/accounts/mo/password", json={"password": PASSWORD})) == (409, "conflict")
    given = await shop.admin.put("/accounts/mo/password", json={"password": PASSWORD, "name": "Mo"})
    assert given.json()["name"] == "mo"
    before = await shop.sign_in("mo")
    changed = await shop.admin.put("/accounts/mo/password", json={"password": "another horse battery"})
    assert changed.status_code == 200
    assert not await _still_in(shop, before)
    assert refusal(await _sign_in(shop, "mo", PASSWORD)) == WRONG
    await shop.account("vera")
    taken = await shop.admin.put("/accounts/vera/password", json={"password": PASSWORD, "name": "mo"})
    assert refusal(taken) == (409, "already_exists")
    body = {"password": PASSWORD}
    assert refusal(await shop.admin.put("/accounts/nobody/password", json=body)) == (404, "not_found")
    for client in (shop.ops, shop.seller, shop.moderator, shop.viewer):
        assert refusal(await client.put("/accounts/vera/password", json=body)) == (403, "forbidden")


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "guest"},
        {"role": "seller"},
        {"role": "viewer", "actsFor": SELLER},
        {"role": "viewer", "name": "vera"},
        {"role": "viewer", "password": PASSWORD},
        {"role": "viewer", "name": "vera", "password": "vera"},
    ],
)
async def test_an_account_whose_parts_do_not_go_together_is_refused(shop: Shop, fields: dict[str, str]):
    made = await shop.admin.post("/accounts", json={"displayName": "X", **fields})
    assert refusal(made) == (400, "validation_failed")


async def test_a_sellers_account_acts_as_the_seller(shop: Shop):
    missing = {"displayName": "X", "role": "seller", "actsFor": "nobody"}
    assert refusal(await shop.admin.post("/accounts", json=missing)) == (404, "not_found")
    await shop.account("sal", Role.SELLER, actsFor=SELLER)
    await shop.account("alf", Role.AFFILIATE, actsFor=AFFILIATE)

    seller = shop.rest(token=(await shop.sign_in("sal"))["accessToken"])
    affiliate = shop.rest(token=(await shop.sign_in("alf"))["accessToken"])

    made = await seller.post("/live/streams", json={"title": "Mine"})
    assert (made.status_code, made.json()["sellerId"]) == (201, SELLER)
    me = (await affiliate.get("/auth/me")).json()
    assert (me["id"], me["role"], me["account"]["id"], me["account"]["actsFor"]) == (
        AFFILIATE,
        "affiliate",
        "alf",
        AFFILIATE,
    )


async def test_a_disabled_account_is_out_at_once_and_signs_in_anew_when_enabled(shop: Shop):
    await shop.account("vera")
    signed_in = await shop.sign_in("vera")
    by_hand = shop.viewer  # a signed token that names the account
    assert (await by_hand.get("/auth/me")).json()["account"]["id"] == "vera"

    disabled = await shop.admin.post("/accounts/vera/disable")

    assert disabled.json()["disabledAt"].endswith("Z")
    assert not await _still_in(shop, signed_in)
    assert refusal(await by_hand.get("/auth/me")) == WRONG
    assert refusal(await _refresh(shop, signed_in["refreshToken"])) == WRONG
    assert refusal(await _sign_in(shop, "vera", PASSWORD)) == WRONG
    assert (await shop.admin.post("/accounts/vera/enable")).json()["disabledAt"] is None
    assert not await _still_in(shop, signed_in)
    assert (await by_hand.get("/auth/me")).status_code == 200
    await shop.sign_in("vera")


async def test_nobody_shuts_out_themselves_and_only_admins_others(shop: Shop):
    await shop.account("root", Role.ADMIN)
    await shop.account("vera")
    assert refusal(await shop.admin.post("/accounts/root/disable")) == (409, "conflict")
    assert refusal(await shop.admin.post("/accounts/nobody/disable")) == (404, "not_found")
    for client in (shop.ops, shop.seller, shop.affiliate, shop.moderator, shop.viewer):
        for act in ("disable", "enable"):
            assert refusal(await client.post(f"/accounts/vera/{act}")) == (403, "forbidden")


async def test_disabling_wins_over_a_sign_in_under_way(shop: Shop):
    await shop.account("vera")
    answers = await asyncio.gather(
        *(_sign_in(shop, "vera", PASSWORD) for _ in range(4)), shop.admin.post("/accounts/vera/disable")
    )
    for answer in answers[:-1]:
        if answer.status_code == 200:
            assert not await _still_in(shop, answer.json())
            assert refusal(await _refresh(shop, answer.json()["refreshToken"])) == WRONG


async def test_too_many_passwords_at_once_are_refused_not_queued(shop: Shop):
    answers = await asyncio.gather(*(_sign_in(shop, f"n{number}", PASSWORD) for number in range(80)))
    codes = {refusal(answer) for answer in answers}
    assert codes <= {WRONG, (503, "unavailable")}
    assert WRONG in codes


async def test_what_was_revoked_stays_so_after_a_restart(shop_settings: Callable[..., Settings]):
    async with running(shop_settings()) as shop:
        await shop.account("vera")
        await shop.account("mo", Role.MODERATOR)
        out, disabled = await shop.sign_in("vera"), await shop.sign_in("mo")
        await shop.rest(token=out["accessToken"]).post("/auth/sign-out")
        await shop.admin.post("/accounts/mo/disable")
    async with running(shop_settings()) as shop:
        assert not await _still_in(shop, out)
        assert not await _still_in(shop, disabled)


async def test_no_secret_is_in_any_answer_or_log(shop: Shop, capfd: pytest.CaptureFixture[str], caplog: Any):
    await shop.account("vera")
    signed_in = await shop.sign_in("vera")
    client = shop.rest(token=signed_in["accessToken"])
    token = (await client.post("/tokens", json={"name": "Bot", "scopes": ["chat"]})).json()["token"]
    stored = await _stored_hash("vera")
    secrets = {PASSWORD, stored, signed_in["accessToken"], signed_in["refreshToken"], token}
    answers = [
        await _sign_in(shop, "vera", PASSWORD + "!"),
        await shop.guest.post("/auth/sign-up", json={"name": "vera", "password": PASSWORD}),
        await shop.guest.post("/auth/sign-up", json={"name": PASSWORD, "password": PASSWORD + "\ud7ff", "x": PASSWORD}),
        await shop.guest.post("/auth/sign-in", json={"name": 1, "password": [PASSWORD]}),
        await client.put("/auth/password", json={"current": PASSWORD, "new": PASSWORD[:5]}),
        await client.get("/auth/me"),
        await client.get("/tokens"),
        await shop.admin.get("/accounts"),
        await shop.admin.get("/accounts/vera"),
        await shop.admin.put("/accounts/vera/password", json={"password": PASSWORD}),
        await _refresh(shop, signed_in["refreshToken"]),
        await shop.rest(token=token + "x").get("/auth/me"),
    ]
    with contextlib.suppress(Exception):
        raise RuntimeError(repr(answers))
    said = "".join(answer.text for answer in answers) + "".join(capfd.readouterr()) + caplog.text
    assert [secret for secret in secrets if secret in said] == []
    assert "$argon2" not in said
