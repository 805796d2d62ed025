"""What moderators read: acts, messages as they are, and a person's card."""

from collections.abc import Sequence

from tortoise.expressions import Q

from backend import seams
from backend.domain.actors import Actor, StreamScope, require_on
from backend.domain.moderation.room import Sanction
from backend.services import records
from backend.services.moderation import act_views, news, people, stored
from backend.services.runtime import Runtime
from backend.storage import views
from backend.storage.models import LiveStreamMessage, LiveStreamViewer, ModerationAct, Order
from shared.commands import ActsQuery, ModeratedQuery, Someone
from shared.moderation import MessageKind, MessageState
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import ActView, ChatModeView, OrderStatus, Page, PersonView, SanctionView, StaffMessageView

NEWEST = 50
"""Messages and acts on a person's card."""
OTHERS = 20
"""People at the same addresses who are named."""


async def _scope(runtime: Runtime, actor: Actor, stream_id: str) -> StreamScope:
    stream = (await runtime.snapshots.get(stream_id)).scope
    require_on(actor, Permission.READ_AUDIT, stream)
    return stream


async def acts(runtime: Runtime, actor: Actor, stream_id: str, query: ActsQuery) -> Page[ActView]:
    """A stream's acts, newest first."""
    await _scope(runtime, actor, stream_id)
    wanted = {"kind": query.kind, "actor_id": query.actor_id, "subject_id": query.subject_id}
    chosen = ModerationAct.filter(stream_id=stream_id, **{name: one for name, one in wanted.items() if one is not None})
    rows, counts = await records.page(chosen, query, order_by=("-id",))
    return Page(items=await _act_views(rows), **counts)


async def _act_views(rows: Sequence[ModerationAct]) -> list[ActView]:
    undone = await stored.undone_among([row.id for row in rows], seams.now())
    return [act_views.view(row, undone=row.id in undone) for row in rows]


async def messages(runtime: Runtime, actor: Actor, stream_id: str, query: ModeratedQuery) -> Page[StaffMessageView]:
    """A stream's messages whatever became of them, newest first: the hold queue is those that are held."""
    await _scope(runtime, actor, stream_id)
    wanted = {"state": query.state, "author_id": query.author_id}
    given = {name: one for name, one in wanted.items() if one is not None}
    chosen = LiveStreamMessage.filter(stream_id=stream_id, **given)
    rows, counts = await records.page(chosen, query, order_by=("-seq",))
    return Page(items=[views.staff_message(row) for row in rows], **counts)


async def person(runtime: Runtime, actor: Actor, stream_id: str, user_id: str) -> PersonView:
    """A person's card.

    Raises:
        ProblemError: `not_found` where the stream has never seen this person.
    """
    stream = await _scope(runtime, actor, stream_id)
    subject = await people.find(runtime, stream, Someone(user_id=user_id))
    said = LiveStreamMessage.filter(stream_id=stream_id, author_id=user_id, kind=MessageKind.CHAT)
    visit = await LiveStreamViewer.filter(stream_id=stream_id, viewer_id=user_id).order_by("joined_at").first()
    newest = await said.order_by("-seq").limit(NEWEST)
    history = await ModerationAct.filter(stream_id=stream_id, subject_id=user_id).order_by("-id").limit(NEWEST)
    if subject is None or (visit is None and not newest and not history):
        raise ProblemError(Code.NOT_FOUND, "This stream has not seen such a person.")
    room, now = await runtime.rooms.get(stream), seams.now()
    first = await said.order_by("seq").first()
    seen = [moment for moment in (visit and visit.joined_at, first and first.sent_at) if moment]
    orders = Order.filter(stream_id=stream_id, buyer_id=user_id).exclude(status=OrderStatus.CANCELLED)
    return PersonView(
        id=user_id,
        username=subject.name,
        is_guest=user_id.startswith("guest_"),
        first_seen_at=min(seen, default=None),
        message_count=await said.count(),
        removed_count=await said.filter(state__in=[MessageState.REMOVED, MessageState.DENIED]).count(),
        order_count=await orders.count(),
        ban=_sanction(room.ban(user_id, None, now)),
        timeout=_sanction(room.timeout(user_id, now)),
        warning=room.warning(user_id, now),
        trusted=room.is_trusted(user_id, now),
        messages=[views.staff_message(row) for row in reversed(newest)],
        acts=await _act_views(history),
        others=await _others(stream, user_id, subject.address_hashes),
    )


def _sanction(found: Sanction | None) -> SanctionView | None:
    return None if found is None else SanctionView(reason=found.reason, until=found.until)


async def _others(stream: StreamScope, user_id: str, addresses: frozenset[str]) -> list[str]:
    """Who else was seen at the same addresses in this stream."""
    if not addresses:
        return []
    same = Q(stream_id=stream.id, address_hash__in=sorted(addresses))
    wrote = await LiveStreamMessage.filter(same).distinct().values_list("author_id", flat=True)
    came = await LiveStreamViewer.filter(same).distinct().values_list("viewer_id", flat=True)
    return sorted({str(one) for one in (*wrote, *came)} - {user_id})[:OTHERS]


async def modes(runtime: Runtime, stream_id: str) -> list[ChatModeView]:
    """How a stream's chat is narrowed now; anyone may ask."""
    stream = (await runtime.snapshots.get(stream_id)).scope
    return news.mode_views(await runtime.rooms.get(stream), seams.now())
