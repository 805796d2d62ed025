"""The audit log as it is read: filtered, in pages, or written out whole."""

from collections.abc import AsyncIterator

from tortoise.queryset import QuerySet

from backend.domain.actors import Actor, reach_of
from backend.services import records, streams
from backend.storage.models import AuditEntry, LiveStream
from shared.commands import AuditQuery
from shared.roles import Permission, Reach, Target
from shared.views import AuditView, Page

BATCH = 500
"""Entries read at once."""


async def page(actor: Actor, query: AuditQuery) -> Page[AuditView]:
    """The entries of the streams that the actor works on, newest first; all for ops and admins."""
    rows, counts = await records.page(await _chosen(actor, query), query, order_by=("-id",))
    return Page(items=[view(row) for row in rows], **counts)


async def _chosen(actor: Actor, query: AuditQuery) -> QuerySet[AuditEntry]:
    within_reach = streams.within_reach(actor, Permission.READ_AUDIT)
    chosen = AuditEntry.all()
    if Reach.ALL not in reach_of(actor, Permission.READ_AUDIT, Target.STREAM):
        own = await LiveStream.filter(within_reach).values_list("id", flat=True)
        chosen = chosen.filter(stream_id__in=[str(one) for one in own])
    wanted = {
        "what": query.what,
        "stream_id": query.stream_id,
        "actor_id": query.actor_id,
        "subject_id": query.subject_id,
        "happened_at__gte": query.since,
        "happened_at__lt": query.until,
    }
    return chosen.filter(**{name: value for name, value in wanted.items() if value is not None})


async def everything(actor: Actor, query: AuditQuery) -> AsyncIterator[AuditView]:
    """Every entry that the query selects, oldest first."""
    chosen, last = await _chosen(actor, query), ""
    while rows := await chosen.filter(id__gt=last).order_by("id").limit(BATCH):
        for row in rows:
            yield view(row)
        last = rows[-1].id


def view(row: AuditEntry) -> AuditView:
    """An entry as it is shown."""
    return AuditView(
        id=row.id,
        what=row.what,
        actor_id=row.actor_id,
        actor_role=row.actor_role,
        client=row.client,
        stream_id=row.stream_id,
        subject_id=row.subject_id,
        reason=row.reason,
        before=row.before,
        after=row.after,
        details=dict(row.details),
        happened_at=row.happened_at,
    )
