"""What a joining viewer is shown, kept in memory per stream and thrown away by that stream's events.

Joins and chat messages cost no query while a snapshot holds.
"""

import asyncio
from bisect import insort
from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from backend.domain.actors import StreamScope
from backend.services import moments, sales
from backend.services.bus import Announcement, Bus
from backend.services.moments import Moment
from backend.storage import views
from backend.storage.models import LiveStream, shown_messages
from backend.storage.views import Addresses
from shared.events import (
    ControlStreamUpdate,
    FlashSaleEnded,
    FlashSaleStarted,
    MessageDeleted,
    MessageRestored,
    NewMessage,
    NewPurchase,
    ProductPinned,
    ProductUnpinned,
    StreamProductsUpdate,
    StreamStatusUpdate,
    ViewerCountUpdate,
)
from shared.problems import Code, ProblemError
from shared.views import ChatMessageView, StreamView

HISTORY = 200
"""Messages kept of each stream."""
CACHED_STREAMS = 500
"""Snapshots kept; the longest unused goes first."""

_CHANGES = (
    ControlStreamUpdate,
    FlashSaleEnded,
    FlashSaleStarted,
    ProductPinned,
    ProductUnpinned,
    StreamProductsUpdate,
    StreamStatusUpdate,
)
"""What makes a snapshot worthless."""

News = MessageDeleted | MessageRestored | NewMessage | NewPurchase | ViewerCountUpdate
"""What a snapshot takes in: these come so often that a load would never find a quiet moment."""


@dataclass(slots=True)
class Snapshot:
    """One stream, as of its newest event."""

    scope: StreamScope
    stream: StreamView
    """With all its products; its viewer count is not kept here."""
    public: StreamView
    """With its active products."""
    seq: int
    """The number of the stream's newest durable event."""
    moments: list[Moment]
    """The pin and the flash sales that hold, for late joiners."""
    recent: deque[ChatMessageView]
    """The newest messages, oldest first."""
    has_history: bool = True
    """Whether `recent` goes back to before it was loaded."""

    def moments_at(self, now: datetime) -> list[Moment]:
        """What of the pin and the flash sales still holds."""
        return [moment for moment in self.moments if (end := moments.end_of(moment)) is None or end > now]

    def messages(self, limit: int, since: int | None = None) -> list[ChatMessageView]:
        """The newest `limit` messages, or all kept ones after `since`, oldest first."""
        if since is not None:
            return [message for message in self.recent if message.seq > since]
        return list(self.recent)[-limit:]

    def take_in(self, event: News) -> None:
        """Go on with an event. Rows may be read between their commit and their news: what is known changes nothing."""
        if isinstance(event, ViewerCountUpdate):
            self.stream, self.public = _with_peak(self.stream, event), _with_peak(self.public, event)
            return
        self.seq = max(self.seq, event.seq)
        if isinstance(event, NewPurchase):
            self.stream, self.public = _with_purchase(self.stream, event), _with_purchase(self.public, event)
        elif isinstance(event, NewMessage):
            if not self.recent or self.recent[-1].seq < event.seq:
                self.recent.append(event)
        elif isinstance(event, MessageRestored):
            self._put_back(event.message)
        else:
            left = [message for message in self.recent if message.id != event.message_id]
            self.recent = deque(left, maxlen=HISTORY)

    def _put_back(self, message: ChatMessageView) -> None:
        """Show a message again in its place, unless that is older than what is kept."""
        others = [kept for kept in self.recent if kept.id != message.id]
        if len(others) < HISTORY or message.seq > others[0].seq:
            insort(others, message, key=lambda kept: kept.seq)
        self.recent = deque(others, maxlen=HISTORY)


def _with_purchase(stream: StreamView, event: NewPurchase) -> StreamView:
    products = [
        replace(item, order_count=max(item.order_count, event.purchase_count))
        if item.product_id == event.product_id
        else item
        for item in stream.products
    ]
    return replace(stream, products=products)


def _with_peak(stream: StreamView, event: ViewerCountUpdate) -> StreamView:
    return replace(stream, peak_viewers=max(stream.peak_viewers, event.peak))


