"""Who watches: distinct viewers of each stream, however many sockets each of them holds."""

from dataclasses import dataclass, field


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
