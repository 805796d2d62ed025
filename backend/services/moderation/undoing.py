"""Which acts somebody may undo, and everything that undoing them touches."""

from collections.abc import Sequence
from datetime import datetime

from backend.domain.actors import StreamScope
from backend.domain.moderation.plans import ACTS
from backend.domain.moderation.ranks import Standing
from backend.domain.moderation.registers import FacetKind, Write
from backend.services.moderation import stored
from backend.storage.models import ModerationAct, ModerationWrite
from shared.problems import Code, FieldError, ProblemError

CHUNK = 500
"""Ids in one query."""


async def writes_of(
    standing: Standing, actor_id: str, stream: StreamScope, act_ids: Sequence[str], now: datetime
) -> list[Write]:
    """What the acts wrote, with what comes back by undoing an undo.

    Raises:
        ProblemError: an act is unknown, somebody of an equal or higher rank made it, it is undone or over already.
    """
    rows = await _acts(stream, act_ids)
    for row in rows:
        _require_undoable(standing, actor_id, row, now)
    await _require_not_undone(rows, now)
    return await _all_writes([row.id for row in rows])


async def _acts(stream: StreamScope, act_ids: Sequence[str]) -> list[ModerationAct]:
    if not act_ids:
        raise ProblemError.of_field("actIds", "required", "Say which acts.")
    rows = await ModerationAct.filter(stream_id=stream.id, id__in=list(act_ids))
    missing = set(act_ids) - {row.id for row in rows}
    if missing:
        errors = [FieldError(field="actIds", code="unknown", message=one) for one in sorted(missing)[:10]]
        raise ProblemError(Code.NOT_FOUND, "There is no such act in this stream.", errors=errors)
    return rows


def _require_undoable(standing: Standing, actor_id: str, row: ModerationAct, now: datetime) -> None:
    if row.actor_id != actor_id and row.actor_rank >= standing.rank:
        raise ProblemError(Code.OUTRANKED, "An act is undone by its author, or by somebody of a higher rank.")
    if not ACTS[row.kind].undoable:
        raise ProblemError(Code.CONFLICT, f"An act of the kind {row.kind} cannot be undone.")
    if row.ends_at is not None and row.ends_at <= now:
        raise ProblemError(Code.CONFLICT, "This act is over; there is nothing left to undo.")


async def _require_not_undone(rows: Sequence[ModerationAct], now: datetime) -> None:
    undone = await stored.undone_among([row.id for row in rows], now)
    if undone:
        errors = [FieldError(field="actIds", code="undone", message=one) for one in sorted(undone)[:10]]
        raise ProblemError(Code.CONFLICT, "This act is undone already.", errors=errors)


async def _all_writes(act_ids: Sequence[str]) -> list[Write]:
    found: list[Write] = []
    wanted, known = list(act_ids), set(act_ids)
    while wanted:
        chunk, wanted = wanted[:CHUNK], wanted[CHUNK:]
        rows = await ModerationWrite.filter(act_id__in=chunk)
        found += [stored.as_write(row) for row in rows]
        again = {row.key for row in rows if row.facet is FacetKind.ACT} - known
        known |= again
        wanted += sorted(again)
    return found
