"""What a featured product costs at one instant."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.pricing import FlashSale, price_at
from shared.money import Money

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
UNIT = timedelta(microseconds=1)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def sale(percent: int) -> FlashSale:
    return FlashSale(id="sale", discount_percent=percent, starts_at=NOON, ends_at=NOON + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("instant", "price"),
    [
        (NOON - UNIT, 20000),
        (NOON, 15000),
        (NOON + timedelta(minutes=5) - UNIT, 15000),
        (NOON + timedelta(minutes=5), 20000),
    ],
    ids=["just before", "at its start", "just before its end", "at its end"],
)
def test_a_flash_sale_holds_from_its_start_until_just_before_its_end(instant: datetime, price: int):
    assert price_at(instant, list_price=usd(20000), special_price=None, flash_sale=sale(25)) == usd(price)


def test_a_special_price_replaces_the_list_price_and_a_flash_sale_comes_off_it():
    assert price_at(NOON, list_price=usd(20000), special_price=usd(15000), flash_sale=None) == usd(15000)
    assert price_at(NOON, list_price=usd(20000), special_price=usd(15000), flash_sale=sale(10)) == usd(13500)


def test_a_special_price_of_nothing_is_a_price():
    assert price_at(NOON, list_price=usd(20000), special_price=usd(0), flash_sale=None) == usd(0)


@pytest.mark.parametrize(
    ("minor", "percent", "expected"),
    [
        (999, 50, 500),  # 499.5
        (1, 50, 1),  # 0.5
        (1, 51, 0),  # 0.49
        (333, 33, 223),  # 223.11
        (2495, 15, 2121),  # 2120.75
        (20000, 100, 0),
        (20000, 1, 19800),
    ],
)
def test_the_discounted_price_rounds_half_up_to_the_minor_unit(minor: int, percent: int, expected: int):
    assert price_at(NOON, list_price=usd(minor), special_price=None, flash_sale=sale(percent)) == usd(expected)
