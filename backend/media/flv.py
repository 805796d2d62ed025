"""FLV tag bodies, which are what RTMP audio and video messages hold.

"Adobe Flash Video File Format Specification" 10.1 annex E.4, and "Enhanced RTMP" v1 for HEVC and AV1.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

_AVC, _AAC, _EXTENDED_AUDIO = 7, 10, 9
_KEY_FRAME = 1
_EXTENDED = 0x80

_SEQUENCE_HEADER, _CODED_FRAMES = 0, 1
"""AVCPacketType and AACPacketType; 2 ends the sequence, with the nibble of a key frame and no frame."""
_CODED_FRAMES_X = 3
"""Enhanced RTMP: coded frames without a composition time."""

_AUDIO_FORMATS = {0: "PCM", 1: "ADPCM", 2: "MP3", 3: "PCM", 4: "Nellymoser", 5: "Nellymoser", 6: "Nellymoser"}
_AUDIO_FORMATS |= {7: "G.711", 8: "G.711", 11: "Speex", 14: "MP3", 15: "device-specific"}
_VIDEO_FORMATS = {
    2: "Sorenson H.263",
    3: "Screen video",
    4: "VP6",
    5: "VP6",
    6: "Screen video",
    12: "HEVC (not FourCC)",
}


class VideoFrame(NamedTuple):
    """One coded picture."""

    composition_time: int
    """Presentation after decoding, in milliseconds; may be negative."""
    key: bool
    data: memoryview
    """NAL units with their lengths (AVC, HEVC) or a temporal unit (AV1)."""


class AudioFrame(NamedTuple):
    """One raw AAC frame."""

    data: memoryview


@dataclass(frozen=True, slots=True)
class VideoConfiguration:
    """A decoder configuration record for the video that follows."""

    fourcc: str
    record: bytes


@dataclass(frozen=True, slots=True)
class AudioConfiguration:
    """An AudioSpecificConfig for the audio that follows."""

    record: bytes


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A codec that we cannot package."""

    codec: str


VideoTag: TypeAlias = VideoConfiguration | VideoFrame | Unsupported | None
AudioTag: TypeAlias = AudioConfiguration | AudioFrame | Unsupported | None


def parse_video(body: bytes) -> VideoTag:
    """What a video message holds (E.4.3.1); None if it is nothing to package, such as an end of sequence."""
    if len(body) < 5:
        return None
    if body[0] & _EXTENDED:
        return _parse_extended_video(body)
    codec = body[0] & 0x0F
    if codec != _AVC:
        return Unsupported(_VIDEO_FORMATS.get(codec, f"video codec {codec}"))
    if body[1] == _SEQUENCE_HEADER:
        return VideoConfiguration("avc1", body[5:])
    if body[1] != _CODED_FRAMES or len(body) == 5:
        return None
    composition_time = int.from_bytes(body[2:5], "big", signed=True)
    return VideoFrame(composition_time, body[0] >> 4 == _KEY_FRAME, memoryview(body)[5:])


def _parse_extended_video(body: bytes) -> VideoTag:
    packet, key = body[0] & 0x0F, (body[0] >> 4 & 7) == _KEY_FRAME
    fourcc = body[1:5].decode("latin-1")
    if packet not in (_SEQUENCE_HEADER, _CODED_FRAMES, _CODED_FRAMES_X):
        return None
    if fourcc not in ("avc1", "hvc1", "av01"):
        return Unsupported(repr(fourcc))
    if packet == _SEQUENCE_HEADER:
        return VideoConfiguration(fourcc, body[5:])
    # AV1 has no composition time; for the others packet type 3 says that it is zero.
    timed = packet == _CODED_FRAMES and fourcc != "av01"
    start = 8 if timed else 5
    if len(body) <= start:
        return None
    composition_time = int.from_bytes(body[5:8], "big", signed=True) if timed else 0
    return VideoFrame(composition_time, key, memoryview(body)[start:])


def parse_audio(body: bytes) -> AudioTag:
    """What an audio message holds (E.4.2.1); None if it is nothing to package."""
    if len(body) < 3:
        return None
    sound_format = body[0] >> 4
    if sound_format == _AAC:
        packet, start = body[1], 2
    elif sound_format == _EXTENDED_AUDIO:
        packet, start = body[0] & 0x0F, 5
        if body[1:5] != b"mp4a":
            return Unsupported(repr(body[1:5].decode("latin-1")))
    else:
        return Unsupported(_AUDIO_FORMATS.get(sound_format, f"audio format {sound_format}"))
    if len(body) <= start:
        return None
    if packet == _SEQUENCE_HEADER:
        return AudioConfiguration(body[start:])
    return AudioFrame(memoryview(body)[start:]) if packet == _CODED_FRAMES else None
