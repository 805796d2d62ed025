"""What a room is told of an act: how its registers changed, said the same way for an act and for its undoing."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.domain.actors import StreamScope
from backend.domain.moderation.registers import Facet, FacetKind
from backend.domain.moderation.room import Room
from backend.domain.tokens import ADDRESS_PREFIX
from shared import events
from shared.views import ChatMessageView, ChatModeView


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the news of one act are made with."""

    stream: StreamScope
    now: datetime
    actor_id: str
    names: Mapping[str, str]
    """What people last wrote under, by public id."""
    pinned: ChatMessageView | None
    """The message that is pinned after the act."""
    room: Room
    """As the act leaves it."""


@dataclass(frozen=True, slots=True)
class News:
    """One event, to everyone in the room or to one person's sockets. A durable one is numbered when it is told."""

    event: Any
    person: str | None = None


Values = Mapping[Facet, Any]
UNNUMBERED = 0
"""The `seq` of an event that has not got its number yet."""


def of_changes(context: Context, before: Values, after: Values) -> list[News]:
    """The news of every register that changed, but for messages, whose rows tell of them."""
    changed = [facet for facet in after if before[facet] != after[facet]]
    told = [
        news
        for facet in changed
        if facet.kind in _TELLERS
        for news in _TELLERS[facet.kind](context, facet.key, after[facet])
    ]
    if any(facet.kind is FacetKind.MODE for facet in changed):
        told.append(News(modes_update(context.stream, context.room, context.now, UNNUMBERED)))
    if any(facet.kind is FacetKind.PIN for facet in changed):
        told.append(
            News(events.PinnedMessageUpdate(stream_id=context.stream.id, message=context.pinned, seq=UNNUMBERED))
        )
    return told


def is_durable(event: Any) -> bool:
    """Whether an event has a number in its stream."""
    return hasattr(event, "seq")


def modes_update(stream: StreamScope, room: Room, now: datetime, seq: int) -> events.ChatModesUpdate:
    """The chat's modes, whole."""
    return events.ChatModesUpdate(stream_id=stream.id, modes=mode_views(room, now), seq=seq)


def mode_views(room: Room, now: datetime) -> list[ChatModeView]:
    """The modes that are on, with their ends."""
    return [
        ChatModeView(mode=mode, value=value, ends_at=room.end_of_mode(mode, now))
        for mode, value in room.modes(now).items()
    ]


def _banned(context: Context, person: str, value: Any) -> Iterator[News]:
    name = context.names.get(person)
    if name is None:
        return  # An address: only people are named.
    stream_id = context.stream.id
    if value is None:
        yield News(events.UserUnbanned(stream_id=stream_id, user_id=person, username=name, seq=UNNUMBERED))
        return
    yield News(
        events.UserBanned(
            stream_id=stream_id,
            user_id=person,
            username=name,
            banned_by=context.actor_id,
            reason=value["reason"],
            until=None if value["until"] is None else datetime.fromisoformat(value["until"]),
            seq=UNNUMBERED,
        )
    )


def _timed_out(context: Context, person: str, value: Any) -> Iterator[News]:
    stream_id, name = context.stream.id, context.names.get(person, person)
    if value is None:
        yield News(events.UserTimeoutEnded(stream_id=stream_id, user_id=person, username=name, seq=UNNUMBERED))
        yield News(events.TimeoutEnded(stream_id=stream_id), person)
        return
    until = datetime.fromisoformat(value["until"])
    minutes = max(1, math.ceil((until - context.now).total_seconds() / 60))
    yield News(
        events.UserTimedOut(
            stream_id=stream_id,
            user_id=person,
            username=name,
            timeout_minutes=minutes,
            until=until,
            seq=UNNUMBERED,
        )
    )
    mine = events.TimedOut(stream_id=stream_id, timeout_minutes=minutes, until=until, reason=value["reason"])
    yield News(mine, person)


def _warned(context: Context, person: str, value: Any) -> Iterator[News]:
    reason = None if value is None else value["reason"]
    yield News(events.Warned(stream_id=context.stream.id, reason=reason), person)


_TELLERS = {FacetKind.BAN: _banned, FacetKind.TIMEOUT: _timed_out, FacetKind.WARNING: _warned}


def people_in(facets: Iterable[Facet]) -> set[str]:
    """The people whom registers are about."""
    return {facet.key for facet in facets if facet.kind in _TELLERS and not facet.key.startswith(ADDRESS_PREFIX)}
