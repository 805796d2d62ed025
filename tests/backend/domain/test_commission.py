"""Splits, discounts and refunds: to the minor unit, and never a unit lost."""

from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.commission import Split, allocate, order_rate, reversed_by, share_line, split
from tests.backend.domain.golden_commission import SALES, Sale

RATES = st.integers(0, 10_000)
AMOUNTS = st.integers(0, 10**12)


def test_there_are_at_least_forty_golden_cases():
    assert len(SALES) >= 40


@pytest.mark.parametrize("sale", SALES, ids=[sale.why for sale in SALES])
def test_a_golden_sale_is_shared_as_worked_out_by_hand(sale: Sale):
    discounts = allocate(sale.discount, [goods for goods, _ in sale.lines])
    assert tuple(discounts) == (sale.discounts or (0,) * len(sale.lines))
    lines = [share_line(goods, off, rate) for (goods, rate), off in zip(sale.lines, discounts, strict=True)]
    assert tuple(line.commission for line in lines) == sale.commissions
    assert order_rate(lines) == sale.rate
    base = sum(line.base for line in lines)
    shares = split(base=base, shipping=sale.shipping, commission=sum(sale.commissions), fee_rate=sale.fee_rate)
    assert shares == Split(seller=sale.seller, affiliate=sale.affiliate, platform=sale.platform)
    assert shares.total == sum(goods for goods, _ in sale.lines) - sale.discount + sale.shipping

    refunded, back = 0, Split(seller=0, affiliate=0, platform=0)
    for amount, *parts in sale.refunds:
        assert sum(parts) == amount, "the table itself must add up"
        refunded += amount
        now = reversed_by(shares, base=base, shipping=sale.shipping, refunded=refunded)
        taken = now.minus(back)
        assert (taken.seller, taken.affiliate, taken.platform) == tuple(parts)
        back = now


def test_a_discount_of_nothing_over_nothing_is_nothing():
    assert allocate(0, []) == []
    assert allocate(0, [0, 0]) == [0, 0]


@given(weights=st.lists(AMOUNTS, min_size=1, max_size=50), part=st.fractions(0, 1))
def test_a_discount_is_spread_to_the_last_unit_and_no_line_gets_more_than_it_costs(weights: list[int], part: Fraction):
    amount = int(sum(weights) * part)
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= got <= weight for got, weight in zip(parts, weights, strict=True))
    whole = sum(weights) or 1
    assert all(abs(got - amount * weight / whole) < 1 + 1e-3 for got, weight in zip(parts, weights, strict=True))


@given(goods=AMOUNTS, part=st.fractions(0, 1), rate=RATES)
def test_a_lines_commission_is_within_half_a_unit_of_the_exact_one(goods: int, part: Fraction, rate: int):
    line = share_line(goods, int(goods * part), rate)
    assert -5000 <= line.base * rate - line.commission * 10_000 < 10_000
    assert abs(2 * (line.base * rate - line.commission * 10_000)) <= 10_000
    assert 0 <= line.commission <= line.base


@given(bases=st.lists(AMOUNTS, min_size=1, max_size=8), shipping=AMOUNTS, rate=RATES, fee=RATES)
def test_every_sale_splits_exactly(bases: list[int], shipping: int, rate: int, fee: int):
    lines = [share_line(base, 0, rate) for base in bases]
    shares = split(base=sum(bases), shipping=shipping, commission=sum(line.commission for line in lines), fee_rate=fee)
    assert shares.seller + shares.affiliate + shares.platform == sum(bases) + shipping
    assert shares.platform * 10_000 <= sum(bases) * fee < (shares.platform + 1) * 10_000
    assert order_rate(lines) == rate


@given(
    base=st.integers(0, 10**9),
    shipping=st.integers(0, 10**6),
    rate=RATES,
    fee=RATES,
    steps=st.lists(st.integers(1, 10**9), max_size=12),
)
def test_any_refunds_take_back_ever_more_and_at_the_end_exactly_all(
    base: int, shipping: int, rate: int, fee: int, steps: list[int]
):
    commission = share_line(base, 0, rate).commission
    paid = split(base=base, shipping=shipping, commission=commission, fee_rate=fee)
    whole = base + shipping
    reached = [min(refunded, whole) for refunded in accumulate(steps, initial=0)] + [whole]
    backs = [reversed_by(paid, base=base, shipping=shipping, refunded=refunded) for refunded in reached]
    for refunded, back in zip(reached, backs, strict=True):
        assert back.total == refunded
        assert 0 <= back.affiliate <= paid.affiliate
        assert 0 <= back.platform <= paid.platform
    for before, after in pairwise(backs):
        assert before.affiliate <= after.affiliate
        assert before.platform <= after.platform
    assert backs[-1] == paid
