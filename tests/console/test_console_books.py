"""The ledger's screens on the books of a running server: what is bought there is listed, paid out and told here."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from console_pilot import press, settled, shows, until
from test_console_ledger import TO_PAY

from backend.services import settlement
from console.app import ControlRoom
from console.client import acts
from console.screens.ledger import Ledger
from console.settings import Settings
from shared.problems import Code, ProblemError
from shared.roles import Role
from tests.backend.books import Settling
from tests.market import delivered, differences, go_live, moving_clock, paid
from tests.shop import AFFILIATE, Shop

pytestmark = pytest.mark.usefixtures("hasty")


@pytest.fixture
async def market(open_shop: Callable[..., Any]) -> AsyncIterator[Shop]:
    """A server in Tokyo, where a month has just begun; last month's two sales are settled, this month's is pending."""
    with moving_clock() as clock:
        shop = await open_shop(time_zone="Asia/Tokyo")
        clock.stop_at(datetime(2027, 1, 20, tzinfo=UTC))
        shop.admin = shop.rest(token=shop.token(Role.ADMIN, "root", days=400))
        shop.viewer, shop.affiliate = shop.admin, shop.admin
        await go_live(shop)
        await delivered(shop)
        await delivered(shop)
        clock.stop_at(datetime(2027, 1, 31, 16, tzinfo=UTC))
        await settlement.settle_due(Settling(shop.settings))  # type: ignore[arg-type]
        await paid(shop)
        yield shop


async def test_an_affiliate_is_paid_in_parts_and_its_statement_tells_it(market: Shop):
    app = ControlRoom(Settings(url=market.url, token=market.token(Role.ADMIN, "root", days=400)))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await settled(pilot)
        await shows(pilot, "● LIVE")
        await press(pilot, "L")
        await shows(pilot, "$30.00")
        await press(pilot, "p", *"12.5", "tab", *"SEPA 0042", "tab", "tab", "enter")
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        await shows(pilot, "$17.50")
        [made] = (await market.admin.get(f"/affiliates/{AFFILIATE}/payouts")).json()["items"]
        assert (made["amount"], made["reference"]) == (12.5, "SEPA 0042")
        await press(pilot, "enter")
        await shows(pilot, "Noise-cancelling headphones")
        await press(pilot, "s")
        # By UTC it is still January.
        for text in ("February 2027", "time zone Asia/Tokyo", "$30.00", "-$12.50", "$32.50"):
            await shows(pilot, text)
    assert await differences() == []


async def test_a_payout_whose_answer_was_lost_is_made_once_and_another_amount_is_another_one(
    market: Shop, monkeypatch: pytest.MonkeyPatch
):
    app = ControlRoom(Settings(url=market.url, token=market.token(Role.ADMIN, "root", days=400)))
    lost = [True]
    perform = acts.perform

    async def lose(client: Any, act: Any) -> None:
        await perform(client, act)
        if lost and lost.pop():
            raise ProblemError(Code.OFFLINE, "The server can't be reached.")

    monkeypatch.setattr("console.client.acts.perform", lose)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await shows(pilot, "● LIVE")
        await press(pilot, "L")
        await shows(pilot, "$30.00")
        await press(pilot, "p", *"20", *TO_PAY, "enter")
        await shows(pilot, "It is not known whether")
        await shows(pilot, "of $10.00 available")
        # It was paid, and less than that is left; sending it again is how to hear of it.
        await press(pilot, "right", "enter")
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        await press(pilot, "p", *"10", *TO_PAY, "enter")
        await until(pilot, lambda: isinstance(app.screen, Ledger))
    made = (await market.admin.get(f"/affiliates/{AFFILIATE}/payouts")).json()["items"]
    assert [row["amount"] for row in made] == [10, 20]
    assert await differences() == []
