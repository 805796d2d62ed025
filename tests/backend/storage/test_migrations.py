"""Yesterday's database becomes today's, with everything in it."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.api.migrate import migrate as run_migrations

from backend import seed
from backend.services import ledger_audit
from backend.settings import Settings
from backend.storage.database import APP, close_database, config, migrate, opened
from backend.storage.models import LiveStream, LiveStreamProduct, LiveStreamViewer, Order, Product
from tests.conftest import SHOPS_ON
from tests.postgres import create_database, drop_database
from tests.shop import PRODUCT, STREAM, settings_in

ROOT = Path(__file__).parents[3]
FIRST = "0001_initial"
LATER = ["0002_orders", "0003_moments", "0004_identity"]
"""The migrations since the first version."""
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


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


async def test_a_database_of_the_first_version_with_a_show_in_it_is_brought_up_to_date(empty: Settings):
    async with at_version(empty, FIRST):
        await seed.plant("USD")

    assert await migrate(empty) == LATER
    assert await migrate(empty) == []
    async with opened(empty):
        assert (await Product.get(id=PRODUCT)).stock == 100
        assert (await LiveStream.get(id=STREAM)).title == "Tech Reviews & Deals"
        assert await LiveStreamProduct.filter(stream_id=STREAM).count() == 1
        assert await Order.all().count() == 0
        assert (await ledger_audit.verify()).differences == []


async def test_visits_of_earlier_versions_get_their_length_and_those_that_go_on_none(empty: Settings):
    lengths = {f"visit-{number:04}": timedelta(microseconds=number * 1_234_567) for number in range(2500)}
    visits = [
        f"('{visit}', '{STREAM}', 'ann', '{NOON}', '{NOON + length}', '{NOON + length}')"
        for visit, length in lengths.items()
    ]
    visits.append(f"('visit-open', '{STREAM}', 'ben', '{NOON}', '{NOON}', NULL)")
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
        assert {row.joined_at for row in rows} == {NOON}


def test_the_models_say_nothing_that_no_migration_says(tmp_path: Path):
    for package in ("backend", "shared"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    migrations = tmp_path / "backend" / "storage" / "migrations"
    before = sorted(path.name for path in migrations.glob("*.py"))
    subprocess.run(
        [Path(sys.executable).with_name("tortoise"), "makemigrations"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert sorted(path.name for path in migrations.glob("*.py")) == before
