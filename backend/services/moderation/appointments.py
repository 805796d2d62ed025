"""Moderators are appointed, for one stream, for a seller's streams or for all, and dismissed again."""

from tortoise.expressions import Q

from backend import seams
from backend.domain.actors import Actor, Owned, reach_of, require, require_on
from backend.domain.moderation.ranks import EVERYTHING
from backend.services import audit, records, streams
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import Account, AppointmentRow, LiveStream, Seller
from shared.commands import Appoint, PageQuery
from shared.moderation import Capability
from shared.problems import Code, ProblemError
from shared.roles import Permission, Reach, Target
from shared.views import AppointmentView, Page


async def appoint(runtime: Runtime, actor: Actor, body: Appoint) -> AppointmentView:
    """Make an account a moderator: an admin anywhere, a seller of their own streams, a host of their own stream.

    Raises:
        ProblemError: the account, stream or seller is unknown, or not the actor's to give.
    """
    require(actor, Permission.APPOINT)
    await _require_scope(actor, body)
    await records.get(Account, body.account_id, "account")

    async def work(_: UnitOfWork) -> AppointmentView:
        row = await AppointmentRow.create(
            id=seams.new_id(),
            account_id=body.account_id,
            stream_id=body.stream_id,
            seller_id=body.seller_id,
            capabilities=sorted(EVERYTHING if body.capabilities is None else set(body.capabilities)),
            rank=body.rank,
            appointed_by=actor.public_id or "",
            appointed_at=seams.now(),
        )
        await audit.note(
            "moderator_appointed", actor, stream_id=row.stream_id, subject_id=row.account_id, after=_told(row)
        )
        return view(row)

    made = await commit(runtime.bus, work)
    await _take_effect(runtime, body.account_id)
    return made


async def _take_effect(runtime: Runtime, account_id: str) -> None:
    """Cut the account's sockets once the roster knows: they come back with the new rights."""
    await runtime.roster.load()
    runtime.revocations.rights_changed(account_id)


async def _require_scope(actor: Actor, body: Appoint) -> None:
    if body.stream_id is not None and body.seller_id is not None:
        raise ProblemError.of_field("sellerId", "one_of", "Send streamId or sellerId, or neither for all streams.")
    if body.stream_id is not None:
        stream = await records.get(LiveStream, body.stream_id, "stream")
        require_on(actor, Permission.APPOINT, views.scope(stream))
    elif body.seller_id is not None:
        require_on(actor, Permission.APPOINT, Owned(Target.SELLER, body.seller_id))
        await records.get(Seller, body.seller_id, "seller")
    elif Reach.ALL not in reach_of(actor, Permission.APPOINT):
        raise ProblemError(Code.FORBIDDEN, "You may appoint moderators of your own streams only.")


async def dismiss(runtime: Runtime, actor: Actor, appointment_id: str) -> AppointmentView:
    """End an appointment; what the moderator did stays done."""
    require(actor, Permission.APPOINT)

    async def work(_: UnitOfWork) -> AppointmentView:
        row = await AppointmentRow.select_for_update().get_or_none(id=appointment_id, ended_at=None)
        if row is None:
            raise ProblemError(Code.NOT_FOUND, "There is no such appointment.")
        await _require_scope(
            actor, Appoint(account_id=row.account_id, stream_id=row.stream_id, seller_id=row.seller_id)
        )
        row.ended_at = seams.now()
        await row.save(update_fields=["ended_at"])
        await audit.note(
            "moderator_dismissed", actor, stream_id=row.stream_id, subject_id=row.account_id, before=_told(row)
        )
        return view(row)

    ended = await commit(runtime.bus, work)
    await _take_effect(runtime, ended.account_id)
    return ended


async def list_all(actor: Actor, query: PageQuery) -> Page[AppointmentView]:
    """The appointments that hold, oldest first: all for admins, those of their streams for hosts."""
    within_reach = streams.within_reach(actor, Permission.APPOINT)
    chosen = AppointmentRow.filter(ended_at=None)
    if Reach.ALL not in reach_of(actor, Permission.APPOINT):
        own = await LiveStream.filter(within_reach).values_list("id", flat=True)
        chosen = chosen.filter(Q(stream_id__in=[str(one) for one in own]) | _of_all_streams_of(actor))
    rows, counts = await records.page(chosen, query, order_by=("id",))
    return Page(items=[view(row) for row in rows], **counts)


def _of_all_streams_of(actor: Actor) -> Q:
    """The appointments for a seller's every stream; those of nobody where it is no seller who asks."""
    sells = Reach.OWN in reach_of(actor, Permission.APPOINT, Target.SELLER)
    return Q(seller_id__in=[actor.subject] if sells else [])


def view(row: AppointmentRow) -> AppointmentView:
    """An appointment as it is shown."""
    return AppointmentView(
        id=row.id,
        account_id=row.account_id,
        stream_id=row.stream_id,
        seller_id=row.seller_id,
        capabilities=[Capability(one) for one in row.capabilities],
        rank=row.rank,
        appointed_by=row.appointed_by,
        appointed_at=row.appointed_at,
    )


def _told(row: AppointmentRow) -> dict[str, object]:
    return {"capabilities": row.capabilities, "rank": row.rank, "sellerId": row.seller_id}
