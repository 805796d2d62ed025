"""Configuration records, FLV tags and time."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media_clips import AUDIO, VIDEO, Tag, encode_clip

from backend.media import flv
from backend.media.codecs import CodecError, audio_track, avc_frame_size, video_track
from backend.media.timeline import Timeline

# From x265 through ffmpeg's mp4 muxer: 640x362, Main, level 2.1; without its SEI.
HEVC = bytes.fromhex(
    "0101600000009000000000003ff000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003003f95"
    "9809a10001002b42010101600000030090000003000003003fa005020171f265959a4932bc05a0200000030020000003"
    "0321a2000100074401c172b46240"
)
AV1 = bytes.fromhex("81050c00")


def configuration(clip: list[Tag], kind: int) -> bytes:
    return next(tag.body for tag in clip if tag.kind == kind and tag.body[1] == 0)


@pytest.mark.parametrize("size", [(160, 90), (1280, 720), (1920, 1080), (854, 480), (608, 1080), (16, 16)])
def test_avc(size: tuple[int, int]):
    clip = encode_clip(seconds=1, keyframe_every=50, size=size, audio=False)
    tag = flv.parse_video(configuration(clip, VIDEO))
    assert isinstance(tag, flv.VideoConfiguration)
    track = video_track(tag.fourcc, tag.record)
    assert (track.width, track.height) == size
    assert track.codec == "avc1." + tag.record[1:4].hex().upper()


def test_avc_interlaced_with_scaling_lists_and_cropping():
    def exp_golomb(value: int) -> str:
        code = f"{value + 1:b}"
        return "0" * (len(code) - 1) + code

    flat_list, no_list = "1" + exp_golomb(0) * 16, "0"
    bits = f"{100:08b}" + "0" * 8 + f"{30:08b}" + exp_golomb(0)
    bits += exp_golomb(1) + exp_golomb(0) * 2 + "0" + "1" + flat_list + no_list * 7
    bits += exp_golomb(0) * 3 + exp_golomb(4) + "0"
    bits += exp_golomb(19) + exp_golomb(7) + "0" + "0" + "1"
    bits += "1" + exp_golomb(0) * 3 + exp_golomb(4)
    bits += "1" + "0" * (-(len(bits) + 1) % 8)
    unit = b"\x67" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert avc_frame_size(unit) == (320, 240)


def test_hevc():
    track = video_track("hvc1", HEVC)
    assert (track.width, track.height, track.codec) == (640, 362, "hvc1.1.6.L63.90")


def test_av1_takes_its_size_from_the_metadata():
    track = video_track("av01", AV1, width=640, height=360)
    assert (track.width, track.height, track.codec) == (640, 360, "av01.0.05M.08")


def test_aac():
    clip = encode_clip(seconds=1, keyframe_every=50, video=False)
    tag = flv.parse_audio(configuration(clip, AUDIO))
    assert isinstance(tag, flv.AudioConfiguration)
    track = audio_track(tag.record)
    assert (track.sample_rate, track.channels, track.object_type, track.codec) == (44100, 1, 2, "mp4a.40.2")


def test_high_efficiency_aac_has_a_plain_core():
    track = audio_track(bytes.fromhex("2b920800"))
    assert (track.object_type, track.sample_rate, track.channels, track.codec) == (2, 22050, 2, "mp4a.40.5")


@pytest.mark.parametrize("record", ["", "12", "fffffff0", "17fffff0", "1200", "f8e85000"])
def test_unreadable_aac(record: str):
    with pytest.raises(CodecError):
        audio_track(bytes.fromhex(record))


@given(st.sampled_from(["avc1", "hvc1", "av01", "vp09"]), st.binary(max_size=80))
@settings(deadline=None)
def test_noise_is_a_codec_error(fourcc: str, record: bytes):
    with contextlib.suppress(CodecError):
        video_track(fourcc, record)


@given(st.integers(0, len(HEVC) - 1), st.integers(0, 255))
@settings(deadline=None)
def test_a_mutated_record_is_a_codec_error_at_worst(at: int, value: int):
    with contextlib.suppress(CodecError):
        video_track("hvc1", HEVC[:at] + bytes([value]) + HEVC[at + 1 :])


@given(st.binary(max_size=30))
@settings(deadline=None)
def test_any_bytes_are_some_tag_or_none(body: bytes):
    flv.parse_video(body)
    flv.parse_audio(body)


def test_the_end_of_sequence_is_no_frame():
    assert flv.parse_video(b"\x17\x02\x00\x00\x00") is None
    assert flv.parse_video(b"\x17\x01\x00\x00\x00") is None


def test_frames():
    frame = flv.parse_video(b"\x27\x01\xff\xff\xd8data")
    assert frame == flv.VideoFrame(-40, False, memoryview(b"data"))
    assert flv.parse_video(b"\x91hvc1\x00\x00\x28data") == flv.VideoFrame(40, True, memoryview(b"data"))
    assert flv.parse_video(b"\xa3hvc1data") == flv.VideoFrame(0, False, memoryview(b"data"))
    assert flv.parse_video(b"\x91av01data") == flv.VideoFrame(0, True, memoryview(b"data"))
    assert flv.parse_video(b"\x90av01" + AV1) == flv.VideoConfiguration("av01", AV1)
    assert flv.parse_video(b"\x92hvc1") is None
    assert flv.parse_audio(b"\xaf\x01data") == flv.AudioFrame(memoryview(b"data"))
    assert flv.parse_audio(b"\x91mp4adata") == flv.AudioFrame(memoryview(b"data"))


def test_other_codecs_are_named():
    assert flv.parse_video(b"\x12data") == flv.Unsupported("Sorenson H.263")
    assert flv.parse_video(b"\x90vp09") == flv.Unsupported("'vp09'")
    assert flv.parse_audio(b"\x2fdata") == flv.Unsupported("MP3")
    assert flv.parse_audio(b"\x91Opus") == flv.Unsupported("'Opus'")


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(-200, 5000), max_size=50))
@settings(deadline=None)
def test_time_is_unwrapped_over_any_number_of_wraps(start: int, steps: list[int]):
    timeline, time = Timeline(), start
    assert timeline.ticks(start) == start * 90
    for step in steps:
        time += step
        assert not timeline.jumps(time % 2**32)
        assert timeline.ticks(time % 2**32) == time * 90


def test_interleaved_audio_and_video_wrap_together():
    timeline = Timeline()
    times = [2**32 - 60, 2**32 - 20, 2**32 - 40, 5, 2**32 - 15, 30, 10]
    unwrapped = [timeline.ticks(time % 2**32) // 90 - 2**32 for time in times]
    assert unwrapped == [-60, -20, -40, 5 - 2**32 + 2**32, -15, 30, 10]


def test_a_clock_set_anew_is_a_jump():
    timeline = Timeline()
    timeline.ticks(1_000_000)
    assert timeline.jumps(0)
    assert timeline.jumps(1_100_000)
    assert not timeline.jumps(999_000)
