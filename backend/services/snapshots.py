"""What a joining viewer is shown, kept in memory per stream and thrown away by that stream's events.

Joins and chat messages cost no query while a snapshot holds.
"""

import asyncio
from bisect import insort
from collections import OrderedDict, deque
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

_News = NewMessage | MessageDeleted | MessageRestored | NewPurchase
_NEWS = (MessageDeleted, MessageRestored, NewMessage, NewPurchase)
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

    def moments_at(self, now: datetime) -> list[Moment]:
        """What of the pin and the flash sales still holds."""
        return [moment for moment in self.moments if (end := moments.end_of(moment)) is None or end > now]

    def messages(self, limit: int, since: int | None = None) -> list[ChatMessageView]:
        """The newest `limit` messages, or all kept ones after `since`, oldest first."""
        if since is not None:
            return [message for message in self.recent if message.seq > since]
        return list(self.recent)[-limit:]

    def take_in(self, event: _News) -> None:
        """Go on with an event. Rows may be read between their commit and their news: what is known changes nothing."""
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


class Snapshots:
    """The snapshots of the streams that somebody has asked for lately."""

    def __init__(self, bus: Bus, addresses: Addresses) -> None:
        self._addresses = addresses
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        self._loads: dict[str, asyncio.Task[None]] = {}
        self._overtaken: set[str] = set()
        self._missed: dict[str, list[_News]] = {}
        bus.subscribe(self._hear)

    async def get(self, stream_id: str) -> Snapshot:
        """The stream's snapshot, loaded once however many ask at the same time.

        Raises:
            ProblemError: `not_found`.
        """
        while True:
            if kept := self._kept.get(stream_id):
                self._kept.move_to_end(stream_id)
                return kept
            load = self._loads.get(stream_id)
            if load is None:
                load = self._loads[stream_id] = asyncio.create_task(self._load_settled(stream_id))
            # Its result may be overtaken before this task runs again: only what is kept hears events.
            await asyncio.shield(load)

    def forget_host(self, host_id: str) -> None:
        """Throw away what shows a seller or an affiliate who has changed."""
        self._overtaken.update(self._loads)
        for stream_id, kept in list(self._kept.items()):
            if host_id in (kept.scope.seller_id, kept.scope.affiliate_id):
                del self._kept[stream_id]

    async def _load_settled(self, stream_id: str) -> None:
        """Load until nothing changed meanwhile, and take the news in: no event falls between the rows and the cache."""
        try:
            while True:
                self._overtaken.discard(stream_id)
                missed = self._missed[stream_id] = []
                snapshot = await self._load(stream_id)
                if stream_id not in self._overtaken:
                    break
        finally:
            del self._loads[stream_id], self._missed[stream_id]
            self._overtaken.discard(stream_id)
        for event in missed:
            snapshot.take_in(event)
        self._kept[stream_id] = snapshot
        if len(self._kept) > CACHED_STREAMS:
            self._kept.popitem(last=False)

    async def _load(self, stream_id: str) -> Snapshot:
        row = await LiveStream.get_or_none(id=stream_id).prefetch_related(*views.STREAM_RELATIONS)
        if row is None:
            raise ProblemError(Code.NOT_FOUND, "There is no such stream.")
        newest = await shown_messages([stream_id]).order_by("-seq").limit(HISTORY)
        sold = (await sales.by_stream([stream_id]))[stream_id]
        stream = views.staff_stream(row, self._addresses, 0, sold)
        return Snapshot(
            scope=views.scope(row),
            stream=stream,
            public=views.as_public(stream),
            seq=row.seq,
            moments=await moments.current(stream_id, row.seq),
            recent=deque((views.message(message) for message in reversed(newest)), maxlen=HISTORY),
        )

    def _hear(self, announcement: Announcement) -> None:
        stream_id, event = announcement.stream.id, announcement.event
        if isinstance(event, _NEWS):
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
