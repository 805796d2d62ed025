"""The life of streams: created, read, started, ended."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from backend import seams
from backend.domain.actors import Actor, Appointment, Owned, StreamScope, may, reach_of, require, require_on
from backend.domain.lifecycle import check_transition, require_not_over
from backend.domain.sales import StreamSales
from backend.domain.text import sanitise, sanitise_optional
from backend.services import figures, records, sales
from backend.services.runtime import Runtime
from backend.services.snapshots import Snapshot
from backend.services.unit_of_work import UnitOfWork, commit, next_seq
from backend.storage import views
from backend.storage.models import Affiliate, LiveStream, LiveStreamProduct, Seller
from shared.commands import (
    ActiveStreamsQuery,
    CreateAffiliateStream,
    CreateSellerStream,
    StreamDetails,
)
from shared.events import ControlStreamUpdate, StreamEndedWithStats, StreamStatusUpdate
from shared.problems import Code, ProblemError
from shared.roles import Permission, Reach, Role, Target
from shared.views import (
    ActiveStreamsPage,
    AffiliateStatus,
    ControlStreamView,
    EncoderSettings,
    HostStreamView,
    HostType,
    ObsSetupView,
    StatsView,
    StreamKeyView,
    StreamStatus,
    StreamView,
)

RECOMMENDED = EncoderSettings(encoder="x264", bitrate=2500, keyframe_interval=2, resolution="1280x720", fps=30)
"""Plays everywhere with little delay."""
CONTROL_HISTORY = 20
"""Finished streams that a console is shown besides all others."""
_HOSTED = {Role.SELLER: (HostType.SELLER, "seller_id"), Role.AFFILIATE: (HostType.AFFILIATE, "affiliate_id")}
"""The streams that a role hosts, and the column that names their host."""


async def create_seller_stream(runtime: Runtime, actor: Actor, body: CreateSellerStream) -> HostStreamView:
    """A new scheduled stream of the token's seller."""
    seller_id = records.owner_of(actor, Role.SELLER, body.seller_id)
    require_on(actor, Permission.HOST_SELLER_STREAM, Owned(Target.SELLER, seller_id))
    _require_host_type(body, HostType.SELLER)
    if not await Seller.exists(id=seller_id):
        raise ProblemError.of_field("sellerId", "unknown", f"There is no seller {seller_id!r}.")
    return await _create(runtime, body, HostType.SELLER, seller_id, None)


async def create_affiliate_stream(runtime: Runtime, actor: Actor, body: CreateAffiliateStream) -> HostStreamView:
    """A new scheduled stream of the token's affiliate, with a seller's products."""
    affiliate_id = records.owner_of(actor, Role.AFFILIATE, body.affiliate_id)
    require_on(actor, Permission.HOST_AFFILIATE_STREAM, Owned(Target.AFFILIATE, affiliate_id))
    _require_host_type(body, HostType.AFFILIATE)
    affiliate = await Affiliate.get_or_none(id=affiliate_id)
    if affiliate is None:
        raise ProblemError.of_field("affiliateId", "unknown", f"There is no affiliate {affiliate_id!r}.")
    require_approved(affiliate)
    if not await Seller.exists(id=body.seller_id):
        raise ProblemError.of_field("sellerId", "unknown", f"There is no seller {body.seller_id!r}.")
    return await _create(runtime, body, HostType.AFFILIATE, body.seller_id, affiliate_id)


def require_approved(affiliate: Affiliate | None) -> None:
    """Refuse a host who is an affiliate and may not host now.

    Raises:
        ProblemError: `affiliate_not_approved`.
    """
    if affiliate is not None and affiliate.status is not AffiliateStatus.APPROVED:
        raise ProblemError(
            Code.AFFILIATE_NOT_APPROVED,
            f"This affiliate is {affiliate.status}; an admin must approve it before it can host.",
        )


def _require_host_type(body: StreamDetails, expected: HostType) -> None:
    if body.host_type not in (None, expected):
        raise ProblemError.of_field("hostType", "mismatch", f"This route makes streams of hostType {expected}.")


