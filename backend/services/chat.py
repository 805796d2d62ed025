"""Chat: said, and read back."""

from dataclasses import dataclass

from backend.domain.actors import Actor, require
from backend.domain.lifecycle import require_not_over
from backend.domain.text import sanitise, sanitise_optional
from backend.services.chat_writer import Draft
from backend.services.moderation import admission
from backend.services.runtime import Runtime
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
        await admission.require_may_speak(runtime, actor, snapshot.scope)
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
            address_hash=actor.address_hash,
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


async def recent(runtime: Runtime, actor: Actor, stream_id: str, limit: int) -> list[ChatMessageView]:
    """The newest messages that viewers see, oldest first."""
    snapshot = await runtime.snapshots.get(stream_id)
    await admission.require_admitted(runtime, actor, snapshot.scope)
    return snapshot.messages(limit)
