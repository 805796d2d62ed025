"""Stock as it falls: the product lists of streams that sell, told at most once a second."""

from backend.domain.actors import StreamScope
from backend.services import product_news
from backend.services.bus import Announcement, Bus
from backend.services.unit_of_work import commit
from shared.events import FiguresUpdate


class StockNews:
    """Notices which streams' orders moved, and has their lists told."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._seen: dict[str, tuple[object, object]] = {}
        self._moved: dict[str, StreamScope] = {}
        bus.subscribe(self._hear)

    def _hear(self, announcement: Announcement) -> None:
        event = announcement.event
        if not isinstance(event, FiguresUpdate):
            return
        sold = (event.figures.total_orders, event.figures.total_sales)
        if self._seen.get(event.stream_id, (0, 0)) != sold:
            self._seen[event.stream_id] = sold
            self._moved[event.stream_id] = announcement.stream

    async def tell(self) -> None:
        """Announce the lists of the streams that sold, or took back, since the last turn."""
        moved, self._moved = self._moved, {}
        for scope in moved.values():
            await commit(self._bus, lambda unit, scope=scope: product_news.tell(unit, scope))  # type: ignore[misc]
