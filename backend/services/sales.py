"""What was sold, by query: orders count as placed unless cancelled, money as paid minus refunded."""

from tortoise.expressions import F
from tortoise.functions import Count, Sum

from backend.domain.commission import allocate
from backend.domain.sales import StreamSales
from backend.storage.models import Order, OrderLine
from shared.views import OrderStatus


async def by_stream(stream_ids: list[str]) -> dict[str, StreamSales]:
    """The sales of streams."""
    found = {stream_id: StreamSales() for stream_id in stream_ids}
    if not stream_ids:
        return found
    await _add_orders(found)
    await _add_revenue(found)
    await _add_purchases(found)
    await _add_product_revenue(found)
    return found


async def _add_orders(found: dict[str, StreamSales]) -> None:
    rows = (
        await Order.filter(stream_id__in=list(found))
        .exclude(status=OrderStatus.CANCELLED)
        .annotate(orders=Count("id"), buyers=Count("buyer_id", distinct=True))
        .group_by("stream_id")
        .values_list("stream_id", "orders", "buyers")
    )
    for stream_id, orders, buyers in rows:
        found[stream_id].orders, found[stream_id].buyers = int(orders), int(buyers)


async def _add_revenue(found: dict[str, StreamSales]) -> None:
    rows = (
        await Order.filter(stream_id__in=list(found))
        .exclude(paid_at=None)
        .annotate(net=Sum(F("goods_minor") - F("discount_minor") + F("shipping_minor") - F("refunded_minor")))
        .group_by("stream_id")
        .values_list("stream_id", "net")
    )
    for stream_id, net in rows:
        found[stream_id].revenue = int(net or 0)


async def _add_purchases(found: dict[str, StreamSales]) -> None:
    rows = (
        await OrderLine.filter(order__stream_id__in=list(found))
        .exclude(order__status=OrderStatus.CANCELLED)
        .annotate(purchases=Count("id"), units=Sum("quantity"))
        .group_by("order__stream_id", "product_id")
        .values_list("order__stream_id", "product_id", "purchases", "units")
    )
    for stream_id, product_id, purchases, units in rows:
        product = found[stream_id].product(product_id)
        product.purchases, product.units = int(purchases), int(units)


async def _add_product_revenue(found: dict[str, StreamSales]) -> None:
    whole = (
        await OrderLine.filter(order__stream_id__in=list(found), order__refunded_minor=0)
        .exclude(order__paid_at=None)
        .annotate(net=Sum("net_minor"))
        .group_by("order__stream_id", "product_id")
        .values_list("order__stream_id", "product_id", "net")
    )
    for stream_id, product_id, net in whole:
        found[stream_id].product(product_id).revenue += int(net or 0)
    refunded = (
        await Order.filter(stream_id__in=list(found), refunded_minor__gt=0)
        .exclude(paid_at=None)
        .prefetch_related("lines")
    )
    for order in refunded:
        _add_refunded(found[order.stream_id or ""], order)


def _add_refunded(sales: StreamSales, order: Order) -> None:
    """A refund takes back goods before shipping, spread over the lines in proportion."""
    lines = sorted(order.lines, key=lambda line: line.position)
    kept = [line.net_minor for line in lines]
    goods_back = min(order.refunded_minor, sum(kept))
    for line, base, back in zip(lines, kept, allocate(goods_back, kept), strict=True):
        sales.product(line.product_id).revenue += base - back
