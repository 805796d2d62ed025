"""Timed samples, as every container takes them."""

from dataclasses import dataclass
from typing import NamedTuple

from backend.media.codecs import AudioTrack, VideoTrack


class VideoSample(NamedTuple):
    """One coded picture, timed in ticks of 90 kHz."""

    decode_time: int
    composition_time: int
    """From decoding to presentation."""
    key: bool
    data: memoryview


class AudioSample(NamedTuple):
    """One AAC frame, timed in ticks of 90 kHz."""

    time: int
    data: memoryview


@dataclass(frozen=True, slots=True)
class Tracks:
    """What a segment holds."""

    video: VideoTrack | None = None
    audio: AudioTrack | None = None
