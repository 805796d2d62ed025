"""Live follows ingest: who may publish, when a show goes live, and when its encoder is missed for too long."""

import structlog

from backend import seams
from backend.domain import ingest as rules
from backend.domain.lifecycle import OVER
from backend.services import streams
from backend.services.bus import Announcement
from backend.services.runtime import Runtime
from backend.storage import views
from backend.storage.models import LiveStream
from shared.events import IngestUpdate
from shared.ingest import (
    IngestReport,
    IngestState,
    IngestVerdict,
    ProgramReport,
    PublishDecision,
    PublishRequest,
)
from shared.problems import ProblemError
from shared.views import StreamStatus

log = structlog.get_logger(__name__)

REFUSED = 403


async def authorize(request: PublishRequest) -> PublishDecision:
    """Whether a stream key may publish now."""
    row = await LiveStream.get_or_none(stream_key=request.key).select_related("affiliate")
    if row is None:
        log.warning("publish_refused", reason="unknown_key", address=request.address)
        return PublishDecision(code=REFUSED, error="unknown stream key")
    if row.status in OVER:
        log.warning("publish_refused", reason="stream_over", stream_id=row.id)
        return PublishDecision(code=REFUSED, error=f"this stream is {row.status}; create a new one")
    try:
        streams.require_approved(row.affiliate)
    except ProblemError as problem:
        log.warning("publish_refused", reason=problem.code, stream_id=row.id)
        return PublishDecision(code=REFUSED, error=problem.message)
    log.info("publish_accepted", stream_id=row.id)
    return PublishDecision(code=0, playback_id=row.playback_id)


async def take_report(runtime: Runtime, report: IngestReport) -> IngestVerdict:
    """Bring the streams in line with what the media server holds."""
    dropped = runtime.ingest.put(report)
    programs = {program.playback_id: program for program in report.programs}
    rows = await LiveStream.filter(playback_id__in=list(programs))
    known = {row.playback_id for row in rows}
    finished = [row.playback_id for row in rows if row.status in OVER]
    for row in rows:
        if row.status not in OVER:
            await _follow(runtime, row, programs[row.playback_id])
    await _miss_absent(runtime, known)
    return IngestVerdict(drop=dropped, finish=[*finished, *(programs.keys() - known)])


async def _follow(runtime: Runtime, row: LiveStream, program: ProgramReport) -> None:
    """One stream follows its program."""
    lost = program.state is IngestState.LOST
    if program.state is IngestState.LIVE:
        if row.status is StreamStatus.SCHEDULED:
            await _go_live(runtime, row)
        if not row.had_ingest:
            row.had_ingest = True
            await LiveStream.filter(id=row.id).update(had_ingest=True)
    if lost and row.had_ingest and row.ingest_lost_at is None:
        await _set_lost(row, lost=True)
    elif not lost and row.ingest_lost_at is not None:
        await _set_lost(row, lost=False)
    _tell_health(runtime, row)


async def _go_live(runtime: Runtime, row: LiveStream) -> None:
    try:
        await streams.change_status(runtime, row.id, StreamStatus.LIVE)
    except ProblemError as problem:
        # The host was a moment faster, one way or the other.
        log.info("go_live_skipped", stream_id=row.id, reason=problem.code)
    await row.refresh_from_db()


async def _set_lost(row: LiveStream, *, lost: bool) -> None:
    row.ingest_lost_at = seams.now() if lost else None
    await LiveStream.filter(id=row.id).update(ingest_lost_at=row.ingest_lost_at)
    log.info("ingest_lost" if lost else "ingest_back", stream_id=row.id)


def _tell_health(runtime: Runtime, row: LiveStream) -> None:
    event = IngestUpdate(stream_id=row.id, ingest=runtime.ingest.view(row))
    runtime.bus.publish(Announcement(views.scope(row), event))


async def _miss_absent(runtime: Runtime, reported: set[str]) -> None:
    """Live streams whose program the media server no longer holds have lost their publisher."""
    missing = await LiveStream.filter(status=StreamStatus.LIVE, had_ingest=True, ingest_lost_at=None).exclude(
        playback_id__in=list(reported) or [""]
    )
    for row in missing:
        await _set_lost(row, lost=True)
        _tell_health(runtime, row)


async def enforce_grace(runtime: Runtime) -> None:
    """End the shows whose encoder has been away for longer than the grace."""
    if not runtime.ingest.media_server_answers:
        await _miss_absent(runtime, set())
    waiting = await LiveStream.filter(status=StreamStatus.LIVE, had_ingest=True).exclude(ingest_lost_at=None)
    for row in waiting:
        if not rules.grace_over(row.ingest_lost_at, seams.now(), runtime.ingest.grace):
            continue
        log.info("ending_without_encoder", stream_id=row.id)
        try:
            await streams.change_status(runtime, row.id, StreamStatus.ENDED)
        except ProblemError as problem:
            log.info("end_skipped", stream_id=row.id, reason=problem.code)