async def _create(
    runtime: Runtime, body: StreamDetails, host_type: HostType, seller_id: str, affiliate_id: str | None
) -> HostStreamView:
    now = seams.now()
    row = LiveStream(
        id=seams.new_id(),
        title=records.visible(body.title, "title"),
        description=sanitise_optional(body.description),
        status=StreamStatus.SCHEDULED,
        host_type=host_type,
        seller_id=seller_id,
        affiliate_id=affiliate_id,
        stream_key=seams.new_stream_key(),
        playback_id=seams.new_secret(12),
        category=records.visible_optional(body.category, "category", most=60),
        tags=[tag for tag in map(sanitise, body.tags) if tag],
        thumbnail_url=body.thumbnail_url,
        scheduled_at=_as_utc(body.scheduled_at),
        created_at=now,
        updated_at=now,
    )

    async def work(unit: UnitOfWork) -> None:
        await row.save(force_create=True)
        await tell_control(runtime, unit, row.id)

    await commit(runtime.bus, work)
    return await _host_view(runtime, row.id)


def _as_utc(moment: datetime | None) -> datetime | None:
    """UTC, since SQLite compares times as text; a time without an offset is refused."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ProblemError.of_field("scheduledAt", "no_offset", "Give the time with an offset, such as Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ProblemError.of_field("scheduledAt", "out_of_range", "There is no such moment in UTC.") from error


async def load(stream_id: str) -> LiveStream:
    """A stream's row with everything that its views need.

    Raises:
        ProblemError: `not_found`.
    """
    row = await LiveStream.get_or_none(id=stream_id).prefetch_related(*views.STREAM_RELATIONS)
    if row is None:
        raise ProblemError(Code.NOT_FOUND, "There is no such stream.")
    return row


async def get(runtime: Runtime, actor: Actor, stream_id: str) -> StreamView:
    """A stream as this actor may see it: with its key for its host and admins."""
    snapshot = await runtime.snapshots.get(stream_id)
    if not may(actor, Permission.READ_STATS, snapshot.scope) and not may(actor, Permission.RUN_STREAM, snapshot.scope):
        return public_now(runtime, snapshot)
    row = await load(stream_id)
    return _view_for(runtime, actor, row, (await sales.by_stream([stream_id]))[stream_id])


def public_now(runtime: Runtime, snapshot: Snapshot) -> StreamView:
    """A stream as anyone may see it at this moment."""
    return _now(runtime, snapshot, snapshot.public)


def staff_now(runtime: Runtime, snapshot: Snapshot) -> StreamView:
    """A stream as those who work on it see it at this moment, without its key."""
    return _now(runtime, snapshot, snapshot.stream)


def _now(runtime: Runtime, snapshot: Snapshot, stream: StreamView) -> StreamView:
    watching, peak = runtime.attendance.count(stream.id), runtime.attendance.peak(stream.id)
    return views.as_of_now(stream, seq=snapshot.seq, viewers=watching, peak=peak)


def _view_for(runtime: Runtime, actor: Actor, row: LiveStream, sold: StreamSales) -> StreamView:
    viewers = runtime.attendance.count(row.id)
    if may(actor, Permission.RUN_STREAM, views.scope(row)):
        return views.host_stream(row, runtime.addresses, viewers, sold, runtime.ingest.view(row))
    if may(actor, Permission.READ_STATS, views.scope(row)):
        return views.staff_stream(row, runtime.addresses, viewers, sold)
    return views.public_stream(row, runtime.addresses, viewers, sold)


async def _host_view(runtime: Runtime, stream_id: str) -> HostStreamView:
    row = await load(stream_id)
    viewers = runtime.attendance.count(stream_id)
    sold = (await sales.by_stream([stream_id]))[stream_id]
    return views.host_stream(row, runtime.addresses, viewers, sold, runtime.ingest.view(row))


async def list_active(runtime: Runtime, query: ActiveStreamsQuery) -> list[StreamView] | ActiveStreamsPage:
    """The live streams, most watched first; a page of them where the query asks for one."""
    live = await LiveStream.filter(status=StreamStatus.LIVE).values_list("id", flat=True)
    counts = runtime.attendance.counts()
    ids = sorted((str(stream_id) for stream_id in live), reverse=True)
    ids.sort(key=lambda stream_id: -counts.get(stream_id, 0))
    if query.page is None and query.limit is None:
        return await _public_views(runtime, ids)
    page, limit = query.page or 1, query.limit or 20
    shown = await _public_views(runtime, ids[(page - 1) * limit : page * limit])
    return ActiveStreamsPage(streams=shown, total=len(ids), page=page, total_pages=-(-len(ids) // limit))


async def _public_views(runtime: Runtime, ids: list[str]) -> list[StreamView]:
    return [public_now(runtime, snapshot) for snapshot in await runtime.snapshots.get_all(ids)]


async def list_own(runtime: Runtime, actor: Actor) -> list[StreamView]:
    """The streams that the actor hosts or moderates, newest first; all for ops and admins."""
    rows = (
        await LiveStream.filter(within_reach(actor, Permission.READ_STATS))
        .order_by("-id")
        .prefetch_related(*views.STREAM_RELATIONS)
    )
    sold = await sales.by_stream([row.id for row in rows])
    return [_view_for(runtime, actor, row, sold[row.id]) for row in rows]


def within_reach(actor: Actor, permission: Permission) -> Q:
    """The condition that selects the streams over which an actor has a permission.

    Raises:
        ProblemError: `unauthorized` or `forbidden`, where it has it over none.
    """
    require(actor, permission, Target.STREAM)
    reach = reach_of(actor, permission, Target.STREAM)
    if Reach.ALL in reach:
        return Q()
    if Reach.OWN in reach:
        host_type, column = _HOSTED[actor.role]
        own: dict[str, Any] = {"host_type": host_type, column: actor.subject}
        return Q(**own)
    return _moderated_by(actor)


def _moderated_by(actor: Actor) -> Q:
    if actor.appointments is not None:
        return _covered_by(actor.appointments)
    if actor.only_stream is not None:
        return Q(id=actor.only_stream)
    return Q(seller_id=actor.only_seller) if actor.only_seller is not None else Q()


def _covered_by(appointments: Collection[Appointment]) -> Q:
    if any(one.stream_id is None and one.seller_id is None for one in appointments):
        return Q()
    streams = [one.stream_id for one in appointments if one.stream_id is not None]
    sellers = [one.seller_id for one in appointments if one.stream_id is None]
    return Q(id__in=streams) | Q(seller_id__in=sellers)


async def list_control(runtime: Runtime, actor: Actor, only: list[str] | None) -> list[ControlStreamView]:
    """What a console is shown: all running and coming streams that the actor works on, and the latest finished."""
    chosen = LiveStream.filter(within_reach(actor, Permission.CONTROL))
    if only is not None:
        chosen = chosen.filter(id__in=only)
    unfinished = await chosen.filter(status__in=[StreamStatus.LIVE, StreamStatus.SCHEDULED]).prefetch_related(
        *views.STREAM_RELATIONS
    )
    finished = (
        await chosen.filter(status__in=[StreamStatus.ENDED, StreamStatus.CANCELLED])
        .order_by("-id")
        .limit(CONTROL_HISTORY)
        .prefetch_related(*views.STREAM_RELATIONS)
    )
    rows = [*unfinished, *finished]
    return await _control_views(runtime, rows)


async def _control_views(runtime: Runtime, rows: list[LiveStream]) -> list[ControlStreamView]:
    ids = [row.id for row in rows]
    found, sold = await figures.compute(ids), await sales.by_stream(ids)
    return [
        views.control_stream(
            row,
            runtime.addresses,
            runtime.attendance.count(row.id),
            sold[row.id],
            runtime.ingest.view(row),
            found[row.id],
        )
        for row in rows
    ]


async def tell_control(runtime: Runtime, unit: UnitOfWork, stream_id: str) -> None:
    """Have consoles told a stream's new state after the commit."""
    row = await load(stream_id)
    (view,) = await _control_views(runtime, [row])
    unit.tell(views.scope(row), ControlStreamUpdate(stream_id=stream_id, stream=view))


