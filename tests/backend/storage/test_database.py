"""The database: comes up to date by itself, takes several writers, keeps times in UTC."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.api.migrate import migrate as run_migrations
from tortoise.migrations.autodetector import MigrationAutodetector

from backend import seed
from backend.services.bus import Bus
from backend.services.unit_of_work import UnitOfWork, commit, next_seq
from backend.settings import Settings
from backend.storage.database import (
    APP,
    DatabaseError,
    close_database,
    config,
    migrate,
    open_database,
    opened,
    pending_migrations,
)
from backend.storage.models import LiveStream, LiveStreamViewer, Seller, shown_messages
from tests.conftest import SHOPS_ON
from tests.postgres import create_database, drop_database
from tests.processes import environment
from tests.shop import STREAM, settings_in

TABLES = {
    "accounts",
    "affiliates",
    "live_stream_messages",
    "live_stream_products",
    "live_stream_viewers",
    "live_streams",
    "products",
    "sellers",
}
YESTERDAY = Path(__file__).with_name("yesterday.sql")
"""A database as an earlier version left it: today's migrations must bring it up to date with its rows kept."""


def _tables(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "liveshop.db") as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


async def test_an_empty_database_comes_up_to_date_and_a_second_time_changes_nothing(tmp_path: Path):
    settings = settings_in(tmp_path)
    applied = await migrate(settings)
    assert applied[0] == "0001_initial"
    assert await migrate(settings) == []
    assert _tables(tmp_path) >= TABLES
    async with opened(settings):
        assert await pending_migrations() == 0


async def test_yesterdays_database_comes_up_to_date_with_its_rows(tmp_path: Path):
    with sqlite3.connect(tmp_path / "liveshop.db") as connection:
        connection.executescript(YESTERDAY.read_text())
        for number, deleted_at in ((1, None), (2, "2026-11-22 11:06:00+00:00")):
            connection.execute(
                "insert into live_stream_messages (id, seq, author_id, is_guest, username, message, sent_at,"
                " deleted_at, stream_id) values (?, ?, 'vera', 0, 'Vera', 'hi', '2026-11-22 11:05:00+00:00', ?, ?)",
                (f"m{number}", number, deleted_at, "stream_789"),
            )
    settings = settings_in(tmp_path)
    await migrate(settings)
    async with opened(settings):
        assert await pending_migrations() == 0
        stream = await LiveStream.get(id="stream_789").prefetch_related("seller", "affiliate", "products__product")
        assert (stream.title, stream.seller.id, stream.affiliate.id) == (
            "Yesterday's show",
            "seller_123",
            "affiliate_456",
        )
        assert [item.product.price_minor for item in stream.products] == [20_000]
        assert [row.id for row in await shown_messages(["stream_789"])] == ["m1"]
    with sqlite3.connect(tmp_path / "liveshop.db") as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("update live_stream_messages set seq = 1")


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a database without a table."""
    url = await create_database(SHOPS_ON) if SHOPS_ON else None
    yield settings_in(tmp_path / "data", **({"database_url": url} if url else {}))
    if url:
        await drop_database(url)


@asynccontextmanager
async def at_version(settings: Settings, version: str) -> AsyncIterator[None]:
    """An open database as an earlier version left it."""
    await run_migrations(config=config(settings), target=f"{APP}.{version}")
    await Tortoise.init(config=config(settings), _enable_global_fallback=True)
    yield
    await close_database()


async def test_visits_of_earlier_versions_get_their_length_and_those_that_go_on_none(empty: Settings):
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    lengths = {f"visit-{number:04}": timedelta(microseconds=number * 1_234_567) for number in range(2500)}
    visits = [
        f"('{visit}', '{STREAM}', 'ann', '{noon}', '{noon + length}', '{noon + length}')"
        for visit, length in lengths.items()
    ]
    visits.append(f"('visit-open', '{STREAM}', 'ben', '{noon}', '{noon}', NULL)")
    async with at_version(empty, "0002_orders"):
        await seed.plant("USD")
        await get_connection("default").execute_script(
            "INSERT INTO live_stream_viewers (id, stream_id, viewer_id, joined_at, last_seen_at, left_at) "
            f"VALUES {', '.join(visits)}"
        )

    await migrate(empty)
    async with opened(empty):
        rows = await LiveStreamViewer.all()
        assert {row.id: row.watched_ms for row in rows if row.left_at} == {
            visit: length // timedelta(milliseconds=1) for visit, length in lengths.items()
        }
        assert [(row.id, row.watched_ms) for row in rows if row.left_at is None] == [("visit-open", None)]
        assert {row.joined_at for row in rows} == {noon}


async def test_the_migrations_say_what_the_models_say(tmp_path: Path):
    settings = settings_in(tmp_path)
    await migrate(settings)
    async with opened(settings):
        changes = await MigrationAutodetector(Tortoise.apps, config(settings)["apps"]).changes()
    assert [operation for writer in changes for operation in writer.operations] == []
    assert APP == "shop"


async def test_a_database_that_lacks_migrations_is_not_opened(tmp_path: Path):
    with pytest.raises(DatabaseError, match="liveshop migrate"):
        await open_database(settings_in(tmp_path))
    await migrate(settings_in(tmp_path))
    async with opened(settings_in(tmp_path)):
        assert await pending_migrations() == 0


async def test_a_database_that_is_none_is_named_without_a_traceback(tmp_path: Path):
    (tmp_path / "liveshop.db").write_text("this is no database, just text that is long enough to be looked at " * 40)
    with pytest.raises(DatabaseError, match="data folder cannot be used"):
        await migrate(settings_in(tmp_path))


async def test_another_kind_of_database_is_refused_without_its_password(tmp_path: Path):
    with pytest.raises(DatabaseError) as refusal:
        await migrate(settings_in(tmp_path, database_url="mysql://me:hunter2@host/shop"))
    assert "postgres" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


async def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path):
    with pytest.raises(DatabaseError) as refusal:
        await migrate(settings_in(tmp_path, database_url="postgres://me:hunter2@127.0.0.1:1/shop"))
    assert "hunter2" not in str(refusal.value)


async def test_commits_are_as_durable_as_the_disk_and_rows_belong_together(shop_settings: Callable[..., Settings]):
    async with opened(shop_settings()):
        connection = get_connection("default")

        async def pragma(name: str) -> object:
            return next(iter((await connection.execute_query_dict(f"PRAGMA {name}"))[0].values()))

        assert await pragma("journal_mode") == "wal"
        assert await pragma("synchronous") == 2
        assert await pragma("foreign_keys") == 1
        assert await pragma("busy_timeout") == 10_000


WRITER = """
import asyncio, sys
from pathlib import Path
from backend import seed
from backend.services.bus import Bus
from backend.services.unit_of_work import commit, next_seq
from backend.storage.database import opened
from backend.storage.models import LiveStream
from tests.shop import settings_in

