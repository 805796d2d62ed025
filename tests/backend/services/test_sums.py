"""Sales, attendance and statements are sums that the database makes: they equal brute force, whatever has happened."""

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend import seams
from backend.app import create_runtime
from backend.domain.actors import Actor
from backend.domain.audience import watched_ms
from backend.domain.ledger import JournalKind
from backend.domain.tokens import Keyring
from backend.seed import CATALOGUE
from backend.services import dashboard, earnings, sales
from backend.services.runtime import Runtime
from backend.settings import Settings
from backend.storage.database import opened
from backend.storage.models import (
    LedgerEntry,
    LedgerJournal,
    LiveStream,
    LiveStreamViewer,
    Order,
    OrderLine,
)
from shared.commands import StatementQuery
from shared.money import Money
from shared.roles import Role
from shared.views import HostType, OrderStatus, StreamStatus
from tests.backend.brute_force import attendance_of, curve_of, sales_of, statement_of
from tests.market import Clock
from tests.shop import AFFILIATE, KEY, SELLER, STREAM

ADMIN = Actor(role=Role.ADMIN, subject="root")
OTHERS = ["quiet", "other", "third"]
NOON = datetime(2027, 2, 14, 12, tzinfo=UTC)


@pytest.fixture
async def runtime(clock: Clock, shop_settings: Callable[..., Settings]) -> AsyncIterator[Runtime]:
    """The parts of a process over an open database with four shows, at a fixed noon."""
    settings = shop_settings()
    clock.stop_at(NOON)
    async with opened(settings):
        await LiveStream.filter(id=STREAM).update(status=StreamStatus.LIVE, started_at=NOON - timedelta(hours=2))
        for stream_id in OTHERS:
            await LiveStream.create(
                id=stream_id,
                title=stream_id,
                status=StreamStatus.LIVE,
                host_type=HostType.SELLER,
                seller_id=SELLER,
                stream_key=seams.new_stream_key(),
                playback_id=stream_id,
                started_at=NOON - timedelta(hours=1),
                created_at=NOON,
                updated_at=NOON,
            )
        yield create_runtime(settings, Keyring(KEY))


