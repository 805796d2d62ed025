"""People follow a host, and may be asked to have done so before they write."""

from backend import seams
from backend.domain.actors import Actor, require
from backend.storage.models import Affiliate, Follow, Seller
from shared.commands import FollowNotifications
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import FollowView


async def follow(actor: Actor, streamer_id: str) -> FollowView:
    """Follow a host; a second time changes nothing."""
    person = await _follower(actor, streamer_id)
    row = Follow(id=seams.new_id(), streamer_id=streamer_id, follower_id=person, followed_at=seams.now())
    await Follow.bulk_create([row], ignore_conflicts=True)
    return await is_following(actor, streamer_id)


async def unfollow(actor: Actor, streamer_id: str) -> FollowView:
    """No longer follow a host."""
    person = await _follower(actor, streamer_id)
    await Follow.filter(streamer_id=streamer_id, follower_id=person).delete()
    return await is_following(actor, streamer_id)


async def is_following(actor: Actor, streamer_id: str) -> FollowView:
    """Whether the caller follows a host, and since when."""
    person = await _follower(actor, streamer_id)
    row = await Follow.get_or_none(streamer_id=streamer_id, follower_id=person)
    return FollowView(
        streamer_id=streamer_id,
        is_following=row is not None,
        notifications=row is not None and row.notified,
        followed_at=row.followed_at if row else None,
        followers=await Follow.filter(streamer_id=streamer_id).count(),
    )


async def set_notifications(actor: Actor, streamer_id: str, body: FollowNotifications) -> FollowView:
    """Whether the caller is told when a host goes live."""
    person = await _follower(actor, streamer_id)
    if not await Follow.filter(streamer_id=streamer_id, follower_id=person).update(notified=body.enabled):
        raise ProblemError(Code.CONFLICT, "Follow the host first.")
    return await is_following(actor, streamer_id)


async def _follower(actor: Actor, streamer_id: str) -> str:
    require(actor, Permission.WATCH)
    if actor.public_id is None:
        raise ProblemError(Code.UNAUTHORIZED, "Show your session (X-Session-Id) or a token.")
    if not (await Seller.exists(id=streamer_id) or await Affiliate.exists(id=streamer_id)):
        raise ProblemError(Code.NOT_FOUND, "There is no such host.")
    return actor.public_id