async def start(runtime: Runtime, actor: Actor, stream_id: str) -> HostStreamView:
    """Go live at the host's word, with or without video."""
    await _require_host(runtime, actor, stream_id)
    require_approved((await load(stream_id)).affiliate)
    await change_status(runtime, stream_id, StreamStatus.LIVE)
    return await _host_view(runtime, stream_id)


async def end(runtime: Runtime, actor: Actor, stream_id: str) -> HostStreamView:
    """End the show; the media server then cuts its publisher."""
    await _require_host(runtime, actor, stream_id)
    await change_status(runtime, stream_id, StreamStatus.ENDED)
    return await _host_view(runtime, stream_id)


async def _require_host(runtime: Runtime, actor: Actor, stream_id: str) -> StreamScope:
    scope = (await runtime.snapshots.get(stream_id)).scope
    require_on(actor, Permission.RUN_STREAM, scope)
    return scope


async def change_status(runtime: Runtime, stream_id: str, status: StreamStatus) -> None:
    """Take one step of the life cycle.

    Raises:
        ProblemError: the step is not in the table.
    """

    async def work(unit: UnitOfWork) -> None:
        row = await LiveStream.select_for_update(no_key=True).get(id=stream_id)
        check_transition(row.status, status)
        now = seams.now()
        row.status, row.updated_at = status, now
        if status is StreamStatus.LIVE:
            row.started_at = now
        else:
            row.ended_at = now
        await row.save(update_fields=["status", "started_at", "ended_at", "updated_at"])
        seq = await next_seq(stream_id)
        unit.tell(
            views.scope(row),
            StreamStatusUpdate(
                stream_id=stream_id, status=status, seq=seq, started_at=row.started_at, ended_at=row.ended_at
            ),
        )
        await tell_control(runtime, unit, stream_id)
        if status is StreamStatus.ENDED:
            await _tell_result(unit, row)

    await commit(runtime.bus, work)


