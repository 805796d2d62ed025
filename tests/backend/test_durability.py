"""kill -9 in the middle of everything: what was acknowledged is there, and what was left open is closed."""

import asyncio
import contextlib
import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.processes import Served
from tests.shop import STREAM, Live, copy_shop
from tests.waiting import eventually, soon

NAMESPACES = ["/live"]


async def _viewer(url: str, session: str) -> Live:
    live = Live()
    await live.client.connect(url, namespaces=NAMESPACES, transports=["websocket"])
    await live.join(sessionId=session)
    return live


def _kill_everything(server: Served) -> None:
    """As a power cut would: nobody gets to say goodbye."""
    family = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    for one in family:
        os.kill(one.pid, signal.SIGKILL)
    server.process.wait(10)
    soon(lambda: server.left_over() == [], "everything is dead")


def _rows(data: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(data / "liveshop.db")) as connection:
        return connection.execute(query).fetchall()


async def test_every_acknowledged_message_survives_kill_9_and_the_numbers_have_no_gap(
    planted_shop: Path, tmp_path: Path
):
    data = tmp_path / "data"
    copy_shop(planted_shop, data)
    acknowledged: dict[int, str] = {}

    async def talk(live: Live, who: int) -> None:
        for number in range(10_000):
            answer = await live.ask("sendMessage", streamId=STREAM, message=f"{who}-{number}")
            assert answer["ok"], answer
            acknowledged[answer["message"]["seq"]] = answer["message"]["message"]

    with Served(data, log=tmp_path / "first", LIVESHOP_CHAT_RATE="0").ready() as server:
        viewers = [await _viewer(server.url, f"s{number}") for number in range(8)]
        talking = [asyncio.create_task(talk(live, who)) for who, live in enumerate(viewers)]

        async def enough() -> bool:
            assert not any(task.done() for task in talking), [task for task in talking if task.done()]
            return len(acknowledged) >= 300 and bool(_rows(data, "SELECT 1 FROM live_stream_viewers"))

        await eventually(enough, "300 acknowledged messages", within=30)
        await asyncio.to_thread(_kill_everything, server)
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        for live in viewers:
            await live.close()

    stored = dict(_rows(data, "SELECT seq, message FROM live_stream_messages ORDER BY seq"))
    assert {seq: stored.get(seq) for seq in acknowledged} == acknowledged
    assert list(stored) == list(range(1, len(stored) + 1))
    assert _rows(data, "SELECT count(*) FROM live_stream_viewers WHERE left_at IS NULL") == [(8,)]

    with Served(data, log=tmp_path / "second", LIVESHOP_CHAT_RATE="0").ready() as server:
        assert _rows(data, "SELECT count(*) FROM live_stream_viewers WHERE left_at IS NULL OR left_at < joined_at") == [
            (0,)
        ]
        async with httpx.AsyncClient(base_url=server.url) as client:
            recent = (await client.get(f"/api/v1/live/streams/{STREAM}/messages?limit=50")).json()
        assert [message["seq"] for message in recent] == list(range(len(stored) - 49, len(stored) + 1))
        live = await _viewer(server.url, "after")
        assert (await live.say("and on"))["seq"] == len(stored) + 1
        await live.close()
        assert server.stop() < 5


async def test_a_clean_stop_closes_every_visit_though_the_sockets_are_open(planted_shop: Path, tmp_path: Path):
    data = tmp_path / "data"
    copy_shop(planted_shop, data)
    with Served(data, log=tmp_path / "serve").ready() as server:
        viewers = [await _viewer(server.url, f"s{number}") for number in range(3)]
        seconds = await asyncio.to_thread(server.stop)
        assert seconds < 5
        assert server.process.returncode == 0
        for live in viewers:
            await live.close()
    assert _rows(data, "SELECT count(*), count(left_at) FROM live_stream_viewers") == [(3, 3)]
