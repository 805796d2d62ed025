"""Segments as decoders see them, and the playlist that lists them."""

import io
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media_clips import AUDIO, VIDEO, Tag, encode_clip

from backend.media.hls.output import HlsOutput, delete_program, is_finished
from backend.media.hls.packager import AudioClock, Packager
from backend.media.hls.playlist import Entry, MediaPlaylist, PlaylistError
from backend.media.hls.segmenter import Segment

MORNING = datetime(2026, 3, 1, 9, 30, 15, 250_000, tzinfo=UTC)


def package(clip: list[Tag], *, prefer_mp4: bool = False, target: float = 2.0, offset: int = 0) -> list[Segment]:
    packager = Packager(target=target, prefer_mp4=prefer_mp4)
    segments = []
    for tag in clip:
        timestamp = (tag.timestamp + offset) % 2**32
        if tag.kind == VIDEO:
            segments += packager.video(timestamp, tag.body)
        elif tag.kind == AUDIO:
            segments += packager.audio(timestamp, tag.body)
    last = packager.flush()
    return segments if last is None else [*segments, last]


def demux(data: bytes) -> tuple[dict[str, list[Fraction]], dict[str, list[bytes]]]:
    """Decoding times in seconds, and decoded pictures and sound."""
    times: dict[str, list[Fraction]] = {"video": [], "audio": []}
    frames: dict[str, list[bytes]] = {"video": [], "audio": []}
    with av.open(io.BytesIO(data)) as container:
        for packet in container.demux():
            if packet.dts is not None:
                times[packet.stream.type].append(packet.dts * packet.time_base)
            for frame in packet.decode():
                frames[packet.stream.type].append(b"".join(bytes(plane) for plane in frame.planes))
    return times, frames


def source_frames(clip: list[Tag]) -> dict[str, list[bytes]]:
    flv = b"FLV\x01\x05\x00\x00\x00\x09" + bytes(4)
    for tag in clip:
        flv += bytes([tag.kind]) + len(tag.body).to_bytes(3, "big")
        flv += (tag.timestamp & 0xFFFFFF).to_bytes(3, "big") + bytes([tag.timestamp >> 24]) + bytes(3)
        flv += tag.body + (11 + len(tag.body)).to_bytes(4, "big")
    return demux(flv)[1]


@pytest.mark.parametrize("prefer_mp4", [False, True])
@pytest.mark.parametrize("offset", [0, 2**32 - 5000])
def test_what_is_decoded_is_what_was_sent(clip: list[Tag], prefer_mp4: bool, offset: int):
    segments = package(clip, prefer_mp4=prefer_mp4, offset=offset)
    assert [segment.duration for segment in segments] == pytest.approx([2.0] * 5, abs=0.05)
    assert [segment.discontinuity for segment in segments] == [True, False, False, False, False]
    data = (segments[0].initialization or b"") + b"".join(segment.data for segment in segments)
    times, frames = demux(data)
    sent = source_frames(clip)
    assert frames["video"] == sent["video"]
    assert len(frames["audio"]) in (len(sent["audio"]), len(sent["audio"]) - 1)
    assert all(after - before == Fraction(1, 25) for before, after in pairwise(times["video"]))
    assert all(abs(after - before - Fraction(1024, 44100)) < 1e-4 for before, after in pairwise(times["audio"]))


@pytest.mark.parametrize("prefer_mp4", [False, True])
def test_each_segment_starts_with_a_key_frame_and_decodes_alone(clip: list[Tag], prefer_mp4: bool):
    for segment in package(clip, prefer_mp4=prefer_mp4):
        with av.open(io.BytesIO((segment.initialization or b"") + segment.data)) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
        assert packets[0].is_keyframe
        assert len(demux((segment.initialization or b"") + segment.data)[1]["video"]) == 50


def test_transport_stream_packets_are_in_order(clip: list[Tag]):
    counters: dict[int, int] = {}
    for segment in package(clip):
        assert len(segment.data) % 188 == 0
        for at in range(0, len(segment.data), 188):
            packet = segment.data[at : at + 188]
            assert packet[0] == 0x47
            pid, counter = (packet[1] & 0x1F) << 8 | packet[2], packet[3] & 15
            assert counter == (counters.get(pid, counter - 1) + 1) & 15
            counters[pid] = counter
    assert set(counters) == {0, 0x1000, 0x100, 0x101}


