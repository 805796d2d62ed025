"""MPEG-2 transport stream of H.264 and AAC (ISO/IEC 13818-1; RFC 8216 section 3.2)."""

import struct

from backend.media.codecs import AudioTrack, VideoTrack, avc_parameter_sets
from backend.media.hls.samples import AudioSample, Tracks, VideoSample

_PACKET_PAYLOAD = 184
"""Bytes in a packet after its header of four."""

_ASSOCIATION_PID, _MAP_PID, _VIDEO_PID, _AUDIO_PID = 0, 0x1000, 0x100, 0x101
_H264, _AAC = 0x1B, 0x0F
_VIDEO_STREAM_ID, _AUDIO_STREAM_ID = 0xE0, 0xC0

_PRESENTATION_OFFSET = 63_000
"""Ticks added to every time, so that clock references and early samples never fall below zero."""
_CLOCK_LEAD = 9_000
"""Ticks by which the clock reference runs before decoding: what decoders may buffer."""

_START_CODE = b"\x00\x00\x00\x01"
_ACCESS_UNIT_DELIMITER = _START_CODE + b"\x09\xf0"
_SEQUENCE_PARAMETER_SET, _DELIMITER = 7, 9
"""NAL unit types (ITU-T H.264 table 7-1)."""

_AUDIO_FRAMES_PER_PACKET = 8
"""At most so many AAC frames share a PES packet, which bounds what waits for the next picture."""


class MpegTransportStream:
    """Muxes samples as they come, so that closing a segment costs nothing; counters run on over segments."""

    extension = "ts"

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._counters = {_ASSOCIATION_PID: 0, _MAP_PID: 0, _VIDEO_PID: 0, _AUDIO_PID: 0}
        self._waiting: list[AudioSample] = []
        self._parameter_sets: tuple[VideoTrack, bytes] | None = None

    @property
    def size(self) -> int:
        """Bytes in the open segment so far."""
        return self._size

    def initialization(self, tracks: Tracks) -> None:
        """None: each segment starts with its own tables."""

    def add_video(self, sample: VideoSample, tracks: Tracks) -> None:
        """Put a picture into the open segment."""
        if self._waiting and self._waiting[0].time <= sample.decode_time:
            self._flush_audio(tracks)
        assert tracks.video is not None  # noqa: S101 - a picture has a track
        decoded = sample.decode_time + _PRESENTATION_OFFSET
        header = _pes_header(_VIDEO_STREAM_ID, None, decoded + sample.composition_time, decoded)
        unit = self._access_unit(sample, tracks.video)
        self._packetize(_VIDEO_PID, header + unit, _adaptation(decoded, random_access=sample.key))

    def add_audio(self, sample: AudioSample, tracks: Tracks) -> None:
        """Put a frame of sound into the open segment."""
        self._waiting.append(sample)
        if len(self._waiting) >= _AUDIO_FRAMES_PER_PACKET:
            self._flush_audio(tracks)

    def finish(self, tracks: Tracks, end: int) -> bytes:
        """The segment, with the tables that tell what came to be in it."""
        self._flush_audio(tracks)
        tables = self._table(_ASSOCIATION_PID, _program_association())
        tables += self._table(_MAP_PID, _program_map(tracks))
        segment = tables + b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return segment

    def _access_unit(self, sample: VideoSample, track: VideoTrack) -> bytes:
        """The picture as a byte stream (ITU-T H.264 annex B), with parameter sets at key frames."""
        units = split_units(sample.data, (track.configuration[4] & 3) + 1)
        types = [unit[0] & 0x1F for unit in units]
        parts: list[bytes | memoryview] = [_ACCESS_UNIT_DELIMITER]
        if sample.key and _SEQUENCE_PARAMETER_SET not in types:
            # They have to come before any SEI, which may refer to them.
            parts.append(self._configured_sets(track))
        for kind, unit in zip(types, units, strict=True):
            if kind != _DELIMITER:
                parts += (_START_CODE, unit)
        return b"".join(parts)

    def _configured_sets(self, track: VideoTrack) -> bytes:
        if self._parameter_sets is None or self._parameter_sets[0] is not track:
            sequence, picture = avc_parameter_sets(track.configuration)
            self._parameter_sets = track, b"".join(_START_CODE + unit for unit in (*sequence, *picture))
        return self._parameter_sets[1]

    def _flush_audio(self, tracks: Tracks) -> None:
        if not self._waiting or tracks.audio is None:
            return
        time = self._waiting[0].time + _PRESENTATION_OFFSET
        frames = b"".join(adts_frame(tracks.audio, sample.data) for sample in self._waiting)
        self._waiting.clear()
        clock = time if tracks.video is None else None
        header = _pes_header(_AUDIO_STREAM_ID, len(frames), time, time)
        self._packetize(_AUDIO_PID, header + frames, _adaptation(clock, random_access=True))

    def _packetize(self, pid: int, packet: bytes, adaptation: bytes) -> None:
        counter = self._counters[pid]
        at = _PACKET_PAYLOAD - 1 - len(adaptation)
        parts = [_packet(pid, counter, packet[:at], start=True, adaptation=adaptation)]
        headers = _HEADERS[pid]
        whole = at + max(0, len(packet) - at) // _PACKET_PAYLOAD * _PACKET_PAYLOAD
        for start in range(at, whole, _PACKET_PAYLOAD):
            counter = (counter + 1) & 15
            parts += (headers[counter], packet[start : start + _PACKET_PAYLOAD])
        if len(packet) > whole:
            counter = (counter + 1) & 15
            parts.append(_packet(pid, counter, packet[whole:]))
        self._counters[pid] = (counter + 1) & 15
        self._append(b"".join(parts))

    def _table(self, pid: int, section: bytes) -> bytes:
        counter = self._counters[pid]
        self._counters[pid] = (counter + 1) & 15
        content = b"\x00" + section + struct.pack(">I", crc32(section))
        # Tables are filled up behind the section, not with an adaptation field (section 2.4.4).
        return _HEADERS_AT_START[pid][counter] + content.ljust(_PACKET_PAYLOAD, b"\xff")

    def _append(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)


