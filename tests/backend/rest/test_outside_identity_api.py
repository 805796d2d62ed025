"""Tokens of an outside identity provider on a running server."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import socketio
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from backend import seams
from backend.services import outside_identity
from shared.rooms import NAMESPACE
from tests.shop import SELLER, Live, Shop, refusal
from tests.waiting import eventually

WRONG = (401, "unauthorized")
ISSUER, AUDIENCE = "https://id.example/", "the shop"
SECRET = "what only the provider and this server know"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED = ed25519.Ed25519PrivateKey.generate()
PUBLIC = {
    "rsa": {**json.loads(RSAAlgorithm.to_jwk(RSA.public_key())), "kid": "rsa"},
    "ed": {**json.loads(OKPAlgorithm.to_jwk(ED.public_key())), "kid": "ed"},
}
GIVEN = {"idp_issuer": ISSUER, "idp_audience": AUDIENCE}


def token(kid: str = "rsa", **changes: Any) -> str:
    now = datetime.now(UTC)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u1", "iat": now, "exp": now + timedelta(minutes=5)} | changes
    if kid == "secret":
        return jwt.encode(claims, SECRET, algorithm="HS256")
    key, algorithm = (RSA, "RS256") if kid.startswith("rsa") else (ED, "EdDSA")
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


class Issuer:
    """A small web server with a key set that a test may change."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = [PUBLIC["rsa"]]
        self.asked = 0
        self.broken = False

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = json.dumps({"keys": self.keys}).encode()
        status = b"500 Broken" if self.broken else b"200 OK"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        listener = socket.create_server(("127.0.0.1", 0))
        async with await asyncio.start_server(self._answer, sock=listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/keys"


async def _me(shop: Shop, given: str) -> Any:
    return await shop.rest(token=given).get("/auth/me")


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": list(PUBLIC.values())}))
    return str(path)


@pytest.mark.parametrize("kid", ["rsa", "ed"])
async def test_a_subject_gets_an_account_at_first_sight_and_keeps_it(
    open_shop: Callable[..., Any], key_file: str, kid: str
):
    shop = await open_shop(**GIVEN, idp_jwks=key_file)
    answers = await asyncio.gather(*(_me(shop, token(kid, name="Una\x1b[31m")) for _ in range(5)))
    (account,) = {json.dumps(answer.json()["account"], sort_keys=True) for answer in answers}
    made = json.loads(account)
    assert (made["displayName"], made["role"], made["name"], made["actsFor"]) == ("Una", "viewer", None, None)
    assert made["id"] != "u1"
    assert {answer.json()["id"] for answer in answers} == {made["id"]}
    assert (await _me(shop, token(kid, sub="u2"))).json()["id"] != made["id"]


async def test_ids_of_different_worlds_never_meet(open_shop: Callable[..., Any]):
    shop = await open_shop(**GIVEN, idp_secret=SECRET)
    await shop.account("vera")
    for claimed in ("vera", SELLER, "root"):
        outside = (await _me(shop, token("secret", sub=claimed, role="ops"))).json()
        assert outside["id"] not in ("vera", SELLER, "root")
        assert outside["account"]["id"] == outside["id"]
    by_hand = await shop.viewer.get("/auth/me")
    assert by_hand.json()["id"] == "vera"


async def test_the_role_follows_the_token_and_admins_need_a_setting(open_shop: Callable[..., Any]):
    shop = await open_shop(**GIVEN, idp_secret=SECRET)
    first = (await _me(shop, token("secret"))).json()
    later = (await _me(shop, token("secret", role="ops"))).json()
    assert (first["id"], first["role"]) == (later["id"], "viewer")
    assert (later["role"], later["account"]["role"]) == ("ops", "ops")
    assert refusal(await _me(shop, token("secret", role="admin"))) == WRONG


async def test_an_admin_from_outside_where_the_setting_allows_it(open_shop: Callable[..., Any]):
    shop = await open_shop(**GIVEN, idp_secret=SECRET, idp_admins=True)
    assert (await _me(shop, token("secret", role="admin"))).json()["role"] == "admin"


async def test_a_seller_from_outside_is_the_seller_that_its_claim_names(open_shop: Callable[..., Any]):
    shop = await open_shop(**GIVEN, idp_secret=SECRET)
    seller = shop.rest(token=token("secret", role="seller", acts_for=SELLER))
    made = await seller.post("/live/streams", json={"title": "Mine"})
    assert (made.status_code, made.json()["sellerId"]) == (201, SELLER)
    stranger = shop.rest(token=token("secret", sub="u2", role="seller", acts_for="nobody"))
    assert refusal(await stranger.post("/live/streams", json={"title": "Mine"})) == (403, "unknown_subject")
    assert refusal(await _me(shop, token("secret", role="seller"))) == WRONG


@pytest.mark.parametrize(
    "changes", [{"aud": "another"}, {"iss": "https://id.example"}, {"exp": datetime(2020, 1, 1, tzinfo=UTC)}]
)
async def test_a_token_for_somebody_else_is_refused(
    open_shop: Callable[..., Any], key_file: str, changes: dict[str, Any]
):
    shop = await open_shop(**GIVEN, idp_jwks=key_file)
    assert refusal(await _me(shop, token(**changes))) == WRONG
    assert refusal(await _me(shop, token("secret"))) == WRONG
    live = Live()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await live.client.connect(shop.url, namespaces=[NAMESPACE], auth={"token": token(**changes)})
    assert live.refused["message"] == "unauthorized"


async def test_without_a_provider_its_tokens_are_worth_nothing(shop: Shop):
    assert refusal(await _me(shop, token())) == WRONG
    assert refusal(await _me(shop, token("secret"))) == WRONG


async def test_this_servers_own_tokens_count_beside_the_providers(open_shop: Callable[..., Any], key_file: str):
    shop = await open_shop(**GIVEN, idp_jwks=key_file)
    assert (await shop.ops.get("/auth/me")).status_code == 200
    forged = token(iss="liveshop", role="admin", jti="x")
    assert refusal(await _me(shop, forged)) == WRONG


async def test_a_disabled_account_from_outside_is_out_with_its_sockets(open_shop: Callable[..., Any]):
    shop = await open_shop(**GIVEN, idp_secret=SECRET)
    live = await shop.live(token=token("secret"))
    account = (await _me(shop, token("secret"))).json()["account"]["id"]
    await shop.admin.post(f"/accounts/{account}/disable")

    async def closed() -> bool:
        return live.closed.is_set()

    await eventually(closed, "the socket is closed")
    assert refusal(await _me(shop, token("secret"))) == WRONG


class Hours(seams.SystemClock):
    """A clock whose monotonic time a test moves."""

    moved = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.moved


async def test_keys_from_a_url_are_kept_and_read_again_for_an_unknown_one_but_not_often(
    open_shop: Callable[..., Any],
):
    issuer, clock = Issuer(), Hours()
    with seams.use_clock(clock):
        async with issuer.running() as url:
            shop = await open_shop(**GIVEN, idp_jwks=url)
            answers = await asyncio.gather(*(_me(shop, token()) for _ in range(5)))
            assert {answer.status_code for answer in answers} == {200}
            assert issuer.asked == 1
            issuer.keys = [PUBLIC["ed"]]
            for _ in range(5):
                assert refusal(await _me(shop, token("ed"))) == WRONG
            assert issuer.asked == 1
            clock.moved += outside_identity.ASK_AGAIN + 1
            assert (await _me(shop, token("ed"))).status_code == 200
            assert refusal(await _me(shop, token("rsa"))) == WRONG
            assert issuer.asked == 2


async def test_a_key_that_was_withdrawn_stops_counting_and_a_silent_issuer_does_not_stop_the_shop(
    open_shop: Callable[..., Any],
):
    issuer, clock = Issuer(), Hours()
    with seams.use_clock(clock):
        async with issuer.running() as url:
            shop = await open_shop(**GIVEN, idp_jwks=url)
            assert (await _me(shop, token())).status_code == 200
            issuer.broken = True
            clock.moved += outside_identity.STALE + 1
            assert (await _me(shop, token())).status_code == 200
            issuer.broken, issuer.keys = False, [PUBLIC["ed"]]
            clock.moved += outside_identity.STALE + 1
            assert refusal(await _me(shop, token())) == WRONG


async def test_an_issuer_that_never_answered_is_said_to_be_unavailable(open_shop: Callable[..., Any], tmp_path: Path):
    shop = await open_shop(**GIVEN, idp_jwks=str(tmp_path / "missing.json"))
    assert refusal(await _me(shop, token())) == (503, "unavailable")
    assert (await shop.viewer.get("/auth/me")).status_code == 200
