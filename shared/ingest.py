"""What a media server and the API say to each other about publishers.

The media server asks (`PublishRequest`) and tells (`IngestReport`) over HTTP at `HOOK_PATH`; the API decides.
Both carry the shared secret as `Authorization: Bearer`. The same decisions serve nginx-rtmp, SRS and MediaMTX:
200 with `code` 0 allows, 403 refuses.
"""

from dataclasses import dataclass
from enum import StrEnum

HOOK_PATH = "/internal/media/embedded"


class IngestState(StrEnum):
    """Where a stream's video stands."""

    NONE = "none"
    """No publisher has come."""
    CONNECTING = "connecting"
    """A publisher was accepted; no segment is playable yet."""
    LIVE = "live"
    """Segments are listed and playable."""
    LOST = "lost"
    """The publisher went away; its playlist is held open for the grace period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest:
    """A publisher asks to send video under a stream key."""

    event: str = "publish"
    client: str
    """The media server's own reference of this publisher, unique over restarts."""
    key: str
    """The stream key as the encoder sent it; hostile until it is found in the database."""
    address: str
    """The publisher's IP address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDecision:
    """The API's answer to a `PublishRequest`."""

    code: int
    """0 allows, 403 refuses."""
    playback_id: str | None = None
    """The public id under which the video is served; None when refused."""
    error: str | None = None
    """Why it is refused, in words for the encoder's log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramReport:
    """One program (a playback id) as the media server sees it now."""

    playback_id: str
    client: str
    """The reference of its present, or last, publisher."""
    state: IngestState
    """`connecting`, `live` or `lost`; never `none`."""
    state_seconds: float
    """For how long it has been in that state."""
    segments: int = 0
    """Segments listed since this publisher started."""
    segment_age_seconds: float | None = None
    """Since the newest segment was listed; None before the first."""
    bitrate_kbps: float = 0.0
    """Video and audio received over the last few seconds, in kilobit a second."""
    keyframe_interval_seconds: float | None = None
    """Between the last two key frames; None before the second."""
    fps: float | None = None
    video_codec: str | None = None
    """RFC 6381 codec string, such as `avc1.64001F`."""
    audio_codec: str | None = None
    """RFC 6381 codec string, such as `mp4a.40.2`."""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """Everything the media server holds, whole: sent every second and at once on a change of state."""

    event: str = "report"
    programs: list[ProgramReport]
    disk_free_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestVerdict:
    """The API's answer to an `IngestReport`."""

    code: int = 0
    drop: list[str]
    """References of publishers to cut; their program stays open for the next one."""
    finish: list[str]
    """Playback ids whose show is over: cut the publisher, end the playlist, forget it."""
