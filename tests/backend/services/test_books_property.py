"""Any history of sales, refunds, cancellations, rates, settlements and payouts keeps the books right."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.app import create_runtime
from backend.domain.actors import Actor
from backend.domain.ledger import Account
from backend.domain.tokens import Keyring
from backend.services import (
    affiliate_rates,
    checkout,
    earnings,
    ledger,
    ledger_audit,
    order_journals,
    order_life,
    refunds,
    settlement,
)
from backend.storage.database import close_database, open_database
from backend.storage.models import LedgerEntry, LiveStream, Order, Product
from shared.commands import CancelOrder, MakePayout, OrderItem, PlaceOrder, RefundOrder, SetRate
from shared.money import percentage
from shared.problems import ProblemError
from shared.roles import Role
from shared.views import OrderStatus, OrderView, StreamStatus
from tests.market import moving_clock
from tests.shop import AFFILIATE, KEY, PRODUCT, STREAM, copy_shop, plant_shop, settings_in

T = TypeVar("T")

ADMIN = Actor(role=Role.ADMIN, subject="root")
BUYER = Actor(role=Role.VIEWER, subject="vera")
PLENTY = 10**6
HELD = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


class Planted:
    """A planted data folder, made when the first history begins."""

    folder: Path | None = None


class Books(RuleBasedStateMachine):
    """The product's services on a real database; the model is only what the orders themselves show."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.temporary = TemporaryDirectory()
        self.clock_context = moving_clock()
        self.clock = self.clock_context.__enter__()
        self.orders: dict[str, OrderView] = {}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize(fee=st.sampled_from([0, 1, 290, 10_000]))
    def open(self, fee: int) -> None:
        folder = Path(self.temporary.name) / "data"
        assert Planted.folder is not None
        copy_shop(Planted.folder, folder)
        chosen = settings_in(folder, platform_fee=fee)
        self.runtime = create_runtime(chosen, Keyring(KEY))
        self.do(open_database(chosen))
        self.do(self._prepare())

    async def _prepare(self) -> None:
        await LiveStream.filter(id=STREAM).update(status=StreamStatus.LIVE)
        await Product.all().update(stock=PLENTY)

    def _keep(self, order: OrderView) -> None:
        self.orders[order.id] = order

    def _some(self, number: int, *statuses: OrderStatus) -> OrderView | None:
        chosen = [order for order in self.orders.values() if order.status in statuses]
        return chosen[number % len(chosen)] if chosen else None

    @rule(
        price=st.sampled_from([0, 1, 5, 99, 1999, 20000]),
        quantities=st.lists(st.integers(1, 3), min_size=1, max_size=3),
        discount=st.integers(0, 400),
        shipping=st.integers(0, 999),
        in_stream=st.booleans(),
    )
    def buy(self, price: int, quantities: list[int], discount: int, shipping: int, in_stream: bool) -> None:
        self.do(Product.filter(id=PRODUCT).update(price_minor=price))
        goods = price * sum(quantities)
        body = PlaceOrder(
            items=[OrderItem(product_id=PRODUCT, quantity=quantity) for quantity in quantities],
            live_session_id=STREAM if in_stream else None,
            discount_amount=percentage(min(discount, goods)),
            shipping_amount=percentage(shipping),
        )
        self._keep(self.do(checkout.place(self.runtime, ADMIN, body, None)))

    @rule(number=st.integers(0, 99), wanted=st.sampled_from([OrderStatus.SHIPPED, OrderStatus.DELIVERED]))
    def pay_and_send(self, number: int, wanted: OrderStatus) -> None:
        if order := self._some(number, OrderStatus.PENDING):
            self._keep(self.do(order_life.advance(self.runtime, ADMIN, order.id, OrderStatus.PAID, None)))
            if number % 2:
                self._keep(self.do(order_life.advance(self.runtime, ADMIN, order.id, wanted, None)))

    @rule(number=st.integers(0, 99), amount=st.one_of(st.none(), st.integers(1, 30_000)))
    def refund(self, number: int, amount: int | None) -> None:
        if order := self._some(number, *HELD):
            left = int((order.total_amount - order.refunded_amount) * 100)
            asked = None if amount is None else percentage(min(amount, left))
            if asked == 0:
                return
            body = RefundOrder(amount=asked)
            self._keep(self.do(refunds.refund(self.runtime, ADMIN, order.id, body, None)))

    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        if order := self._some(number, OrderStatus.PENDING, OrderStatus.PAID):
            self._keep(self.do(order_life.cancel(self.runtime, ADMIN, order.id, CancelOrder(), None)))

    @rule(points=st.sampled_from([0, 1, 750, 3333, 10_000]), specific=st.booleans())
    def change_the_rate(self, points: int, specific: bool) -> None:
        body = SetRate(product_id=PRODUCT if specific else None, rate=percentage(points))
        self.do(affiliate_rates.set_rate(self.runtime, ADMIN, AFFILIATE, body))

    @rule(days=st.integers(1, 9))
    def time_passes_and_orders_settle(self, days: int) -> None:
        self.clock.forward(days=days)
        self.do(settlement.settle_due(self.runtime))

    @rule(part=st.one_of(st.none(), st.integers(1, 5000)))
    def pay_out(self, part: int | None) -> None:
        before = self._available()
        body = MakePayout(currency="USD", amount=None if part is None else percentage(part))
        try:
            made = self.do(earnings.pay_out(self.runtime, ADMIN, AFFILIATE, body, None))
        except ProblemError:
            assert before <= 0 or (part is not None and part > before)
        else:
            assert 0 < int(made.amount * 100) <= before

    def _available(self) -> int:
        found = self.do(ledger.balances(owner_id=AFFILIATE, account=Account.AFFILIATE_AVAILABLE))
        return sum(balance.minor for balance in found)

    @precondition(lambda self: self.orders)
    @invariant()
    def books_are_right(self) -> None:
        verdict = self.do(ledger_audit.verify())
        assert verdict.differences == []
        entries = self.do(LedgerEntry.all().order_by("number", "position").values("number", "account", "amount_minor"))
        sums: defaultdict[int, int] = defaultdict(int)
        for entry in entries:
            sums[entry["number"]] += entry["amount_minor"]
        assert set(sums.values()) <= {0}
        held = -sum(entry["amount_minor"] for entry in entries if entry["account"] == Account.BUYERS)
        paid = [order for order in self.do(Order.all()) if order.paid_at is not None]
        assert held == sum(order_journals.left_of(order) for order in paid)
        commission = sum(
            entry["amount_minor"]
            for entry in entries
            if entry["account"] in (Account.AFFILIATE_PENDING, Account.AFFILIATE_AVAILABLE, Account.PAYOUTS)
        )
        assert commission == sum(_kept_commission(order) for order in paid)

    def teardown(self) -> None:
        self.do(close_database())
        self.loop.close()
        self.clock_context.__exit__(None, None, None)
        self.temporary.cleanup()


def _kept_commission(order: Order) -> int:
    """What the affiliate keeps, by the contract's sentence alone."""
    base = order.goods_minor - order.discount_minor
    if not base:
        return 0
    goods_back = min(order.refunded_minor, base)
    back = (2 * order.commission_minor * goods_back + base) // (2 * base)
    return int(order.commission_minor - back)


@pytest.fixture(autouse=True)
def planted(tmp_path: Path) -> None:
    if Planted.folder is None or not Planted.folder.exists():
        Planted.folder = tmp_path / "planted"
        asyncio.run(plant_shop(settings_in(Planted.folder)))


def test_any_history_keeps_the_books_right() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
