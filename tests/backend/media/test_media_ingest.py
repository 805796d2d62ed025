"""Publishers, the API and the files, end to end in one process."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest
from media_api import FakeApi
from media_clips import AUDIO, VIDEO, Tag, encode_clip
from media_publisher import Publisher, RefusedError
from media_running import RunningMedia, running
from media_waiting import until

from backend.media.hls.playlist import MediaPlaylist
from backend.media.ingest import connection, ingest
from backend.media.server import ListenError, MediaSettings, serve

KEY = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(autouse=True)
def _keys(api: FakeApi) -> None:
    api.keys = {KEY: "show"}


def playlist(directory: Path, playback_id: str = "show") -> MediaPlaylist:
    return MediaPlaylist.parse((directory / f"{playback_id}.m3u8").read_text(), window=6)


def decoded(directory: Path, read: MediaPlaylist) -> tuple[int, int]:
    """How many pictures and how many frames of sound its segments hold."""
    pictures = sounds = 0
    for entry in read.entries:
        with av.open(str(directory / entry.uri)) as segment:
            for packet in segment.demux():
                frames = list(packet.decode())
                pictures += len(frames) if packet.stream.type == "video" else 0
                sounds += len(frames) if packet.stream.type == "audio" else 0
    return pictures, sounds


def until_ms(clip: list[Tag], milliseconds: int) -> list[Tag]:
    return [tag for tag in clip if tag.timestamp < milliseconds]


async def test_a_publisher_goes_live_and_leaves_a_playable_playlist(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await until(lambda: api.state("show") == "connecting")
    await publisher.send_tags(clip)
    await until(lambda: api.state("show") == "live")
    report = api.program("show")
    assert report is not None
    assert report["videoCodec"].startswith("avc1.")
    assert (report["audioCodec"], report["width"], report["height"]) == ("mp4a.40.2", 160, 90)
    assert report["keyframeIntervalSeconds"] == pytest.approx(1)
    assert report["client"] == api.requests[0]["client"]
    assert api.requests[0]["address"] == "127.0.0.1"
    publisher.vanish()
    await until(lambda: api.state("show") == "lost")
    read = playlist(media.hls_dir)
    assert [entry.duration for entry in read.entries] == pytest.approx([2.0] * 5, abs=0.05)
    assert not read.ended
    pictures, sounds = decoded(media.hls_dir, read)
    assert pictures == 250
    assert sounds > 425


async def test_a_wrong_key_is_refused_and_leaves_nothing(media: RunningMedia, api: FakeApi):
    with pytest.raises(RefusedError) as refused:
        await Publisher.publish(media.rtmp_port, "wrong")
    assert refused.value.code == "NetStream.Publish.Unauthorized"
    assert refused.value.description == "No such stream key."
    assert list(media.hls_dir.iterdir()) == []


@pytest.mark.parametrize("key", ["../../etc/x", "a/b", "x" * 10_000, "", "nul\0", "%2e%2e"])
async def test_hostile_keys_are_refused(media: RunningMedia, key: str):
    with pytest.raises((RefusedError, EOFError)):
        await Publisher.publish(media.rtmp_port, key)
    assert list(media.hls_dir.iterdir()) == []


async def test_the_key_may_carry_a_query(media: RunningMedia, api: FakeApi):
    await Publisher.publish(media.rtmp_port, KEY + "?token=x")
    assert api.requests[0]["key"] == KEY


async def test_an_unknown_application_is_refused(media: RunningMedia):
    with pytest.raises(EOFError):
        await Publisher.publish(media.rtmp_port, KEY, application="other")


async def test_without_the_api_nobody_new_may_publish_but_the_present_one_goes_on(
    media: RunningMedia, api: FakeApi, clip: list[Tag]
):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(until_ms(clip, 3000))
    await until(lambda: api.state("show") == "live")
    api.failing = True
    with pytest.raises(RefusedError) as refused:
        await Publisher.publish(media.rtmp_port, KEY)
    assert refused.value.code == "NetStream.Publish.Failed"
    await publisher.send_tags([tag for tag in clip if tag.timestamp >= 3000])
    await until(lambda: len(playlist(media.hls_dir).entries) == 4)
    api.failing = False
    await until(lambda: (api.program("show") or {}).get("segments") == 4)


async def test_a_second_publisher_is_refused_and_does_not_disturb(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    first = await Publisher.publish(media.rtmp_port, KEY)
    await first.send_tags(until_ms(clip, 1000))
    with pytest.raises(RefusedError) as refused:
        await Publisher.publish(media.rtmp_port, KEY)
    assert refused.value.code == "NetStream.Publish.BadName"
    assert "already" in refused.value.description
    await first.send_tags([tag for tag in clip if tag.timestamp >= 1000])
    await until(lambda: api.state("show") == "live")


async def test_a_silent_publisher_is_replaced(
    media: RunningMedia, api: FakeApi, clip: list[Tag], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ingest, "TAKEOVER_SILENCE", 0.2)
    silent = await Publisher.publish(media.rtmp_port, KEY)
    await silent.send_tags(until_ms(clip, 2900))
    await until(lambda: api.state("show") == "live")
    await asyncio.sleep(0.3)
    second = await Publisher.publish(media.rtmp_port, KEY)
    assert await silent.hung_up()
    await second.send_tags(clip)
    await until(lambda: (api.program("show") or {}).get("segments") == 4)
    assert [entry.discontinuity for entry in playlist(media.hls_dir).entries] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]


async def test_a_lost_publisher_continues_where_it_was(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(until_ms(clip, 3300))
    await until(lambda: api.state("show") == "live")
    publisher.vanish()
    await until(lambda: api.state("show") == "lost")
    before = playlist(media.hls_dir)
    assert [entry.duration for entry in before.entries] == pytest.approx([2.0, 1.3], abs=0.1)
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(clip)
    await until(lambda: (api.program("show") or {}).get("segments") == 4)
    after = playlist(media.hls_dir)
    assert after.entries[:2] == before.entries
    assert [entry.discontinuity for entry in after.entries] == [False, False, True, False, False, False]
    assert len({entry.uri for entry in after.entries}) == 6


async def test_unpublishing_leaves_the_hanging_up_to_the_publisher(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(until_ms(clip, 3300))
    await publisher.unpublish()
    await until(lambda: api.state("show") == "lost")
    assert not await publisher.hung_up(within=0.3)


async def test_a_dropped_publisher_is_cut_and_its_program_stays_open(
    media: RunningMedia, api: FakeApi, clip: list[Tag]
):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(until_ms(clip, 3300))
    await until(lambda: api.state("show") == "live")
    api.drop = [api.requests[0]["client"]]
    assert await publisher.hung_up()
    await until(lambda: api.state("show") == "lost")
    assert not playlist(media.hls_dir).ended


async def test_a_finished_show_ends_its_playlist(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(until_ms(clip, 3300))
    await until(lambda: api.state("show") == "live")
    api.finish = ["show"]
    assert await publisher.hung_up()
    await until(lambda: api.program("show") is None)
    assert playlist(media.hls_dir).ended


async def test_a_restarted_server_continues_an_unfinished_playlist(
    settings: MediaSettings, api: FakeApi, clip: list[Tag]
):
    async with running(settings) as media:
        publisher = await Publisher.publish(media.rtmp_port, KEY)
        await publisher.send_tags(until_ms(clip, 9000))
        await until(lambda: api.state("show") == "live")
    assert api.state("show") == "lost"
    client = api.requests[0]["client"]
    before = playlist(settings.hls_dir)
    assert not before.ended
    api.reports.clear()
    async with running(settings) as media:
        await until(lambda: api.state("show") == "lost")
        assert (api.program("show") or {})["client"] == client
        publisher = await Publisher.publish(media.rtmp_port, KEY)
        await publisher.send_tags(until_ms(clip, 5000))
        await until(lambda: (api.program("show") or {}).get("segments") == 2)
        after = playlist(settings.hls_dir)
        assert after.next_sequence == before.next_sequence + 2
        assert [entry.discontinuity for entry in after.entries][-2:] == [True, False]


async def test_a_finish_reaches_a_program_of_an_earlier_process(settings: MediaSettings, api: FakeApi, clip: list[Tag]):
    async with running(settings) as media:
        publisher = await Publisher.publish(media.rtmp_port, KEY)
        await publisher.send_tags(until_ms(clip, 5000))
        await until(lambda: api.state("show") == "live")
    api.finish = ["show"]
    async with running(settings):
        await until(lambda: playlist(settings.hls_dir).ended)


async def test_without_the_api_a_lost_program_ends_by_itself(
    settings: MediaSettings, api: FakeApi, clip: list[Tag], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ingest, "_MARGIN", 0.2)
    async with running(replace(settings, grace_seconds=0.1)) as media:
        publisher = await Publisher.publish(media.rtmp_port, KEY)
        await publisher.send_tags(until_ms(clip, 5000))
        await until(lambda: api.state("show") == "live")
        publisher.vanish()
        await until(lambda: playlist(settings.hls_dir).ended)


async def test_files_of_a_finished_program_are_deleted_in_time(
    settings: MediaSettings, api: FakeApi, clip: list[Tag], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ingest, "_SWEEP_INTERVAL", 0.2)
    async with running(replace(settings, finished_files_seconds=0.5)) as media:
        publisher = await Publisher.publish(media.rtmp_port, KEY)
        await publisher.send_tags(until_ms(clip, 5000))
        await until(lambda: api.state("show") == "live")
        await asyncio.sleep(1)
        assert (settings.hls_dir / "show.m3u8").exists()
        api.finish = ["show"]
        await until(lambda: list(settings.hls_dir.iterdir()) == [])


async def test_strange_files_are_left_alone(settings: MediaSettings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ingest, "_SWEEP_INTERVAL", 0.1)
    (settings.hls_dir / "photos").mkdir(parents=True)
    (settings.hls_dir / "photos" / "cat.jpg").write_bytes(b"cat")
    (settings.hls_dir / "other.m3u8").write_text("#EXTM3U\n")
    async with running(replace(settings, finished_files_seconds=0)):
        await asyncio.sleep(0.4)
    assert sorted(path.name for path in settings.hls_dir.rglob("*")) == ["cat.jpg", "other.m3u8", "photos"]


async def test_old_segments_leave_the_disk(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    for repeat in range(4):
        await publisher.send_tags(clip, offset=repeat * 10_000)
    await until(lambda: (api.program("show") or {}).get("segments", 0) >= 19)
    read = playlist(media.hls_dir)
    assert len(read.entries) == 6
    on_disk = {path.name for path in (media.hls_dir / "show").glob("*.ts")}
    assert {Path(entry.uri).name for entry in read.entries} <= on_disk
    assert len(on_disk) == 13


async def test_a_full_disk_drops_segments_and_not_the_server(
    media: RunningMedia, api: FakeApi, clip: list[Tag], monkeypatch: pytest.MonkeyPatch
):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(until_ms(clip, 3000))
    await until(lambda: api.state("show") == "live")
    full = True
    write_bytes = Path.write_bytes

    def write(path: Path, data: bytes) -> int:
        if full:
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", write)
    await publisher.send_tags([tag for tag in clip if 3000 <= tag.timestamp < 7000])
    await asyncio.sleep(0.2)
    assert len(playlist(media.hls_dir).entries) == 1
    full = False
    await publisher.send_tags([tag for tag in clip if tag.timestamp >= 7000])
    await until(lambda: (api.program("show") or {}).get("segments", 0) == 2)
    assert [entry.discontinuity for entry in playlist(media.hls_dir).entries] == [False, True]
    assert list((media.hls_dir / "show").glob("*.tmp")) == []


async def test_below_the_floor_nobody_may_publish(settings: MediaSettings, api: FakeApi):
    async with running(replace(settings, min_free_bytes=1 << 60)) as media:
        with pytest.raises(RefusedError) as refused:
            await Publisher.publish(media.rtmp_port, KEY)
        assert "room" in refused.value.description


@pytest.mark.parametrize(("video", "audio"), [(True, False), (False, True)])
async def test_one_kind_of_media_is_enough(media: RunningMedia, api: FakeApi, video: bool, audio: bool):
    clip = encode_clip(seconds=5, keyframe_every=50, video=video, audio=audio)
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(clip)
    await until(lambda: api.state("show") == "live")
    publisher.vanish()
    await until(lambda: api.state("show") == "lost")
    read = playlist(media.hls_dir)
    assert sum(entry.duration for entry in read.entries) == pytest.approx(5, abs=0.1)
    pictures, sounds = decoded(media.hls_dir, read)
    assert (pictures == 125) is video
    assert (sounds >= 210) is audio


async def test_another_frame_size_is_a_discontinuity(media: RunningMedia, api: FakeApi):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(encode_clip(seconds=3, keyframe_every=25))
    await publisher.send_tags(encode_clip(seconds=5, keyframe_every=25, size=(320, 180)), offset=3000)
    await until(lambda: (api.program("show") or {}).get("width") == 320)
    publisher.vanish()
    await until(lambda: api.state("show") == "lost")
    read = playlist(media.hls_dir)
    assert [entry.discontinuity for entry in read.entries] == [False, False, True, False, False]
    sizes = []
    for entry in read.entries:
        with av.open(str(media.hls_dir / entry.uri)) as segment:
            sizes.append(next(segment.decode(video=0)).width)
    assert sizes == [160, 160, 320, 320, 320]


async def test_a_key_frame_that_never_comes_ends_the_publisher(media: RunningMedia, api: FakeApi):
    clip = encode_clip(seconds=2, keyframe_every=50, audio=False)
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(clip)
    body = next(tag.body for tag in reversed(clip) if tag.kind == VIDEO and tag.body[1] == 1)
    await publisher.send_tags(Tag(VIDEO, at, body) for at in range(2000, 40_000, 1000))
    assert (await publisher.reply("onStatus"))[3]["level"] == "error"
    assert await publisher.hung_up()


async def test_media_without_configuration_is_ignored(media: RunningMedia, api: FakeApi, clip: list[Tag]):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(Tag(tag.kind, tag.timestamp, tag.body) for tag in clip if tag.body[1] == 1)
    await publisher.send_tags([Tag(VIDEO, 0, b"\x17\x00\x00\x00\x00\x01"), Tag(AUDIO, 0, b"\xaf")])
    assert await publisher.hung_up()


async def test_a_port_in_use_is_named(media: RunningMedia, changed: Callable[..., MediaSettings]):
    stop = asyncio.Event()
    with pytest.raises(ListenError, match=f"^RTMP port {media.rtmp_port} on 127.0.0.1 is in use$"):
        await serve(changed(rtmp_port=media.rtmp_port), stop=stop)
    with pytest.raises(ListenError, match=f"^HLS port {media.hls_port} on 127.0.0.1 is in use$"):
        await serve(changed(hls_port=media.hls_port), stop=stop)


async def test_a_publisher_has_to_publish_in_time_and_then_to_send(
    media: RunningMedia, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "PUBLISH_TIMEOUT", 0.3)
    monkeypatch.setattr(connection, "IDLE_TIMEOUT", 0.6)
    slow = await Publisher.connect(media.rtmp_port)
    idle = await Publisher.publish(media.rtmp_port, KEY)
    assert await slow.hung_up()
    assert await idle.hung_up()


async def test_connections_are_bounded(settings: MediaSettings):
    async with running(replace(settings, max_connections=3)) as media:
        kept = [await Publisher.connect(media.rtmp_port) for _ in range(3)]
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await Publisher.connect(media.rtmp_port)
        kept[0].vanish()
        await asyncio.sleep(0.1)
        await Publisher.connect(media.rtmp_port)


async def test_the_key_is_in_no_log_and_no_file(
    media: RunningMedia, api: FakeApi, clip: list[Tag], capfd: pytest.CaptureFixture[str]
):
    publisher = await Publisher.publish(media.rtmp_port, KEY)
    await publisher.send_tags(clip)
    with pytest.raises(RefusedError):
        await Publisher.publish(media.rtmp_port, KEY)
    publisher.vanish()
    await until(lambda: api.state("show") == "lost")
    out, err = capfd.readouterr()
    found = out + err + "".join(str(path) for path in media.hls_dir.rglob("*"))
    found += (media.hls_dir / "show.m3u8").read_text() + (media.hls_dir / "show" / "publisher").read_text()
    assert "publisher_accepted" in out + err
    assert not re.search(KEY[:8], found)
