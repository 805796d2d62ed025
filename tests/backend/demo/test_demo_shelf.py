from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from demo_sales import NOON, flash, goods, shown

from backend import seams
from backend.demo.shelf import Shelf
from shared.problems import Code

SECOND = timedelta(seconds=1)
UNSEEN = {Code.PRODUCT_NOT_ACTIVE, Code.PRODUCT_NOT_IN_STREAM}


class Ticking(seams.SystemClock):
    """A clock that moves on with every look."""

    def __init__(self) -> None:
        self.ticks = 0.0

    def monotonic(self) -> float:
        self.ticks += 1
        return self.ticks


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with seams.use_clock(Ticking()):
        yield


def test_the_price_is_the_shows_and_falls_for_the_time_of_a_flash_sale():
    shelf = Shelf([goods("lamp", special=Decimal("31.50"))])
    shelf.hear_flash_sale(flash("lamp", 15, NOON, NOON + 10 * SECOND))
    assert shelf.price("lamp", NOON - SECOND) == Decimal("31.50")
    assert shelf.price("lamp", NOON) == Decimal("26.78")
    assert shelf.price("lamp", NOON + 10 * SECOND) == Decimal("31.50")


def test_a_flash_sale_ends_when_the_next_one_of_its_product_starts():
    shelf = Shelf([goods("lamp"), goods("desk")])
    shelf.hear_flash_sale(flash("lamp", 50, NOON, NOON + 60 * SECOND))
    shelf.hear_flash_sale(flash("desk", 10, NOON + SECOND, NOON + 60 * SECOND))
    shelf.hear_flash_sale(flash("lamp", 10, NOON + 5 * SECOND, NOON + 6 * SECOND))
    assert shelf.price("lamp", NOON + 4 * SECOND) == 100
    assert shelf.price("lamp", NOON + 5 * SECOND) == 180
    assert shelf.price("lamp", NOON + 7 * SECOND) == 200
    assert shelf.has_flash_sale(NOON + 7 * SECOND)
    assert not shelf.has_flash_sale(NOON + 60 * SECOND)


def test_what_is_on_show_must_be_sold():
    shelf = Shelf([goods("lamp")])
    shelf.hear_products(shown("lamp"))
    attempt = shelf.attempt({"lamp": 1})
    shelf.arrived(attempt, bought=True)
    assert shelf.may_have_sold(attempt)
    assert shelf.right_refusals(attempt) == set()
    assert shelf.left("lamp") == 9


def test_what_is_hidden_must_be_refused():
    shelf = Shelf([goods("lamp")])
    shelf.hear_products(shown(hidden=("lamp",)))
    attempt = shelf.attempt({"lamp": 1})
    shelf.arrived(attempt, bought=False)
    assert not shelf.may_have_sold(attempt)
    assert shelf.right_refusals(attempt) == UNSEEN
    assert shelf.left("lamp") == 10


def test_what_is_hidden_on_the_way_may_be_sold_or_refused():
    shelf = Shelf([goods("lamp"), goods("desk")])
    shelf.hear_products(shown("lamp", "desk"))
    attempt = shelf.attempt({"lamp": 1, "desk": 1})
    shelf.hear_products(shown("desk", hidden=("lamp",)))
    assert shelf.may_have_sold(attempt)
    assert shelf.right_refusals(attempt) == UNSEEN
    assert not shelf.may_have_sold(shelf.attempt({"lamp": 1}))


def test_the_last_piece_is_nobody_elses_even_while_its_buyer_waits():
    shelf = Shelf([goods("lamp", stock=2)])
    shelf.hear_products(shown("lamp"))
    faster, slower = shelf.attempt({"lamp": 2}), shelf.attempt({"lamp": 1})
    shelf.arrived(slower, bought=False)
    assert shelf.right_refusals(slower) == {Code.OUT_OF_STOCK}
    shelf.arrived(faster, bought=True)
    assert shelf.right_refusals(slower) == {Code.OUT_OF_STOCK}
    assert shelf.left("lamp") == 0


def test_a_refusal_stays_right_when_a_piece_comes_back_after_it():
    shelf = Shelf([goods("lamp", stock=1)])
    shelf.hear_products(shown("lamp"))
    shelf.arrived(shelf.attempt({"lamp": 1}), bought=True)
    attempt = shelf.attempt({"lamp": 1})
    shelf.arrived(attempt, bought=False)
    shelf.put_back({"lamp": 1})
    assert shelf.right_refusals(attempt) == {Code.OUT_OF_STOCK}


def test_a_refusal_without_a_reason_is_wrong():
    shelf = Shelf([goods("lamp", stock=1)])
    shelf.hear_products(shown("lamp"))
    attempt = shelf.attempt({"lamp": 1})
    shelf.arrived(attempt, bought=False)
    assert shelf.right_refusals(attempt) == set()
