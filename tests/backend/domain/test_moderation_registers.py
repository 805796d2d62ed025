"""Registers: the newest write counts, and an undone act is as if it had not been, whoever acted meanwhile."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.moderation.registers import Facet, FacetKind, Registers, Write

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
SLOW = Facet(FacetKind.MODE, "slow")


def write(act_id: str, value: Any, facet: Facet = SLOW, lapses_at: datetime | None = None) -> Write:
    return Write(act_id, facet, value, lapses_at)


def mode(name: str) -> Facet:
    return Facet(FacetKind.MODE, name)


def undo(act_id: str, undone: str) -> Write:
    return Write(act_id, Facet(FacetKind.ACT, undone), True)


def test_nothing_holds_where_nothing_was_written():
    assert Registers().value(SLOW, NOON) is None


def test_the_newest_write_counts_whatever_the_order_in_which_they_are_learned():
    assert Registers([write("a2", 30), write("a1", 10)]).value(SLOW, NOON) == 30


def test_a_write_that_is_known_changes_nothing():
    registers = Registers([write("a1", 10), write("a2", 30), write("a1", 10)])
    registers.add(undo("a3", "a2"))
    assert registers.value(SLOW, NOON) == 10


def test_after_an_end_what_was_before_holds_again():
    registers = Registers([write("a1", 10), write("a2", 60, lapses_at=NOON)])
    assert registers.value(SLOW, NOON - timedelta(seconds=1)) == 60
    assert registers.value(SLOW, NOON) == 10
    assert registers.lapsed(NOON - timedelta(hours=1), NOON)
    assert not registers.lapsed(NOON, NOON + timedelta(hours=1))


def test_undoing_the_older_of_two_acts_leaves_the_newer_ones():
    registers = Registers([write("a1", 10), write("a2", 30), undo("a3", "a1")])
    assert registers.value(SLOW, NOON) == 30
    registers.add(undo("a4", "a2"))
    assert registers.value(SLOW, NOON) is None


def test_undoing_an_undo_brings_the_act_back():
    registers = Registers([write("a1", 10), undo("a2", "a1"), undo("a3", "a2")])
    assert registers.value(SLOW, NOON) == 10
    registers.add(undo("a4", "a3"))
    assert registers.value(SLOW, NOON) is None


ACTS = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 3)), max_size=8)


@given(before=ACTS, meanwhile=ACTS, key=st.sampled_from("xyz"), value=st.integers(0, 3), seed=st.randoms())
def test_an_act_and_its_undo_leave_what_would_be_without_both(
    before: list[tuple[str, int]], meanwhile: list[tuple[str, int]], key: str, value: int, seed: Random
):
    def of(acts: list[tuple[str, int]], first: int) -> list[Write]:
        return [write(f"a{first + number:03}", to, mode(name)) for number, (name, to) in enumerate(acts)]

    others = of(before, 0) + of(meanwhile, 200)
    act = write("a100", value, mode(key))
    known = [*others, act, undo("a300", "a100")]
    seed.shuffle(known)
    with_both, without = Registers(known), Registers(others)
    for each in "xyz":
        assert with_both.value(mode(each), NOON) == without.value(mode(each), NOON)
    assert dict(with_both.each(FacetKind.MODE, NOON)) == dict(without.each(FacetKind.MODE, NOON))