async def _sell(chance: random.Random, stream_id: str) -> None:
    """An order with a random past."""
    goods = [chance.choice([0, 1, 3, 999, 20_000]) for _ in range(chance.randint(1, 3))]
    discounts = [chance.randint(0, price) if chance.random() < 0.3 else 0 for price in goods]
    base, shipping = sum(goods) - sum(discounts), chance.choice([0, 0, 499])
    paid = chance.random() < 0.8
    refunds = [0, 0, 1, base // 3, base - 1, base, base + shipping // 2, base + shipping]
    order = await Order.create(
        id=seams.new_id(),
        number=seams.new_order_number(),
        status=chance.choice([OrderStatus.CANCELLED, OrderStatus.PAID if paid else OrderStatus.PENDING]),
        seller_id=SELLER,
        stream_id=stream_id,
        buyer_id=f"buyer-{chance.randint(1, 30)}",
        is_guest_order=True,
        currency="USD",
        goods_minor=sum(goods),
        discount_minor=sum(discounts),
        shipping_minor=shipping,
        commission_minor=0,
        fee_rate=0,
        refunded_minor=min(max(0, chance.choice(refunds)), base + shipping) if paid else 0,
        placed_at=NOON,
        paid_at=NOON if paid else None,
    )
    for position, (price, discount) in enumerate(zip(goods, discounts, strict=True)):
        item = chance.choice(CATALOGUE[:4])
        await OrderLine.create(
            id=seams.new_id(),
            order_id=order.id,
            position=position,
            product_id=item.id,
            name=chance.choice([item.name, "What it was called once"]),
            quantity=chance.randint(1, 5),
            unit_price_minor=price,
            discount_minor=discount,
            net_minor=price - discount,
            commission_minor=0,
        )


@pytest.mark.parametrize("seed", range(4))
async def test_sales_of_any_history_equal_brute_force(runtime: Runtime, seed: int):
    chance = random.Random(seed)
    for _ in range(120):
        await _sell(chance, chance.choice([STREAM, "other", "third"]))
    found = await sales.by_stream([STREAM, *OTHERS])
    assert found == {stream_id: await sales_of(stream_id) for stream_id in [STREAM, *OTHERS]}
    assert found["quiet"].products == {}

    whole = await sales.totals([STREAM, *OTHERS])
    for stream_id, sold in found.items():
        assert (whole[stream_id].orders, whole[stream_id].buyers) == (sold.orders, sold.buyers)
        assert whole[stream_id].revenue == sold.revenue
    assert await sales.by_stream([]) == {}

    analysed = await dashboard.analytics(runtime, ADMIN, STREAM)
    newest = {line.product_id: line.name for line in await OrderLine.all().order_by("id")}
    assert {top.product_id: top.name for top in analysed.top_products} == {
        product_id: newest[product_id] for product_id in found[STREAM].products
    }


async def _watch(chance: random.Random, stream_ids: list[str]) -> None:
    """Visits of some viewers, finished and going on, apart and overlapping."""
    rows = []
    for _ in range(400):
        joined_at = NOON - timedelta(milliseconds=chance.randint(0, 3 * 3_600_000))
        left_at = min(joined_at + timedelta(milliseconds=chance.choice([0, 1, 59_999, 4_000_000])), NOON)
        goes_on = chance.random() < 0.2
        rows.append(
            LiveStreamViewer(
                id=seams.new_id(),
                stream_id=chance.choice(stream_ids),
                viewer_id=f"viewer-{chance.randint(1, 90)}",
                joined_at=joined_at,
                last_seen_at=left_at,
                left_at=None if goes_on else left_at,
                watched_ms=None if goes_on else watched_ms(joined_at, left_at),
            )
        )
    await LiveStreamViewer.bulk_create(rows)


@pytest.mark.parametrize("seed", range(2))
async def test_attendance_of_any_visits_equals_brute_force(runtime: Runtime, seed: int):
    await _watch(random.Random(seed), [STREAM, "other"])
    for ids in ([STREAM, *OTHERS], [STREAM], ["quiet"], []):
        board = await dashboard.summarise(runtime, await LiveStream.filter(id__in=ids).prefetch_related("seller"))
        assert (board.total_viewers, board.avg_view_time) == await attendance_of(ids, NOON)

    for stream_id in (STREAM, "other", "quiet"):
        analysed = await dashboard.analytics(runtime, ADMIN, stream_id)
        viewers, seconds = await attendance_of([stream_id], NOON)
        assert (analysed.metrics.total_viewers, analysed.metrics.avg_watch_time) == (viewers, seconds)
        visits = await LiveStreamViewer.filter(stream_id=stream_id).values_list("viewer_id", "joined_at", "left_at")
        moments = [point.timestamp for point in analysed.viewers_by_time]
        assert [point.viewers for point in analysed.viewers_by_time] == curve_of(visits, moments)
        assert len(moments) == dashboard.CURVE_POINTS


async def _post(number: int, kind: JournalKind, posted_at: datetime, entries: list[dict[str, object]]) -> None:
    journal = await LedgerJournal.create(
        id=seams.new_id(),
        number=number,
        kind=kind,
        currency=str(entries[0]["currency"]),
        source_id=str(number),
        posted_at=posted_at.isoformat(timespec="microseconds"),
        previous_hash="",
        hash="",
    )
    for position, entry in enumerate(entries):
        await LedgerEntry.create(id=seams.new_id(), journal_id=journal.id, number=number, position=position, **entry)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
async def test_statements_of_any_entries_equal_brute_force(runtime: Runtime, zone: str):
    chance = random.Random(zone)
    runtime = replace(runtime, settings=replace(runtime.settings, time_zone=zone))
    shown = await earnings.statement(runtime, ADMIN, Role.AFFILIATE, AFFILIATE, StatementQuery(month="2027-02"))
    assert shown.currencies == []
    edges = [shown.starts_at, shown.ends_at]
    for number in range(200):
        near = chance.choice([timedelta(0), timedelta(microseconds=1), timedelta(days=chance.randint(1, 40))])
        currency = chance.choice(["USD", "JPY", "KWD"] if number > 100 else ["USD", "JPY"])
        entries = [
            {
                "account": chance.choice([*earnings.AFFILIATE_ACCOUNTS, *earnings.SELLER_ACCOUNTS]),
                "owner_id": chance.choice([AFFILIATE, SELLER]),
                "currency": currency,
                "amount_minor": chance.randint(-5000, 5000),
            }
            for _ in range(chance.randint(1, 3))
        ]
        moment = chance.choice(edges) + near * chance.choice([-1, 1])
        await _post(number, chance.choice(list(JournalKind)), moment, entries)

    for role, owner_id, accounts in (
        (Role.AFFILIATE, AFFILIATE, earnings.AFFILIATE_ACCOUNTS),
        (Role.SELLER, SELLER, earnings.SELLER_ACCOUNTS),
    ):
        for month in ("2026-12", "2027-01", "2027-02", "2027-03", "2027-06"):
            shown = await earnings.statement(runtime, ADMIN, role, owner_id, StatementQuery(month=month))
            truth = await statement_of(owner_id, accounts, shown.starts_at, shown.ends_at)
            assert {
                line.currency: tuple(
                    Money.of(amount, line.currency).minor
                    for amount in (line.opening, line.earned, line.reversed, line.paid_out)
                )
                for line in shown.currencies
            } == truth
            assert [line.currency for line in shown.currencies] == sorted(truth)
            for line in shown.currencies:
                assert line.closing == line.opening + line.earned - line.reversed - line.paid_out
