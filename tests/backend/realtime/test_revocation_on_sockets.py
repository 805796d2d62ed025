"""What is revoked closes the sockets that stand on it, at once, and lets none in again."""

import asyncio
from typing import Any

import pytest
import socketio

from backend.domain.tokens import Keyring
from backend.services import accounts, api_tokens
from backend.services.bus import Bus
from backend.services.revocations import Revocations
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage.models import Account
from shared.roles import Role
from shared.rooms import NAMESPACE
from tests.shop import KEY, SELLER, Live, Shop
from tests.waiting import eventually

TRANSPORTS = [("websocket",), ("polling",)]


async def _cut(live: Live) -> None:
    async def closed() -> bool:
        return live.closed.is_set()

    await eventually(closed, "the socket is closed", within=5)


async def _shut_out(shop: Shop, token: str, transports: tuple[str, ...] = ("websocket",)) -> None:
    live = Live()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await live.client.connect(
            shop.url, namespaces=[NAMESPACE], auth={"token": token}, wait_timeout=5, transports=list(transports)
        )
    assert live.refused["message"] == "unauthorized"
    assert (await shop.rest(token=token).get("/auth/me")).status_code == 401


@pytest.mark.parametrize("transports", TRANSPORTS)
async def test_signing_out_cuts_the_sockets_of_this_sign_in_only(shop: Shop, transports: tuple[str, ...]):
    await shop.account("mo", Role.MODERATOR)
    first, second = await shop.sign_in("mo"), await shop.sign_in("mo")
    here = await shop.live(token=first["accessToken"], transports=transports)
    there = await shop.live(token=second["accessToken"], transports=transports)
    await here.join()

    await shop.rest(token=first["accessToken"]).post("/auth/sign-out")

    await _cut(here)
    await _shut_out(shop, first["accessToken"], transports)
    assert not there.closed.is_set()
    assert (await there.join())["ok"]


@pytest.mark.parametrize("transports", TRANSPORTS)
async def test_disabling_an_account_cuts_all_that_stands_on_it(shop: Shop, transports: tuple[str, ...]):
    await shop.account("sal", Role.SELLER, actsFor=SELLER)
    signed_in = await shop.sign_in("sal")
    client = shop.rest(token=signed_in["accessToken"])
    made = (await client.post("/tokens", json={"name": "Bot", "scopes": ["watch", "control"]})).json()
    person = await shop.live(token=signed_in["accessToken"], transports=transports)
    program = await shop.live(token=made["token"], transports=transports)
    seller_by_hand = await shop.live(Role.SELLER, SELLER, transports=transports)
    guest = await shop.live(transports=transports)

    await shop.admin.post("/accounts/sal/disable")

    for live in (person, program):
        await _cut(live)
    for token in (signed_in["accessToken"], made["token"]):
        await _shut_out(shop, token, transports)
    assert (await guest.join())["ok"]
    assert not seller_by_hand.closed.is_set()


async def test_a_revoked_api_token_cuts_its_sockets_and_no_others(shop: Shop):
    await shop.account("vera")
    client = shop.rest(token=(await shop.sign_in("vera"))["accessToken"])
    made = [(await client.post("/tokens", json={"name": "Bot", "scopes": ["watch"]})).json() for _ in range(2)]
    cut, kept = [await shop.live(token=one["token"]) for one in made]

    await client.delete(f"/tokens/{made[0]['id']}")

    await _cut(cut)
    await _shut_out(shop, made[0]["token"])
    assert (await kept.join())["ok"]


async def test_an_api_tokens_scopes_bind_on_sockets(shop: Shop):
    await shop.account("mo", Role.MODERATOR)
    client = shop.rest(token=(await shop.sign_in("mo"))["accessToken"])
    made = (await client.post("/tokens", json={"name": "Bot", "scopes": ["watch", "control"]})).json()
    live = await shop.live(token=made["token"])
    assert (await live.join())["ok"]
    refused = await live.ask("sendMessage", streamId="stream_789", message="Hi")
    assert (refused["ok"], refused["error"]["code"]) == (False, "forbidden")
    assert (await live.ask("deleteMessage", streamId="stream_789", messageId="x"))["error"]["code"] == "forbidden"
    assert (await live.ask("hostJoinStream", streamId="stream_789"))["isHost"] is False
    assert (await live.ask("subscribeControl", {}))["ok"]
    snapshot = await live.hears("controlSnapshot")
    assert snapshot["operator"]["permissions"] == ["control", "watch"]


async def test_a_signed_token_is_cut_by_its_jti(shop: Shop):
    token = shop.token(Role.OPS, "olga")
    live = await shop.live(token=token)
    await shop.admin.delete(f"/tokens/{shop.keyring.read(token).token_id}")
    await _cut(live)
    await _shut_out(shop, token)


@pytest.mark.parametrize("by", ["token", "jti"])
async def test_what_the_command_line_revokes_bites_within_two_seconds(shop: Shop, by: str):
    token = shop.token(Role.OPS, "olga")
    live = await shop.live(token=token)
    given = token if by == "token" else shop.keyring.read(token).token_id
    assert given is not None

    await api_tokens.revoke_by_hand(Keyring(KEY), given)

    await _closed_within(live, 2)
    await _shut_out(shop, token)


async def test_an_account_that_the_command_line_disables_is_out_within_two_seconds(shop: Shop):
    await shop.account("vera")
    signed_in = await shop.sign_in("vera")
    live = await shop.live(token=signed_in["accessToken"])
    row = await Account.get(id="vera")

    async def work(unit: UnitOfWork) -> None:
        await accounts.disable(unit, Revocations(), row)

    await commit(Bus(), work)

    await _closed_within(live, 2)
    await _shut_out(shop, signed_in["accessToken"])


async def _closed_within(live: Live, seconds: float) -> None:
    async def closed() -> bool:
        return live.closed.is_set()

    await eventually(closed, "the socket is closed", within=seconds)


async def test_a_socket_opened_while_its_token_is_revoked_does_not_stay(shop: Shop):
    token = shop.token(Role.OPS, "olga")
    jti = shop.keyring.read(token).token_id

    async def connect() -> Any:
        try:
            return await shop.live(token=token)
        except socketio.exceptions.ConnectionError:
            return None

    opened = await asyncio.gather(*(connect() for _ in range(6)), shop.admin.delete(f"/tokens/{jti}"))
    for live in opened[:-1]:
        if live is not None:
            await _cut(live)
