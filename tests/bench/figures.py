"""What figures cost as history grows: `python -m tests.bench.figures [--database-url URL] [--sizes 1000,10000,50000]`.

A harness, not a timed test: it prints what each query costs on a show with so many orders and visits, and the list of
live streams when nothing of it is in memory. Without a URL it measures SQLite; a URL names a PostgreSQL server's
database, beside which it makes, and drops, one of its own for each size.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tortoise.connection import get_connection
from tortoise.models import Model

from backend import seams
from backend.app import create_runtime
from backend.domain.actors import Actor
from backend.domain.ledger import Account, JournalKind
from backend.domain.tokens import Keyring
from backend.services import checkout, dashboard, earnings, figures, sales, streams
from backend.services.runtime import Runtime
from backend.settings import Settings
from backend.storage.database import opened
from backend.storage.models import (
    LedgerEntry,
    LedgerJournal,
    LiveStream,
    LiveStreamProduct,
    LiveStreamViewer,
    Order,
    OrderLine,
    Product,
)
from shared.commands import ActiveStreamsQuery, OrderItem, PlaceOrder, StatementQuery
from shared.roles import Role
from shared.views import HostType, OrderStatus, StreamStatus
from tests.postgres import create_database, drop_database
from tests.shop import AFFILIATE, KEY, PRODUCT, SELLER, STREAM, plant_shop, settings_in

SIZES = (1_000, 10_000, 50_000)
LIVE_STREAMS = 500
BATCH = 1_000
TIMES, ENOUGH = 15, 5_000
"""Repetitions at most, and milliseconds after which there is none more."""
ADMIN = Actor(role=Role.ADMIN, subject="root")
BUYER = Actor(role=Role.VIEWER, subject="vera")
SECOND_PRODUCT = "linen-shirt"
MONTHS = 10
"""Months over which the ledger's history is spread; the statement is of the last."""
PRICE = 20_000
COMMISSION = 1_500


async def plant(size: int) -> None:
    """A live show of `size` orders and visits, with the ledger of its paid orders."""
    now = seams.now()
    await LiveStream.filter(id=STREAM).update(status=StreamStatus.LIVE, started_at=now - timedelta(hours=3))
    await Product.all().update(stock=10**9)
    await LiveStreamProduct.create(
        id=seams.new_id(), stream_id=STREAM, product_id=SECOND_PRODUCT, is_active=True, position=1, added_at=now
    )
    await _plant_orders(size, now)
    await _plant_visits(size, now)
    await _plant_ledger(size, now)
    if get_connection("default").capabilities.dialect != "sqlite":
        await get_connection("default").execute_query("VACUUM ANALYZE")


