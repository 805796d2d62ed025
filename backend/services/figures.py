"""The moving figures of streams, recomputed from the rows at most once a second, and told to consoles."""

from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta

from tortoise.functions import Count

from backend import seams
from backend.domain.actors import StreamScope
from backend.services import sales
from backend.services.bus import Announcement, Bus
from backend.storage.models import LiveStream, LiveStreamViewer, shown_messages
from shared.events import FiguresUpdate, MessageDeleted, NewMessage, NewPurchase, ViewerCountUpdate
from shared.money import Money
from shared.views import FiguresView

REMEMBERED = 1000
"""Streams whose last told figures are kept, so that the same are not told again; the longest unmoved goes first."""

_MOVES = (MessageDeleted, NewMessage, NewPurchase, ViewerCountUpdate)


async def compute(stream_ids: list[str]) -> dict[str, FiguresView]:
    """The figures of streams, by query."""
    if not stream_ids:
        return {}
    totals = await _by_stream(shown_messages(stream_ids), "id")
    recent = await _recent_messages(stream_ids)
    viewers = await _by_stream(LiveStreamViewer.filter(stream_id__in=stream_ids), "viewer_id", distinct=True)
    sold = await sales.totals(stream_ids)
    currencies = dict(await LiveStream.filter(id__in=stream_ids).values_list("id", "seller__currency"))
    return {
        stream_id: FiguresView(
            total_orders=sold[stream_id].orders,
            total_sales=Money(sold[stream_id].revenue, currencies[stream_id]).amount,
            currency=currencies[stream_id],
            conversion_rate=ratio(sold[stream_id].buyers, viewers.get(stream_id, 0)),
            messages_per_minute=recent.get(stream_id, 0),
            total_messages=totals.get(stream_id, 0),
            total_viewers=viewers.get(stream_id, 0),
        )
        for stream_id in stream_ids
    }


def ratio(part: int, whole: int) -> float:
    """A part of a whole, to four decimals; 0 of nothing."""
    return round(part / whole, 4) if whole else 0.0


async def _recent_messages(stream_ids: list[str]) -> dict[str, int]:
    """The messages of the last minute, where there are any."""
    if not stream_ids:
        return {}
    minute_ago = seams.now() - timedelta(minutes=1)
    return await _by_stream(shown_messages(stream_ids).filter(sent_at__gt=minute_ago), "id")


async def _by_stream(query: object, column: str, *, distinct: bool = False) -> dict[str, int]:
    rows = (
        await query.annotate(number=Count(column, distinct=distinct))  # type: ignore[attr-defined]
        .group_by("stream_id")
        .values_list("stream_id", "number")
    )
    return dict(rows)


class Figures:
    """Notices which streams' figures may have moved, and tells the new ones."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._moving: dict[str, StreamScope] = {}
        self._fading: dict[StreamScope, FiguresView] = {}
        self._told: OrderedDict[str, FiguresView] = OrderedDict()
        bus.subscribe(self._hear)

    def _hear(self, announcement: Announcement) -> None:
        if isinstance(announcement.event, _MOVES):
            self._moving[announcement.stream.id] = announcement.stream

    def note(self, stream: StreamScope) -> None:
        """A stream's sales moved."""
        self._moving[stream.id] = stream

    async def refresh(self) -> None:
        """Recompute what may have moved; where only the last minute of chat runs out, recount only that."""
        moving, self._moving = self._moving, {}
        fading = {scope: figures for scope, figures in self._fading.items() if scope.id not in moving}
        computed = await compute(list(moving))
        recent = await _recent_messages([scope.id for scope in fading])
        found = {moving[stream_id]: figures for stream_id, figures in computed.items()}
        for scope, figures in fading.items():
            found[scope] = replace(figures, messages_per_minute=recent.get(scope.id, 0))
        self._fading = {scope: figures for scope, figures in found.items() if figures.messages_per_minute}
        for scope, figures in found.items():
            self._tell(scope, figures)

    def _tell(self, scope: StreamScope, figures: FiguresView) -> None:
        if figures != self._told.get(scope.id):
            self._bus.publish(Announcement(scope, FiguresUpdate(stream_id=scope.id, figures=figures)))
        self._told[scope.id] = figures
        self._told.move_to_end(scope.id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
