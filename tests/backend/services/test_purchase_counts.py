"""The count that a purchase tells is that of all orders, whoever placed, cancelled or revived them; few are counted."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from backend import seams
from backend.domain.actors import StreamScope
from backend.services import purchase_counts as module
from backend.services.bus import Announcement, Bus
from backend.services.purchase_counts import PurchaseCounts
from backend.services.unit_of_work import UnitOfWork, commit
from backend.settings import Settings
from backend.storage.database import opened
from backend.storage.models import LiveStream, Order, OrderLine
from shared.events import StreamStatusUpdate
from shared.views import HostType, OrderStatus, StreamStatus
from tests.backend.brute_force import purchases_of
from tests.shop import AFFILIATE, PRODUCT, SELLER, STREAM

SCOPE = StreamScope(id=STREAM, host_type=HostType.AFFILIATE, seller_id=SELLER, affiliate_id=AFFILIATE)
PRODUCTS = (PRODUCT, "linen-shirt", "desk-lamp")


class Process:
    """What one process knows of purchases."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.counts = PurchaseCounts(self.bus)

    async def place(self, *product_ids: str, refused: bool = False) -> Counter[str]:
        """Place an order as a checkout does; the counts that it would tell."""

        async def work(unit: UnitOfWork) -> Counter[str]:
            await LiveStream.select_for_update(no_key=True).get(id=STREAM)
            found = await self.counts.with_order(unit, STREAM, await _write(product_ids))
            if refused:
                raise RuntimeError("changed my mind")
            return found

        return await commit(self.bus, work)


async def _write(product_ids: tuple[str, ...]) -> list[OrderLine]:
    order = await Order.create(
        id=seams.new_id(),
        number=seams.new_order_number(),
        status=OrderStatus.PENDING,
        seller_id=SELLER,
        stream_id=STREAM,
        buyer_id="ann",
        is_guest_order=True,
        currency="USD",
        goods_minor=0,
        discount_minor=0,
        shipping_minor=0,
        commission_minor=0,
        fee_rate=0,
        placed_at=seams.now(),
        expires_at=seams.now() + timedelta(hours=1),
    )
    return [
        await OrderLine.create(
            id=seams.new_id(),
            order_id=order.id,
            position=position,
            product_id=product_id,
            name=product_id,
            quantity=2,
            unit_price_minor=0,
            discount_minor=0,
            net_minor=0,
            commission_minor=0,
        )
        for position, product_id in enumerate(product_ids)
    ]


@pytest.fixture
async def database(shop_settings: Callable[..., Settings]) -> AsyncIterator[None]:
    """An open database with a show."""
    async with opened(shop_settings()):
        yield


@pytest.fixture
def recounts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The streams whose orders were all counted, each time."""
    counted: list[str] = []
    count = module._count

    async def noted(stream_id: str) -> Counter[str]:
        counted.append(stream_id)
        return await count(stream_id)

    monkeypatch.setattr(module, "_count", noted)
    return counted


async def _step(chance: random.Random) -> None:
    """Somebody cancels an order, or revives one by a late payment, or pays one."""
    status, changes = chance.choice(
        [
            (OrderStatus.PENDING, {"status": OrderStatus.CANCELLED, "cancelled_at": seams.now()}),
            (OrderStatus.CANCELLED, {"status": OrderStatus.PAID, "cancelled_at": None, "paid_at": seams.now()}),
            (OrderStatus.PENDING, {"status": OrderStatus.PAID, "paid_at": seams.now()}),
        ]
    )
    ids = await Order.filter(status=status).order_by("id").values_list("id", flat=True)
    if ids:
        await Order.filter(id=chance.choice(ids)).update(**changes)


@pytest.mark.parametrize("seed", range(4))
async def test_any_history_of_several_processes_is_counted_right(database: None, seed: int):
    chance, processes = random.Random(seed), [Process(), Process()]
    for _ in range(60):
        for _ in range(chance.choice([0, 0, 1, 3])):
            await _step(chance)
        process, basket = chance.choice(processes), chance.choices(PRODUCTS, k=chance.randint(1, 3))
        if chance.random() < 0.1:
            with pytest.raises(RuntimeError):
                await process.place(*basket, refused=True)
            continue
        assert await process.place(*basket) == await purchases_of(STREAM)


async def test_orders_are_counted_once_and_again_only_after_what_others_did(database: None, recounts: list[str]):
    process = Process()
    for number in range(1, 6):
        assert await process.place(PRODUCT) == {PRODUCT: number}
        await Order.all().update(status=OrderStatus.PAID, paid_at=seams.now())
    assert len(recounts) == 1

    assert await Process().place(PRODUCT, "desk-lamp") == {PRODUCT: 6, "desk-lamp": 1}
    assert await process.place(PRODUCT) == {PRODUCT: 7, "desk-lamp": 1}
    assert len(recounts) == 3

    one = await Order.all().order_by("id").first()
    assert one is not None
    await Order.filter(id=one.id).update(status=OrderStatus.CANCELLED, cancelled_at=seams.now())
    for number in (7, 8):
        assert (await process.place(PRODUCT))[PRODUCT] == number
    assert len(recounts) == 4


async def test_nothing_is_kept_of_a_show_that_is_over(database: None):
    process = Process()
    await process.place(PRODUCT)
    assert process.counts._kept
    process.bus.publish(Announcement(SCOPE, StreamStatusUpdate(stream_id=STREAM, status=StreamStatus.ENDED, seq=1)))
    assert not process.counts._kept