async def main():
    async with opened(settings_in(Path(sys.argv[1]))):
        for _ in range(150):
            async def work(unit):
                await LiveStream.get(id="stream_789")
                await next_seq("stream_789")
            await commit(Bus(), work)

asyncio.run(main())
"""


async def test_several_processes_that_read_and_then_write_wait_for_each_other(shop_settings: Callable[..., Settings]):
    settings = shop_settings()
    others = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(settings.data_dir), env=environment(), stderr=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]

    async def work(_: UnitOfWork) -> None:
        await LiveStream.get(id=STREAM)
        await next_seq(STREAM)

    async with opened(settings):
        for _ in range(150):
            await commit(Bus(), work)
        for other in others:
            async with asyncio.timeout(60):
                _, complaints = await other.communicate()
            assert other.returncode == 0, complaints.decode()
        assert (await LiveStream.get(id=STREAM)).seq == 450


async def test_times_come_back_in_utc_and_in_order(shop_settings: Callable[..., Settings]):
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    async with opened(shop_settings()):
        for number in range(3):
            moment = noon + timedelta(hours=number)
            await Seller.create(
                id=f"s{number}", business_name="S", currency="USD", created_at=moment, updated_at=moment
            )
        rows = (
            await Seller.filter(created_at__gt=noon, id__startswith="s").order_by("created_at").exclude(id="seller_123")
        )
        assert [row.id for row in rows] == ["s1", "s2"]
        assert rows[0].created_at == noon + timedelta(hours=1)
        assert rows[0].created_at.utcoffset() == timedelta(0)
        early = noon.astimezone(timezone(timedelta(hours=5)))
        assert await Seller.filter(created_at=early.astimezone(UTC)).count() == 1


async def test_a_failed_unit_of_work_leaves_nothing_and_tells_nothing(shop_settings: Callable[..., Settings]):
    bus, heard = Bus(), []
    bus.subscribe(heard.append)

    async def work(unit: UnitOfWork) -> None:
        await next_seq(STREAM)
        unit.announcements.append("never told")  # type: ignore[arg-type]
        raise ValueError("changed my mind")

    async with opened(shop_settings()):
        with pytest.raises(ValueError, match="changed my mind"):
            await commit(bus, work)
        assert (await LiveStream.get(id=STREAM)).seq == 0
    assert heard == []


async def test_a_cancelled_asker_neither_tears_the_work_nor_blocks_the_next(shop_settings: Callable[..., Settings]):
    async def work(_: UnitOfWork) -> None:
        await next_seq(STREAM)

    async with opened(shop_settings()):
        for number in range(60):
            asking = asyncio.create_task(commit(Bus(), work))
            for _ in range(number % 12):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        async with asyncio.timeout(10):
            await commit(Bus(), work)
        assert 1 <= (await LiveStream.get(id=STREAM)).seq <= 61
