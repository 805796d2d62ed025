"""Visits become rows, whenever people come and go."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from backend.domain.actors import StreamScope
from backend.domain.audience import watched_ms
from backend.services import attendance as module
from backend.services.attendance import Attendance, close_abandoned_visits
from backend.services.bus import Announcement, Bus
from backend.services.snapshots import Snapshots
from backend.settings import Settings
from backend.storage.database import opened
from backend.storage.models import LiveStream, LiveStreamViewer
from backend.storage.views import Addresses
from shared.events import ViewerCountUpdate
from shared.views import HostType
from tests.shop import AFFILIATE, SELLER, STREAM
from tests.waiting import eventually

SCOPE = StreamScope(id=STREAM, host_type=HostType.AFFILIATE, seller_id=SELLER, affiliate_id=AFFILIATE)


@pytest.fixture
async def bus(shop_settings: Callable[..., Settings]) -> AsyncIterator[Bus]:
    """A bus over an open database."""
    async with opened(shop_settings()):
        yield Bus()


async def _open_visits() -> int:
    """How many visits go on; those that do not have their length."""
    rows = await LiveStreamViewer.all()
    for row in rows:
        assert row.watched_ms == (None if row.left_at is None else watched_ms(row.joined_at, row.left_at))
    return sum(row.left_at is None for row in rows)


async def test_a_visit_is_a_row_from_join_to_leave(bus: Bus):
    attendance = Attendance(bus)
    attendance.join(SCOPE, "ann", "s1")
    await attendance.write()
    row = await LiveStreamViewer.get()
    assert (row.stream_id, row.viewer_id, row.left_at, row.watched_ms) == (STREAM, "ann", None, None)

    attendance.leave(STREAM, "s1")
    await attendance.write()
    row = await LiveStreamViewer.get()
    assert row.left_at is not None
    assert row.left_at >= row.joined_at
    assert row.last_seen_at == row.left_at
    assert row.watched_ms == watched_ms(row.joined_at, row.left_at)


async def test_a_visit_that_was_over_before_it_was_written_is_one_closed_row(bus: Bus):
    attendance = Attendance(bus)
    attendance.join(SCOPE, "ann", "s1")
    attendance.leave(STREAM, "s1")
    await attendance.write()
    assert (await LiveStreamViewer.all().count(), await _open_visits()) == (1, 0)


async def test_who_leaves_while_the_rows_are_written_does_not_stay_for_ever(bus: Bus):
    attendance = Attendance(bus)
    for number in range(50):
        attendance.join(SCOPE, f"viewer{number}", f"s{number}")
    writing = asyncio.create_task(attendance.write())
    for number in range(50):
        await asyncio.sleep(0)
        attendance.leave(STREAM, f"s{number}")
    await writing
    await attendance.write()

    assert await LiveStreamViewer.all().count() == 50
    assert await _open_visits() == 0


async def test_each_return_is_a_visit_of_its_own_and_a_second_tab_is_none(bus: Bus):
    attendance = Attendance(bus)
    for _ in range(3):
        attendance.join(SCOPE, "ann", "s1")
        attendance.join(SCOPE, "ann", "s2")
        attendance.leave(STREAM, "s1")
        attendance.drop("s2")
        await attendance.write()
    assert (await LiveStreamViewer.all().count(), await _open_visits()) == (3, 0)


async def test_rows_that_could_not_be_written_are_written_later(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    attendance = Attendance(bus)
    attendance.join(SCOPE, "ann", "s1")

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(module, "commit", broken)
        with pytest.raises(RuntimeError):
            await attendance.write()
    attendance.leave(STREAM, "s1")
    await attendance.write()

    assert (await LiveStreamViewer.all().count(), await _open_visits()) == (1, 0)
    assert (await LiveStream.get(id=STREAM)).peak_viewers == 1


async def test_the_peak_is_kept_and_never_sinks(bus: Bus):
    first = Attendance(bus)
    for number in range(3):
        first.join(SCOPE, f"viewer{number}", f"s{number}")
    await first.close()
    assert (await LiveStream.get(id=STREAM)).peak_viewers == 3

    second = Attendance(bus)
    second.join(SCOPE, "ann", "s1", known_peak=3)
    await second.write()
    assert second.peak(STREAM) == 3
    assert (await LiveStream.get(id=STREAM)).peak_viewers == 3


async def test_a_clean_stop_ends_every_visit(bus: Bus):
    attendance = Attendance(bus)
    attendance.join(SCOPE, "ann", "s1")
    await attendance.write()
    attendance.join(SCOPE, "ben", "s2")
    await attendance.close()
    assert (await LiveStreamViewer.all().count(), await _open_visits()) == (2, 0)


async def test_visits_of_a_killed_process_end_when_they_were_last_seen(bus: Bus):
    attendance = Attendance(bus)
    attendance.join(SCOPE, "ann", "s1")
    await attendance.write()
    await attendance.note_presence()
    seen = (await LiveStreamViewer.get()).last_seen_at

    assert await close_abandoned_visits() == 1
    assert (await LiveStreamViewer.get()).left_at == seen
    assert await _open_visits() == 0
    assert await close_abandoned_visits() == 0


async def test_a_thousand_joins_are_told_in_a_handful_of_updates(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "COUNT_INTERVAL", 0.2)
    told: list[int] = []

    def hear(announcement: Announcement) -> None:
        assert isinstance(announcement.event, ViewerCountUpdate)
        told.append(announcement.event.count)

    bus.subscribe(hear)
    attendance = Attendance(bus)
    for number in range(1000):
        attendance.join(SCOPE, f"viewer{number}", f"s{number}")
        if number % 20 == 0:
            await asyncio.sleep(0.001)

    async def all_told() -> bool:
        return told[-1:] == [1000]

    await eventually(all_told, "the last count is told")
    assert len(told) <= 6
    assert told == sorted(told)
    await attendance.close()
    assert await LiveStreamViewer.all().count() == 1000


async def test_nothing_is_kept_of_a_stream_that_nobody_watches(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "COUNT_INTERVAL", 0.1)
    snapshots = Snapshots(bus, Addresses(rtmp="", hls=""))
    attendance = Attendance(bus)
    await snapshots.get(STREAM)
    for number in range(3):
        attendance.join(SCOPE, f"viewer{number}", f"s{number}")
    for number in range(3):
        attendance.leave(STREAM, f"s{number}")

    async def forgotten() -> bool:
        await attendance.write()
        return not (attendance._scopes or attendance._peaks or attendance._counted_at or attendance._unwritten_peaks)

    await eventually(forgotten, "the stream is forgotten")
    assert (attendance.peak(STREAM), attendance.count(STREAM)) == (0, 0)
    assert (await LiveStream.get(id=STREAM)).peak_viewers == 3
    known = (await snapshots.get(STREAM)).stream.peak_viewers
    assert known == 3, "the snapshot in memory has heard of the peak"

    attendance.join(SCOPE, "ann", "s1", known_peak=known)
    assert attendance.peak(STREAM) == 3
    attendance.leave(STREAM, "s1")
    await eventually(forgotten, "the stream is forgotten again")
    await attendance.close()


async def test_a_stream_whose_peak_is_not_written_yet_is_remembered(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "COUNT_INTERVAL", 0.0)
    attendance = Attendance(bus)
    attendance.join(SCOPE, "ann", "s1")
    attendance.leave(STREAM, "s1")

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    async def told() -> bool:
        return not attendance._scheduled

    with monkeypatch.context() as patch:
        patch.setattr(module, "commit", broken)
        await eventually(told, "the last count is told")
        with pytest.raises(RuntimeError):
            await attendance.write()
        attendance._forget_empty()
        assert attendance.peak(STREAM) == 1
    await attendance.write()
    assert attendance.peak(STREAM) == 0
    assert (await LiveStream.get(id=STREAM)).peak_viewers == 1