def test_groups_a_little_short_of_the_target_are_not_paired():
    clip = [tag for tag in encode_clip(seconds=8, keyframe_every=49) if tag.kind == VIDEO]
    assert [segment.duration for segment in package(clip)] == pytest.approx([1.96] * 4, abs=0.01)


def test_a_tail_of_a_few_frames_is_dropped(clip: list[Tag]):
    assert len(package([tag for tag in clip if tag.timestamp < 4200])) == 2
    assert len(package([tag for tag in clip if tag.timestamp < 4500])) == 3


def test_long_groups_make_long_segments():
    clip = encode_clip(seconds=9, keyframe_every=200, audio=False)
    assert [segment.duration for segment in package(clip)] == pytest.approx([8.0, 1.0], abs=0.05)


def test_sound_that_comes_late_joins_with_a_discontinuity(clip: list[Tag]):
    late = [tag for tag in clip if tag.kind == VIDEO or tag.timestamp >= 5000]
    configuration = next(tag for tag in clip if tag.kind == AUDIO)
    late.insert(next(i for i, tag in enumerate(late) if tag.timestamp >= 5000), configuration._replace(timestamp=5000))
    segments = package(late)
    assert [segment.discontinuity for segment in segments] == [True, False, True, False, False]
    assert len(demux(segments[2].data)[1]["audio"]) > 35


def test_sound_before_the_picture_is_no_segment_of_its_own(clip: list[Tag]):
    sound = [tag for tag in clip if tag.kind == AUDIO and tag.timestamp < 1000]
    rest = [tag._replace(timestamp=tag.timestamp + 1000) for tag in clip if tag.kind != 18]
    segments = package(sound + rest)
    assert [segment.duration for segment in segments] == pytest.approx([2.0] * 5, abs=0.05)


def test_a_clock_set_anew_is_a_discontinuity(clip: list[Tag]):
    media = [tag for tag in clip if tag.body[1] == 1]
    segments = package([*clip, *(tag for tag in media if tag.timestamp < 5000)])
    assert [segment.discontinuity for segment in segments] == [True, *[False] * 4, True, False, False]
    assert segments[5].duration == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize(("encoder", "fourcc"), [("libx265", b"hvc1"), ("libsvtav1", b"av01")])
def test_newer_codecs_come_as_fragmented_mp4(encoder: str, fourcc: bytes):
    if encoder not in av.codecs_available:
        pytest.skip(f"no {encoder}")
    tags = extended_clip(encoder, fourcc)
    segments = package(tags)
    assert [segment.extension for segment in segments] == ["m4s", "m4s"]
    data = (segments[0].initialization or b"") + b"".join(segment.data for segment in segments)
    times, frames = demux(data)
    assert len(frames["video"]) == 100
    assert all(before < after for before, after in pairwise(times["video"]))


def extended_clip(encoder: str, fourcc: bytes) -> list[Tag]:
    """Enhanced RTMP messages of four seconds, a key frame every two."""
    buffer = io.BytesIO()
    quiet = (
        {"x265-params": "log-level=none:keyint=50:min-keyint=50"} if fourcc == b"hvc1" else {"preset": "12", "g": "50"}
    )
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream(encoder, rate=25, options=quiet)
        stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p"
        if fourcc == b"hvc1":
            stream.codec_context.codec_tag = "hvc1"
        for index in range(100):
            frame = av.VideoFrame(128, 128, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([index * 2]) * plane.buffer_size)
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    tags = []
    with av.open(io.BytesIO(buffer.getvalue())) as container:
        extradata = container.streams.video[0].codec_context.extradata
        tags.append(Tag(VIDEO, 0, b"\x90" + fourcc + extradata))
        for packet in container.demux(video=0):
            if packet.dts is None:
                continue
            millisecond = packet.time_base * 1000
            first = 0x91 if packet.is_keyframe else 0xA1
            shift = round((packet.pts - packet.dts) * millisecond).to_bytes(3, "big") if fourcc == b"hvc1" else b""
            timestamp = round(packet.dts * millisecond) + 1000
            tags.append(Tag(VIDEO, timestamp, bytes([first]) + fourcc + shift + bytes(packet)))
    return tags


