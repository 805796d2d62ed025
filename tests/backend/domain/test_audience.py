"""Who watches: the bookkeeping equals the naive model under any interleaving, and the curve under any visits."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.domain.audience import Audience, curve, watched_ms
from tests.backend.brute_force import curve_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENTS = st.integers(0, 12).map(lambda minute: NOON + timedelta(minutes=minute))
VISITS = st.tuples(st.sampled_from(["ann", "ben", "cat"]), MOMENTS, st.none() | MOMENTS)

STREAMS = st.sampled_from(["red", "blue"])
SOCKETS = st.sampled_from([f"socket{number}" for number in range(6)])


def _viewer(socket: str) -> str:
    """Each two sockets are two tabs of one viewer."""
    return f"viewer{int(socket.removeprefix('socket')) // 2}"


class AnyInterleaving(RuleBasedStateMachine):
    """The model is the plain set of (stream, viewer, socket)."""

    def __init__(self) -> None:
        super().__init__()
        self.audience = Audience()
        self.watching: set[tuple[str, str, str]] = set()

    def _viewers(self, stream: str) -> set[str]:
        return {viewer for watched, viewer, _ in self.watching if watched == stream}

    @rule(stream=STREAMS, socket=SOCKETS)
    def join(self, stream: str, socket: str) -> None:
        viewer = _viewer(socket)
        is_new = viewer not in self._viewers(stream)
        assert self.audience.join(stream, viewer, socket) == is_new
        self.watching.add((stream, viewer, socket))

    @rule(stream=STREAMS, socket=SOCKETS)
    def leave(self, stream: str, socket: str) -> None:
        viewer = _viewer(socket)
        was_there = (stream, viewer, socket) in self.watching
        self.watching.discard((stream, viewer, socket))
        was_last = was_there and viewer not in self._viewers(stream)
        assert self.audience.leave(stream, socket) == (viewer if was_last else None)

    @rule(socket=SOCKETS)
    def drop(self, socket: str) -> None:
        streams = self.audience.streams_of(socket)
        assert set(streams) == {stream for stream, _, other in self.watching if other == socket}
        for stream in streams:
            self.leave(stream, socket)
        assert self.audience.streams_of(socket) == []

    @invariant()
    def counts_are_distinct_viewers(self) -> None:
        expected = {stream: len(self._viewers(stream)) for stream in ("red", "blue")}
        assert {stream: self.audience.count(stream) for stream in expected} == expected
        assert self.audience.counts() == {stream: count for stream, count in expected.items() if count}

    @invariant()
    def nothing_is_kept_of_those_who_left(self) -> None:
        if not self.watching:
            assert self.audience == Audience()


TestAnyInterleaving = AnyInterleaving.TestCase


def test_two_tabs_of_one_viewer_count_once():
    audience = Audience()

    assert audience.join("show", "ann", "tab one") is True
    assert audience.join("show", "ann", "tab two") is False
    assert audience.count("show") == 1

    assert audience.leave("show", "tab one") is None
    assert audience.count("show") == 1
    assert audience.leave("show", "tab two") == "ann"
    assert audience.count("show") == 0


@given(visits=st.lists(VISITS, max_size=12), moments=st.lists(MOMENTS, max_size=8).map(sorted))
def test_the_curve_counts_distinct_viewers_at_each_moment(
    visits: list[tuple[str, datetime, datetime | None]], moments: list[datetime]
):
    assert curve(visits, moments) == curve_of(visits, moments)


def test_a_visit_is_measured_in_whole_milliseconds():
    assert watched_ms(NOON, NOON) == 0
    assert watched_ms(NOON, NOON + timedelta(microseconds=1999)) == 1
    assert watched_ms(NOON, NOON + timedelta(days=2, milliseconds=3)) == 172_800_003
