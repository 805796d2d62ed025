"""What decoders are told before the first frame: configuration records, frame sizes, RFC 6381 strings."""

import struct
from dataclasses import dataclass


class CodecError(Exception):
    """A codec configuration that cannot be read."""


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """How to decode a publisher's video."""

    fourcc: str
    """`avc1`, `hvc1` or `av01`: the sample entry of ISO/IEC 14496-15 and the AV1 binding."""
    configuration: bytes
    """The decoder configuration record: avcC, hvcC or av1C."""
    width: int
    height: int
    """In pixels; 0 when unknown."""
    codec: str
    """RFC 6381 codec string, such as `avc1.64001F`."""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """How to decode a publisher's AAC."""

    configuration: bytes
    """AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1)."""
    object_type: int
    """Of the core stream, 2 for AAC-LC, also under HE-AAC."""
    sample_rate_index: int
    sample_rate: int
    """Of the core stream, in hertz."""
    channels: int
    """Channel configuration: 1 mono, 2 stereo, 6 for 5.1, 7 for 7.1."""
    codec: str
    """RFC 6381 codec string, such as `mp4a.40.2`."""


AAC_FRAME_SAMPLES = 1024
"""Samples in one AAC frame."""

_SAMPLE_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_HEVC_SEQUENCE_PARAMETER_SET = 33
"""NAL unit type (ITU-T H.265 table 7-1)."""
_SPECTRAL_BAND_REPLICATION, _PARAMETRIC_STEREO = 5, 29
"""Audio object types that announce HE-AAC (ISO/IEC 14496-3 table 1.17)."""


def video_track(fourcc: str, configuration: bytes, *, width: int = 0, height: int = 0) -> VideoTrack:
    """The track a configuration record describes; `width` and `height` stand in when it does not tell.

    Raises:
        CodecError: the record cannot be read, or the codec is not supported.
    """
    try:
        if fourcc == "avc1":
            width, height = avc_frame_size(avc_parameter_sets(configuration)[0][0])
            codec = f"avc1.{configuration[1:4].hex().upper()}"
        elif fourcc == "hvc1":
            width, height = hevc_frame_size(_hevc_sequence_parameter_set(configuration))
            codec = _hevc_codec(configuration)
        elif fourcc == "av01":
            codec = _av1_codec(configuration)
        else:
            raise CodecError(f"{fourcc} is not supported")
    except (IndexError, struct.error, ValueError) as error:
        raise CodecError(f"unreadable {fourcc} configuration") from error
    return VideoTrack(fourcc, configuration, width, height, codec)


def audio_track(configuration: bytes) -> AudioTrack:
    """The track an AudioSpecificConfig describes (ISO/IEC 14496-3 section 1.6.2.1).

    Raises:
        CodecError: it cannot be read, or is no AAC of the usual kind.
    """
    try:
        bits = _Bits(configuration)
        object_type = bits.unsigned(5)
        rate_index = bits.unsigned(4)
        sample_rate = _SAMPLE_RATES[rate_index]
        channels = bits.unsigned(4)
    except (IndexError, ValueError) as error:
        raise CodecError("unreadable AAC configuration") from error
    core = 2 if object_type in (_SPECTRAL_BAND_REPLICATION, _PARAMETRIC_STEREO) else object_type
    if not 1 <= core <= 4 or not 1 <= channels <= 7:
        raise CodecError(f"AAC object type {object_type} with channel configuration {channels} is not supported")
    return AudioTrack(configuration, core, rate_index, sample_rate, channels, f"mp4a.40.{object_type}")


def avc_parameter_sets(configuration: bytes) -> tuple[list[bytes], list[bytes]]:
    """The sequence and the picture parameter sets in an avcC (ISO/IEC 14496-15 section 5.3.3.1).

    Raises:
        IndexError, struct.error, ValueError: it is cut short.
    """
    sequence, at = _parameter_sets(configuration, 6, configuration[5] & 0x1F)
    picture, _ = _parameter_sets(configuration, at + 1, configuration[at])
    if not sequence:
        raise ValueError("no sequence parameter set")
    return sequence, picture


def _parameter_sets(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    found = []
    for _ in range(count):
        (size,) = struct.unpack_from(">H", data, at)
        unit = data[at + 2 : at + 2 + size]
        if not unit or len(unit) < size:
            raise ValueError("parameter set cut short")
        found.append(unit)
        at += 2 + size
    return found, at


def avc_frame_size(unit: bytes) -> tuple[int, int]:
    """Width and height in a sequence parameter set NAL unit (ITU-T H.264 section 7.3.2.1.1).

    Raises:
        IndexError, ValueError: it is cut short or nonsense.
    """
    bits = _Bits(_without_emulation_prevention(unit[1:]))
    profile = bits.unsigned(8)
    bits.skip(16)
    bits.exp_golomb()  # seq_parameter_set_id
    chroma_format = 1
    if profile in _AVC_PROFILES_WITH_CHROMA_FORMAT:
        chroma_format = bits.exp_golomb()
        if chroma_format == 3:
            bits.skip(1)  # separate_colour_plane_flag
        bits.exp_golomb()  # bit_depth_luma_minus8
        bits.exp_golomb()  # bit_depth_chroma_minus8
        bits.skip(1)  # qpprime_y_zero_transform_bypass_flag
        if bits.unsigned(1):
            _skip_scaling_lists(bits, 12 if chroma_format == 3 else 8)
    bits.exp_golomb()  # log2_max_frame_num_minus4
    _skip_picture_order_count(bits)
    bits.exp_golomb()  # max_num_ref_frames
    bits.skip(1)  # gaps_in_frame_num_value_allowed_flag
    width = (bits.exp_golomb() + 1) * 16
    map_units = bits.exp_golomb() + 1
    fields = 1 if bits.unsigned(1) else 2
    if fields == 2:
        bits.skip(1)  # mb_adaptive_frame_field_flag
    bits.skip(1)  # direct_8x8_inference_flag
    return _cropped(bits, width, map_units * 16 * fields, chroma_format, fields)


_AVC_PROFILES_WITH_CHROMA_FORMAT = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


def _skip_scaling_lists(bits: "_Bits", count: int) -> None:
    for index in range(count):
        if not bits.unsigned(1):
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.signed_exp_golomb()) % 256
            last = following or last


