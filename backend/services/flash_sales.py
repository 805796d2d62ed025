"""Flash sales: a product's price really falls for a time, and rises again by itself, also after a restart."""

from collections.abc import Collection
from datetime import datetime, timedelta

from backend import seams
from backend.domain.actors import Actor
from backend.domain.pricing import FlashSale, price_at
from backend.services import stream_products
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit, next_seq
from backend.storage import views
from backend.storage.models import FlashSaleRow, LiveStream, LiveStreamProduct
from shared.commands import StartFlashSale
from shared.events import FlashSaleEnded, FlashSaleStarted
from shared.money import Money
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import StreamStatus


async def running(stream_id: str, product_ids: Collection[str], now: datetime) -> dict[str, FlashSale]:
    """The sales that are on, by product."""
    rows = await FlashSaleRow.filter(
        stream_id=stream_id, product_id__in=list(product_ids), starts_at__lte=now, ends_at__gt=now
    )
    return {row.product_id: _sale(row) for row in rows}


def _sale(row: FlashSaleRow) -> FlashSale:
    return FlashSale(discount_percent=row.discount_percent, starts_at=row.starts_at, ends_at=row.ends_at)


async def start(runtime: Runtime, actor: Actor, command: StartFlashSale) -> None:
    """Sell a product of a live stream cheaper for a time; a sale of it that is on ends."""
    scope = await stream_products.scope_for(runtime, actor, Permission.TOGGLE_PRODUCTS, command.stream_id)

    async def work(unit: UnitOfWork) -> None:
        stream = await LiveStream.select_for_update().get(id=scope.id)
        if stream.status is not StreamStatus.LIVE:
            raise ProblemError(Code.STREAM_NOT_LIVE, "A flash sale needs a live stream.")
        featured = await stream_products.featured(scope.id, command.product_id)
        now = seams.now()
        await FlashSaleRow.filter(
            stream_id=scope.id, product_id=command.product_id, end_announced=False
        ).update(ends_at=now, end_announced=True)
        row = await FlashSaleRow.create(
            id=seams.new_id(),
            stream_id=scope.id,
            product_id=command.product_id,
            discount_percent=command.discount_percent,
            started_by=actor.subject or "",
            starts_at=now,
            ends_at=now + timedelta(seconds=command.duration_seconds),
        )
        unit.tell(
            scope,
            FlashSaleStarted(
                stream_id=scope.id,
                product_id=command.product_id,
                discount_percent=command.discount_percent,
                price=_price(featured, row, now).amount,
                end_time=row.ends_at,
                started_by=row.started_by,
                timestamp=now,
                seq=await next_seq(scope.id),
            ),
        )

    await commit(runtime.bus, work)


def _price(featured: LiveStreamProduct, row: FlashSaleRow, now: datetime) -> Money:
    product, special = featured.product, featured.special_price_minor
    return price_at(
        now,
        list_price=Money(product.price_minor, product.currency),
        special_price=None if special is None else Money(special, product.currency),
        flash_sale=_sale(row),
    )


async def announce_ends(runtime: Runtime) -> None:
    """Tell the rooms of sales whose time is over; each once, however late."""
    over = await FlashSaleRow.filter(end_announced=False, ends_at__lte=seams.now()).prefetch_related("stream")
    for row in over:
        await commit(runtime.bus, lambda unit, row=row: _announce_end(unit, row))  # type: ignore[misc]


async def _announce_end(unit: UnitOfWork, row: FlashSaleRow) -> None:
    if not await FlashSaleRow.filter(id=row.id, end_announced=False).update(end_announced=True):
        return
    event = FlashSaleEnded(
        stream_id=row.stream_id,
        product_id=row.product_id,
        end_time=row.ends_at,
        seq=await next_seq(row.stream_id),
    )
    unit.tell(views.scope(row.stream), event)
