"""Money: exact in, exact out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import Money, basis_points, exponent, percentage
from shared.problems import Code, ProblemError


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("USD", "15.00", 1500),
        ("USD", "15", 1500),
        ("USD", "0.01", 1),
        ("EUR", "200.00", 20_000),
        ("JPY", "1500", 1500),
        ("JPY", "1500.00", 1500),
        ("KWD", "1.234", 1234),
        ("CLF", "1.2345", 12_345),
    ],
)
def test_an_amount_is_kept_in_the_currencys_minor_units(currency: str, amount: str, minor: int):
    money = Money.of(Decimal(amount), currency)
    assert money == Money(minor, currency)
    assert money.amount == Decimal(amount)


@pytest.mark.parametrize(("currency", "amount"), [("USD", "0.001"), ("JPY", "0.5"), ("KWD", "1.2345")])
def test_an_amount_with_more_decimals_than_its_currency_is_refused(currency: str, amount: str):
    with pytest.raises(ProblemError) as refusal:
        Money.of(Decimal(amount), currency, field="price")
    assert refusal.value.code is Code.VALIDATION_FAILED
    assert [(error.field, error.code) for error in refusal.value.errors] == [("price", "too_precise")]


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_minor_units_survive_the_way_out_and_in(minor: int, currency: str):
    money = Money(minor, currency)
    assert Money.of(money.amount, currency) == money
    assert -money.amount.as_tuple().exponent == exponent(currency)


@pytest.mark.parametrize(
    ("rate", "points", "shown"), [("7.5", 750, "7.5"), ("0", 0, "0"), ("100", 10_000, "100"), ("0.01", 1, "0.01")]
)
def test_a_rate_is_a_percentage_outside_and_basis_points_inside(rate: str, points: int, shown: str):
    assert basis_points(Decimal(rate)) == points
    assert str(percentage(points)) == shown


@given(st.integers(0, 10_000))
def test_every_rate_survives_the_way_out_and_in(points: int):
    shown = percentage(points)
    assert basis_points(shown) == points
    assert "E" not in str(shown)


def test_a_rate_with_three_decimals_is_refused():
    with pytest.raises(ProblemError) as refusal:
        basis_points(Decimal("7.125"))
    assert refusal.value.errors[0].field == "commissionRate"
