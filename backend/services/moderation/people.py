"""The people of a stream as moderators mean them: who it is, under which name, of which rank."""

from backend.domain.actors import StreamScope
from backend.domain.moderation.plans import Subject
from backend.domain.moderation.ranks import ADMIN, HOST, LOWEST, NOBODY
from backend.services.runtime import Runtime
from backend.storage.models import Account, LiveStreamMessage, LiveStreamViewer
from shared.commands import Someone
from shared.problems import Code, FieldError, ProblemError
from shared.roles import Role
from shared.views import Badge

_CANDIDATES = 10
"""People named where a name means several."""


async def find(runtime: Runtime, stream: StreamScope, someone: Someone) -> Subject | None:
    """The person that a request means; None where it names nobody.

    Raises:
        ProblemError: nobody of this stream has the name, or several have.
    """
    person_id = await _id_of(runtime, stream, someone)
    if person_id is None:
        return None
    return await describe(runtime, stream, person_id)


async def _id_of(runtime: Runtime, stream: StreamScope, someone: Someone) -> str | None:
    if someone.user_id is not None:
        return someone.user_id
    if someone.session_id is not None:
        return runtime.keyring.guest_id(someone.session_id)
    return None if someone.username is None else await _by_name(stream, someone.username)


async def _by_name(stream: StreamScope, username: str) -> str:
    """Whoever writes under a name in the stream."""
    found = (
        await LiveStreamMessage.filter(stream_id=stream.id, username=username)
        .order_by("-seq")
        .values_list("author_id", flat=True)
    )
    candidates = list(dict.fromkeys(str(one) for one in found))
    if not candidates:
        raise ProblemError.of_field("username", "unknown", f"Nobody has written as {username!r} in this stream.")
    if len(candidates) > 1:
        errors = [
            FieldError(field="userId", code="candidate", message=candidate) for candidate in candidates[:_CANDIDATES]
        ]
        raise ProblemError(
            Code.AMBIGUOUS, f"Several people write as {username!r}. Send one of their ids as userId.", errors=errors
        )
    return candidates[0]


async def describe(runtime: Runtime, stream: StreamScope, person_id: str) -> Subject:
    """A person by their public id."""
    newest = await LiveStreamMessage.filter(stream_id=stream.id, author_id=person_id).order_by("-seq").first()
    return Subject(
        id=person_id,
        name=newest.username if newest else await _account_name(person_id),
        rank=await _rank(runtime, stream, person_id, newest),
        address_hashes=await _addresses(stream, person_id),
    )


async def _account_name(person_id: str) -> str:
    account = await Account.get_or_none(id=person_id)
    return account.display_name if account else person_id


async def _rank(runtime: Runtime, stream: StreamScope, person_id: str, newest: LiveStreamMessage | None) -> int:
    if person_id == (stream.affiliate_id or stream.seller_id):
        return HOST
    account = await Account.get_or_none(id=person_id)
    if account is not None and account.role in (Role.ADMIN, Role.OPS):
        return ADMIN
    appointed = [one.rank for one in runtime.roster.of(person_id) if one.covers(stream)]
    if appointed:
        return max(appointed)
    works_here = (account is not None and account.role is Role.MODERATOR) or (
        newest is not None and newest.badge is Badge.MODERATOR
    )
    return LOWEST if works_here else NOBODY


async def _addresses(stream: StreamScope, person_id: str) -> frozenset[str]:
    """Where somebody was seen in this stream, as hashes."""
    said = (
        await LiveStreamMessage.filter(stream_id=stream.id, author_id=person_id).distinct().values_list("address_hash")
    )
    came = (
        await LiveStreamViewer.filter(stream_id=stream.id, viewer_id=person_id).distinct().values_list("address_hash")
    )
    return frozenset(str(row[0]) for row in (*said, *came) if row[0])
