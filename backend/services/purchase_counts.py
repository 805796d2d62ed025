"""How often each product was bought in a stream, told with every purchase.

Counting all orders for each of them would make every purchase dearer than the one before. So the newest counts are kept
with the state of the stream's orders that they belong to, which an index alone tells. Whatever any process has placed,
cancelled or revived since shows in the state, and then they are counted anew.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Count, Max

from backend.domain.lifecycle import OVER
from backend.services.bus import Announcement, Bus
from backend.services.unit_of_work import UnitOfWork
from backend.storage.models import Order, OrderLine
from shared.events import StreamStatusUpdate
from shared.views import OrderStatus


@dataclass(frozen=True, slots=True)
class _State:
    """What tells one set of a stream's orders, and of its cancelled ones, from any later one."""

    orders: int
    cancelled: int
    newest_cancellation: datetime | None


class PurchaseCounts:
    """The counts of the streams in which this process has placed orders."""

    def __init__(self, bus: Bus) -> None:
        self._kept: dict[str, tuple[_State, Counter[str]]] = {}
        bus.subscribe(self._hear)

    def _hear(self, announcement: Announcement) -> None:
        event = announcement.event
        if isinstance(event, StreamStatusUpdate) and event.status in OVER:
            self._kept.pop(event.stream_id, None)

    async def with_order(self, unit: UnitOfWork, stream_id: str, lines: Iterable[OrderLine]) -> Counter[str]:
        """The orders of each product, with the one just written.

        Within the order's transaction, which has the stream locked: nobody else places one meanwhile.
        """
        bought = Counter({line.product_id for line in lines})
        state = await _state(stream_id)
        before, counts = self._kept.get(stream_id, (None, Counter()))
        if before == _State(state.orders - 1, state.cancelled, state.newest_cancellation):
            counts = counts + bought
        else:
            counts = await _count(stream_id)
        unit.then(lambda: self._kept.update({stream_id: (state, counts)}))
        return counts


async def _state(stream_id: str) -> _State:
    rows = (
        await Order.filter(stream_id=stream_id)
        .annotate(orders=Count("status"), newest=Max("cancelled_at"))
        .group_by("status")
        .values_list("status", "orders", "newest")
    )
    found = {status: (orders, newest) for status, orders, newest in rows}
    return _State(sum(orders for orders, _ in found.values()), *found.get(OrderStatus.CANCELLED, (0, None)))


async def _count(stream_id: str) -> Counter[str]:
    rows = (
        await OrderLine.filter(order__stream_id=stream_id)
        .exclude(order__status=OrderStatus.CANCELLED)
        .annotate(purchases=Count("order_id", distinct=True))
        .group_by("product_id")
        .values_list("product_id", "purchases")
    )
    return Counter({product_id: int(purchases) for product_id, purchases in rows})
