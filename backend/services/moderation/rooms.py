"""The rooms of this process: what acts have left of each stream's chat, kept while the stream is used."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime

from backend.domain.actors import StreamScope
from backend.domain.moderation.registers import FacetKind, Registers, Write
from backend.domain.moderation.room import Room
from backend.services.moderation import stored

KEPT = 2000
"""Places kept; the longest unused goes first."""


class Rooms:
    """Registers by place, loaded once and continued by every act."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, Registers] = OrderedDict()
        self._streams: dict[str, StreamScope] = {}
        self._missed: dict[str, list[Write]] = {}
        self._loading = asyncio.Lock()

    async def get(self, stream: StreamScope) -> Room:
        """A stream's room."""
        places = stored.places_of(stream)
        if not self._has(places):
            await self._load(places)
        self._streams[stream.id] = stream
        for place in places:
            self._places.move_to_end(place)
        return Room(self._places[place] for place in places)

    def known(self, stream: StreamScope) -> Room | None:
        """A stream's room, if somebody has asked for it."""
        places = stored.places_of(stream)
        return Room(self._places[place] for place in places) if self._has(places) else None

    def _has(self, places: Iterable[str]) -> bool:
        return all(place in self._places for place in places)

    async def _load(self, places: tuple[str, ...]) -> None:
        async with self._loading:
            missing = [place for place in places if place not in self._places]
            if not missing:
                return
            self._missed = {place: [] for place in missing}
            try:
                found = await stored.of_places(missing)
            finally:
                missed, self._missed = self._missed, {}
            for place in missing:
                # Acts that were committed while the rows were read; a write that is known changes nothing.
                found[place].add(*missed[place])
                self._places[place] = found[place]
            self._forget(keep=places)

    def _forget(self, keep: tuple[str, ...]) -> None:
        for place in [place for place in self._places if place not in keep][: max(0, len(self._places) - KEPT)]:
            del self._places[place]
            self._streams.pop(place, None)

    def take_in(self, place: str, writes: Iterable[Write]) -> None:
        """Go on with the writes of a committed act. An undo concerns every place."""
        for write in writes:
            if write.facet.kind is FacetKind.ACT:
                for known in self._places.values():
                    if known.knows(write.facet.key):
                        known.add(write)
                for missed in self._missed.values():
                    missed.append(write)
            elif write.facet.kind in stored.HELD_IN_MEMORY:
                if place in self._places:
                    self._places[place].add(write)
                if place in self._missed:
                    self._missed[place].append(write)

    def lapsed(self, after: datetime, until: datetime) -> list[StreamScope]:
        """The streams where something stopped to hold by itself in a span of time."""
        return [
            stream
            for stream in self._streams.values()
            if any(
                place in self._places and self._places[place].lapsed(after, until) for place in stored.places_of(stream)
            )
        ]
