"""A snapshot goes on with purchases and chat: a busy stream can always be joined."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from backend import seams
from backend.domain.actors import StreamScope
from backend.services import snapshots as module
from backend.services.bus import Announcement, Bus
from backend.services.snapshots import Snapshots
from backend.settings import Settings
from backend.storage.database import opened
from backend.storage.views import Addresses
from shared.events import NewPurchase
from shared.views import HostType
from tests.shop import AFFILIATE, PRODUCT, SELLER, STREAM

SCOPE = StreamScope(id=STREAM, host_type=HostType.AFFILIATE, seller_id=SELLER, affiliate_id=AFFILIATE)


def purchase(number: int) -> Announcement:
    event = NewPurchase(
        stream_id=STREAM,
        product_id=PRODUCT,
        product_name="Thing",
        quantity=1,
        buyer_name="Someone",
        timestamp=seams.now(),
        purchase_count=number,
        seq=number,
    )
    return Announcement(SCOPE, event)


async def test_a_stream_that_sells_all_the_time_is_loaded_once_and_misses_no_purchase(
    shop_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
):
    loads, sold = 0, 0
    current = module.moments.current

    async def selling_meanwhile(newest: Mapping[str, int]) -> dict[str, list[module.Moment]]:
        nonlocal loads, sold
        loads, sold = loads + 1, sold + 3
        for number in range(sold - 2, sold + 1):
            bus.publish(purchase(number))
            await asyncio.sleep(0)
        return await current(newest)

    monkeypatch.setattr(module.moments, "current", selling_meanwhile)
    async with opened(shop_settings()):
        bus = Bus()
        snapshots = Snapshots(bus, Addresses(rtmp="", hls=""))
        loaded = await snapshots.get(STREAM)
        bus.publish(purchase(4), purchase(4), purchase(2))

        kept = await snapshots.get(STREAM)
        assert kept is loaded
        assert loads == 1
        assert (kept.seq, kept.stream.products[0].order_count, kept.public.products[0].order_count) == (4, 4, 4)
