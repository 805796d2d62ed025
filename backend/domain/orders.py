"""The life of an order as a table, and what each step does to its stock and its money."""

from shared.problems import Code, ProblemError
from shared.views import OrderStatus

S = OrderStatus

TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    S.PENDING: frozenset({S.PAID, S.CANCELLED}),
    S.PAID: frozenset({S.SHIPPED, S.DELIVERED, S.CANCELLED, S.REFUNDED}),
    S.SHIPPED: frozenset({S.DELIVERED, S.REFUNDED}),
    S.DELIVERED: frozenset({S.REFUNDED}),
    S.CANCELLED: frozenset(),
    S.REFUNDED: frozenset(),
}
"""Where each status may go. A paid order that is cancelled is refunded in full; one that expires is cancelled."""

REFUNDABLE = frozenset(status for status, following in TRANSITIONS.items() if S.REFUNDED in following)
"""Orders whose buyer's money is held."""


def status_of(*, cancelled: bool, paid: bool, shipped: bool, delivered: bool, refunded_wholly: bool) -> OrderStatus:
    """The status that an order's own facts come to."""
    if cancelled:
        return S.CANCELLED
    if not paid:
        return S.PENDING
    if refunded_wholly:
        return S.REFUNDED
    if delivered:
        return S.DELIVERED
    return S.SHIPPED if shipped else S.PAID


def check_transition(current: OrderStatus, wanted: OrderStatus) -> None:
    """Refuse a step that the table does not hold.

    Raises:
        ProblemError: `conflict`.
    """
    if wanted not in TRANSITIONS[current]:
        raise ProblemError(Code.CONFLICT, f"An order that is {current} cannot become {wanted}.")


def anonymised(name: str | None) -> str:
    """A buyer's name as a room may see it: its first character and stars."""
    if not name:
        return "Someone"
    return f"{name[0]}***"
