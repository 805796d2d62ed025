"""From a publisher's RTMP messages to segments."""

from backend.media import flv
from backend.media.codecs import AAC_FRAME_SAMPLES, AudioTrack, VideoTrack, audio_track, video_track
from backend.media.hls.samples import AudioSample, VideoSample
from backend.media.hls.segmenter import Segment, Segmenter
from backend.media.rtmp import amf0
from backend.media.timeline import TICKS_PER_SECOND, Timeline

_MAX_DRIFT = TICKS_PER_SECOND * 40 // 1000
"""Ticks that counted samples may part from timestamps before lips and voice would."""


class AudioClock:
    """Times AAC frames by counting samples, as RTMP's whole milliseconds would make them jitter."""

    def __init__(self) -> None:
        self._next = 0.0
        self._started = False

    def ticks(self, announced: int, sample_rate: int) -> int:
        """The time of the next frame, which the publisher says is `announced`; both in ticks of 90 kHz."""
        if not self._started or abs(self._next - announced) > _MAX_DRIFT:
            self._next = announced
            self._started = True
        now = round(self._next)
        self._next += AAC_FRAME_SAMPLES * TICKS_PER_SECOND / sample_rate
        return now


class Packager:
    """One publisher, from its first message to its last."""

    def __init__(self, *, target: float, prefer_mp4: bool = False) -> None:
        """Make segments of about `target` seconds."""
        self.video_track: VideoTrack | None = None
        self.audio_track: AudioTrack | None = None
        self.frames = 0
        """Pictures received."""
        self.keyframe_interval: float | None = None
        """Seconds between the last two key frames."""
        self.unsupported: set[str] = set()
        """Codecs the publisher sends that cannot be packaged."""
        self._segmenter = Segmenter(target=target, prefer_mp4=prefer_mp4)
        self._timeline = Timeline()
        self._audio_clock = AudioClock()
        self._announced_size = (0, 0)
        self._last_key: int | None = None

    def metadata(self, properties: dict[str, amf0.Value]) -> None:
        """Note the frame size of `onMetaData`, for codecs whose configuration does not tell it."""
        width, height = properties.get("width"), properties.get("height")
        if isinstance(width, float) and isinstance(height, float):
            self._announced_size = (_pixels(width), _pixels(height))

    def video(self, timestamp: int, body: bytes) -> list[Segment]:
        """Take a video message; gives the segments it closed, at most two.

        Raises:
            CodecError: its configuration cannot be read.
            SegmentTooLongError: key frames are too rare.
        """
        tag = flv.parse_video(body)
        if isinstance(tag, flv.VideoFrame):
            closed = self._keep_time(timestamp)
            time = self._timeline.ticks(timestamp)
            self._measure(time, key=tag.key)
            composition_time = tag.composition_time * TICKS_PER_SECOND // 1000
            closed.append(self._segmenter.video(VideoSample(time, composition_time, tag.key, tag.data)))
            return [segment for segment in closed if segment is not None]
        if isinstance(tag, flv.VideoConfiguration):
            width, height = self._announced_size
            self.video_track = video_track(tag.fourcc, tag.record, width=width, height=height)
            segment = self._segmenter.configure_video(self.video_track)
            return [] if segment is None else [segment]
        if tag is not None:
            self.unsupported.add(tag.codec)
        return []

    def audio(self, timestamp: int, body: bytes) -> list[Segment]:
        """Take an audio message; gives the segments it closed, at most two.

        Raises:
            CodecError: its configuration cannot be read.
            SegmentTooLongError: key frames are too rare.
        """
        tag = flv.parse_audio(body)
        if isinstance(tag, flv.AudioFrame):
            if self.audio_track is None:
                return []
            closed = self._keep_time(timestamp)
            announced = self._timeline.ticks(timestamp)
            time = self._audio_clock.ticks(announced, self.audio_track.sample_rate)
            closed.append(self._segmenter.audio(AudioSample(time, tag.data)))
            return [segment for segment in closed if segment is not None]
        if isinstance(tag, flv.AudioConfiguration):
            self.audio_track = audio_track(tag.record)
            segment = self._segmenter.configure_audio(self.audio_track)
            return [] if segment is None else [segment]
        if tag is not None:
            self.unsupported.add(tag.codec)
        return []

    def flush(self) -> Segment | None:
        """What is left when the publisher has gone."""
        return self._segmenter.flush()

    def _keep_time(self, timestamp: int) -> list[Segment | None]:
        """Start another time line if the publisher has."""
        if not self._timeline.jumps(timestamp):
            return []
        self._timeline, self._audio_clock, self._last_key = Timeline(), AudioClock(), None
        return [self._segmenter.break_time()]

    def _measure(self, time: int, *, key: bool) -> None:
        self.frames += 1
        if key:
            if self._last_key is not None:
                self.keyframe_interval = (time - self._last_key) / TICKS_PER_SECOND
            self._last_key = time


def _pixels(value: float) -> int:
    return int(value) if 0 < value <= 0xFFFF else 0
