"""The real client against a real server on a real socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from console_server import NAME, PASSWORD, TOKEN, Server
from console_shows import message, said

from console.client import acts
from console.client.live import LiveClient
from console.core import events as e
from console.core.credentials import Credentials, Password, Token
from console.core.payout import PayOut
from shared import endpoints, events
from shared.commands import MakePayout
from shared.problems import Code, ProblemError
from shared.rooms import NAMESPACE

K = TypeVar("K", bound=e.Event)


GOOD = Token(TOKEN)


class Ear:
    """Keeps what was heard."""

    def __init__(self) -> None:
        self.heard: list[e.Event] = []

    def __call__(self, event: e.Event) -> None:
        self.heard.append(event)

    def all(self, kind: type[K]) -> list[K]:
        return [event for event in self.heard if isinstance(event, kind)]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(8):
        while not condition():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.client.live.DELAYS", (0.05,))


@contextlib.asynccontextmanager
async def listening(url: str, credentials: Credentials = GOOD) -> AsyncIterator[tuple[LiveClient, Ear]]:
    client, ear = LiveClient(url, credentials), Ear()
    running = asyncio.create_task(client.run(ear))
    try:
        yield client, ear
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        left = [task for task in asyncio.all_tasks() if "socketio" in repr(task.get_coro())]
        assert not [task for task in left if "client" in repr(task.get_coro())]


async def test_a_snapshot_and_the_batches_after_it_are_heard_in_order():
    server = Server()
    async with server.running() as url, listening(url) as (_, ear):
        await until(lambda: ear.all(e.SnapshotArrived))
        for seq in (1, 2, 3):
            await server.batch(said(message(seq)))
        await server.batch()
        await until(lambda: len(ear.all(e.BatchArrived)) == 4)
        assert [event.batch.seq for event in ear.all(e.BatchArrived)] == [1, 2, 3, 4]
        assert ear.all(e.BatchArrived)[0].batch.events[0].event == "newMessage"


async def test_a_gap_or_another_origin_brings_a_new_snapshot():
    server = Server()
    async with server.running() as url, listening(url) as (_, ear):
        await until(lambda: ear.all(e.SnapshotArrived))
        await server.batch(skip=3)
        await until(lambda: len(ear.all(e.SnapshotArrived)) == 2)
        await server.batch()
        await until(lambda: len(ear.all(e.BatchArrived)) == 1)
        server.origin = "server-2"
        await server.batch()
        await until(lambda: len(ear.all(e.SnapshotArrived)) == 3)
        assert ear.all(e.SnapshotArrived)[-1].snapshot.origin == "server-2"
        assert server.subscriptions == 3


async def test_it_reconnects_after_the_server_went_away_and_after_a_kick():
    server = Server()
    async with contextlib.AsyncExitStack() as stack:
        async with server.running() as url:
            client, ear = await stack.enter_async_context(listening(url))
            await until(lambda: ear.all(e.SnapshotArrived))
        await until(lambda: ear.all(e.ConnectionLost))
        with pytest.raises(ProblemError) as refused:
            await client.call(endpoints.DELETE_MESSAGE, stream_id="s1", message_id="m1")
        assert refused.value.code is Code.OFFLINE
        await until(lambda: len(ear.all(e.ConnectionLost)) >= 3)
        assert "can't be reached" in ear.all(e.ConnectionLost)[-1].reason
        await stack.enter_async_context(Server.running(server))
        await until(lambda: len(ear.all(e.SnapshotArrived)) == 2)
        await server.kick()
        await until(lambda: len(ear.all(e.SnapshotArrived)) == 3)
        assert "closed the connection" in ear.all(e.ConnectionLost)[-1].reason


async def test_a_bad_token_is_refused_once_and_for_all():
    async with Server().running() as url:
        client, ear = LiveClient(url, Token("bad")), Ear()
        await asyncio.wait_for(client.run(ear), 5)
        assert [event.reason for event in ear.all(e.SignInRefused)] == ["This token is wrong, expired or revoked."]


async def test_a_token_without_the_right_is_refused_in_the_servers_words():
    server = Server()
    refusal = {"code": "forbidden", "message": "Viewers have no console.", "errors": []}
    server.refusal = {"ok": False, "error": refusal}
    async with server.running() as url:
        client, ear = LiveClient(url, Token(TOKEN)), Ear()
        await asyncio.wait_for(client.run(ear), 5)
        assert [event.reason for event in ear.all(e.SignInRefused)] == ["Viewers have no console."]


async def test_silence_is_a_loss(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("console.client.live.SILENCE_SECONDS", 0.3)
    async with Server().running() as url, listening(url) as (_, ear):
        await until(lambda: len(ear.all(e.SnapshotArrived)) == 2)
        assert "silent" in ear.all(e.ConnectionLost)[0].reason


async def test_payloads_that_make_no_sense_are_survived():
    server = Server()
    async with server.running() as url, listening(url) as (_, ear):
        await until(lambda: ear.all(e.SnapshotArrived))
        for payload in ({"seq": "x"}, None, 7):
            await server.sio.emit("controlBatch", payload, namespace=NAMESPACE)
        await server.sio.emit("nonsense", [1], namespace=NAMESPACE)
        await server.batch(events.MessageDeleted(stream_id="s1", message_id="m", deleted_by="me", seq=1))
        await until(lambda: ear.all(e.BatchArrived))
        assert len(ear.all(e.Misunderstood)) == 3
        await server.sio.emit("controlSnapshot", {"origin": 1}, namespace=NAMESPACE)
        await until(lambda: len(ear.all(e.SnapshotArrived)) == 2)


async def test_resync_asks_for_a_snapshot_at_once():
    server = Server()
    async with server.running() as url, listening(url) as (client, ear):
        await until(lambda: ear.all(e.SnapshotArrived))
        client.resync()
        client.resync()
        await until(lambda: len(ear.all(e.SnapshotArrived)) == 2)
        assert server.subscriptions == 2


async def test_rest_carries_the_token_and_turns_refusals_into_problems():
    server = Server()
    async with server.running() as url, listening(url) as (client, _):
        done = await client.call(endpoints.DELETE_MESSAGE, stream_id="s1", message_id="m1")
        assert done.message_id == "m1"
        assert server.asked[-1] == ("DELETE", "/api/v1/live/streams/s1/messages/m1", f"Bearer {TOKEN}")
        with pytest.raises(ProblemError) as refused:
            await client.call(endpoints.DELETE_MESSAGE, stream_id="s1", message_id="m2")
        assert (refused.value.code, refused.value.message) == (Code.NOT_FOUND, "There is no such message.")
        with pytest.raises(ProblemError) as broken:
            await client.call(endpoints.DELETE_MESSAGE, stream_id="s1", message_id="broken")
        assert broken.value.message == "The server answered 502 Bad Gateway."


async def test_a_payout_carries_its_amount_to_the_last_digit_and_its_key_each_time():
    server = Server()
    async with server.running() as url, listening(url) as (client, _):
        act = PayOut(
            affiliate_id="affiliate_456", currency="KWD", amount=Decimal("12.345"), reference="SEPA 0042", key="key-1"
        )
        for _again in range(2):
            await acts.perform(client, act)
        paid = await client.call(endpoints.MAKE_PAYOUT, affiliate_id="affiliate_456", body=MakePayout(currency="EUR"))
        assert (paid.currency, paid.id) == ("EUR", "payout-1")
        assert server.keys == ["key-1", "key-1", ""]
        assert server.asked[-1][:2] == ("POST", "/api/v1/affiliates/affiliate_456/payouts")


async def test_a_name_and_a_password_sign_in_and_out_again():
    server = Server()
    async with server.running() as url, listening(url, Password(NAME, PASSWORD)) as (client, ear):
        await until(lambda: ear.all(e.SnapshotArrived))
        await client.call(endpoints.DELETE_MESSAGE, stream_id="s1", message_id="m1")
        assert server.shown == ["access-1"]
        assert server.asked[-1][2] == "Bearer access-1"
        await client.leave()
        await client.leave()
        assert server.tokens == set()
        assert [path for _, path, _ in server.asked].count(endpoints.SIGN_OUT.url()) == 1


async def test_a_sign_in_renews_its_token_before_it_expires_without_a_word():
    server = Server()
    server.lifetime = timedelta(seconds=2)
    async with server.running() as url, listening(url, Password(NAME, PASSWORD)) as (client, ear):
        await until(lambda: server.issued >= 3 and len(ear.all(e.SnapshotArrived)) >= 3)
        await client.call(endpoints.DELETE_MESSAGE, stream_id="s1", message_id="m1")
        assert server.shown[:3] == ["access-1", "access-2", "access-3"]
        assert len(ear.all(e.Connecting)) == 1
        assert ear.all(e.ConnectionLost) == ear.all(e.SignInRefused) == []


async def test_requests_at_once_renew_a_token_once():
    server = Server()
    server.lifetime = timedelta(seconds=1)
    async with server.running() as url:
        client = LiveClient(url, Password(NAME, PASSWORD))
        for expected in (1, 2):
            deletions = (client.call(endpoints.DELETE_MESSAGE, stream_id="s1", message_id="m1") for _ in range(8))
            await asyncio.gather(*deletions)
            assert server.issued == expected
            await asyncio.sleep(0.9)


async def test_a_wrong_password_is_refused_in_the_servers_words_and_shown_to_nobody():
    server = Server()
    async with server.running() as url:
        client, ear = LiveClient(url, Password(NAME, "wrong horse battery")), Ear()
        await asyncio.wait_for(client.run(ear), 5)
        assert [event.reason for event in ear.all(e.SignInRefused)] == ["The name or the password is wrong."]
        assert "wrong horse" not in repr(ear.heard) + repr(client.__dict__)


async def test_a_server_out_of_reach_is_tried_again_with_name_and_password():
    server = Server()
    async with server.running() as url:
        pass
    async with listening(url, Password(NAME, PASSWORD)) as (_, ear):
        await until(lambda: len(ear.all(e.ConnectionLost)) >= 2)
        async with server.running():
            await until(lambda: ear.all(e.SnapshotArrived))
