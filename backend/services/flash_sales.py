"""Flash sales: a product's price really falls for a time, and rises again by itself, also after a restart."""

from collections.abc import Collection
from datetime import datetime, timedelta

from backend import seams
from backend.domain.actors import Actor
from backend.domain.pricing import FlashSale
from backend.services import moments, stream_products
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit, next_seq, one_by_one
from backend.storage import views
from backend.storage.models import FlashSaleRow, LiveStream
from shared.commands import StartFlashSale
from shared.events import FlashSaleEnded
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import StreamStatus


async def running(stream_id: str, product_ids: Collection[str], now: datetime) -> dict[str, FlashSale]:
    """The sales that are on, by product."""
    rows = await FlashSaleRow.filter(
        stream_id=stream_id, product_id__in=list(product_ids), starts_at__lte=now, ends_at__gt=now
    )
    return {row.product_id: moments.sale_of(row) for row in rows}


async def start(runtime: Runtime, actor: Actor, command: StartFlashSale) -> None:
    """Sell a product of a live stream cheaper for a time; a sale of it that is on ends."""
    scope = await stream_products.scope_for(runtime, actor, Permission.TOGGLE_PRODUCTS, command.stream_id)

    async def work(unit: UnitOfWork) -> None:
        stream = await LiveStream.select_for_update(no_key=True).get(id=scope.id)
        if stream.status is not StreamStatus.LIVE:
            raise ProblemError(Code.STREAM_NOT_LIVE, "A flash sale needs a live stream.")
        featured = await stream_products.on_sale(scope.id, command.product_id)
        now = seams.now()
        await moments.cut_short(scope.id, command.product_id, now)
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
            moments.started(row, moments.price_under(featured, row, now), await next_seq(scope.id)),
        )

    await commit(runtime.bus, work)


async def announce_ends(runtime: Runtime) -> None:
    """Tell the rooms of sales whose time is over; each once, however late."""
    over = await FlashSaleRow.filter(end_announced=False, ends_at__lte=seams.now()).values_list("id", flat=True)
    await one_by_one(runtime.bus, over, _announce_end)


async def _announce_end(unit: UnitOfWork, sale_id: str) -> None:
    if not await FlashSaleRow.filter(id=sale_id, end_announced=False).update(end_announced=True):
        return
    row = await FlashSaleRow.get(id=sale_id).prefetch_related("stream")
    event = FlashSaleEnded(
        stream_id=row.stream_id,
        product_id=row.product_id,
        end_time=row.ends_at,
        seq=await next_seq(row.stream_id),
    )
    unit.tell(views.scope(row.stream), event)
