"""What becomes of an order after it was placed: each has a story, told by its buyer, the cashier and the seller."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from random import Random

from backend.demo.books import Sale
from backend.demo.cashier import Cashier
from backend.demo.deck import Deck
from backend.demo.office import Office
from backend.demo.shelf import rounded
from backend.demo.shopper import Shopper
from backend.demo.timing import either
from backend.demo.verdict import Verdict
from shared.problems import ProblemError
from shared.views import OrderStatus, OrderView

GOODWILL = 10
"""Percent of the price that an unhappy buyer gets back."""
_PAUSE = (0.8, 2.5)
"""Seconds between two steps. Parcels are quick here."""


class Step(Enum):
    """Something that somebody does with an order."""

    DECLINE = auto()
    """The buyer's card is refused."""
    PAY = auto()
    PAY_AND_REPEAT = auto()
    """The provider tells it twice."""
    CALL_OFF = auto()
    """The buyer thinks better of it before paying."""
    SHIP = auto()
    DELIVER = auto()
    GOODWILL = auto()
    """A part of the money goes back."""
    RETURN = auto()
    """The goods and all the money go back."""
    CANCEL = auto()
    """The seller cannot send it; the money goes back."""


Story = tuple[Step, ...]

STORIES: tuple[Story, ...] = (
    (Step.PAY,),
    (Step.PAY, Step.SHIP),
    (Step.PAY, Step.SHIP, Step.DELIVER),
    (Step.PAY, Step.SHIP, Step.DELIVER),
    (Step.PAY_AND_REPEAT, Step.SHIP, Step.DELIVER),
    (Step.DECLINE, Step.PAY, Step.SHIP, Step.DELIVER),
    (Step.PAY, Step.SHIP, Step.DELIVER, Step.GOODWILL),
    (Step.PAY, Step.SHIP, Step.DELIVER, Step.RETURN),
    (Step.PAY, Step.GOODWILL, Step.SHIP),
    (Step.PAY, Step.CANCEL),
    (Step.CALL_OFF,),
    (Step.DECLINE,),
)
"""Each as likely as the others."""

_STATUS = {
    Step.CALL_OFF: OrderStatus.CANCELLED,
    Step.SHIP: OrderStatus.SHIPPED,
    Step.DELIVER: OrderStatus.DELIVERED,
    Step.RETURN: OrderStatus.REFUNDED,
    Step.CANCEL: OrderStatus.CANCELLED,
}


class Trade:
    """Tells every order's story."""

    def __init__(self, cashier: Cashier, offices: dict[str, Office], verdict: Verdict, rng: Random) -> None:
        self.on_decline: Callable[[Shopper], None] = lambda buyer: None
        """Told of each buyer whose card was refused."""
        self._cashier = cashier
        self._offices = offices
        """By seller."""
        self._verdict = verdict
        self._rng = rng
        self._stories = Deck(STORIES, rng)

    async def tell(self, sale: Sale, buyer: Shopper, curtain: asyncio.Event) -> None:
        """Live through one order's story, step by step; without pauses once the curtain has fallen."""
        for step in self._stories.deal():
            await either(curtain, within=self._rng.uniform(*_PAUSE))
            try:
                await self._take(step, sale, buyer)
            except ProblemError as problem:
                self._verdict.wrong(f"an order could not go on ({step.name}): {problem}")
                return

    async def _take(self, step: Step, sale: Sale, buyer: Shopper) -> None:
        match step:
            case Step.DECLINE:
                receipt = await self._cashier.decline(sale.order)
                self._expect(receipt.order_status, OrderStatus.PENDING)
                self.on_decline(buyer)
            case Step.PAY:
                self._note_paid(sale, (await self._cashier.take(sale.order)).order_status)
            case Step.PAY_AND_REPEAT:
                first, second = await self._cashier.take_and_repeat(sale.order)
                self._note_paid(sale, first.order_status)
                if not first.applied or second != first:
                    self._verdict.wrong("a payment that was told twice was not answered alike")
            case _:
                order = await self._act(step, sale, buyer)
                self._note_done(step, sale, order)

    def _act(self, step: Step, sale: Sale, buyer: Shopper) -> Awaitable[OrderView]:
        """What buyer and seller do by REST."""
        office, order_id = self._offices[sale.act.shop.id], sale.order.id
        match step:
            case Step.CALL_OFF:
                return buyer.call_off(order_id)
            case Step.SHIP:
                return office.ship(order_id)
            case Step.DELIVER:
                return office.deliver(order_id)
            case Step.GOODWILL:
                return office.refund(order_id, rounded(sale.order.total_amount * GOODWILL / 100))
            case Step.RETURN:
                return office.refund(order_id, None, restock=True)
            case _:
                return office.cancel(order_id)

    def _note_paid(self, sale: Sale, found: OrderStatus) -> None:
        sale.status, sale.paid = OrderStatus.PAID, True
        self._expect(found, OrderStatus.PAID)

    def _note_done(self, step: Step, sale: Sale, order: OrderView) -> None:
        sale.status = _STATUS.get(step, sale.status)
        self._expect(order.status, sale.status)
        if step is Step.DELIVER:
            sale.delivered = True
        elif step is Step.GOODWILL:
            sale.refunded += rounded(sale.order.total_amount * GOODWILL / 100)
        elif sale.status in (OrderStatus.CANCELLED, OrderStatus.REFUNDED):
            sale.refunded = sale.order.total_amount if sale.paid else sale.refunded
            sale.shelf.put_back(sale.basket)

    def _expect(self, found: OrderStatus, expected: OrderStatus) -> None:
        if found is not expected:
            self._verdict.wrong(f"an order is {found}, not {expected}")
