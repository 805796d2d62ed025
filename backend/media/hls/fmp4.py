"""Fragmented MP4 of AVC, HEVC or AV1 and AAC (ISO/IEC 14496-12, CMAF; RFC 8216 section 3.3)."""

import struct

from backend.media.codecs import AAC_FRAME_SAMPLES, AudioTrack, VideoTrack
from backend.media.hls.samples import AudioSample, Tracks, VideoSample
from backend.media.timeline import TICKS_PER_SECOND

_VIDEO_ID, _AUDIO_ID = 1, 2

_SYNC_SAMPLE, _OTHER_SAMPLE = 0x02000000, 0x01010000
"""Sample flags: depends on no other, or on others and is no sync sample (section 8.8.3.1)."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_CONFIGURATION_BOXES = {"avc1": b"avcC", "hvc1": b"hvcC", "av01": b"av1C"}


class FragmentedMp4:
    """Collects samples and writes each segment as one fragment."""

    extension = "m4s"

    def __init__(self) -> None:
        self._video: list[VideoSample] = []
        self._audio: list[AudioSample] = []
        self._size = 0
        self._sequence = 0

    @property
    def size(self) -> int:
        """Bytes in the open segment so far, without its headers."""
        return self._size

    def add_video(self, sample: VideoSample, tracks: Tracks) -> None:
        """Put a picture into the open segment."""
        self._video.append(sample)
        self._size += len(sample.data)

    def add_audio(self, sample: AudioSample, tracks: Tracks) -> None:
        """Put a frame of sound into the open segment."""
        self._audio.append(sample)
        self._size += len(sample.data)

    def initialization(self, tracks: Tracks) -> bytes:
        """The `ftyp` and `moov` its segments need."""
        return initialization_section(tracks)

    def finish(self, tracks: Tracks, end: int) -> bytes:
        """The segment as `moof` and `mdat`."""
        self._sequence += 1
        video, audio = self._video, self._audio
        video_size = sum(len(sample.data) for sample in video)
        # The offsets of the data depend on the size of the box they stand in, not on their values.
        head = len(self._movie_fragment(tracks, end, 0, 0)) + 8
        fragment = self._movie_fragment(tracks, end, head, head + video_size)
        segment = b"".join((fragment, _box(b"mdat", *(s.data for s in video), *(s.data for s in audio))))
        self._video, self._audio, self._size = [], [], 0
        return segment

    def _movie_fragment(self, tracks: Tracks, end: int, video_at: int, audio_at: int) -> bytes:
        """Sections 8.8.4 to 8.8.8."""
        parts = [_full_box(b"mfhd", 0, 0, _u32(self._sequence))]
        if self._video:
            parts.append(_video_fragment(self._video, end, video_at))
        if self._audio and tracks.audio is not None:
            parts.append(_audio_fragment(self._audio, tracks.audio, audio_at))
        return _box(b"moof", *parts)


def initialization_section(tracks: Tracks) -> bytes:
    """The media initialization section (RFC 8216 section 3): `ftyp` and `moov` without samples."""
    traks, extends = [], []
    if tracks.video is not None:
        traks.append(_video_trak(tracks.video))
        extends.append(_full_box(b"trex", 0, 0, struct.pack(">5I", _VIDEO_ID, 1, 0, 0, 0)))
    if tracks.audio is not None:
        traks.append(_audio_trak(tracks.audio))
        extends.append(_full_box(b"trex", 0, 0, struct.pack(">5I", _AUDIO_ID, 1, AAC_FRAME_SAMPLES, 0, 0)))
    header = _full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">5IH10x", 0, 0, 1000, 0, 0x10000, 0x100),
        _MATRIX,
        bytes(24),
        _u32(_AUDIO_ID + 1),
    )
    kind = _box(b"ftyp", b"iso6", _u32(0), b"iso6", b"cmfc", b"mp41")
    return kind + _box(b"moov", header, *traks, _box(b"mvex", *extends))


def _video_fragment(samples: list[VideoSample], end: int, data_at: int) -> bytes:
    following = [sample.decode_time for sample in samples[1:]] + [end]
    entries = b"".join(
        struct.pack(
            ">IIIi",
            max(0, after - sample.decode_time),
            len(sample.data),
            _SYNC_SAMPLE if sample.key else _OTHER_SAMPLE,
            sample.composition_time,
        )
        for sample, after in zip(samples, following, strict=True)
    )
    return _box(
        b"traf",
        _full_box(b"tfhd", 0, 0x020000, _u32(_VIDEO_ID)),
        _full_box(b"tfdt", 1, 0, struct.pack(">Q", max(0, samples[0].decode_time))),
        _full_box(b"trun", 1, 0x000F01, struct.pack(">II", len(samples), data_at), entries),
    )


def _audio_fragment(samples: list[AudioSample], track: AudioTrack, data_at: int) -> bytes:
    sizes = b"".join(_u32(len(sample.data)) for sample in samples)
    start = max(0, round(samples[0].time * track.sample_rate / TICKS_PER_SECOND))
    return _box(
        b"traf",
        _full_box(b"tfhd", 0, 0x020008, struct.pack(">II", _AUDIO_ID, AAC_FRAME_SAMPLES)),
        _full_box(b"tfdt", 1, 0, struct.pack(">Q", start)),
        _full_box(b"trun", 0, 0x000201, struct.pack(">II", len(samples), data_at), sizes),
    )


def _video_trak(track: VideoTrack) -> bytes:
    entry = _box(
        track.fourcc.encode(),
        struct.pack(">6xH16xHHIII", 1, track.width, track.height, 0x480000, 0x480000, 0),
        struct.pack(">H32xHH", 1, 24, 0xFFFF),
        _box(_CONFIGURATION_BOXES[track.fourcc], track.configuration),
    )
    header = _full_box(b"vmhd", 0, 1, bytes(8))
    return _trak(_VIDEO_ID, b"vide", TICKS_PER_SECOND, (track.width, track.height), header, entry)


def _audio_trak(track: AudioTrack) -> bytes:
    entry = _box(
        b"mp4a",
        struct.pack(">6xH8xHHII", 1, track.channels, 16, 0, (track.sample_rate & 0xFFFF) << 16),
        _elementary_stream_descriptor(track.configuration),
    )
    header = _full_box(b"smhd", 0, 0, bytes(4))
    return _trak(_AUDIO_ID, b"soun", track.sample_rate, (0, 0), header, entry)


def _trak(
    track_id: int, handler: bytes, timescale: int, size: tuple[int, int], media_header: bytes, entry: bytes
) -> bytes:
    """Section 8.3.1, with empty sample tables."""
    volume = 0x100 if handler == b"soun" else 0
    track_header = _full_box(
        b"tkhd",
        0,
        7,
        struct.pack(">5I8xHHHH", 0, 0, track_id, 0, 0, 0, 0, volume, 0),
        _MATRIX,
        struct.pack(">II", size[0] << 16, size[1] << 16),
    )
    tables = _box(
        b"stbl",
        _full_box(b"stsd", 0, 0, _u32(1), entry),
        _full_box(b"stts", 0, 0, _u32(0)),
        _full_box(b"stsc", 0, 0, _u32(0)),
        _full_box(b"stsz", 0, 0, _u32(0), _u32(0)),
        _full_box(b"stco", 0, 0, _u32(0)),
    )
    references = _box(b"dinf", _full_box(b"dref", 0, 0, _u32(1), _full_box(b"url ", 0, 1)))
    media = _box(
        b"mdia",
        _full_box(b"mdhd", 0, 0, struct.pack(">4IHH", 0, 0, timescale, 0, 0x55C4, 0)),
        _full_box(b"hdlr", 0, 0, _u32(0), handler, bytes(12), b"\x00"),
        _box(b"minf", media_header, references, tables),
    )
    return _box(b"trak", track_header, media)


def _elementary_stream_descriptor(configuration: bytes) -> bytes:
    """ISO/IEC 14496-14 section 5.6: MPEG-4 audio with this AudioSpecificConfig."""
    specific = bytes([5, len(configuration)]) + configuration
    decoder = bytes([4, 13 + len(specific), 0x40, 0x15]) + bytes(11) + specific
    stream = bytes([3, 3 + len(decoder) + 3]) + bytes(3) + decoder + bytes([6, 1, 2])
    return _full_box(b"esds", 0, 0, stream)


def _box(kind: bytes, *content: bytes | memoryview) -> bytes:
    """Section 4.2."""
    return b"".join((_u32(8 + sum(map(len, content))), kind, *content))


def _full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    return _box(kind, _u32(version << 24 | flags), *content)


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "big")
