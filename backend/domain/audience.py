"""Who watches: distinct viewers of each stream, however many sockets each of them holds, and for how long."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate


@dataclass(slots=True)
class Audience:
    """The viewers of all streams of one process, by stream, viewer and socket."""

    _streams: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _sockets: dict[str, dict[str, str]] = field(default_factory=dict)

    def join(self, stream_id: str, viewer_id: str, socket_id: str) -> bool:
        """Add a viewer's socket; True when the viewer was not there before."""
        joined = self._sockets.setdefault(socket_id, {})
        if stream_id in joined:
            return False
        joined[stream_id] = viewer_id
        viewers = self._streams.setdefault(stream_id, {})
        sockets = viewers.setdefault(viewer_id, set())
        sockets.add(socket_id)
        return len(sockets) == 1

    def leave(self, stream_id: str, socket_id: str) -> str | None:
        """Take a socket away; the viewer's id when that was their last one, else None."""
        joined = self._sockets.get(socket_id, {})
        viewer_id = joined.pop(stream_id, None)
        if not joined:
            self._sockets.pop(socket_id, None)
        if viewer_id is None:
            return None
        viewers = self._streams[stream_id]
        sockets = viewers[viewer_id]
        sockets.discard(socket_id)
        if sockets:
            return None
        del viewers[viewer_id]
        if not viewers:
            del self._streams[stream_id]
        return viewer_id

    def streams_of(self, socket_id: str) -> list[str]:
        """The streams that a socket watches."""
        return list(self._sockets.get(socket_id, {}))

    def count(self, stream_id: str) -> int:
        """Distinct viewers of a stream now."""
        return len(self._streams.get(stream_id, {}))

    def counts(self) -> dict[str, int]:
        """Distinct viewers of every watched stream now."""
        return {stream_id: len(viewers) for stream_id, viewers in self._streams.items()}


def watched_ms(joined_at: datetime, left_at: datetime) -> int:
    """The length of a visit in whole milliseconds."""
    return (left_at - joined_at) // timedelta(milliseconds=1)


def curve(visits: Iterable[tuple[str, datetime, datetime | None]], moments: Sequence[datetime]) -> list[int]:
    """How many distinct viewers watched at each of some moments; each visit is looked at once, not once a moment.

    Args:
        visits: viewer, joined, left; None where it goes on. One viewer's may overlap.
        moments: in ascending order.
    """
    spans = sorted(
        (bisect_left(moments, joined), len(moments) if left is None else bisect_left(moments, left), viewer)
        for viewer, joined, left in visits
    )
    changes = [0] * (len(moments) + 1)
    counted_to: dict[str, int] = {}
    for first, end, viewer in spans:
        begin = max(first, counted_to.get(viewer, 0))
        if begin < end:
            changes[begin] += 1
            changes[end] -= 1
            counted_to[viewer] = end
    return list(accumulate(changes[:-1]))
