"""The same product on PostgreSQL and Redis, in place of what it brings along."""

import os
import subprocess
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from journey_javascript import Node
from journey_server import LIVESHOP, POSTGRES, STREAM, Installation, Server, clean_environment

REDIS = os.environ.get("LIVESHOP_TEST_REDIS", "")

pytestmark = [
    pytest.mark.journey,
    pytest.mark.usefixtures("javascript"),
    pytest.mark.skipif(not (POSTGRES and REDIS), reason="needs LIVESHOP_TEST_POSTGRES and LIVESHOP_TEST_REDIS"),
]


@pytest.fixture
async def empty_database() -> AsyncIterator[str]:
    """The address of a database of this test's own."""
    import asyncpg

    name = f"liveshop_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(POSTGRES)
    await connection.execute(f'create database "{name}"')
    yield POSTGRES.rpartition("/")[0] + "/" + name
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


async def test_an_empty_database_is_migrated_and_seeded_and_carries_a_show(
    empty_database: str, installation: Installation, tmp_path: Path, node: Node
) -> None:
    settings = {"LIVESHOP_DATABASE_URL": empty_database, "LIVESHOP_REDIS_URL": REDIS}
    own = installation.copy(tmp_path / "data")
    (own.data_dir / "liveshop.db").unlink()

    def liveshop(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LIVESHOP, *arguments, "--data-dir", own.data_dir],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env=clean_environment(**settings),
        )

    # A server does not migrate a shared database behind its operators' backs; it says what to do.
    unready = liveshop("serve", "--http-port", "0", "--rtmp-port", "0", "--hls-port", "0")
    assert unready.returncode == 1
    assert "liveshop migrate" in unready.stderr
    migrated = liveshop("migrate")
    assert (migrated.returncode, migrated.stdout.split()[0]) == (0, "Applied"), migrated.stderr
    assert liveshop("migrate").stdout == "The database is up to date.\n"
    assert liveshop("seed").returncode == liveshop("seed").returncode == 0

    server = Server(own, settings)
    try:
        await server.start()
        client = node.open("client", server.url, reconnectionDelay=100, reconnectionDelayMax=500)
        session = f"session-{uuid.uuid4().hex}"
        assert (await client.ask("joinStream", {"streamId": STREAM, "sessionId": session}))["viewerCount"] == 1
        answers = [await client.ask("sendMessage", {"streamId": STREAM, "message": f"{n}"}) for n in range(6)]
        assert [answer["ok"] for answer in answers] == [True] * 5 + [False]
        assert answers[-1]["error"]["code"] == "rate_limited"
        async with server.as_("affiliate") as http:
            assert (await http.post(f"/api/v1/live/streams/{STREAM}/start")).json()["status"] == "live"
            toggled = await http.put(f"/api/v1/live/streams/{STREAM}/products/product_456/toggle")
            assert toggled.json()["isActive"] is False

        server.kill_everything()
        await client.hears("_disconnect")
        mark = len(client.heard)
        await server.start()
        await client.hears("_connect", after=mark, within=15)
        await client.ask("joinStream", {"streamId": STREAM, "sessionId": session})
        history = (await client.hears("recentMessages", after=mark)).payload
        assert history == [answer["message"] for answer in answers[:5]]
        assert (await client.hears("streamInfo", after=mark)).payload["stream"]["products"] == []
    finally:
        assert not await server.stop()
    assert not (own.data_dir / "liveshop.db").exists()
