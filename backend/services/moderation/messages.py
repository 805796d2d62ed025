"""Messages as acts leave them: their rows say at once what their registers say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from backend import seams
from backend.domain.actors import StreamScope
from backend.domain.moderation.registers import Facet, FacetKind
from backend.domain.moderation.room import Room
from backend.services.moderation.news import UNNUMBERED, News
from backend.storage import views
from backend.storage.models import LiveStreamMessage
from shared import events
from shared.moderation import MessageState
from shared.problems import Code, FieldError, ProblemError
from shared.views import ChatMessageView

CHUNK = 500
"""Rows in one query."""


async def load(stream: StreamScope, message_ids: Iterable[str]) -> list[LiveStreamMessage]:
    """Messages of a stream, locked, oldest first.

    Raises:
        ProblemError: `not_found`, naming those that the stream does not have.
    """
    wanted = list(dict.fromkeys(message_ids))
    rows: list[LiveStreamMessage] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows += await LiveStreamMessage.select_for_update(no_key=True).filter(stream_id=stream.id, id__in=chunk)
    missing = set(wanted) - {row.id for row in rows}
    if missing:
        errors = [FieldError(field="messageIds", code="unknown", message=one) for one in sorted(missing)[:10]]
        raise ProblemError(Code.NOT_FOUND, "There is no such message in this stream.", errors=errors)
    return sorted(rows, key=lambda row: row.seq)


async def said_lately(stream: StreamScope, person: str, seconds: int) -> list[str]:
    """The ids of what a person said in the last so many seconds and viewers still see."""
    since = seams.now().timestamp() - seconds
    rows = LiveStreamMessage.filter(stream_id=stream.id, author_id=person, state=MessageState.SHOWN).order_by("-seq")
    found = await rows.limit(1000)
    return [row.id for row in found if row.sent_at.timestamp() >= since]


async def pinned(room: Room, now: datetime) -> ChatMessageView | None:
    """The message that a room keeps in everyone's sight, if viewers may see it."""
    message_id = room.pinned(now)
    row = None if message_id is None else await LiveStreamMessage.get_or_none(id=message_id)
    return views.message(row) if row is not None and views.is_public(row) else None


async def settle(rows: Iterable[LiveStreamMessage], after: Mapping[Facet, object], by: str) -> list[News]:
    """Bring rows up to date with their registers; the news of those that changed."""
    told: list[News] = []
    for row in rows:
        value = after[Facet(FacetKind.MESSAGE, row.id)]
        state = row.first_state if value is None else MessageState(str(value))
        if state is row.state:
            continue
        was_public = views.is_public(row)
        row.state = state
        await row.save(update_fields=["state"])
        told += _told(row, by, was_public=was_public)
    return told


def _shown(row: LiveStreamMessage) -> events.NewMessage | events.MessageRestored:
    """A message that the rules held at first comes as a new one: nobody has seen it in its old place."""
    if row.first_state is MessageState.SHOWN:
        return events.MessageRestored(stream_id=row.stream_id, message=views.message(row), seq=UNNUMBERED)
    return replace(events.NewMessage.of(views.message(row)), seq=UNNUMBERED)


def _told(row: LiveStreamMessage, by: str, *, was_public: bool) -> Iterator[News]:
    is_public = views.is_public(row)
    if was_public and not is_public:
        yield News(events.MessageDeleted(stream_id=row.stream_id, message_id=row.id, deleted_by=by, seq=UNNUMBERED))
    elif is_public and not was_public:
        yield News(_shown(row))
    yield News(events.ControlMessage(stream_id=row.stream_id, message=views.staff_message(row)))