def _skip_picture_order_count(bits: "_Bits") -> None:
    kind = bits.exp_golomb()
    if kind == 0:
        bits.exp_golomb()
    elif kind == 1:
        bits.skip(1)
        bits.exp_golomb()
        bits.exp_golomb()
        for _ in range(bits.exp_golomb()):
            bits.exp_golomb()


def hevc_frame_size(unit: bytes) -> tuple[int, int]:
    """Width and height in a sequence parameter set NAL unit (ITU-T H.265 section 7.3.2.2.1).

    Raises:
        IndexError, ValueError: it is cut short or nonsense.
    """
    bits = _Bits(_without_emulation_prevention(unit[2:]))
    bits.skip(4)  # sps_video_parameter_set_id
    sub_layers = bits.unsigned(3)
    bits.skip(1 + 88 + 8)  # temporal nesting, general profile, general level
    present = [(bits.unsigned(1), bits.unsigned(1)) for _ in range(sub_layers)]
    if sub_layers:
        bits.skip(2 * (8 - sub_layers))
    for profile, level in present:
        bits.skip(88 * profile + 8 * level)
    bits.exp_golomb()  # sps_seq_parameter_set_id
    chroma_format = bits.exp_golomb()
    if chroma_format == 3:
        bits.skip(1)  # separate_colour_plane_flag
    width, height = bits.exp_golomb(), bits.exp_golomb()
    return _cropped(bits, width, height, chroma_format, 1)


def _cropped(bits: "_Bits", width: int, height: int, chroma_format: int, fields: int) -> tuple[int, int]:
    if bits.unsigned(1):
        across = 2 if chroma_format in (1, 2) else 1
        down = (2 if chroma_format == 1 else 1) * fields
        left, right, top, bottom = (bits.exp_golomb() for _ in range(4))
        width -= (left + right) * across
        height -= (top + bottom) * down
    if not (0 < width <= 0xFFFF and 0 < height <= 0xFFFF):
        raise ValueError("impossible frame size")
    return width, height


def _hevc_sequence_parameter_set(configuration: bytes) -> bytes:
    """The first one in an hvcC (ISO/IEC 14496-15 section 8.3.3.1)."""
    at = 23
    for _ in range(configuration[22]):
        kind = configuration[at] & 0x3F
        (count,) = struct.unpack_from(">H", configuration, at + 1)
        units, at = _parameter_sets(configuration, at + 3, count)
        if kind == _HEVC_SEQUENCE_PARAMETER_SET and units:
            return units[0]
    raise ValueError("no sequence parameter set")


def _hevc_codec(configuration: bytes) -> str:
    """ISO/IEC 14496-15 annex E.3."""
    profile_space = ("", "A", "B", "C")[configuration[1] >> 6]
    profile, tier = configuration[1] & 0x1F, "H" if configuration[1] & 0x20 else "L"
    compatibility = int(f"{int.from_bytes(configuration[2:6], 'big'):032b}"[::-1], 2)
    constraints = "".join(f".{byte:X}" for byte in configuration[6:12].rstrip(b"\x00"))
    return f"hvc1.{profile_space}{profile}.{compatibility:X}.{tier}{configuration[12]}{constraints}"


def _av1_codec(configuration: bytes) -> str:
    """AV1 Codec ISO Media File Format Binding section 5."""
    profile, level = configuration[1] >> 5, configuration[1] & 0x1F
    tier = "H" if configuration[2] & 0x80 else "M"
    depth = 8 if not configuration[2] & 0x40 else 12 if configuration[2] & 0x20 else 10
    return f"av01.{profile}.{level:02}{tier}.{depth:02}"


def _without_emulation_prevention(data: bytes) -> bytes:
    return data.replace(b"\x00\x00\x03", b"\x00\x00")


class _Bits:
    """Reads a bit string from its start."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def unsigned(self, size: int) -> int:
        self.skip(size)
        return self._value >> self._left & ((1 << size) - 1)

    def skip(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ValueError("bit string cut short")

    def exp_golomb(self) -> int:
        """ue(v), ITU-T H.264 section 9.1."""
        zeros = 0
        while not self.unsigned(1):
            zeros += 1
            if zeros > 31:
                raise ValueError("exp-Golomb code too long")
        return (1 << zeros) - 1 + self.unsigned(zeros)

    def signed_exp_golomb(self) -> int:
        """se(v), ITU-T H.264 section 9.1.1."""
        code = self.exp_golomb()
        return (code + 1) // 2 if code & 1 else -(code // 2)