def test_sound_is_timed_by_its_samples():
    clock = AudioClock()
    rounded = [int(frame * 1024 / 44100 * 1000) * 90 for frame in range(200)]
    timed = [clock.ticks(time, 44100) for time in rounded]
    assert all(abs(after - before - 1024 * 90000 / 44100) <= 1 for before, after in pairwise(timed))
    assert clock.ticks(rounded[-1] + 90_000, 44100) == rounded[-1] + 90_000


def entry(number: int, *, duration: float = 2.0, discontinuity: bool = False, map_uri: str | None = None) -> Entry:
    return Entry(f"show/{number}.ts", duration, MORNING + timedelta(seconds=number), discontinuity, map_uri)


def test_a_playlist_reads_as_rfc_8216_says():
    playlist = MediaPlaylist(window=3, target_duration=2)
    playlist.add(entry(0))
    playlist.add(entry(1, duration=2.5, discontinuity=True, map_uri="show/init.mp4"))
    playlist.ended = True
    assert playlist.render() == (
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T09:30:15.250Z\n#EXTINF:2.000,\nshow/0.ts\n"
        '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="show/init.mp4"\n'
        "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T09:30:16.250Z\n#EXTINF:2.500,\nshow/1.ts\n"
        "#EXT-X-ENDLIST\n"
    )


@given(st.lists(st.tuples(st.floats(0.3, 9), st.booleans(), st.sampled_from([None, "a/i.mp4"])), max_size=30))
@settings(deadline=None)
def test_a_playlist_slides_and_comes_back(added: list[tuple[float, bool, str | None]]):
    playlist, target, left = MediaPlaylist(window=6, target_duration=2), 2, 0
    map_uri = None
    for number, (duration, discontinuity, new_map) in enumerate(added):
        map_uri = new_map or map_uri
        gone = playlist.add(entry(number, duration=round(duration, 3), discontinuity=discontinuity, map_uri=map_uri))
        left += sum(each.discontinuity for each in gone)
        assert playlist.target_duration >= target
        target = playlist.target_duration
        assert all(each.duration < target + 0.5 for each in playlist.entries)
        assert playlist.next_sequence == number + 1
        assert playlist.media_sequence == max(0, number - 5)
        assert playlist.discontinuity_sequence == left
    assert MediaPlaylist.parse(playlist.render(), window=6) == playlist


@pytest.mark.parametrize("text", ["", "hello", "#EXTM3U\n#EXTINF:x,\n", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:\n"])
def test_what_is_no_playlist(text: str):
    with pytest.raises(PlaylistError):
        MediaPlaylist.parse(text, window=6)


def output(directory: Path) -> HlsOutput:
    return HlsOutput(directory, "show", window=6, target=2, min_free_bytes=0)


def test_media_initialization_is_written_once_and_kept_as_long_as_needed(clip: list[Tag], tmp_path: Path):
    segments = package(clip, prefer_mp4=True)
    first = output(tmp_path)
    first.begin("one")
    for segment in segments[:3]:
        first.add(segment)
    again = output(tmp_path)
    assert again.uses_mp4
    assert again.last_publisher == "one"
    again.begin("two")
    for segment in segments * 4:
        again.add(segment)
    read = MediaPlaylist.parse((tmp_path / "show.m3u8").read_text(), window=6)
    assert read.next_sequence == 23
    on_disk = {f"show/{path.name}" for path in (tmp_path / "show").iterdir()}
    assert len({each.map_uri for each in read.entries}) == 1
    assert {each.map_uri for each in read.entries} <= on_disk
    assert len([name for name in on_disk if name.endswith(".mp4")]) == 1


def test_the_end_of_a_program(clip: list[Tag], tmp_path: Path):
    show = output(tmp_path)
    show.begin("one")
    show.add(package(clip)[0])
    assert not is_finished(tmp_path / "show.m3u8")
    show.finish()
    assert is_finished(tmp_path / "show.m3u8")
    delete_program(tmp_path, "show")
    assert list(tmp_path.iterdir()) == []


def test_a_program_without_a_segment_leaves_nothing(tmp_path: Path):
    show = output(tmp_path)
    show.begin("one")
    show.finish()
    assert list(tmp_path.iterdir()) == []
