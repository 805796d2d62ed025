"""The life of an order, and what a room may know of its buyer."""

from itertools import product

import pytest

from backend.domain.orders import REFUNDABLE, TRANSITIONS, anonymised, check_transition, status_of
from shared.problems import ProblemError
from shared.views import OrderStatus

S = OrderStatus
LEGAL = {
    (S.PENDING, S.PAID),
    (S.PENDING, S.CANCELLED),
    (S.PAID, S.SHIPPED),
    (S.PAID, S.DELIVERED),
    (S.PAID, S.CANCELLED),
    (S.PAID, S.REFUNDED),
    (S.SHIPPED, S.DELIVERED),
    (S.SHIPPED, S.REFUNDED),
    (S.DELIVERED, S.REFUNDED),
}


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_only_the_steps_of_the_table_are_taken(current: OrderStatus, wanted: OrderStatus):
    if (current, wanted) in LEGAL:
        check_transition(current, wanted)
    else:
        with pytest.raises(ProblemError, match=f"{current} cannot become {wanted}"):
            check_transition(current, wanted)


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ("", S.PENDING),
        ("cancelled", S.CANCELLED),
        ("paid", S.PAID),
        ("paid shipped", S.SHIPPED),
        ("paid delivered", S.DELIVERED),
        ("paid shipped delivered", S.DELIVERED),
        ("paid shipped refunded_wholly", S.REFUNDED),
        ("paid cancelled refunded_wholly", S.CANCELLED),
    ],
)
def test_a_status_follows_from_what_happened(facts: str, status: OrderStatus):
    names = ("cancelled", "paid", "shipped", "delivered", "refunded_wholly")
    assert status_of(**{name: name in facts.split() for name in names}) is status


def test_every_status_is_in_the_table_and_money_is_held_from_paid_to_delivered():
    assert set(TRANSITIONS) == set(S)
    assert {S.PAID, S.SHIPPED, S.DELIVERED} == REFUNDABLE


@pytest.mark.parametrize(
    ("name", "shown"), [("Maria Lopez", "M***"), ("Z", "Z***"), ("", "Someone"), (None, "Someone")]
)
def test_a_buyer_is_shown_by_one_letter_at_most(name: str | None, shown: str):
    assert anonymised(name) == shown
