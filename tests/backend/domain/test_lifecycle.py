"""The life of a stream: any sequence of steps stays inside the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.lifecycle import OVER, check_transition, require_not_over
from shared.problems import Code, ProblemError
from shared.views import StreamStatus

S = StreamStatus


def _refusal(current: StreamStatus, wanted: StreamStatus) -> Code | None:
    try:
        check_transition(current, wanted)
    except ProblemError as problem:
        return problem.code
    return None


@pytest.mark.parametrize(
    ("current", "wanted", "refusal"),
    [
        (S.SCHEDULED, S.LIVE, None),
        (S.SCHEDULED, S.CANCELLED, None),
        (S.LIVE, S.ENDED, None),
        (S.SCHEDULED, S.ENDED, Code.STREAM_NOT_LIVE),
        (S.ENDED, S.ENDED, Code.STREAM_NOT_LIVE),
        (S.CANCELLED, S.ENDED, Code.STREAM_NOT_LIVE),
        (S.LIVE, S.LIVE, Code.STREAM_LIVE),
        (S.LIVE, S.CANCELLED, Code.STREAM_LIVE),
        (S.ENDED, S.LIVE, Code.STREAM_OVER),
        (S.CANCELLED, S.LIVE, Code.STREAM_OVER),
    ],
)
def test_each_step_is_taken_or_refused_with_its_reason(current: S, wanted: S, refusal: Code | None):
    assert _refusal(current, wanted) == refusal


@given(st.lists(st.sampled_from(S), max_size=20))
def test_any_sequence_of_wishes_goes_live_at_most_once_and_never_leaves_a_final_status(wishes: list[StreamStatus]):
    lived = [S.SCHEDULED]
    for wanted in wishes:
        if _refusal(lived[-1], wanted) is None:
            lived.append(wanted)

    assert lived.count(S.LIVE) <= 1
    assert all(status not in OVER for status in lived[:-1])
    assert S.ENDED not in lived or S.LIVE in lived


def test_only_a_show_that_is_over_refuses_changes():
    require_not_over(S.SCHEDULED)
    require_not_over(S.LIVE)
    for over in (S.ENDED, S.CANCELLED):
        with pytest.raises(ProblemError) as refusal:
            require_not_over(over)
        assert refusal.value.code is Code.STREAM_OVER