async def _tell_result(unit: UnitOfWork, row: LiveStream) -> None:
    """Tell ops and admins what a show came to."""
    found = (await figures.compute([row.id]))[row.id]
    unit.tell(
        views.scope(row),
        StreamEndedWithStats(
            stream_id=row.id,
            stream_title=row.title,
            total_viewers=found.total_viewers,
            peak_viewers=row.peak_viewers,
            total_sales=found.total_sales,
            currency=found.currency,
            orders_count=found.total_orders,
            duration=minutes(row),
            ended_at=row.ended_at or seams.now(),
        ),
    )


async def obs_setup(runtime: Runtime, actor: Actor, stream_id: str) -> ObsSetupView:
    """What the host types into OBS."""
    await _require_host(runtime, actor, stream_id)
    row = await LiveStream.get(id=stream_id)
    require_not_over(row.status)
    return ObsSetupView(rtmp_url=runtime.addresses.rtmp, stream_key=row.stream_key, recommended_settings=RECOMMENDED)


async def regenerate_key(runtime: Runtime, actor: Actor, stream_id: str) -> StreamKeyView:
    """Replace the stream key; a publisher that came with the old one is cut."""
    await _require_host(runtime, actor, stream_id)
    key = seams.new_stream_key()

    async def work(_: UnitOfWork) -> str:
        row = await LiveStream.select_for_update(no_key=True).get(id=stream_id)
        require_not_over(row.status)
        if row.status is StreamStatus.LIVE:
            raise ProblemError(Code.STREAM_LIVE, "The key cannot be replaced while the stream is live.")
        await LiveStream.filter(id=stream_id).update(stream_key=key, updated_at=seams.now())
        return row.playback_id

    try:
        playback_id = await commit(runtime.bus, work)
    except IntegrityError as error:
        raise ProblemError(Code.CONFLICT, "The key could not be replaced. Try again.") from error
    runtime.ingest.drop(playback_id)
    return StreamKeyView(stream_key=key)


async def stats(runtime: Runtime, actor: Actor, stream_id: str) -> StatsView:
    """A stream's figures, by query."""
    row = await load(stream_id)
    require_on(actor, Permission.READ_STATS, views.scope(row))
    now_watching = runtime.attendance.count(stream_id)
    found = (await figures.compute([stream_id]))[stream_id]
    featured = await LiveStreamProduct.filter(stream_id=stream_id).count()
    return StatsView(
        stream_id=stream_id,
        status=row.status,
        current_viewers=now_watching,
        peak_viewers=max(row.peak_viewers, now_watching, runtime.attendance.peak(stream_id)),
        total_viewers=found.total_viewers,
        total_messages=found.total_messages,
        messages_count=found.total_messages,
        total_products=featured,
        products_clicked=0,
        total_orders=found.total_orders,
        purchase_count=found.total_orders,
        total_sales=found.total_sales,
        revenue=found.total_sales,
        currency=found.currency,
        duration=minutes(row),
    )


def minutes(row: LiveStream) -> int:
    """For how long a show has run, or ran."""
    if row.started_at is None:
        return 0
    return int(((row.ended_at or seams.now()) - row.started_at).total_seconds() // 60)
