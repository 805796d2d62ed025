"""Who is let in, and who may speak: asked at every door."""

from datetime import datetime

from backend import seams
from backend.domain.actors import Actor, StreamScope
from backend.domain.moderation import room as rules
from backend.domain.moderation.room import Room, Speaker
from backend.services.runtime import Runtime
from backend.settings import Rate
from backend.storage.models import Follow, Order
from shared.moderation import ChatMode
from shared.problems import Code, ProblemError
from shared.views import OrderStatus


async def require_admitted(runtime: Runtime, actor: Actor, stream: StreamScope) -> None:
    """Refuse whoever is shut out of a stream; its staff never is.

    Raises:
        ProblemError: `banned`.
    """
    require_admitted_to(await runtime.rooms.get(stream), actor, stream)


def require_admitted_to(room: Room, actor: Actor, stream: StreamScope) -> None:
    """The same for a room at hand: nothing can happen between the question and what follows it."""
    if not actor.is_staff_of(stream):
        rules.require_admitted(room, actor.public_id, actor.address_hash, seams.now())


async def require_may_speak(runtime: Runtime, actor: Actor, stream: StreamScope) -> None:
    """Refuse what a sanction or the chat's modes forbid; a stream's staff is never asked.

    Raises:
        ProblemError: why, and when the speaker may write again where that is known.
    """
    if actor.is_staff_of(stream) or actor.public_id is None:
        return
    room, now = await runtime.rooms.get(stream), seams.now()
    rules.require_may_speak(room, await _speaker(room, actor, actor.public_id, stream, now), now)
    if seconds := room.mode(ChatMode.SLOW, now):
        await _require_slow(runtime, f"{stream.id} {actor.public_id}", seconds)


async def _speaker(room: Room, actor: Actor, person: str, stream: StreamScope, now: datetime) -> Speaker:
    """Somebody with what the modes that are on ask of them; nothing else is looked up."""
    followed = has_bought = None
    if room.mode(ChatMode.FOLLOWERS, now):
        host = stream.affiliate_id or stream.seller_id
        followed = await Follow.get_or_none(streamer_id=host, follower_id=person)
    if room.mode(ChatMode.BUYERS, now):
        bought = Order.filter(stream_id=stream.id, buyer_id=person).exclude(status=OrderStatus.CANCELLED)
        has_bought = await bought.exists()
    return Speaker(
        id=person,
        address_hash=actor.address_hash,
        is_guest=actor.is_guest,
        followed_since=followed.followed_at if followed else None,
        has_bought=bool(has_bought),
    )


async def _require_slow(runtime: Runtime, who: str, seconds: int) -> None:
    """One message in so many seconds; asked last, since asking counts."""
    try:
        await runtime.limits.check("slow_mode", who, Rate(1, seconds))
    except ProblemError as problem:
        left = problem.retry_after or seconds
        raise ProblemError(
            Code.SLOW_MODE, f"Slow mode: write again in {left:.0f} s.", retry_after=problem.retry_after
        ) from problem
