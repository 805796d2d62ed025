"""The two containers HLS knows (RFC 8216 section 3)."""

from typing import Protocol

from backend.media.hls.fmp4 import FragmentedMp4
from backend.media.hls.mpegts import MpegTransportStream
from backend.media.hls.samples import AudioSample, Tracks, VideoSample


class Container(Protocol):
    """Packs samples, in the order they came, into one segment after the other."""

    extension: str
    """Of the segments' file names."""

    def add_video(self, sample: VideoSample, tracks: Tracks) -> None:
        """Put a picture into the open segment."""
        ...

    def add_audio(self, sample: AudioSample, tracks: Tracks) -> None:
        """Put a frame of sound into the open segment."""
        ...

    @property
    def size(self) -> int:
        """Bytes in the open segment so far, about."""
        ...

    def finish(self, tracks: Tracks, end: int) -> bytes:
        """The segment, which ends at `end` ticks; the next one is open then."""
        ...

    def initialization(self, tracks: Tracks) -> bytes | None:
        """The media initialization section its segments need, if any."""
        ...


def container_for(tracks: Tracks, *, prefer_mp4: bool = False) -> Container:
    """MPEG-TS for H.264 and AAC, which every player takes; fragmented MP4 for what it cannot carry in HLS."""
    if prefer_mp4 or (tracks.video is not None and tracks.video.fourcc != "avc1"):
        return FragmentedMp4()
    return MpegTransportStream()
