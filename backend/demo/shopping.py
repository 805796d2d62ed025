"""What the shoppers buy: one thing by its button, a basket by checkout, twice by a nervous finger, or in vain."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from enum import Enum, auto
from random import Random

from backend import seams
from backend.demo import cast
from backend.demo.books import Sale
from backend.demo.crowd import Crowd
from backend.demo.deck import Deck
from backend.demo.host import Host
from backend.demo.shelf import Attempt
from backend.demo.shopper import Shopper
from backend.demo.timing import either, settled
from backend.demo.trade import Trade
from backend.demo.verdict import Verdict
from shared import commands
from shared.problems import ProblemError
from shared.views import OrderView

BUY_SECONDS = 50.0
"""Seconds between two purchases of one shopper, on average."""
HURRY = 3.0
"""How much faster people buy while a flash sale is on."""
FASTEST, SLOWEST = 0.8, 5.0
"""Seconds between two purchases in one stream, on average, with many and with few shoppers."""
NEWS_PATIENCE = 2.0
"""Seconds in which the room must have been told why a purchase was refused, or why not."""
_THOUGHT = (0.8, 3.0)
_TALKATIVE, _THANKFUL = 0.4, 0.35
_PLENTY = 5
"""Fewer than so many may be gone before the page is loaded."""
_TOO_MANY = 2
"""More people want something rare than there are pieces."""


class Wish(Enum):
    """How somebody buys."""

    ONE = auto()
    BASKET = auto()
    """Several products, by REST."""
    AGAIN = auto()
    """The answer seems lost, so the app asks again under the same key."""
    DOUBLE = auto()
    """Two requests at once, under the same key."""
    BASKET_DOUBLE = auto()
    FOREIGN = auto()
    """The link names another affiliate, who gets nothing for it."""
    IN_VAIN = auto()
    """From an old page: the product is hidden, sold out or not in the show yet."""


WISHES = (*[Wish.ONE] * 4, *[Wish.BASKET] * 2, Wish.AGAIN, Wish.DOUBLE, Wish.BASKET_DOUBLE, Wish.FOREIGN, Wish.IN_VAIN)
"""Each as likely as the others."""
FOREIGN_AFFILIATE = "somebody-else"


class Shopping:
    """All purchases of the crowd, and the stories of the orders that come of them."""

    def __init__(self, hosts: Sequence[Host], crowd: Crowd, trade: Trade, verdict: Verdict, rng: Random) -> None:
        self._hosts = hosts
        self._crowd = crowd
        self._trade = trade
        self._verdict = verdict
        self._rng = rng
        self._wishes = Deck(WISHES, rng)
        self._rushed: set[str] = set()
        self._curtain: asyncio.Event
        self._tasks: asyncio.TaskGroup

    async def go_on(self, curtain: asyncio.Event) -> None:
        """Buy until the curtain falls; every order's story is told to its end then."""
        self._curtain = curtain
        self._trade.on_decline = lambda buyer: self._exclaim(buyer, cast.DECLINED)
        async with asyncio.TaskGroup() as self._tasks:
            for host in self._hosts:
                self._tasks.create_task(self._shop(host))

    async def _shop(self, host: Host) -> None:
        await either(host.live, self._curtain)
        while True:
            mean = self._pace(host)
            if await either(self._curtain, within=min(self._rng.expovariate(1 / mean), 3 * mean)):
                return
            present = self._crowd.present(host)
            if present and host.on_show:
                await self._rush_or_buy(host, present)

    def _pace(self, host: Host) -> float:
        hurry = HURRY if host.shelf.has_flash_sale(seams.now()) else 1.0
        return min(SLOWEST, max(FASTEST, BUY_SECONDS / max(1, len(self._crowd.present(host))) / hurry))

    async def _rush_or_buy(self, host: Host, present: Sequence[Shopper]) -> None:
        rare = next((goods for goods in host.on_show if goods.is_rare and goods.id not in self._rushed), None)
        if rare is None:
            await self._fulfil(self._wishes.deal(), host, self._rng.choice(present))
            return
        self._rushed.add(rare.id)
        fast = self._rng.sample(present, min(len(present), rare.stock + _TOO_MANY))
        await asyncio.gather(*(self._press(shopper, host, rare) for shopper in fast))

    async def _fulfil(self, wish: Wish, host: Host, shopper: Shopper) -> None:
        there = [goods for goods in host.on_show if host.shelf.left(goods.id) > _PLENTY]
        gone = [goods for goods in host.act.shop.goods if goods not in there]
        if wish is Wish.IN_VAIN and gone:
            await self._press(shopper, host, self._rng.choice(gone))
        elif not there:
            return
        elif wish in (Wish.BASKET, Wish.BASKET_DOUBLE):
            await self._check_out(shopper, host, there, times=2 if wish is Wish.BASKET_DOUBLE else 1)
        else:
            await self._press(shopper, host, self._rng.choice(there), wish)

    async def _press(self, shopper: Shopper, host: Host, goods: cast.Goods, wish: Wish = Wish.ONE) -> None:
        """The button below the picture."""
        quantity = 1 if goods.is_rare else self._rng.choice((1, 1, 1, 2))
        promoter = host.act.promoter
        wanted = commands.StreamPurchase(
            stream_id=host.stream.id,
            product_id=goods.id,
            quantity=quantity,
            affiliate_id=FOREIGN_AFFILIATE if wish is Wish.FOREIGN else promoter.id if promoter else None,
            idempotency_key=self._key(),
        )

        async def place() -> list[OrderView]:
            orders = await shopper.buy(wanted, times=2 if wish is Wish.DOUBLE else 1)
            return orders + (await shopper.buy(wanted) if wish is Wish.AGAIN else [])

        await self._try(place(), shopper, host, {goods.id: quantity})

    async def _check_out(self, shopper: Shopper, host: Host, there: Sequence[cast.Goods], *, times: int) -> None:
        """The page of the basket."""
        chosen = self._rng.sample(there, min(len(there), 2))
        basket = {goods.id: self._rng.choice((1, 1, 2)) for goods in chosen}
        order = commands.PlaceOrder(
            items=[commands.OrderItem(product_id=id_, quantity=quantity) for id_, quantity in basket.items()],
            live_session_id=host.stream.id,
            shipping_address={"name": shopper.name, "city": self._rng.choice(cast.CITIES)},
        )
        await self._try(shopper.check_out(order, self._key(), times=times), shopper, host, basket)

    def _key(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"

    async def _try(
        self, placing: Awaitable[list[OrderView]], shopper: Shopper, host: Host, basket: Mapping[str, int]
    ) -> None:
        attempt = host.shelf.attempt(basket)
        try:
            orders = await placing
        except ProblemError as problem:
            host.shelf.arrived(attempt, bought=False)
            await self._refused(problem, attempt, shopper, host)
        else:
            host.shelf.arrived(attempt, bought=bool(orders))
            if orders:
                await self._bought(orders, attempt, shopper, host)

    async def _refused(self, problem: ProblemError, attempt: Attempt, shopper: Shopper, host: Host) -> None:
        async def was_right() -> bool:
            return problem.code in host.shelf.right_refusals(attempt)

        if not await settled(was_right, NEWS_PATIENCE):
            self._verdict.wrong(f"a purchase was refused: {problem}")
            return
        self._verdict.books.refused[problem.code] += 1
        goods = next(goods for goods in host.act.shop.goods if goods.id in attempt.basket)
        sold_out = host.shelf.left(goods.id) <= 0
        self._exclaim(shopper, cast.MISSED if sold_out else cast.TOO_EARLY, goods)

    async def _bought(self, orders: list[OrderView], attempt: Attempt, shopper: Shopper, host: Host) -> None:
        order, repeated = orders[0], orders[1:]
        books = self._verdict.books
        books.repeated += len(repeated)
        if any(again.id != order.id for again in repeated) or order.id in books.sales:
            self._verdict.wrong("one purchase became two orders")
        sale = Sale(
            order=order,
            act=host.act,
            shelf=host.shelf,
            stream_id=host.stream.id,
            buyer_id=shopper.user_id,
            basket=attempt.basket,
        )
        books.sales[order.id] = sale
        self._tasks.create_task(self._trade.tell(sale, shopper, self._curtain))
        goods = next(goods for goods in host.act.shop.goods if goods.id in attempt.basket)
        self._exclaim(shopper, cast.BOUGHT, goods, thanks=self._rng.random() < _THANKFUL)

        async def may_have() -> bool:
            return host.shelf.may_have_sold(attempt)

        if not await settled(may_have, NEWS_PATIENCE):
            self._verdict.wrong("something was sold that was not on show")

    def _exclaim(
        self, shopper: Shopper, lines: Sequence[str], goods: cast.Goods | None = None, *, thanks: bool = False
    ) -> None:
        """Perhaps somebody says something about what just happened to them, and the host is glad to read it."""
        if self._rng.random() < _TALKATIVE:
            self._tasks.create_task(self._talk(shopper, lines, goods, thanks=thanks))

    async def _talk(self, shopper: Shopper, lines: Sequence[str], goods: cast.Goods | None, *, thanks: bool) -> None:
        host = shopper.host
        if await either(self._curtain, within=self._rng.uniform(*_THOUGHT)) or host is None:
            return
        short = goods.short if goods else ""
        try:
            await self._crowd.say_anew(shopper, [line.format(short=short) for line in lines])
            if thanks and not await either(self._curtain, within=self._rng.uniform(*_THOUGHT)):
                await host.say(self._rng.choice(cast.THANKS).format(short=short))
        except ProblemError as problem:
            self._verdict.wrong(f"a buyer was not heard: {problem}")