class Snapshots:
    """The snapshots of the streams that somebody has asked for lately."""

    def __init__(self, bus: Bus, addresses: Addresses) -> None:
        self._addresses = addresses
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        self._loads: dict[str, asyncio.Task[dict[str, Snapshot]]] = {}
        self._overtaken: set[str] = set()
        self._missed: dict[str, list[News]] = {}
        bus.subscribe(self._hear)

    async def get(self, stream_id: str) -> Snapshot:
        """The stream's snapshot, loaded once however many ask at the same time.

        Raises:
            ProblemError: `not_found`.
        """
        while True:
            kept = self._kept.get(stream_id)
            if kept is not None and kept.has_history:
                self._kept.move_to_end(stream_id)
                return kept
            load = self._loads.get(stream_id) or self._begin([stream_id], history=True)
            # Its result may be overtaken before this task runs again: only what is kept hears events.
            if stream_id not in await asyncio.shield(load):
                raise ProblemError(Code.NOT_FOUND, "There is no such stream.")

    async def get_all(self, stream_ids: list[str]) -> list[Snapshot]:
        """The streams' snapshots for a list, without messages where none are kept: these are loaded together."""
        found = {stream_id: self._kept[stream_id] for stream_id in stream_ids if stream_id in self._kept}
        missing = [stream_id for stream_id in stream_ids if stream_id not in found]
        if unasked := [stream_id for stream_id in missing if stream_id not in self._loads]:
            self._begin(unasked, history=False)
        for load in {self._loads[stream_id] for stream_id in missing}:
            found |= await asyncio.shield(load)
        return [found[stream_id] for stream_id in stream_ids if stream_id in found]

    def forget_host(self, host_id: str) -> None:
        """Throw away what shows a seller or an affiliate who has changed."""
        self._overtaken.update(self._loads)
        for stream_id, kept in list(self._kept.items()):
            if host_id in (kept.scope.seller_id, kept.scope.affiliate_id):
                del self._kept[stream_id]

    def _begin(self, stream_ids: list[str], *, history: bool) -> asyncio.Task[dict[str, Snapshot]]:
        load = asyncio.create_task(self._load_settled(stream_ids, history=history))
        self._loads |= dict.fromkeys(stream_ids, load)
        return load

    async def _load_settled(self, stream_ids: list[str], *, history: bool) -> dict[str, Snapshot]:
        """Load until nothing changed meanwhile, and take the news in: no event falls between the rows and the cache."""
        settled: dict[str, Snapshot] = {}
        waiting = set(stream_ids)
        try:
            while waiting:
                self._overtaken -= waiting
                self._missed |= {stream_id: [] for stream_id in waiting}
                loaded = await self._load(waiting, history=history)
                for stream_id in waiting - self._overtaken:
                    if stream_id in loaded:
                        settled[stream_id] = loaded[stream_id]
                        self._keep(stream_id, loaded[stream_id])
                    self._finish(stream_id)
                waiting &= self._overtaken
        finally:
            for stream_id in waiting:
                self._finish(stream_id)
        return settled

    def _keep(self, stream_id: str, snapshot: Snapshot) -> None:
        for event in self._missed[stream_id]:
            snapshot.take_in(event)
        self._kept[stream_id] = snapshot
        self._kept.move_to_end(stream_id)
        if len(self._kept) > CACHED_STREAMS:
            self._kept.popitem(last=False)

    def _finish(self, stream_id: str) -> None:
        del self._loads[stream_id], self._missed[stream_id]
        self._overtaken.discard(stream_id)

    async def _load(self, stream_ids: Collection[str], *, history: bool) -> dict[str, Snapshot]:
        rows = await LiveStream.filter(id__in=list(stream_ids)).prefetch_related(*views.STREAM_RELATIONS)
        sold = await sales.by_stream([row.id for row in rows])
        holding = await moments.current({row.id: row.seq for row in rows})
        found = {}
        for row in rows:
            stream = views.staff_stream(row, self._addresses, 0, sold[row.id])
            found[row.id] = Snapshot(
                scope=views.scope(row),
                stream=stream,
                public=views.as_public(stream),
                seq=row.seq,
                moments=holding[row.id],
                recent=deque(await _newest_messages(row.id) if history else [], maxlen=HISTORY),
                has_history=history,
            )
        return found

    def _hear(self, announcement: Announcement) -> None:
        stream_id, event = announcement.stream.id, announcement.event
        if isinstance(event, News):
            if stream_id in self._missed:
                self._missed[stream_id].append(event)
            if stream_id in self._kept:
                self._kept[stream_id].take_in(event)
        elif isinstance(event, _CHANGES):
            if stream_id in self._loads:
                self._overtaken.add(stream_id)
            self._kept.pop(stream_id, None)
        elif (seq := getattr(event, "seq", None)) is not None and stream_id in self._kept:
            self._kept[stream_id].seq = max(self._kept[stream_id].seq, seq)


async def _newest_messages(stream_id: str) -> list[ChatMessageView]:
    newest = await shown_messages([stream_id]).order_by("-seq").limit(HISTORY)
    return [views.message(message) for message in reversed(newest)]
