"""The news of a stream's products: always the whole list, to viewers without the hidden ones."""

from dataclasses import replace
from decimal import Decimal

from backend import seams
from backend.domain.actors import StreamScope
from backend.domain.lifecycle import OVER
from backend.services import sales
from backend.services.unit_of_work import UnitOfWork, next_seq
from backend.storage import views
from backend.storage.models import LiveStreamProduct
from shared.events import StreamProductsUpdate
from shared.views import StreamProductView


async def tell(unit: UnitOfWork, scope: StreamScope) -> list[StreamProductView]:
    """Number a change of a stream's products and announce the list after the commit; the whole list."""
    seq = await next_seq(scope.id)
    rows = await LiveStreamProduct.filter(stream_id=scope.id).order_by("position", "id").prefetch_related("product")
    sold = (await sales.by_stream([scope.id]))[scope.id]
    everything = [views.stream_product(row, sold) for row in rows]
    now = seams.now()

    def update(products: list[StreamProductView]) -> StreamProductsUpdate:
        return StreamProductsUpdate(stream_id=scope.id, products=products, timestamp=now, seq=seq)

    active = [replace(product, revenue=Decimal(0)) for product in everything if product.is_active]
    unit.tell(scope, update(active), to_staff=update(everything))
    return everything


async def tell_featured(unit: UnitOfWork, product_id: str) -> None:
    """Announce the lists of every running or coming stream that features a product."""
    featured = (
        await LiveStreamProduct.filter(product_id=product_id)
        .exclude(stream__status__in=list(OVER))
        .order_by("stream_id")
        .prefetch_related("stream")
    )
    for row in featured:
        await tell(unit, views.scope(row.stream))
