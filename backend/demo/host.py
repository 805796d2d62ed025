"""A host of the show: runs a stream as a seller or affiliate does, by REST and over a socket."""

import asyncio
from collections.abc import Awaitable
from random import Random

import httpx

from backend import seams
from backend.demo import cast
from backend.demo.client import Caller, Connection
from backend.demo.publisher import Broadcast
from backend.demo.shelf import Shelf
from backend.demo.timing import either
from backend.demo.venue import Venue
from backend.demo.verdict import StreamRecord, Verdict
from shared import commands, endpoints, events
from shared.problems import ProblemError
from shared.views import HostStreamView, PurchaseStatsView, StatsView, StreamStatus

ON_SHOW = 2
"""Products that stay switched on while the next ones are introduced."""
_PITCH_SECONDS = (7.0, 10.0)
_TOGGLE_SECONDS = (9.0, 15.0)
_FIRST_FLASH_SALE, _FLASH_SALES = (2.0, 4.0), (18.0, 30.0)
"""Seconds from going live to the first flash sale, and from one to the next."""
_DISCOUNTS, _SALE_SECONDS = (10, 15, 20, 25, 30), (8, 10, 15)
_PIN_SECONDS = (None, 6, 10)


class Host:
    """One host, one stream."""

    def __init__(self, act: cast.Act, venue: Venue, http: httpx.AsyncClient, verdict: Verdict, rng: Random) -> None:
        self.act = act
        self.record = StreamRecord(title=act.title, host=act.host_name)
        self.live = asyncio.Event()
        self.on_show: list[cast.Goods] = []
        """What is switched on, the newest last."""
        self.shelf = Shelf(act.shop.goods)
        self.stream: HostStreamView
        self.published_at = 0.0
        """When the publisher was started, by the monotonic clock."""
        self._token = venue.token(act.role, act.host_id)
        self._url = venue.url
        self._caller = Caller(http, self._token)
        self._verdict = verdict
        self._rng = rng
        self._connection: Connection | None = None

    async def prepare(self) -> None:
        """Make the stream and enter it as its host.

        Raises:
            ProblemError: the server refused.
        """
        act = self.act
        details = {"title": act.title, "description": act.description, "category": act.category, "tags": [*act.tags]}
        if act.promoter:
            body = commands.CreateAffiliateStream(seller_id=act.shop.id, **details)  # type: ignore[arg-type]
            self.stream = await self._caller.call(endpoints.CREATE_AFFILIATE_STREAM, body)
        else:
            own = commands.CreateSellerStream(**details)  # type: ignore[arg-type]
            self.stream = await self._caller.call(endpoints.CREATE_SELLER_STREAM, own)
        await self._enter()

    def broadcast(self) -> Broadcast:
        """What this host's encoder sends."""
        return Broadcast(url=self.stream.rtmp_url, title=self.act.host_name, hue=self.act.hue, pitch=self.act.pitch)

    async def _enter(self) -> Connection:
        connection = Connection(self._url, self._token)
        connection.on(events.NewMessage, self._hear_message)
        connection.on(events.StreamStatusUpdate, self._hear_status)
        connection.on(events.ViewerCountUpdate, self._hear_count)
        connection.on(events.StreamProductsUpdate, self.shelf.hear_products)
        connection.on(events.FlashSaleStarted, self._hear_flash_sale)
        connection.on(events.NewPurchase, self._hear_purchase)
        connection.on(events.ProductPinned, self._hear_pin)
        connection.on_loss(self._lose)
        await connection.open()
        await connection.send(commands.HostJoinStream(stream_id=self.stream.id), commands.Joined)
        self._connection = connection
        return connection

    def _hear_message(self, message: events.NewMessage) -> None:
        self.record.seen_by_host.add(message.id)

    def _hear_status(self, update: events.StreamStatusUpdate) -> None:
        if update.status is StreamStatus.LIVE and not self.live.is_set():
            self.record.seconds_to_live = seams.monotonic() - self.published_at
            self.live.set()

    def _hear_count(self, update: events.ViewerCountUpdate) -> None:
        self.record.peak = max(self.record.peak, update.count, update.peak)

    def _hear_purchase(self, purchase: events.NewPurchase) -> None:
        self.record.purchases[purchase.product_id] += 1

    def _hear_flash_sale(self, started: events.FlashSaleStarted) -> None:
        self.shelf.hear_flash_sale(started)
        self.record.flash_sales += 1

    def _hear_pin(self, pin: events.ProductPinned) -> None:
        del pin
        self.record.pins += 1

    def _lose(self) -> None:
        self._connection = None
        self._verdict.wrong(f"{self.act.host_name} lost the connection")

    async def perform(self, curtain: asyncio.Event) -> None:
        """Once live: welcome people, bring in the products one after another, then switch them off and on again."""
        await either(self.live, curtain)
        for goods in self.act.shop.goods:
            if curtain.is_set():
                return
            await self._try(self._introduce(goods))
            await either(curtain, within=self._rng.uniform(*_PITCH_SECONDS))
        while not curtain.is_set():
            await self._try(self._change_mind())
            await either(curtain, within=self._rng.uniform(*_TOGGLE_SECONDS))

    async def promote(self, curtain: asyncio.Event) -> None:
        """Once live: now and then a flash sale of something that is on show."""
        await either(self.live, curtain)
        pause = _FIRST_FLASH_SALE
        while not await either(curtain, within=self._rng.uniform(*pause)):
            if plenty := [goods for goods in self.on_show if not goods.is_rare]:
                await self._try(self._discount(self._rng.choice(plenty)))
                pause = _FLASH_SALES

    async def _discount(self, goods: cast.Goods) -> None:
        percent, seconds = self._rng.choice(_DISCOUNTS), self._rng.choice(_SALE_SECONDS)
        sale = commands.StartFlashSale(
            stream_id=self.stream.id, product_id=goods.id, duration_seconds=seconds, discount_percent=percent
        )
        await (await self._connected()).send(sale, commands.Done)
        line = self._rng.choice(cast.FLASH_SALES)
        await self.say(line.format(short=goods.short, percent=percent, seconds=seconds))

    async def _pin(self, goods: cast.Goods) -> None:
        pin = commands.PinProduct(
            stream_id=self.stream.id, product_id=goods.id, timer_duration=self._rng.choice(_PIN_SECONDS)
        )
        await (await self._connected()).send(pin, commands.Done)

    async def _try(self, deed: Awaitable[None]) -> None:
        try:
            await deed
        except ProblemError as problem:
            self._verdict.wrong(f"{self.act.host_name}: {problem}")

    async def _introduce(self, goods: cast.Goods) -> None:
        body = commands.AddStreamProduct(product_id=goods.id, special_price=goods.special)
        await self._caller.call(endpoints.ADD_STREAM_PRODUCT, body, stream_id=self.stream.id)
        self.record.products += 1
        self.on_show.append(goods)
        await self._pin(goods)
        await self.say(goods.pitch)
        if len(self.on_show) > ON_SHOW:
            await self._toggle(self.on_show[0], active=False)

    async def _change_mind(self) -> None:
        goods = self._rng.choice(self.act.shop.goods)
        shown = goods in self.on_show
        if shown and len(self.on_show) == 1:
            await self.say(self._rng.choice(cast.HOST_ASIDES))
            return
        await self._toggle(goods, active=not shown)
        if not shown:
            await self._pin(goods)
        await self.say(
            f"That's it for the {goods.short} for now." if shown else f"The {goods.short} is back, by request!"
        )

    async def _toggle(self, goods: cast.Goods, *, active: bool) -> None:
        await self._caller.call(
            endpoints.TOGGLE_STREAM_PRODUCT,
            commands.ToggleStreamProduct(is_active=active),
            stream_id=self.stream.id,
            product_id=goods.id,
        )
        self.record.toggles += 1
        if active:
            self.on_show.append(goods)
        else:
            self.on_show.remove(goods)

    async def reply(self, text: str, seconds: float) -> None:
        """Answer somebody after that many seconds of thinking."""
        await seams.sleep(seconds)
        await self._try(self.say(text))

    async def say(self, text: str) -> None:
        """Chat as the host.

        Raises:
            ProblemError: the server refused.
        """
        connection = await self._connected()
        self._verdict.sent += 1
        sent = await connection.send(commands.SendMessage(stream_id=self.stream.id, message=text), commands.MessageSent)
        self.record.acknowledge(sent.message)

    async def _connected(self) -> Connection:
        return self._connection or await self._enter()

    async def purchase_stats(self) -> PurchaseStatsView:
        """How often each product was bought.

        Raises:
            ProblemError: the server refused.
        """
        command = commands.GetStreamPurchaseStats(stream_id=self.stream.id)
        return (await (await self._connected()).send(command, commands.PurchaseStatsAck)).stats

    async def stats(self) -> StatsView:
        """The stream's figures.

        Raises:
            ProblemError: the server refused.
        """
        return await self._caller.call(endpoints.GET_STATS, stream_id=self.stream.id)

    async def end(self) -> None:
        """End the show, for good.

        Raises:
            ProblemError: the server refused.
        """
        await self._caller.call(endpoints.END_STREAM, stream_id=self.stream.id)

    async def close(self) -> None:
        """Leave."""
        if self._connection is not None:
            await self._connection.close()
