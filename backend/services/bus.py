"""What has happened, told to whoever listens, after it was committed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from backend.domain.actors import StreamScope

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event of one stream, on its way to its audience."""

    stream: StreamScope
    event: Any
    to_staff: Any = None
    """What consoles get in its place, where they may see more."""
    person: str | None = None
    """Whose sockets get it, where it is for one person."""

    @property
    def for_staff(self) -> Any:
        """What consoles get."""
        return self.event if self.to_staff is None else self.to_staff


class Bus:
    """Carries announcements to listeners, in order, within this process."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Announcement], None]] = []

    def subscribe(self, listener: Callable[[Announcement], None]) -> Callable[[], None]:
        """Let `listener` hear everything from now on; call the result to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, *announcements: Announcement) -> None:
        """Tell every listener; one that fails is logged and stops nobody else."""
        for announcement in announcements:
            for listener in list(self._listeners):
                try:
                    listener(announcement)
                except Exception:
                    log.exception("listener_failed", event_type=type(announcement.event).__name__)
