"""The health of a stream's video, and when its absence ends the show."""

from datetime import datetime, timedelta

from shared.ingest import IngestState, ProgramReport
from shared.views import IngestView, StreamStatus

LONG_KEYFRAME_INTERVAL = 4.0
"""Seconds between key frames from which on players wait noticeably."""
STALE_SEGMENT = 10.0
"""Seconds without a new segment from which on players run dry."""
SILENT_MEDIA_SERVER = 10.0
"""Seconds without a report from which on every publisher counts as lost."""


def grace_over(lost_at: datetime | None, now: datetime, grace: float) -> bool:
    """Whether a lost publisher has been away for longer than the grace, in seconds."""
    return lost_at is not None and now >= lost_at + timedelta(seconds=grace)


def health(status: StreamStatus, report: ProgramReport | None, *, lost_at: datetime | None, grace: float) -> IngestView:
    """What the host, ops and moderators are told of a stream's video."""
    ends_at = lost_at + timedelta(seconds=grace) if lost_at and status is StreamStatus.LIVE else None
    if report is None:
        state = IngestState.LOST if ends_at else IngestState.NONE
        return IngestView(state=state, ends_at=ends_at, warnings=_warnings(status, state, None))
    state = report.state
    lost = state is IngestState.LOST
    return IngestView(
        state=state,
        bitrate_kbps=0.0 if lost else round(report.bitrate_kbps, 1),
        fps=None if lost else report.fps,
        width=report.width,
        height=report.height,
        keyframe_interval_seconds=report.keyframe_interval_seconds,
        segment_age_seconds=report.segment_age_seconds,
        video_codec=report.video_codec,
        audio_codec=report.audio_codec,
        ends_at=ends_at,
        warnings=_warnings(status, state, report),
    )


def _warnings(status: StreamStatus, state: IngestState, report: ProgramReport | None) -> list[str]:
    found: list[str] = []
    if state is IngestState.LOST and status is StreamStatus.LIVE:
        found.append("The encoder is gone. Reconnect with the same key, or the show ends when the grace is over.")
    if state is IngestState.NONE and status is StreamStatus.LIVE:
        found.append("The stream was started without video. Publish with its key; viewers see no picture.")
    if report is None or state is IngestState.LOST:
        return found
    interval = report.keyframe_interval_seconds
    if interval is not None and interval > LONG_KEYFRAME_INTERVAL:
        found.append(f"Key frames are {interval:.1f} s apart. Set the encoder's key-frame interval to 2 s.")
    age = report.segment_age_seconds
    if age is not None and age > max(STALE_SEGMENT, 3 * (interval or 0.0)):
        found.append(f"No new segment for {age:.0f} s. Check the encoder's network.")
    if report.state is IngestState.LIVE and report.video_codec is None:
        found.append("Only sound is coming in. Check the encoder's video source.")
    return found