async def _plant_orders(size: int, now: datetime) -> None:
    orders, lines = [], []
    for number in range(size):
        # Of ten orders, one is cancelled, one unpaid, one refunded in part, one whole, and one has two products.
        kind = number % 10
        paid = kind > 1
        goods = PRICE * (2 if kind == 9 else 1)
        order = Order(
            id=seams.new_id(),
            number=f"BENCH-{number}",
            status=(OrderStatus.CANCELLED, OrderStatus.PENDING, OrderStatus.PAID)[min(kind, 2)],
            seller_id=SELLER,
            stream_id=STREAM,
            affiliate_id=AFFILIATE,
            buyer_id=f"buyer-{number % (size // 2)}",
            is_guest_order=True,
            currency="USD",
            goods_minor=goods,
            discount_minor=0,
            shipping_minor=0,
            commission_rate=750,
            commission_minor=COMMISSION,
            fee_rate=0,
            refunded_minor={2: PRICE // 3, 3: PRICE}.get(kind, 0),
            placed_at=now,
            paid_at=now if paid else None,
            cancelled_at=now if kind == 0 else None,
            expires_at=None if paid else now + timedelta(days=1),
        )
        orders.append(order)
        products = (PRODUCT, SECOND_PRODUCT) if kind == 9 else (PRODUCT,)
        lines += [_line(order, position, product_id) for position, product_id in enumerate(products)]
    await _store(Order, orders)
    await _store(OrderLine, lines)


def _line(order: Order, position: int, product_id: str) -> OrderLine:
    return OrderLine(
        id=seams.new_id(),
        order_id=order.id,
        position=position,
        product_id=product_id,
        name=product_id,
        quantity=1,
        unit_price_minor=PRICE,
        discount_minor=0,
        net_minor=PRICE,
        commission_rate=750,
        commission_minor=COMMISSION,
    )


async def _plant_visits(size: int, now: datetime) -> None:
    started_at = now - timedelta(hours=3)
    visits = []
    for number in range(size):
        joined_at = started_at + timedelta(seconds=number * 10_000 / size)
        stays = timedelta(seconds=60 + number % 600)
        left_at = joined_at + stays
        visits.append(
            LiveStreamViewer(
                id=seams.new_id(),
                stream_id=STREAM,
                viewer_id=f"viewer-{number % (size // 2)}",
                joined_at=joined_at,
                last_seen_at=left_at,
                left_at=left_at,
                watched_ms=int(stays / timedelta(milliseconds=1)),
            )
        )
    await _store(LiveStreamViewer, visits)


async def _plant_ledger(size: int, now: datetime) -> None:
    journals, entries = [], []
    for number in range(1, size + 1):
        posted_at = now - timedelta(days=30 * MONTHS * (size - number) / size)
        journal = LedgerJournal(
            id=seams.new_id(),
            number=number,
            kind=JournalKind.SALE,
            currency="USD",
            source_id=f"bench-{number}",
            posted_at=posted_at.isoformat(timespec="microseconds"),
            previous_hash="",
            hash="",
        )
        journals.append(journal)
        shares = (
            (Account.BUYERS, "", -PRICE),
            (Account.SELLER, SELLER, PRICE - COMMISSION),
            (Account.AFFILIATE_PENDING, AFFILIATE, COMMISSION),
        )
        entries += [
            LedgerEntry(
                id=seams.new_id(),
                journal_id=journal.id,
                number=number,
                position=position,
                account=account,
                owner_id=owner_id,
                currency="USD",
                amount_minor=amount,
            )
            for position, (account, owner_id, amount) in enumerate(shares)
        ]
    await _store(LedgerJournal, journals)
    await _store(LedgerEntry, entries)


async def _store(model: type[Model], rows: Sequence[Any]) -> None:
    await model.bulk_create(rows, batch_size=BATCH)


async def plant_live_streams() -> None:
    """Many live streams with a product each."""
    now = seams.now()
    rows = [
        LiveStream(
            id=seams.new_id(),
            title=f"Show {number}",
            status=StreamStatus.LIVE,
            host_type=HostType.SELLER,
            seller_id=SELLER,
            stream_key=seams.new_stream_key(),
            playback_id=seams.new_secret(12),
            started_at=now,
            created_at=now,
            updated_at=now,
        )
        for number in range(LIVE_STREAMS - 1)
    ]
    await _store(LiveStream, rows)
    await _store(
        LiveStreamProduct,
        [
            LiveStreamProduct(
                id=seams.new_id(), stream_id=row.id, product_id=PRODUCT, is_active=True, position=0, added_at=now
            )
            for row in rows
        ],
    )


async def _cost(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of the quickest call of as many as fit into some seconds; the others measure the machine, too."""
    taken: list[float] = []
    while len(taken) < TIMES and sum(taken) < ENOUGH:
        begun = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - begun) * 1000)
    return min(taken)


def measures(runtime: Runtime) -> dict[str, Callable[[], Awaitable[object]]]:
    """What is measured, by name."""
    purchase = PlaceOrder(items=[OrderItem(product_id=PRODUCT)], live_session_id=STREAM)
    month = StatementQuery(month=f"{seams.now():%Y-%m}")

    def afresh() -> Runtime:
        return create_runtime(runtime.settings, runtime.keyring)

    return {
        "a purchase": lambda: checkout.place(runtime, BUYER, purchase, None),
        "a purchase after a restart": lambda: checkout.place(afresh(), BUYER, purchase, None),
        "sales of the show": lambda: sales.by_stream([STREAM]),
        "refresh of its figures": lambda: figures.compute([STREAM]),
        "dashboard": lambda: dashboard.dashboard(runtime, ADMIN),
        "analytics": lambda: dashboard.analytics(runtime, ADMIN, STREAM),
        "an affiliate's statement": lambda: earnings.statement(runtime, ADMIN, Role.AFFILIATE, AFFILIATE, month),
    }


async def measure(settings: Settings, size: int) -> dict[str, float]:
    """The cost of everything at one size, in milliseconds."""
    await plant_shop(settings)
    runtime = create_runtime(settings, Keyring(KEY))
    async with opened(settings):
        await plant(size)
        found = {name: await _cost(work) for name, work in measures(runtime).items()}
        await plant_live_streams()

        async def list_cold() -> None:
            await streams.list_active(create_runtime(settings, Keyring(KEY)), ActiveStreamsQuery())

        found[f"{LIVE_STREAMS} live streams, cold"] = await _cost(list_cold)
    return found


async def _measured(url: str | None, size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        database = await create_database(url) if url else None
        given = {"database_url": database} if database else {}
        try:
            return await measure(settings_in(Path(folder) / "data", **given), size)
        finally:
            if database:
                await drop_database(database)


def _table(sizes: Sequence[int], columns: Sequence[dict[str, float]]) -> str:
    head = f"{'milliseconds':<28}" + "".join(f"{size:>10}" for size in sizes)
    rows = [f"{name:<28}" + "".join(f"{column[name]:>10.1f}" for column in columns) for name in columns[0]]
    return "\n".join([head, *rows])


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--database-url", help="a PostgreSQL database, such as postgres://root@127.0.0.1/postgres")
    arguments.add_argument("--sizes", default=",".join(map(str, SIZES)), help="orders and visits, by commas")
    given = arguments.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    with suppress(KeyboardInterrupt):
        columns = [asyncio.run(_measured(given.database_url, size)) for size in sizes]
        sys.stdout.write(_table(sizes, columns) + "\n")


if __name__ == "__main__":
    main()
