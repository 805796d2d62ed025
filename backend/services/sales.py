"""What was sold, by query: orders count as placed unless cancelled, money as paid minus refunded."""

from itertools import groupby
from operator import itemgetter

from tortoise.expressions import F, Q
from tortoise.functions import Count, Sum

from backend.domain.commission import allocate
from backend.domain.sales import StreamSales
from backend.storage.models import Order, OrderLine
from shared.views import OrderStatus

_GOODS = F("order__goods_minor") - F("order__discount_minor")
"""What an order's lines cost together: the sum of their `net_minor`."""
_PARTLY_REFUNDED = Q(order__refunded_minor__gt=0, order__refunded_minor__lt=_GOODS)
"""Orders of which some goods' money was given back, and some kept."""


async def totals(stream_ids: list[str]) -> dict[str, StreamSales]:
    """The sales of streams as a whole, without their products."""
    found = {stream_id: StreamSales() for stream_id in stream_ids}
    if stream_ids:
        await _add_orders(found)
        await _add_revenue(found)
    return found


async def by_stream(stream_ids: list[str]) -> dict[str, StreamSales]:
    """The sales of streams, with those of each product."""
    found = await totals(stream_ids)
    if stream_ids:
        await _add_purchases(found)
        await _add_product_revenue(found)
        await _add_shared_refunds(found)
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
        .annotate(purchases=Count("order_id", distinct=True), units=Sum("quantity"))
        .group_by("order__stream_id", "product_id")
        .values_list("order__stream_id", "product_id", "purchases", "units")
    )
    for stream_id, product_id, purchases, units in rows:
        product = found[stream_id].product(product_id)
        product.purchases, product.units = int(purchases), int(units)


async def _add_product_revenue(found: dict[str, StreamSales]) -> None:
    """What is paid and not refunded; a refund is taken from the line that is all of its order."""
    rows = (
        await OrderLine.filter(order__stream_id__in=list(found))
        .exclude(order__paid_at=None)
        .annotate(
            whole=Sum("net_minor", _filter=Q(order__refunded_minor=0)),
            rest=Sum(F("net_minor") - F("order__refunded_minor"), _filter=_PARTLY_REFUNDED & Q(net_minor=_GOODS)),
        )
        .group_by("order__stream_id", "product_id")
        .values_list("order__stream_id", "product_id", "whole", "rest")
    )
    for stream_id, product_id, whole, rest in rows:
        found[stream_id].product(product_id).revenue += int(whole or 0) + int(rest or 0)


async def _add_shared_refunds(found: dict[str, StreamSales]) -> None:
    """Where lines share a refund it takes back goods before shipping, spread over the lines in proportion."""
    rows = (
        await OrderLine.filter(_PARTLY_REFUNDED, order__stream_id__in=list(found), net_minor__lt=_GOODS)
        .exclude(order__paid_at=None)
        .order_by("order_id", "position")
        .values_list("order_id", "order__stream_id", "product_id", "net_minor", "order__refunded_minor")
    )
    for _, order in groupby(rows, key=itemgetter(0)):
        lines = list(order)
        backs = allocate(lines[0][-1], [net for *_, net, _ in lines])
        for (_, stream_id, product_id, net, _), back in zip(lines, backs, strict=True):
            found[stream_id].product(product_id).revenue += net - back
