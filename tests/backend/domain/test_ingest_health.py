"""What a host is told of the video, and when its absence ends the show."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.domain.ingest import grace_over, health
from shared.ingest import IngestState, ProgramReport
from shared.views import StreamStatus

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIVE, SCHEDULED, ENDED = StreamStatus.LIVE, StreamStatus.SCHEDULED, StreamStatus.ENDED


def _report(state: IngestState = IngestState.LIVE, **changes: Any) -> ProgramReport:
    given: dict[str, Any] = {
        "playback_id": "p",
        "client": "c",
        "state": state,
        "state_seconds": 5.0,
        "segments": 3,
        "segment_age_seconds": 1.0,
        "bitrate_kbps": 2500.04,
        "keyframe_interval_seconds": 2.0,
        "fps": 30.0,
        "video_codec": "avc1.64001F",
        "audio_codec": "mp4a.40.2",
    }
    return ProgramReport(**(given | changes))


def _warnings(status: StreamStatus, report: ProgramReport | None, lost_at: datetime | None = None) -> str:
    return " ".join(health(status, report, lost_at=lost_at, grace=20).warnings)


def test_a_show_with_good_video_has_nothing_to_mend():
    seen = health(LIVE, _report(), lost_at=None, grace=20)

    assert (seen.state, seen.bitrate_kbps, seen.fps, seen.warnings) == (IngestState.LIVE, 2500.0, 30.0, [])
    assert seen.ends_at is None


def test_a_show_started_without_video_says_so():
    assert "without video" in _warnings(LIVE, None)
    assert _warnings(SCHEDULED, None) == ""


def test_a_lost_encoder_shows_when_the_grace_ends():
    seen = health(LIVE, _report(IngestState.LOST), lost_at=NOW, grace=20)

    assert (seen.state, seen.ends_at, seen.bitrate_kbps) == (IngestState.LOST, NOW + timedelta(seconds=20), 0.0)
    assert "encoder is gone" in seen.warnings[0]


def test_a_lost_encoder_stays_lost_when_the_media_server_forgot_it():
    assert health(LIVE, None, lost_at=NOW, grace=20).state is IngestState.LOST


def test_a_show_that_is_over_has_no_grace():
    seen = health(ENDED, None, lost_at=NOW, grace=20)
    assert (seen.state, seen.ends_at, seen.warnings) == (IngestState.NONE, None, [])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"keyframe_interval_seconds": 10.0}, "Key frames"),
        ({"segment_age_seconds": 15.0}, "No new segment"),
        ({"video_codec": None}, "Only sound"),
    ],
)
def test_each_trouble_has_a_sentence(changes: dict[str, Any], word: str):
    assert word in _warnings(LIVE, _report(**changes))


def test_long_key_frame_gaps_are_not_taken_for_a_stalled_encoder():
    assert "No new segment" not in _warnings(LIVE, _report(keyframe_interval_seconds=10.0, segment_age_seconds=15.0))


@pytest.mark.parametrize(("seconds", "over"), [(0, False), (19.9, False), (20, True), (3600, True)])
def test_the_grace_is_over_after_exactly_its_seconds(seconds: float, over: bool):
    assert grace_over(NOW, NOW + timedelta(seconds=seconds), 20) is over


def test_an_encoder_that_was_never_lost_has_no_grace_to_run_out():
    assert grace_over(None, NOW, 20) is False
