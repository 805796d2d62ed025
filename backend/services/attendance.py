"""Who is watching, told to rooms at most once a second a stream and kept as rows of live_stream_viewers."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from backend import seams
from backend.domain.actors import StreamScope
from backend.domain.audience import Audience, watched_ms
from backend.services.bus import Announcement, Bus
from backend.services.unit_of_work import commit
from backend.storage.models import LiveStream, LiveStreamViewer
from shared.events import ViewerCountUpdate

COUNT_INTERVAL = 1.0
"""Seconds between two counts of one stream, at least."""
FIRST_COUNT_DELAY = 0.05
"""Seconds for which a first change waits for the ones that come with it."""
BATCH = 1000
"""Rows written at once."""


@dataclass(slots=True)
class Visit:
    """One viewer's stay in one stream, on its way to its row."""

    id: str
    stream_id: str
    viewer_id: str
    joined_at: datetime
    address_hash: str | None = None
    left_at: datetime | None = None
    stored: bool = False


class Attendance:
    """Counts distinct viewers and keeps a row of each visit."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._audience = Audience()
        self._scopes: dict[str, StreamScope] = {}
        self._present: dict[tuple[str, str], Visit] = {}
        self._unwritten: list[Visit] = []
        self._peaks: dict[str, int] = {}
        self._unwritten_peaks: dict[str, int] = {}
        self._counted_at: dict[str, float] = {}
        self._scheduled: dict[str, asyncio.TimerHandle] = {}

    def join(
        self,
        stream: StreamScope,
        viewer_id: str,
        socket_id: str,
        *,
        known_peak: int = 0,
        address_hash: str | None = None,
    ) -> None:
        """A viewer's socket begins to watch a stream."""
        if not self._audience.join(stream.id, viewer_id, socket_id):
            return
        self._scopes[stream.id] = stream
        visit = Visit(
            id=seams.new_id(),
            stream_id=stream.id,
            viewer_id=viewer_id,
            joined_at=seams.now(),
            address_hash=address_hash,
        )
        self._present[stream.id, viewer_id] = visit
        self._unwritten.append(visit)
        count = self.count(stream.id)
        if count > max(self._peaks.get(stream.id, 0), known_peak):
            self._unwritten_peaks[stream.id] = count
        self._peaks[stream.id] = max(self._peaks.get(stream.id, 0), known_peak, count)
        self._schedule_count(stream.id)

    def leave(self, stream_id: str, socket_id: str) -> None:
        """A socket stops watching a stream."""
        viewer_id = self._audience.leave(stream_id, socket_id)
        if viewer_id is None:
            return
        visit = self._present.pop((stream_id, viewer_id))
        visit.left_at = seams.now()
        if visit.stored:
            self._unwritten.append(visit)
        self._schedule_count(stream_id)

    def drop(self, socket_id: str) -> None:
        """A socket is gone from everywhere."""
        for stream_id in self._audience.streams_of(socket_id):
            self.leave(stream_id, socket_id)

    def count(self, stream_id: str) -> int:
        """Distinct viewers of a stream now."""
        return self._audience.count(stream_id)

    def peak(self, stream_id: str) -> int:
        """The most viewers that a stream is known to have had at once; 0 where nobody has come lately."""
        return self._peaks.get(stream_id, 0)

    def counts(self) -> dict[str, int]:
        """Distinct viewers of every watched stream now."""
        return self._audience.counts()

    def _schedule_count(self, stream_id: str) -> None:
        if stream_id in self._scheduled:
            return
        since = seams.monotonic() - self._counted_at.get(stream_id, float("-inf"))
        delay = max(FIRST_COUNT_DELAY, COUNT_INTERVAL - since)
        self._scheduled[stream_id] = asyncio.get_running_loop().call_later(delay, self._tell_count, stream_id)

    def _tell_count(self, stream_id: str) -> None:
        del self._scheduled[stream_id]
        self._counted_at[stream_id] = seams.monotonic()
        count = self.count(stream_id)
        event = ViewerCountUpdate(stream_id=stream_id, count=count, peak=self._peaks.get(stream_id, count))
        self._bus.publish(Announcement(self._scopes[stream_id], event))

    async def write(self) -> None:
        """Bring the rows up to date with what has happened."""
        visits, self._unwritten = self._unwritten, []
        peaks = dict(self._unwritten_peaks)
        if visits or peaks:
            await self._write(visits, peaks)
        self._forget_empty()

    async def _write(self, visits: list[Visit], peaks: dict[str, int]) -> None:
        still_there = [visit for visit in visits if visit.left_at is None]
        try:
            await commit(self._bus, lambda _: self._write_rows(visits, peaks))
        except Exception:
            self._unwritten[:0] = visits
            raise
        for visit in visits:
            visit.stored = True
        # Who left while the rows were written is in them as still there.
        self._unwritten += [visit for visit in still_there if visit.left_at is not None]
        for stream_id, peak in peaks.items():
            if self._unwritten_peaks.get(stream_id) == peak:
                del self._unwritten_peaks[stream_id]

    async def _write_rows(self, visits: list[Visit], peaks: dict[str, int]) -> None:
        await LiveStreamViewer.bulk_create(
            [_row(visit) for visit in visits],
            batch_size=BATCH,
            on_conflict=["id"],
            update_fields=["last_seen_at", "left_at", "watched_ms"],
        )
        for stream_id, peak in peaks.items():
            await LiveStream.filter(id=stream_id, peak_viewers__lt=peak).update(peak_viewers=peak)

    def _forget_empty(self) -> None:
        """Keep nothing of a stream that nobody watches, when its last count was told and its peak is in its row."""
        now = seams.monotonic()
        for stream_id, counted_at in list(self._counted_at.items()):
            busy = self.count(stream_id) or stream_id in self._scheduled or stream_id in self._unwritten_peaks
            if not busy and now - counted_at >= COUNT_INTERVAL:
                del self._scopes[stream_id], self._peaks[stream_id], self._counted_at[stream_id]

    async def note_presence(self) -> None:
        """Mark every open visit as seen now, so that after a crash it is closed where it was last seen."""
        await LiveStreamViewer.filter(left_at=None).update(last_seen_at=seams.now())

    async def close(self) -> None:
        """End every visit: the process stops."""
        for handle in self._scheduled.values():
            handle.cancel()
        for stream_id, viewer_id in list(self._present):
            visit = self._present.pop((stream_id, viewer_id))
            visit.left_at = seams.now()
            if visit.stored:
                self._unwritten.append(visit)
        await self.write()


async def close_abandoned_visits() -> int:
    """Close the visits that a killed process left open, at the time they were last seen; how many there were."""
    open_visits = await LiveStreamViewer.filter(left_at=None).only("id", "joined_at", "last_seen_at")
    for visit in open_visits:
        visit.left_at = visit.last_seen_at
        visit.watched_ms = watched_ms(visit.joined_at, visit.last_seen_at)
    if open_visits:
        await LiveStreamViewer.bulk_update(open_visits, fields=["left_at", "watched_ms"], batch_size=BATCH)
    return len(open_visits)


def _row(visit: Visit) -> LiveStreamViewer:
    return LiveStreamViewer(
        id=visit.id,
        stream_id=visit.stream_id,
        viewer_id=visit.viewer_id,
        address_hash=visit.address_hash,
        joined_at=visit.joined_at,
        last_seen_at=visit.left_at or visit.joined_at,
        left_at=visit.left_at,
        watched_ms=None if visit.left_at is None else watched_ms(visit.joined_at, visit.left_at),
    )
