"""The life of a stream as a table: scheduled, live, then ended or cancelled for ever."""

from shared.problems import Code, ProblemError
from shared.views import StreamStatus

S = StreamStatus

TRANSITIONS: dict[StreamStatus, frozenset[StreamStatus]] = {
    S.SCHEDULED: frozenset({S.LIVE, S.CANCELLED}),
    S.LIVE: frozenset({S.ENDED}),
    S.ENDED: frozenset(),
    S.CANCELLED: frozenset(),
}
"""Where each status may go."""

OVER = frozenset(status for status, following in TRANSITIONS.items() if not following)
"""The final statuses."""


def check_transition(current: StreamStatus, wanted: StreamStatus) -> None:
    """Refuse a step that the table does not hold.

    Raises:
        ProblemError: `stream_over`, `stream_live` or `stream_not_live`.
    """
    if wanted in TRANSITIONS[current]:
        return
    if wanted is S.ENDED:
        raise ProblemError(Code.STREAM_NOT_LIVE, f"Only a live stream can be ended; this one is {current}.")
    if current in OVER:
        raise ProblemError(Code.STREAM_OVER, f"This stream is {current}; create a new one.")
    raise ProblemError(Code.STREAM_LIVE, "This stream is live already.")


def require_not_over(status: StreamStatus) -> None:
    """Refuse to change a show that is over.

    Raises:
        ProblemError: `stream_over`.
    """
    if status in OVER:
        raise ProblemError(Code.STREAM_OVER, f"This stream is {status}.")
