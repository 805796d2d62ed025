"""Cuts samples into segments that start with a key frame."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend import seams
from backend.media.codecs import AudioTrack, VideoTrack
from backend.media.hls.containers import Container, container_for
from backend.media.hls.samples import AudioSample, Tracks, VideoSample
from backend.media.timeline import TICKS_PER_SECOND

MAX_SEGMENT_SECONDS = 30.0
MAX_SEGMENT_BYTES = 48 << 20
"""A publisher that sends no key frame for so long cannot be played, and must not fill our memory."""

MIN_SEGMENT_SECONDS = 0.3
"""Shorter remains are dropped: hls.js does not get past a last segment of two frames."""

_EARLY = 0.9
"""A key frame this much of the target in ends the segment: groups of 1.98 s must not be packed in pairs."""
_USUAL_FRAME = TICKS_PER_SECOND // 25
_MAX_CLOCK_ERROR = timedelta(seconds=1)


class SegmentTooLongError(Exception):
    """No key frame came for longer than a segment may last, or grow."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed segment, ready to be written."""

    data: bytes
    extension: str
    initialization: bytes | None
    """The media initialization section it needs, if any."""
    duration: float
    """Seconds."""
    started_at: datetime
    """When its first sample came."""
    discontinuity: bool
    """Whether it does not continue the one before: other tracks, or other time."""


class Segmenter:
    """One publisher's samples in; a `Segment` out of the call that closed it."""

    def __init__(self, *, target: float, prefer_mp4: bool = False) -> None:
        """Cut at the first key frame after about `target` seconds; `prefer_mp4` rules MPEG-TS out."""
        self._cut_after = int(target * _EARLY * TICKS_PER_SECOND)
        self._prefer_mp4 = prefer_mp4
        self._tracks = Tracks()
        self._written: Tracks | None = None
        self._container: Container | None = None
        self._start: int | None = None
        self._last = 0
        self._interval = _USUAL_FRAME
        self._started_at = self._expected_at = seams.now()

    def configure_video(self, track: VideoTrack) -> Segment | None:
        """The pictures that follow belong to this track; they start with a key frame."""
        if track == self._tracks.video:
            return None
        # Without a picture so far this was no audio-only stream after all: its few frames are forgotten.
        closed = self.flush() if self._tracks.video is not None else None
        self._restart(Tracks(track, self._tracks.audio))
        return closed

    def configure_audio(self, track: AudioTrack) -> Segment | None:
        """The sound that follows belongs to this track; the first one joins the open segment."""
        if track == self._tracks.audio:
            return None
        if self._tracks.audio is None:
            self._tracks = Tracks(self._tracks.video, track)
            return None
        closed = self.flush()
        self._restart(Tracks(self._tracks.video, track))
        return closed

    def video(self, sample: VideoSample) -> Segment | None:
        """Take a picture; those before the first key frame are dropped."""
        if self._tracks.video is None:
            return None
        closed = None
        if self._start is not None and sample.key and sample.decode_time - self._start >= self._cut_after:
            closed = self._close(sample.decode_time)
        if self._start is None:
            if not sample.key:
                return closed
            self._open(sample.decode_time)
        else:
            # Decoding times have to rise, whatever the encoder says.
            sample = sample._replace(decode_time=max(sample.decode_time, self._last + 1))
            self._interval = sample.decode_time - self._last
        self._last = sample.decode_time
        self._current().add_video(sample, self._tracks)
        self._check_bounds(sample.decode_time)
        return closed

    def audio(self, sample: AudioSample) -> Segment | None:
        """Take a frame of sound; it starts and ends segments only where there is no video."""
        if self._tracks.audio is None:
            return None
        closed = None
        if self._tracks.video is None:
            if self._start is not None and sample.time - self._start >= self._cut_after:
                closed = self._close(sample.time)
            if self._start is None:
                self._open(sample.time)
            self._last = sample.time
        if self._start is not None:
            self._current().add_audio(sample, self._tracks)
            self._check_bounds(self._last)
        return closed

    def flush(self) -> Segment | None:
        """Close the open segment where it stands; None if hardly anything is in it."""
        if self._start is None:
            return None
        end = self._last + self._interval
        if end - self._start < MIN_SEGMENT_SECONDS * TICKS_PER_SECOND:
            self._restart(self._tracks)
            return None
        return self._close(end)

    def break_time(self) -> Segment | None:
        """The samples that follow have another time line."""
        closed = self.flush()
        self._restart(self._tracks)
        return closed

    def _restart(self, tracks: Tracks) -> None:
        self._tracks = tracks
        self._container = None
        self._written = None
        self._start = None

    def _current(self) -> Container:
        if self._container is None:
            self._container = container_for(self._tracks, prefer_mp4=self._prefer_mp4)
        return self._container

    def _open(self, start: int) -> None:
        self._start = start
        now = seams.now()
        # Media time is steadier than the network; the clock only corrects it when they part.
        steady = abs(now - self._expected_at) < _MAX_CLOCK_ERROR and self._written is not None
        self._started_at = self._expected_at if steady else now

    def _close(self, end: int) -> Segment:
        assert self._start is not None  # noqa: S101 - the callers have just looked
        container = self._current()
        changed = self._written != self._tracks
        duration = (end - self._start) / TICKS_PER_SECOND
        segment = Segment(
            data=container.finish(self._tracks, end),
            extension=container.extension,
            initialization=container.initialization(self._tracks),
            duration=duration,
            started_at=self._started_at,
            discontinuity=changed,
        )
        self._expected_at = self._started_at + timedelta(seconds=duration)
        self._written = self._tracks
        self._start = None
        return segment

    def _check_bounds(self, now: int) -> None:
        assert self._start is not None  # noqa: S101
        if now - self._start > MAX_SEGMENT_SECONDS * TICKS_PER_SECOND or self._current().size > MAX_SEGMENT_BYTES:
            raise SegmentTooLongError("no key frame came for too long: set the key frame interval to 2 seconds")
