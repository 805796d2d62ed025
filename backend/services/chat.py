"""Chat: said, read back, taken away."""

from dataclasses import dataclass

from backend import seams
from backend.domain.actors import Actor, StreamScope, require, require_on
from backend.domain.lifecycle import require_not_over
from backend.domain.text import sanitise, sanitise_optional
from backend.services.chat_writer import Draft
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit, next_seq
from backend.storage.models import LiveStreamMessage
from shared.commands import MessageDeletedAck
from shared.events import MessageDeleted
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import ChatMessageView

MAX_LENGTH = 500
"""Characters of a message after sanitising, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What somebody wants to say."""

    text: str
    username: str | None


async def say(runtime: Runtime, actor: Actor, stream_id: str, said: Utterance) -> ChatMessageView:
    """Store and announce a message; returns once it is committed.

    Raises:
        ProblemError: the stream is unknown or over, the message empty or too long, its author without a session or
            too fast.
    """
    require(actor, Permission.CHAT)
    if actor.public_id is None:
        raise ProblemError.of_field("sessionId", "required", "A guest needs a session: send sessionId.")
    snapshot = await runtime.snapshots.get(stream_id)
    require_not_over(snapshot.stream.status)
    text = _accepted(said.text)
    if not actor.is_staff_of(snapshot.scope):
        await runtime.limits.check("chat", actor.public_id, runtime.settings.chat_rate)
    username = sanitise_optional(said.username) or await runtime.identity.display_name(actor)
    return await runtime.chat.write(
        Draft(
            stream=snapshot.scope,
            author_id=actor.public_id,
            is_guest=actor.is_guest,
            username=username,
            badge=actor.badge_in(snapshot.scope),
            text=text,
        )
    )


def _accepted(text: str) -> str:
    clean = sanitise(text)
    if not clean:
        raise ProblemError(Code.EMPTY_MESSAGE, "The message has no visible characters.")
    if len(clean) > MAX_LENGTH:
        raise ProblemError.of_field(
            "message",
            "too_long",
            f"A message has at most {MAX_LENGTH} characters; this one has {len(clean)}.",
        )
    return clean


async def recent(runtime: Runtime, stream_id: str, limit: int) -> list[ChatMessageView]:
    """The newest messages, oldest first, without deleted ones."""
    return (await runtime.snapshots.get(stream_id)).messages(limit)


async def delete(runtime: Runtime, actor: Actor, stream_id: str, message_id: str) -> MessageDeletedAck:
    """Take a message of this stream away for everyone; a second time changes nothing."""
    scope = (await runtime.snapshots.get(stream_id)).scope
    require_on(actor, Permission.MODERATE, scope)

    async def work(unit: UnitOfWork) -> None:
        row = await LiveStreamMessage.select_for_update().get_or_none(id=message_id, stream_id=stream_id)
        if row is None:
            raise ProblemError(Code.NOT_FOUND, "There is no such message in this stream.")
        if row.deleted_at is None:
            await _mark_deleted(unit, scope, row, actor.subject or "")

    await commit(runtime.bus, work)
    return MessageDeletedAck(message_id=message_id)


async def _mark_deleted(unit: UnitOfWork, scope: StreamScope, row: LiveStreamMessage, by: str) -> None:
    row.deleted_at, row.deleted_by = seams.now(), by
    await row.save(update_fields=["deleted_at", "deleted_by"])
    seq = await next_seq(scope.id)
    unit.tell(scope, MessageDeleted(stream_id=scope.id, message_id=row.id, deleted_by=by, seq=seq))
