import asyncio
from collections import Counter
from decimal import Decimal
from random import Random

import httpx
from demo_sales import order

from backend import seams
from backend.demo.cashier import Cashier
from backend.demo.deck import Deck
from backend.demo.office import Office
from backend.demo.shopping import WISHES, Wish
from backend.demo.trade import STORIES, Step
from backend.domain.orders import TRANSITIONS
from backend.domain.signatures import verify
from shared import wire
from shared.commands import PaymentEvent
from shared.views import OrderStatus, PaymentReceipt

SECRET = "a secret between two"
LAMP = order({"lamp": "200.00"}, {"lamp": 1})
LEADS_TO = {
    Step.PAY: OrderStatus.PAID,
    Step.PAY_AND_REPEAT: OrderStatus.PAID,
    Step.CALL_OFF: OrderStatus.CANCELLED,
    Step.SHIP: OrderStatus.SHIPPED,
    Step.DELIVER: OrderStatus.DELIVERED,
    Step.RETURN: OrderStatus.REFUNDED,
    Step.CANCEL: OrderStatus.CANCELLED,
}


def test_a_deck_deals_every_card_as_often_as_it_holds_it():
    deck = Deck("aab", Random(1))
    for _ in range(5):
        assert Counter(deck.deal() for _ in range(3)) == {"a": 2, "b": 1}


def test_the_same_seed_deals_the_same_cards():
    one, other = Deck(range(20), Random(2)), Deck(range(20), Random(2))
    assert [one.deal() for _ in range(50)] == [other.deal() for _ in range(50)]


def test_every_story_is_one_that_an_order_can_live_through():
    for story in STORIES:
        status = OrderStatus.PENDING
        for step in story:
            if following := LEADS_TO.get(step):
                assert following in TRANSITIONS[status], (story, step)
                status = following


def test_everything_happens_to_somebody():
    assert {step for story in STORIES for step in story} == set(Step)
    assert set(WISHES) == set(Wish)


class Shop:
    """What the demo's clients talk to in these tests."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith("/webhooks/payments"):
            event = wire.decode(PaymentEvent, request.content)
            receipt = PaymentReceipt(
                event_id=event.id, applied=len(self.requests) == 1, order_status=OrderStatus.PAID, note=None
            )
            return httpx.Response(200, content=wire.encode(receipt))
        return httpx.Response(200, content=wire.encode(LAMP))

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self), base_url="http://shop")


def test_the_cashiers_word_is_signed_and_the_same_when_it_is_repeated():
    shop = Shop()
    first, second = asyncio.run(Cashier(shop.client(), SECRET, Random(1)).take_and_repeat(LAMP))
    assert (first.applied, second.applied) == (True, False)
    told, again = shop.requests
    verify(SECRET, told.headers["Liveshop-Signature"], told.content, now=seams.now().timestamp())
    assert told.content == again.content
    event = wire.decode(PaymentEvent, told.content)
    assert (event.type, event.order_id, event.amount, event.currency) == ("payment.succeeded", "o1", 200, "USD")


def test_every_payment_is_an_event_of_its_own():
    shop = Shop()

    async def tell() -> None:
        cashier = Cashier(shop.client(), SECRET, Random(1))
        await cashier.decline(LAMP)
        await cashier.take(LAMP)

    asyncio.run(tell())
    declined, taken = (wire.decode(PaymentEvent, request.content) for request in shop.requests)
    assert (declined.type, taken.type) == ("payment.failed", "payment.succeeded")
    assert declined.id != taken.id


def test_a_clerk_who_clicks_twice_uses_one_key():
    shop = Shop()
    asyncio.run(Office(shop.client(), "token", Random(1)).refund("o1", Decimal("2.50")))
    first, second = shop.requests
    assert first.url.path == second.url.path == "/api/v1/orders/o1/refund"
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.headers["Authorization"] == "Bearer token"
    assert b'"amount":2.50' in first.content
