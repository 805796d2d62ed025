"""Registers as they are stored: read for the facets at hand, within the caller's transaction."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from tortoise.expressions import Q

from backend import seams
from backend.domain.actors import StreamScope
from backend.domain.moderation.plans import PIN
from backend.domain.moderation.registers import Facet, FacetKind, Registers, Write
from backend.domain.moderation.room import EVERYWHERE, place_of_seller
from backend.storage.models import ModerationWrite
from shared.moderation import ChatMode, Reach

HELD_IN_MEMORY = (
    FacetKind.BAN,
    FacetKind.TIMEOUT,
    FacetKind.WARNING,
    FacetKind.TRUST,
    FacetKind.MODE,
    FacetKind.PIN,
)
"""What every message and join is judged by. A message's own register is looked up when an act is about it."""
OF_THE_ROOM = (*(Facet(FacetKind.MODE, mode.value) for mode in ChatMode), PIN)
"""What holds for everyone in a stream."""
CHUNK = 500
"""Keys in one query."""


def places_of(stream: StreamScope) -> tuple[str, ...]:
    """The places whose acts hold in a stream, nearest first."""
    return (stream.id, place_of_seller(stream.seller_id), EVERYWHERE)


def place_for(stream: StreamScope, reach: Reach) -> str:
    """Where an act of a stream's moderator is written."""
    return dict(zip((Reach.STREAM, Reach.SELLER, Reach.EVERYWHERE), places_of(stream), strict=True))[reach]


async def of_facets(places: Collection[str], facets: Iterable[Facet]) -> dict[str, Registers]:
    """Some registers, by place, with everything that decides which of their writes count."""
    wanted: dict[FacetKind, list[str]] = {}
    for facet in facets:
        wanted.setdefault(facet.kind, []).append(facet.key)
    rows: list[ModerationWrite] = []
    for kind, keys in wanted.items():
        for start in range(0, len(keys), CHUNK):
            rows += await ModerationWrite.filter(place__in=places, facet=kind, key__in=keys[start : start + CHUNK])
    return await _with_undos(places, rows)


async def of_places(places: Collection[str]) -> dict[str, Registers]:
    """What is held in memory of places."""
    rows = await ModerationWrite.filter(Q(place__in=places), Q(facet__in=HELD_IN_MEMORY))
    return await _with_undos(places, rows)


async def undone_among(act_ids: Sequence[str], now: datetime) -> set[str]:
    """Which of some acts are undone, and their undoing not undone in turn."""
    registers = (await _with_undos([EVERYWHERE], await _undos_of(act_ids)))[EVERYWHERE]
    return {one for one in act_ids if registers.is_undone(one, now)}


async def _undos_of(act_ids: Collection[str]) -> list[ModerationWrite]:
    ids, rows = sorted(act_ids), []
    for start in range(0, len(ids), CHUNK):
        rows += await ModerationWrite.filter(facet=FacetKind.ACT, key__in=ids[start : start + CHUNK])
    return rows


async def _with_undos(places: Collection[str], rows: list[ModerationWrite]) -> dict[str, Registers]:
    """Add the undoing of the acts behind some rows, the undoing of those, and so on."""
    registers = {place: Registers() for place in places}
    known: set[str] = set()
    while rows:
        for row in rows:
            write = as_write(row)
            for place in places if write.facet.kind is FacetKind.ACT else (row.place,):
                registers[place].add(write)
        acts = {row.act_id for row in rows} - known
        known |= acts
        rows = await _undos_of(acts)
    return registers


def as_write(row: ModerationWrite) -> Write:
    """A stored write, as the rules know it."""
    value = None if row.value is None else json.loads(row.value)
    return Write(row.act_id, Facet(FacetKind(row.facet), row.key), value, row.lapses_at)


async def keep(place: str, writes: Iterable[Write]) -> None:
    """Store what an act wrote, within the caller's transaction."""
    await ModerationWrite.bulk_create(
        [
            ModerationWrite(
                id=seams.new_id(),
                act_id=write.act_id,
                place=place,
                facet=write.facet.kind,
                key=write.facet.key,
                value=None if write.value is None else json.dumps(write.value),
                lapses_at=write.lapses_at,
            )
            for write in writes
        ]
    )
