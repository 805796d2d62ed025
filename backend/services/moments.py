"""What holds in a stream for a time, and a late joiner is shown: its pin and its flash sales."""

from collections.abc import Mapping
from datetime import datetime

from backend import seams
from backend.domain.actors import StreamScope
from backend.domain.pricing import FlashSale, price_at
from backend.services.unit_of_work import UnitOfWork, next_seq
from backend.storage.models import FlashSaleRow, LiveStreamProduct, Pin, Product
from shared.events import FlashSaleEnded, FlashSaleStarted, ProductPinned, ProductUnpinned
from shared.money import Money

Moment = ProductPinned | FlashSaleStarted


async def current(newest: Mapping[str, int]) -> dict[str, list[Moment]]:
    """The pins and the flash sales that hold now, as the events that began them, by stream.

    Args:
        newest: streams, each with the number of its newest event.
    """
    now = seams.now()
    found: dict[str, list[Moment]] = {stream_id: [] for stream_id in newest}
    for pin in await Pin.filter(stream_id__in=list(newest)):
        if pin.ends_at is None or pin.ends_at > now:
            found[pin.stream_id].append(pinned(pin, newest[pin.stream_id]))
    running = await FlashSaleRow.filter(stream_id__in=list(newest), ends_at__gt=now)
    rows = await LiveStreamProduct.filter(
        stream_id__in={sale.stream_id for sale in running}, product_id__in={sale.product_id for sale in running}
    ).prefetch_related("product")
    featured = {(row.stream_id, row.product_id): row for row in rows}
    for sale in running:
        if (row := featured.get((sale.stream_id, sale.product_id))) is not None:
            found[sale.stream_id].append(started(sale, price_under(row, sale, now), newest[sale.stream_id]))
    return found


async def unpin(unit: UnitOfWork, scope: StreamScope, product_id: str) -> bool:
    """Take a product's pin away and tell the room; False where it has none."""
    if not await Pin.filter(stream_id=scope.id, product_id=product_id).delete():
        return False
    seq = await next_seq(scope.id)
    unit.tell(scope, ProductUnpinned(stream_id=scope.id, product_id=product_id, timestamp=seams.now(), seq=seq))
    return True


async def cut_short(stream_id: str, product_id: str, now: datetime) -> bool:
    """End a product's flash sale before its time, without a word; False where there is none."""
    running = FlashSaleRow.filter(stream_id=stream_id, product_id=product_id, end_announced=False)
    return bool(await running.update(ends_at=now, end_announced=True))


async def end_all_of(unit: UnitOfWork, scope: StreamScope, product_id: str) -> None:
    """End what holds for a product that viewers see no longer, and tell the room."""
    now = seams.now()
    await unpin(unit, scope, product_id)
    if await cut_short(scope.id, product_id, now):
        seq = await next_seq(scope.id)
        unit.tell(scope, FlashSaleEnded(stream_id=scope.id, product_id=product_id, end_time=now, seq=seq))


def end_of(moment: Moment) -> datetime | None:
    """When it stops to hold; None where it was set without an end."""
    return moment.timer_end_time if isinstance(moment, ProductPinned) else moment.end_time


def pinned(row: Pin, seq: int) -> ProductPinned:
    """A pin as its event."""
    return ProductPinned(
        stream_id=row.stream_id,
        product_id=row.product_id,
        pinned_by=row.pinned_by,
        timestamp=row.pinned_at,
        timer_end_time=row.ends_at,
        seq=seq,
    )


def started(row: FlashSaleRow, price: Money, seq: int) -> FlashSaleStarted:
    """A flash sale as its event."""
    return FlashSaleStarted(
        stream_id=row.stream_id,
        product_id=row.product_id,
        discount_percent=row.discount_percent,
        price=price.amount,
        currency=price.currency,
        end_time=row.ends_at,
        started_by=row.started_by,
        timestamp=row.starts_at,
        seq=seq,
    )


def sale_of(row: FlashSaleRow) -> FlashSale:
    """A stored flash sale as the rule of its price."""
    return FlashSale(id=row.id, discount_percent=row.discount_percent, starts_at=row.starts_at, ends_at=row.ends_at)


def price_of(product: Product, featured: LiveStreamProduct, sale: FlashSale | None, now: datetime) -> Money:
    """What a product costs where it is featured, perhaps under a flash sale."""
    special = featured.special_price_minor
    return price_at(
        now,
        list_price=Money(product.price_minor, product.currency),
        special_price=None if special is None else Money(special, product.currency),
        flash_sale=sale,
    )


def price_under(featured: LiveStreamProduct, row: FlashSaleRow, now: datetime) -> Money:
    """What a featured product costs under a stored flash sale; its product must be loaded."""
    return price_of(featured.product, featured, sale_of(row), now)
