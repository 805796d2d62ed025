"""Moderators are appointed, for one stream, for a seller's streams or for all, and dismissed again."""

from tortoise.expressions import Q

from backend import seams
from backend.domain.actors import Actor, require
from backend.domain.moderation.ranks import EVERYTHING
from backend.services import audit, records
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage.models import Account, AppointmentRow, LiveStream, Seller
from shared.commands import Appoint, PageQuery
from shared.moderation import Capability
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role
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
    await runtime.roster.load()
    return made


async def _require_scope(actor: Actor, body: Appoint) -> None:
    if body.stream_id is not None and body.seller_id is not None:
        raise ProblemError.of_field("sellerId", "one_of", "Send streamId or sellerId, or neither for all streams.")
    if actor.role is Role.ADMIN:
        if body.seller_id is not None:
            await records.get(Seller, body.seller_id, "seller")
        if body.stream_id is not None:
            await records.get(LiveStream, body.stream_id, "stream")
        return
    if body.stream_id is not None:
        stream = await records.get(LiveStream, body.stream_id, "stream")
        host = stream.affiliate_id or stream.seller_id
        if actor.subject == host:
            return
        raise ProblemError(Code.FORBIDDEN, "This stream belongs to somebody else.")
    if body.seller_id is not None and actor.role is Role.SELLER and actor.subject == body.seller_id:
        return
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
    await runtime.roster.load()
    return ended


async def list_all(actor: Actor, query: PageQuery) -> Page[AppointmentView]:
    """The appointments that hold, oldest first: all for admins and ops, those of their streams for hosts."""
    require(actor, Permission.APPOINT)
    chosen = AppointmentRow.filter(ended_at=None)
    if actor.role is Role.SELLER:
        streams = await _streams_of(seller_id=actor.subject, affiliate_id=None)
        chosen = chosen.filter(Q(seller_id=actor.subject) | Q(stream_id__in=streams))
    elif actor.role is Role.AFFILIATE:
        chosen = chosen.filter(stream_id__in=await _streams_of(affiliate_id=actor.subject))
    rows, counts = await records.page(chosen, query, order_by=("id",))
    return Page(items=[view(row) for row in rows], **counts)


async def _streams_of(**host: str | None) -> list[str]:
    return [str(one) for one in await LiveStream.filter(**host).values_list("id", flat=True)]


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
