"""What ends by itself is told when it ends: chat modes and pinned messages that were set for a time."""

from functools import partial

from backend import seams
from backend.domain.actors import StreamScope
from backend.services.moderation import messages, news
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit, next_seq
from shared.events import PinnedMessageUpdate


class Lapses:
    """Looks again and again for what is over."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._looked_at = seams.now()

    async def tell(self) -> None:
        """Tell the rooms where something ended since the last look what holds now, whole."""
        after, self._looked_at = self._looked_at, seams.now()
        for stream in self._runtime.rooms.lapsed(after, self._looked_at):
            await commit(self._runtime.bus, partial(self._tell, stream))

    async def _tell(self, stream: StreamScope, unit: UnitOfWork) -> None:
        room, now = await self._runtime.rooms.get(stream), seams.now()
        seq = await next_seq(stream.id, 2)
        unit.tell(stream, news.modes_update(stream, room, now, seq))
        pinned = await messages.pinned(room, now)
        unit.tell(stream, PinnedMessageUpdate(stream_id=stream.id, message=pinned, seq=seq + 1))
