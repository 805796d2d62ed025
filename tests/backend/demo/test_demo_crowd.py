from decimal import Decimal
from random import Random

import pytest

from backend.demo import cast
from backend.demo.crowd import EMPTY, FULL, WAVE_SECONDS, invent_names, tide
from backend.domain.text import sanitise
from backend.services.chat import MAX_LENGTH
from shared import commands, wire

GOODS = [goods for act in cast.ACTS for goods in act.shop.goods]
LINES = [
    *cast.GREETINGS,
    *cast.CHATTER,
    *cast.FAREWELLS,
    *cast.UNWELCOME,
    *cast.HOST_ASIDES,
    *cast.DECLINED,
    *(line.format(short="copper pan", percent=30, seconds=15) for line in cast.FLASH_SALES),
    *(
        line.format(short=goods.short)
        for goods in GOODS
        for line in (*cast.BOUGHT, *cast.MISSED, *cast.TOO_EARLY, *cast.THANKS)
    ),
    *(line for goods in GOODS for line in (goods.pitch, *goods.remarks)),
    *(line for goods in GOODS for question in goods.questions for line in (question.asked, question.replied)),
    *(
        line.format(name=goods.name, short=goods.short, price=goods.price, stock=goods.stock)
        for goods in GOODS
        for line in cast.ABOUT_GOODS
    ),
]


def test_names_are_different_and_fit():
    names = invent_names(1000, Random(1))
    assert len(set(names)) == 1000
    assert all(sanitise(name) == name and len(name) <= 50 for name in names)


def test_the_same_seed_invents_the_same_names():
    assert invent_names(20, Random(3)) == invent_names(20, Random(3))


def test_the_tide_stays_between_its_marks_and_returns():
    heights = [tide(second) for second in range(200)]
    assert min(heights) >= EMPTY - 1e-9
    assert max(heights) <= FULL + 1e-9
    assert tide(7) == pytest.approx(tide(7 + WAVE_SECONDS))


def test_every_line_arrives_as_it_was_typed():
    assert [line for line in LINES if sanitise(line) != line or not 0 < len(line) <= MAX_LENGTH] == []


def test_the_server_accepts_the_goods():
    for goods in GOODS:
        body = commands.CreateProduct(id=goods.id, seller_id="s", name=goods.name, price=goods.price, stock=goods.stock)
        assert wire.decode(commands.CreateProduct, wire.encode(body)) == body
        assert (goods.special or goods.price) <= goods.price
        assert goods.price == goods.price.quantize(Decimal("0.01"))


def test_each_show_has_something_that_sells_out_at_once():
    assert all(any(goods.is_rare for goods in act.shop.goods) for act in cast.ACTS)
    assert all(goods.stock > 20 for goods in GOODS if not goods.is_rare)


def test_ids_are_unique_and_everyone_goes_somewhere():
    assert len({goods.id for goods in GOODS}) == len(GOODS)
    assert len({act.host_id for act in cast.ACTS}) == len(cast.ACTS)
    assert sum(act.share for act in cast.ACTS) == pytest.approx(1)