def split_units(data: memoryview, length_size: int) -> list[memoryview]:
    """The NAL units behind their lengths (ISO/IEC 14496-15 section 5.3.4.2); stops where these lie."""
    units, at = [], 0
    while at + length_size < len(data):
        start = at + length_size
        at = start + int.from_bytes(data[at:start], "big")
        if at > start:
            units.append(data[start:at])
    return units


def adts_frame(track: AudioTrack, frame: memoryview) -> bytes:
    """An AAC frame behind its ADTS header (ISO/IEC 13818-7 section 6.2)."""
    size = len(frame) + 7
    header = (
        0xFFF1 << 40  # syncword, MPEG-4, no CRC
        | (track.object_type - 1) << 38
        | track.sample_rate_index << 34
        | track.channels << 30
        | (size & 0x1FFF) << 13
        | 0x7FF << 2  # buffer fullness: variable bit rate
    )
    return header.to_bytes(7, "big") + frame


def crc32(data: bytes) -> int:
    """The CRC of tables (ISO/IEC 13818-1 annex A); not the one of zlib."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def _packet(pid: int, counter: int, payload: bytes, *, start: bool = False, adaptation: bytes = b"") -> bytes:
    """One packet of 188 bytes, filled up by its adaptation field (section 2.4.3.4)."""
    headers = _HEADERS_AT_START if start else _HEADERS
    room = _PACKET_PAYLOAD - len(payload)
    if not room:
        return headers[pid][counter] + payload
    fields = adaptation or (b"\x00" if room > 1 else b"")
    header = bytearray(headers[pid][counter])
    header[3] |= 0x20
    return bytes(header) + bytes([room - 1]) + fields.ljust(room - 1, b"\xff") + payload


def _adaptation(clock: int | None, *, random_access: bool) -> bytes:
    """The flags of an adaptation field, and the clock reference if there is one (section 2.4.3.5)."""
    flags = 0x40 if random_access else 0
    if clock is None:
        return bytes([flags])
    base = (clock - _CLOCK_LEAD) & ((1 << 33) - 1)
    return bytes([flags | 0x10]) + (base << 15 | 0x3F << 9).to_bytes(6, "big")


def _pes_header(stream_id: int, size: int | None, presented: int, decoded: int) -> bytes:
    """The header of a PES packet (section 2.4.3.6); `size` None leaves its length open, as video may."""
    times = _timestamp(2, presented) if presented == decoded else _timestamp(3, presented) + _timestamp(1, decoded)
    length = 0 if size is None or size + 3 + len(times) > 0xFFFF else size + 3 + len(times)
    flags = 0x80 if presented == decoded else 0xC0
    return b"\x00\x00\x01" + struct.pack(">BHBBB", stream_id, length, 0x84, flags, len(times)) + times


def _timestamp(prefix: int, ticks: int) -> bytes:
    return struct.pack(
        ">BHH",
        prefix << 4 | (ticks >> 30 & 7) << 1 | 1,
        (ticks >> 15 & 0x7FFF) << 1 | 1,
        (ticks & 0x7FFF) << 1 | 1,
    )


def _program_association() -> bytes:
    """Section 2.4.4.3: one program, whose map is in `_MAP_PID`."""
    return b"\x00\xb0\x0d\x00\x01\xc1\x00\x00\x00\x01" + struct.pack(">H", 0xE000 | _MAP_PID)


def _program_map(tracks: Tracks) -> bytes:
    """Section 2.4.4.8."""
    streams = b""
    if tracks.video is not None:
        streams += struct.pack(">BHH", _H264, 0xE000 | _VIDEO_PID, 0xF000)
    if tracks.audio is not None:
        streams += struct.pack(">BHH", _AAC, 0xE000 | _AUDIO_PID, 0xF000)
    clock_pid = _VIDEO_PID if tracks.video is not None else _AUDIO_PID
    body = b"\x00\x01\xc1\x00\x00" + struct.pack(">HH", 0xE000 | clock_pid, 0xF000) + streams
    return struct.pack(">BH", 2, 0xB000 | (len(body) + 4)) + body


def _packet_headers(*, start: bool) -> dict[int, list[bytes]]:
    """Packet headers by PID and continuity counter, for packets without an adaptation field."""
    pids = (_ASSOCIATION_PID, _MAP_PID, _VIDEO_PID, _AUDIO_PID)
    return {
        pid: [struct.pack(">BHB", 0x47, start << 14 | pid, 0x10 | counter) for counter in range(16)] for pid in pids
    }


_HEADERS = _packet_headers(start=False)
_HEADERS_AT_START = _packet_headers(start=True)
