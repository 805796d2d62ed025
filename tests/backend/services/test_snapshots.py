"""Snapshots for a list are loaded together, and are as good as those loaded one by one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace

import pytest

from backend import seams
from backend.app import create_runtime
from backend.domain.tokens import Keyring
from backend.services import snapshots as module
from backend.services import streams
from backend.services.bus import Announcement, Bus
from backend.services.snapshots import Snapshot, Snapshots
from backend.settings import Settings
from backend.storage import views
from backend.storage.database import opened
from backend.storage.models import FlashSaleRow, LiveStream, LiveStreamMessage, LiveStreamProduct, Pin
from backend.storage.views import Addresses
from shared.commands import ActiveStreamsQuery
from shared.events import StreamProductsUpdate
from shared.problems import ProblemError
from shared.views import HostType, StreamStatus
from tests.backend.services.test_snapshot_news import purchase
from tests.shop import KEY, PRODUCT, SELLER, STREAM


@pytest.fixture
async def settings(shop_settings: Callable[..., Settings]) -> AsyncIterator[Settings]:
    """Settings of an open database."""
    chosen = shop_settings()
    async with opened(chosen):
        yield chosen


@pytest.fixture
def snapshots(settings: Settings) -> Snapshots:
    """No snapshot yet."""
    return Snapshots(Bus(), Addresses(rtmp="", hls=""))


async def _show(stream_id: str) -> str:
    """A live stream with a product, a pin, a flash sale and a message."""
    now = seams.now()
    await LiveStream.create(
        id=stream_id,
        seq=3,
        title=stream_id,
        status=StreamStatus.LIVE,
        host_type=HostType.SELLER,
        seller_id=SELLER,
        stream_key=seams.new_stream_key(),
        playback_id=stream_id,
        started_at=now,
        created_at=now,
        updated_at=now,
    )
    await LiveStreamProduct.create(
        id=seams.new_id(), stream_id=stream_id, product_id=PRODUCT, is_active=True, position=0, added_at=now
    )
    await Pin.create(stream_id=stream_id, product_id=PRODUCT, pinned_by="mo", pinned_at=now)
    await FlashSaleRow.create(
        id=seams.new_id(),
        stream_id=stream_id,
        product_id=PRODUCT,
        discount_percent=10,
        started_by="mo",
        starts_at=now,
        ends_at=now.replace(year=now.year + 1),
    )
    await LiveStreamMessage.create(
        id=seams.new_id(),
        stream_id=stream_id,
        seq=3,
        author_id="ann",
        is_guest=True,
        username="Ann",
        message=f"hello {stream_id}",
        sent_at=now,
    )
    return stream_id


async def _shows(number: int) -> list[str]:
    return [await _show(f"show-{one}") for one in range(number)]


def _bare(snapshot: Snapshot) -> Snapshot:
    """What a list needs of it."""
    return replace(snapshot, recent=module.deque(), has_history=False)


async def test_those_of_a_list_equal_those_loaded_one_by_one(snapshots: Snapshots):
    ids = [*await _shows(3), STREAM]
    together = await snapshots.get_all(ids)
    assert [len(snapshot.moments) for snapshot in together] == [2, 2, 2, 0]
    alone = [await Snapshots(Bus(), Addresses(rtmp="", hls="")).get(stream_id) for stream_id in ids]
    assert [_bare(snapshot) for snapshot in together] == [_bare(snapshot) for snapshot in alone]
    assert await snapshots.get_all([]) == []
    assert await snapshots.get_all(["nothing"]) == []
    with pytest.raises(ProblemError):
        await snapshots.get("nothing")


async def test_who_joins_after_a_list_was_shown_gets_the_messages(snapshots: Snapshots):
    (stream_id,) = await _shows(1)
    listed, joined = await asyncio.gather(snapshots.get_all([stream_id]), snapshots.get(stream_id))
    assert listed[0].messages(20) == []
    assert [message.message for message in joined.messages(20)] == ["hello show-0"]
    assert (await snapshots.get_all([stream_id]))[0] is joined


async def test_a_list_of_live_streams_takes_as_many_queries_however_many_there_are(
    settings: Settings, caplog: pytest.LogCaptureFixture
):
    async def queries() -> int:
        runtime = create_runtime(settings, Keyring(KEY))
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
            await streams.list_active(runtime, ActiveStreamsQuery())
            asked = len(caplog.records)
            await streams.list_active(runtime, ActiveStreamsQuery())
        assert len(caplog.records) == asked + 1, "from then on only which are live"
        return asked

    await _show("first")
    few = await queries()
    await _shows(20)
    assert await queries() == few


async def test_news_and_changes_of_one_stream_meet_the_load_of_many(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    bus = Bus()
    snapshots = Snapshots(bus, Addresses(rtmp="", hls=""))
    ids = [*await _shows(2), STREAM]
    loads: list[set[str]] = []
    load = snapshots._load

    async def meanwhile(stream_ids: Collection[str], *, history: bool) -> dict[str, Snapshot]:
        found = await load(stream_ids, history=history)
        loads.append(set(stream_ids))
        bus.publish(purchase(4))
        if len(loads) == 1:
            row = await LiveStream.get(id=ids[0])
            change = StreamProductsUpdate(stream_id=ids[0], products=[], timestamp=seams.now(), seq=4)
            await LiveStream.filter(id=ids[0]).update(title="Changed", seq=4)
            bus.publish(Announcement(views.scope(row), change))
        return found

    monkeypatch.setattr(snapshots, "_load", meanwhile)
    found = await snapshots.get_all(ids)
    assert loads == [set(ids), {ids[0]}]
    assert [(snapshot.stream.title, snapshot.seq) for snapshot in found[:2]] == [("Changed", 4), ("show-1", 3)]
    assert (found[2].seq, found[2].public.products[0].order_count) == (4, 4)
    assert await snapshots.get_all(ids) == found
    assert (snapshots._loads, snapshots._missed, snapshots._overtaken) == ({}, {}, set())


async def test_a_load_that_fails_leaves_nothing_behind(snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: object, **__: object) -> dict[str, Snapshot]:
        raise RuntimeError("the database is gone")

    ids = await _shows(2)
    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "_load", broken)
        with pytest.raises(RuntimeError):
            await snapshots.get_all(ids)
        with pytest.raises(RuntimeError):
            await snapshots.get(ids[0])
    assert len(await snapshots.get_all(ids)) == 2
