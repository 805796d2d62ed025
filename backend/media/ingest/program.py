"""One program: what is published under one playback id, by one publisher after the other."""

from collections.abc import Iterable
from typing import Protocol

import structlog

from backend import seams
from backend.media.hls.output import DiskFullError, HlsOutput
from backend.media.hls.packager import Packager
from backend.media.hls.segmenter import Segment
from backend.media.ingest.meter import Meter
from backend.media.rtmp import amf0
from shared.ingest import IngestState, ProgramReport

_log = structlog.get_logger(__name__)


class Publisher(Protocol):
    """Who sends a program at present."""

    client: str
    """Its reference."""
    heard_at: float
    """When its last bytes came, on the monotonic clock."""

    def cut(self, reason: str) -> None:
        """Tell it why, and hang up."""
        ...


class Program:
    """Stands between the publishers of a program and its files."""

    def __init__(self, output: HlsOutput, *, target: float) -> None:
        """Start as one that lost its publisher, as is the case when an earlier process left it."""
        self.playback_id = output.playback_id
        self.publisher: Publisher | None = None
        self.state = IngestState.LOST
        self.state_since = seams.monotonic()
        self._client = output.last_publisher
        self._output = output
        self._target = target
        self._packager = Packager(target=target)
        self._meter = Meter()
        self._received_bytes = 0
        self._segments = 0
        self._listed_at: float | None = None
        self._disk_failed = False
        self._warned: set[str] = set()

    def begin(self, publisher: Publisher) -> None:
        """A publisher was accepted.

        Raises:
            OSError: the files cannot be written.
        """
        self._output.begin(publisher.client)
        self.publisher, self._client = publisher, publisher.client
        self._packager = Packager(target=self._target, prefer_mp4=self._output.uses_mp4)
        self._meter = Meter()
        self._received_bytes = self._segments = 0
        self._listed_at = None
        self._warned = set()
        self._enter(IngestState.CONNECTING)

    def end(self) -> None:
        """The publisher has gone; what it sent last is kept, and the playlist stays open for the next one."""
        self.publisher = None
        segment = self._packager.flush()
        self._list([] if segment is None else [segment])
        self._enter(IngestState.LOST)

    def finish(self) -> None:
        """The show is over: cut the publisher, end the playlist."""
        publisher = self.publisher
        if publisher is not None:
            self.end()
            publisher.cut("The show is over.")
        try:
            self._output.finish()
        except OSError as error:
            _log.error("playlist_unfinished", playback_id=self.playback_id, reason=str(error))
        _log.info("program_finished", playback_id=self.playback_id)

    def metadata(self, properties: dict[str, amf0.Value]) -> None:
        """Take `onMetaData`."""
        self._packager.metadata(properties)

    def video(self, timestamp: int, body: bytes) -> bool:
        """Take a video message; whether the program's state has changed by it.

        Raises:
            CodecError, SegmentTooLongError: the publisher's stream cannot be packaged.
        """
        return self._take(body, self._packager.video(timestamp, body))

    def audio(self, timestamp: int, body: bytes) -> bool:
        """Take an audio message; whether the program's state has changed by it.

        Raises:
            CodecError, SegmentTooLongError: the publisher's stream cannot be packaged.
        """
        return self._take(body, self._packager.audio(timestamp, body))

    def report(self) -> ProgramReport:
        """The program as it is now."""
        now = seams.monotonic()
        video, audio = self._packager.video_track, self._packager.audio_track
        bitrate, fps = self._meter.sample(self._received_bytes, self._packager.frames)
        return ProgramReport(
            playback_id=self.playback_id,
            client=self._client,
            state=self.state,
            state_seconds=round(now - self.state_since, 3),
            segments=self._segments,
            segment_age_seconds=None if self._listed_at is None else round(now - self._listed_at, 3),
            bitrate_kbps=bitrate,
            keyframe_interval_seconds=self._packager.keyframe_interval,
            fps=fps,
            video_codec=video.codec if video else None,
            audio_codec=audio.codec if audio else None,
            width=(video.width or None) if video else None,
            height=(video.height or None) if video else None,
        )

    def _take(self, body: bytes, closed: list[Segment]) -> bool:
        self._received_bytes += len(body)
        if self._packager.unsupported - self._warned:
            self._warned |= self._packager.unsupported
            _log.warning("codec_unsupported", client=self._client, codecs=sorted(self._warned))
        return self._list(closed) if closed else False

    def _list(self, segments: Iterable[Segment]) -> bool:
        changed = False
        for segment in segments:
            if self._write(segment) and self.state is IngestState.CONNECTING:
                self._enter(IngestState.LIVE)
                changed = True
        return changed

    def _write(self, segment: Segment) -> bool:
        """A segment that cannot be written is dropped: the show goes on where there is room again."""
        try:
            self._output.add(segment)
        except (DiskFullError, OSError) as error:
            if not self._disk_failed:
                _log.error("segment_dropped", playback_id=self.playback_id, reason=str(error))
            self._disk_failed = True
            return False
        self._disk_failed = False
        self._segments += 1
        self._listed_at = seams.monotonic()
        return True

    def _enter(self, state: IngestState) -> None:
        self.state = state
        self.state_since = seams.monotonic()
        _log.info("program_state", playback_id=self.playback_id, client=self._client, state=state.value)
