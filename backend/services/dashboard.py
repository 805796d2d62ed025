"""Shows in figures: a host's own, or all for ops and admins; each by query, sales net of refunds."""

from collections import defaultdict
from datetime import datetime, timedelta

from tortoise.expressions import F
from tortoise.functions import Count, Max, Sum

from backend import seams
from backend.domain.actors import Actor, require, require_on
from backend.domain.audience import curve
from backend.domain.sales import StreamSales
from backend.services import sales, streams
from backend.services.figures import ratio
from backend.services.runtime import Runtime
from backend.storage import views
from backend.storage.models import LiveStream, LiveStreamMessage, LiveStreamViewer, OrderLine
from shared.money import Money
from shared.roles import Permission
from shared.views import (
    AnalyticsView,
    CurrencyTotal,
    DashboardView,
    ProductSalesView,
    PurchaseStatsView,
    StreamMetrics,
    StreamStatus,
    TopProduct,
    ViewersAt,
)

CURVE_POINTS = 60
"""Points of a show's viewer curve."""
TOP_PRODUCTS = 10
"""Products named in an analysis."""


async def dashboard(runtime: Runtime, actor: Actor) -> DashboardView:
    """The figures of the streams that the actor works on."""
    require(actor, Permission.READ_STATS)
    rows = await LiveStream.filter(**streams.visible_to(actor)).prefetch_related("seller")
    return await summarise(runtime, rows)


async def summarise(runtime: Runtime, rows: list[LiveStream]) -> DashboardView:
    """The figures of some streams together."""
    ids = [row.id for row in rows]
    sold = await sales.totals(ids)
    totals: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        totals[row.seller.currency] += sold[row.id].revenue
    viewers, seconds = await _attendance(ids)
    chatters, messages = await _chat(ids)
    currency = runtime.settings.currency
    return DashboardView(
        total_streams=len(rows),
        live_streams=sum(row.status is StreamStatus.LIVE for row in rows),
        total_viewers=viewers,
        total_sales=Money(totals.get(currency, 0), currency).amount,
        totals_by_currency=[
            CurrencyTotal(currency=code, amount=Money(minor, code).amount) for code, minor in sorted(totals.items())
        ],
        avg_view_time=seconds,
        conversion_rate=ratio(sum(item.buyers for item in sold.values()), viewers),
        total_messages=messages,
        engagement_rate=ratio(chatters, viewers),
    )


async def _attendance(stream_ids: list[str]) -> tuple[int, float]:
    """Distinct viewers, summed over streams, and the mean seconds that each watched."""
    if not stream_ids:
        return 0, 0.0
    visits = LiveStreamViewer.filter(stream_id__in=stream_ids)
    sums = (
        await visits.annotate(viewers=Count("viewer_id", distinct=True), watched=Sum("watched_ms"))
        .group_by("stream_id")
        .values_list("viewers", "watched")
    )
    viewers = sum(int(row[0]) for row in sums)
    finished = timedelta(milliseconds=sum(int(row[1] or 0) for row in sums))
    now = seams.now()
    open_since = await visits.filter(left_at=None).values_list("joined_at")
    watched = sum((now - joined_at for (joined_at,) in open_since), finished)
    return viewers, round(watched.total_seconds() / viewers, 1) if viewers else 0.0


async def _chat(stream_ids: list[str]) -> tuple[int, int]:
    """Distinct chatters, summed over streams, and messages."""
    if not stream_ids:
        return 0, 0
    rows = (
        await LiveStreamMessage.filter(stream_id__in=stream_ids, deleted_at=None)
        .annotate(chatters=Count("author_id", distinct=True), messages=Count("id"))
        .group_by("stream_id")
        .values_list("chatters", "messages")
    )
    return sum(int(row[0]) for row in rows), sum(int(row[1]) for row in rows)


async def analytics(runtime: Runtime, actor: Actor, stream_id: str) -> AnalyticsView:
    """One show, analysed."""
    require(actor, Permission.READ_STATS)
    row = await streams.load(stream_id)
    require_on(actor, Permission.READ_STATS, views.scope(row))
    sold = (await sales.by_stream([stream_id]))[stream_id]
    viewers, seconds = await _attendance([stream_id])
    _, messages = await _chat([stream_id])
    currency = row.seller.currency
    return AnalyticsView(
        stream_id=stream_id,
        title=row.title,
        status=row.status,
        host_type=row.host_type,
        currency=currency,
        metrics=StreamMetrics(
            peak_viewers=max(row.peak_viewers, runtime.attendance.peak(stream_id)),
            total_viewers=viewers,
            avg_watch_time=seconds,
            total_sales=Money(sold.revenue, currency).amount,
            orders_count=sold.orders,
            conversion_rate=ratio(sold.buyers, viewers),
            messages=messages,
        ),
        viewers_by_time=await _curve(row),
        top_products=await _top_products(sold, currency),
    )


async def _curve(row: LiveStream) -> list[ViewersAt]:
    """How many watched, at evenly spaced moments of the show."""
    if row.started_at is None:
        return []
    end = row.ended_at or seams.now()
    step = (end - row.started_at) / (CURVE_POINTS - 1)
    moments = [row.started_at + step * index for index in range(CURVE_POINTS)]
    rows = (
        await LiveStreamViewer.filter(stream_id=row.id)
        .annotate(joined=F("joined_at"), left=F("left_at"))
        .values_list("viewer_id", "joined", "left")
    )
    visits = ((viewer_id, _moment(joined), left and _moment(left)) for viewer_id, joined, left in rows)
    return [
        ViewersAt(timestamp=moment, viewers=viewers)
        for moment, viewers in zip(moments, curve(visits, moments), strict=True)
    ]


def _moment(stored: datetime | str) -> datetime:
    """A time as the driver gives it, text from SQLite: Tortoise would take ten times as long for tens of thousands."""
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)


async def _top_products(sold: StreamSales, currency: str) -> list[TopProduct]:
    best = sorted(sold.products.items(), key=lambda item: (-item[1].revenue, -item[1].units, item[0]))[:TOP_PRODUCTS]
    names = await _newest_names([product_id for product_id, _ in best])
    return [
        TopProduct(
            product_id=product_id,
            name=names.get(product_id, product_id),
            units=product.units,
            revenue=Money(product.revenue, currency).amount,
        )
        for product_id, product in best
    ]


async def _newest_names(product_ids: list[str]) -> dict[str, str]:
    """What products were called when they were last sold."""
    names = (
        await OrderLine.filter(product_id__in=product_ids)
        .annotate(newest=Max("id"))
        .group_by("product_id", "name")
        .order_by("newest")
        .values_list("product_id", "name")
    )
    return dict(names)


async def purchase_stats(runtime: Runtime, stream_id: str) -> PurchaseStatsView:
    """How often a stream's products were bought."""
    await runtime.snapshots.get(stream_id)
    sold = (await sales.by_stream([stream_id]))[stream_id]
    return PurchaseStatsView(
        total_purchases=sum(product.purchases for product in sold.products.values()),
        product_stats=[
            ProductSalesView(product_id=product_id, purchase_count=product.purchases)
            for product_id, product in sorted(sold.products.items())
        ],
    )
