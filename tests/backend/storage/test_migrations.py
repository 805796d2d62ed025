"""Yesterday's database becomes today's, with everything in it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from backend.services import ledger_audit
from backend.storage.database import migrate, opened
from backend.storage.models import LiveStream, LiveStreamProduct, Order, Product
from tests.shop import PRODUCT, STREAM, plant_shop, settings_in

ROOT = Path(__file__).parents[3]
LATER = ["0002_orders", "0003_moments", "0004_identity"]
"""The migrations since the first version."""


async def test_a_database_of_the_first_version_with_a_show_in_it_is_brought_up_to_date(tmp_path: Path):
    settings = settings_in(tmp_path / "data")
    await plant_shop(settings)
    with closing(sqlite3.connect(settings.data_dir / "liveshop.db")) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        first = {"accounts", "sellers", "affiliates", "products"}
        first |= {row[0] for row in database.execute("select name from sqlite_master where name like 'live_stream%'")}
        first -= {"live_stream_pins"}
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            if table not in first and "migration" not in table and not table.startswith("sqlite_"):
                database.execute(f'drop table "{table}"')
        ((log, column),) = [
            (table, row[1])
            for table in tables
            if "migration" in table
            for row in database.execute(f'PRAGMA table_info("{table}")')
            if row[1] == "name"
        ]
        database.execute("alter table live_stream_viewers drop column watched_ms")
        indexes = database.execute("select name from sqlite_master where type = 'index' and tbl_name = 'accounts'")
        for (index,) in indexes.fetchall():
            if not index.startswith("sqlite_"):
                database.execute(f'drop index "{index}"')
        for added in ("acts_for", "name", "password_hash", "issuer", "outside_subject", "disabled_at"):
            database.execute(f"alter table accounts drop column {added}")
        database.execute(f'delete from "{log}" where "{column}" in (?, ?, ?)', LATER)
        database.commit()

    assert await migrate(settings) == LATER
    assert await migrate(settings) == []
    async with opened(settings):
        assert (await Product.get(id=PRODUCT)).stock == 100
        assert (await LiveStream.get(id=STREAM)).title == "Tech Reviews & Deals"
        assert await LiveStreamProduct.filter(stream_id=STREAM).count() == 1
        assert await Order.all().count() == 0
        assert (await ledger_audit.verify()).differences == []


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
