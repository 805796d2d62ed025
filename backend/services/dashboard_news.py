"""The figures of all streams together, told to ops and admins when they moved."""

from backend.services import dashboard
from backend.services.bus import Announcement
from backend.services.runtime import Runtime
from backend.storage.models import LiveStream
from shared.events import DashboardStatsUpdate, FiguresUpdate, StreamStatusUpdate


class DashboardNews:
    """Notices that figures moved, and has the whole told."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._moved: Announcement | None = None
        runtime.bus.subscribe(self._hear)

    def _hear(self, announcement: Announcement) -> None:
        if isinstance(announcement.event, (FiguresUpdate, StreamStatusUpdate)):
            self._moved = announcement

    async def tell(self) -> None:
        """Announce the figures, if any moved since the last turn."""
        moved, self._moved = self._moved, None
        if moved is None:
            return
        rows = await LiveStream.all().prefetch_related("seller")
        view = await dashboard.summarise(self._runtime, rows)
        self._runtime.bus.publish(Announcement(moved.stream, DashboardStatsUpdate.of(view)))
