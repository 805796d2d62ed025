"""How the API behaves towards clients of every kind: refusals in one shape, limits, CORS, crashes."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import pytest

from backend.services import streams
from backend.settings import Settings
from backend.storage import database
from shared.endpoints import ENDPOINTS
from shared.problems import Code
from shared.roles import Role, allows
from tests.market import body_of
from tests.shop import AFFILIATE, PRODUCT, STREAM, Shop, refusal
from tests.waiting import PATIENCE

OpenShop = Callable[..., Awaitable[Shop]]
ODD_IDS = [
    "%00",
    "a%20b",
    "x" * 65,
    "x" * 10_000,
    "%E2%80%AE",
    "%F0%9F%98%80",
    "%FF%FE",
    "a%0A",
    "'; DROP TABLE",
    "{x}",
    "%25",
]


async def test_a_bad_token_is_401_everywhere_even_where_none_is_needed(shop: Shop):
    for header in (
        "Bearer x",
        "Bearer",
        "Basic abc",
        "Bearer " + shop.token(Role.ADMIN, days=-1),
        "x" * 3000,
        "Bearer \u00ff",
    ):
        for path in ("/live/streams/active", "/live/streams", f"/live/streams/{STREAM}"):
            answer = await shop.guest.get(path, headers={"Authorization": header.encode("latin-1")})
            assert refusal(answer) == (401, "unauthorized"), header
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_odd_ids_are_not_found_and_never_crash(shop: Shop):
    for odd in ODD_IDS:
        for path in (f"/live/streams/{odd}", f"/sellers/{odd}", f"/products/{odd}", f"/live/streams/{odd}/messages"):
            answer = await shop.guest.get(path)
            assert refusal(answer) == (404, "not_found"), path
        toggle = await shop.affiliate.put(f"/live/streams/{STREAM}/products/{odd}/toggle")
        assert toggle.status_code == 404


async def test_what_is_not_there_is_404_and_the_wrong_method_405(shop: Shop):
    for path in ("/nothing", "/live", "/../../etc/passwd", f"/live/streams/{STREAM}/nothing"):
        assert refusal(await shop.guest.get(path)) == (404, "not_found")
    for method, path in (("DELETE", "/live/streams/active"), ("PATCH", f"/live/streams/{STREAM}"), ("GET", "/guest")):
        answer = await shop.guest.request(method, path)
        assert refusal(answer) == (405, "method_not_allowed")
        assert answer.headers["Allow"]
    outside = await shop.guest.get(shop.url + "/live/streams/active")
    assert refusal(outside) == (404, "not_found")


BROKEN_BODIES = [
    b"",
    b"{",
    b"title=Show",
    b'{"title": "\xff\xfe"}',
    b'{"title": "\\ud800"}',
    b'{"title": NaN}',
    b"[" * 100_000,
    b'{"title":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
]


async def test_a_broken_body_is_400(shop: Shop):
    for body in BROKEN_BODIES:
        answer = await shop.seller.post("/live/streams", content=body)
        assert refusal(answer) == (400, "malformed_body"), body[:30]
    for body in (b"[]", b"null", b'"x"', b"5"):
        assert refusal(await shop.seller.post("/live/streams", content=body)) == (400, "validation_failed"), body


async def test_a_body_that_is_too_large_is_413(shop: Shop):
    answer = await shop.seller.post("/live/streams", content=b'{"title": "' + b"x" * (1 << 20) + b'"}')
    assert refusal(answer) == (413, "too_large")


async def test_a_null_character_in_text_does_no_harm(shop: Shop):
    stream = await shop.new_stream(title="a\x00b", description="\x00")
    assert (stream["title"], stream["description"]) == ("ab", None)


async def test_every_refusal_of_every_endpoint_has_the_one_shape(shop: Shop):
    for endpoint in ENDPOINTS:
        url = (
            endpoint.url(
                stream_id="nowhere",
                product_id="p",
                message_id="m",
                seller_id="nobody",
                affiliate_id="a",
                account_id="a",
                token_id="t",
                order_id="o",
            )
            if "{" in endpoint.path
            else endpoint.url()
        )
        for client in (shop.guest, shop.viewer, shop.admin):
            answer = await client.request(endpoint.method, shop.url + url, content=b"[1" if endpoint.body else None)
            assert answer.headers["Content-Type"] == "application/json"
            unready = ("/readyz", "/webhooks/payments")
            assert answer.status_code < 500 or endpoint.path in unready, (url, answer.text)
            if answer.status_code >= 400 and endpoint.path != "/readyz":
                refusal(answer)


async def test_head_and_options_answer(shop: Shop):
    head = await shop.guest.head("/live/streams/active")
    assert (head.status_code, head.content) == (200, b"")
    options = await shop.guest.options("/live/streams/active")
    assert options.status_code == 200
    assert "GET" in options.headers["Allow"]


async def test_browsers_of_any_origin_may_call_by_default(shop: Shop):
    preflight = await shop.guest.options(
        "/live/streams",
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "Authorization, Content-Type",
        },
    )
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()
    for path in ("/live/streams/active", "/live/streams/nowhere", "/nothing"):
        answer = await shop.guest.get(path, headers={"Origin": "https://shop.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path


async def test_only_allowed_origins_may_call_where_they_are_named(open_shop: OpenShop):
    shop = await open_shop(allowed_origins=("https://shop.example",))
    good = await shop.guest.get("/live/streams/active", headers={"Origin": "https://shop.example"})
    assert good.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    evil = await shop.guest.get("/live/streams/active", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in evil.headers
    polling = shop.url + "/socket.io/?EIO=4&transport=polling"
    assert (await shop.guest.get(polling, headers={"Origin": "https://shop.example"})).status_code == 200
    assert (await shop.guest.get(polling, headers={"Origin": "https://evil.example"})).status_code == 400


async def test_a_crash_is_500_with_a_name_for_its_log_entry_and_no_details(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(streams, "list_active", broken)
    answer = await shop.guest.get("/live/streams/active")
    assert refusal(answer) == (500, "internal_error")
    incident = answer.json()["incidentId"]
    assert incident in answer.json()["message"]
    assert "secret detail" not in answer.text
    assert "RuntimeError" not in answer.text
    logged = capfd.readouterr()
    assert incident in logged.out + logged.err


async def test_secrets_are_in_no_answer_that_others_see(shop: Shop):
    stream = await shop.new_stream(live=True)
    await shop.affiliate.post(f"/live/streams/{STREAM}/start")
    keys = [stream["streamKey"], (await shop.affiliate.get(f"/live/streams/{STREAM}")).json()["streamKey"]]
    secrets = [*keys, shop.settings.signing_key or "", shop.settings.media_secret or ""]
    viewer, moderator = await shop.live(), await shop.live(Role.MODERATOR, "mo")
    await viewer.join()
    await viewer.join(stream["id"])
    await moderator.ask("subscribeControl", {})
    await moderator.ask("hostJoinStream", streamId=STREAM)
    await viewer.say("Hi")
    await shop.moderator.put(f"/live/streams/{STREAM}/products/{PRODUCT}/toggle")
    await shop.affiliate.post(f"/live/streams/{STREAM}/end")
    await viewer.hears("streamStatusUpdate", lambda told: told["status"] == "ended")
    await moderator.hears_batched("streamStatusUpdate", lambda told: told["status"] == "ended")

    seen = str(viewer.heard) + str(moderator.heard)
    for endpoint in (endpoint for endpoint in ENDPOINTS if endpoint.method == "GET"):
        for stream_id in (STREAM, stream["id"]):
            parts = {
                "stream_id": stream_id,
                "product_id": PRODUCT,
                "seller_id": "seller_123",
                "affiliate_id": AFFILIATE,
                "account_id": "a",
                "token_id": "t",
                "order_id": "o",
            }
            url = shop.url + endpoint.base + endpoint.path.format(**parts)
            for client in (shop.guest, shop.viewer, shop.moderator, shop.ops):
                seen += (await client.get(url)).text
    seen += (await shop.guest.get(shop.url + "/openapi.json")).text
    assert [secret for secret in secrets if secret in seen] == []


async def test_clients_that_give_up_leave_a_working_database(shop: Shop):
    port = int(shop.url.rsplit(":", 1)[1])
    body = json.dumps({"message": "aborted", "sessionId": "ann"}).encode()
    head = f"POST /api/v1/live/streams/{STREAM}/messages HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"

    async def abort(number: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        await writer.drain()
        await asyncio.sleep(number % 7 * 0.001)
        writer.transport.abort()

    toggle = f"/live/streams/{STREAM}/products/{PRODUCT}/toggle"

    async def give_up(number: int) -> None:
        task = asyncio.create_task(shop.moderator.put(toggle))
        await asyncio.sleep(number % 9 * 0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    for batch in range(15):
        await asyncio.gather(
            *(abort(number) for number in range(14)), *(give_up(batch + number) for number in range(6))
        )
    async with asyncio.timeout(PATIENCE):
        said = await shop.guest.post(f"/live/streams/{STREAM}/messages", json={"message": "here", "sessionId": "ann"})
        assert said.status_code == 201
        assert (await shop.moderator.put(toggle, json={"isActive": True})).json()["isActive"] is True
        assert (await shop.guest.get(shop.url + "/healthz")).json() == {"status": "ok"}


async def test_health_and_readiness(shop: Shop):
    assert (await shop.guest.get(shop.url + "/healthz")).json() == {"status": "ok"}
    ready = await shop.guest.get(shop.url + "/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "parts": {"database": "ok", "media": "ok"}})


async def test_the_api_describes_itself_without_the_internet(shop: Shop):
    document = (await shop.guest.get(shop.url + "/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    operations = [(method.upper(), path) for path, item in document["paths"].items() for method in item]
    declared = [
        (endpoint.method, endpoint.base + path) for endpoint in ENDPOINTS for path in (endpoint.path, *endpoint.aliases)
    ]
    assert sorted(operations) == sorted(declared)
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(set(names)) == len(names)
    for endpoint in ENDPOINTS:
        operation = document["paths"][endpoint.base + endpoint.path][endpoint.method.lower()]
        for_guests = endpoint.needs is None or allows(Role.GUEST, endpoint.needs)
        assert ({} in operation["security"]) is for_guests, endpoint.name
        headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        assert ("Idempotency-Key" in headers) is (
            Code.IDEMPOTENCY_KEY_REUSED in endpoint.problems and not endpoint.signed_body
        )
        assert ("X-Session-Id" in headers) is (for_guests and endpoint.needs is not None)
        assert ("Liveshop-Signature" in headers) is (endpoint.signed_body is not None)
        if endpoint.body or endpoint.signed_body:
            assert {"400", "413"} <= operation["responses"].keys(), endpoint.name
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]

    page = await shop.guest.get(shop.url + "/api/docs")
    assert page.status_code == 200
    assert "https://" not in page.text.replace("https://www.w3.org", "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert asset in page.text
        assert (await shop.guest.get(f"{shop.url}/api/docs/assets/{asset}")).status_code == 200
    for evil in ("..%2f..%2fapp.py", "nothing.js"):
        assert refusal(await shop.guest.get(f"{shop.url}/api/docs/assets/{evil}")) == (404, "not_found")


async def test_a_database_that_cannot_write_now_is_unavailable_and_the_log_says_so_in_one_line(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    connection = database._connection

    def impatient(settings: Settings) -> dict[str, Any]:
        found = connection(settings)
        found["credentials"]["busy_timeout"] = 50
        return found

    monkeypatch.setattr(database, "_connection", impatient)
    shop = await open_shop()
    buyer = await shop.live()
    await buyer.join()
    with closing(sqlite3.connect(shop.settings.data_dir / "liveshop.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await shop.viewer.post("/orders", json={"items": [{"productId": PRODUCT}]})
        acknowledged = await buyer.ask("streamPurchase", streamId=STREAM, productId=PRODUCT)
        other.execute("ROLLBACK")
    assert refusal(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert (acknowledged["error"]["code"], acknowledged["error"]["retryAfter"]) == ("unavailable", 1)
    logged = capfd.readouterr()
    assert "Traceback" not in logged.out + logged.err
    assert (await shop.viewer.post("/orders", json={"items": [{"productId": PRODUCT}]})).status_code == 201


@pytest.mark.parametrize("role", [Role.SELLER, Role.AFFILIATE])
async def test_a_token_of_nobody_is_refused_on_every_route_and_by_every_command(shop: Shop, role: Role):
    nobody = shop.rest(role, "nobody")
    for path in ("/orders", "/orders/some", "/live/streams", f"/live/streams/{STREAM}", "/products"):
        assert refusal(await nobody.get(path)) == (403, "unknown_subject"), path
    assert refusal(await nobody.post("/orders", json=body_of())) == (403, "unknown_subject")
    live = await shop.live(role, "nobody")
    for command in ({"joinStream": {"streamId": STREAM}}, {"streamHeartbeat": {"streamId": STREAM}}):
        ((name, payload),) = command.items()
        assert (await live.ask(name, payload))["error"]["code"] == "unknown_subject"
