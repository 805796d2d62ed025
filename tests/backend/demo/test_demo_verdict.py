from backend.demo.playback import newest_segment
from backend.demo.verdict import StreamRecord, Verdict


def test_a_show_without_wrongs_passes():
    verdict = Verdict([StreamRecord(title="Kitchen", host="Copper & Clay", seconds_to_live=2.34)])
    assert verdict.passed
    assert "1 of 1 live" in verdict.summary()
    assert "live after 2.3 s" in verdict.summary()
    assert "errors    0" in verdict.summary()


def test_wrongs_are_counted_and_named():
    verdict = Verdict([StreamRecord(title="Kitchen", host="Copper & Clay")])
    verdict.wrong("a shopper lost the connection")
    verdict.wrong("a shopper lost the connection")
    verdict.wrong("the server ended (exit code 1)")
    assert not verdict.passed
    assert "never live" in verdict.summary()
    assert "errors    3\n  2 x a shopper lost the connection\n  the server ended (exit code 1)" in verdict.summary()


def test_whoever_joins_late_misses_nothing_earlier():
    record = StreamRecord(title="Kitchen", host="Copper & Clay", acknowledged={"a": 1, "b": 2, "c": 3})
    assert record.missing_after(0, {"a"}) == 2
    assert record.missing_after(2, {"c"}) == 0
    assert record.missing_after(2, set()) == 1


def test_the_newest_segment_of_a_playlist():
    playlist = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2.0,\na.ts\n#EXTINF:2.0,\nb.ts\n"
    assert newest_segment(playlist) == (8, "b.ts")
    assert newest_segment("#EXTM3U\n")[1] is None
