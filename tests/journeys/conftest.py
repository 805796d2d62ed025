"""What journeys share: a seeded server of their own, Node.js with the official client, and measurements."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from journey_javascript import FOLDER, Node
from journey_server import Installation, Server

ON_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI everything that a journey needs is there: a skipped one is a failure."""
    report = yield
    if ON_CI and report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("journey"):
        report.outcome = "failed"
        report.longrepr = f"skipped on CI, where nothing may be: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What journeys measured, on the last screen."""
    measured = [
        (name, value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in getattr(report, "user_properties", ())
    ]
    if measured:
        terminalreporter.section("measured")
        for name, value in measured:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The specification's people and goods, planted once; copy it before use."""
    return Installation.make(tmp_path_factory.mktemp("installation") / "data")


@pytest.fixture
async def make_server(installation: Installation, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start a server on a seeded folder of its own, with these environment variables."""
    async with AsyncExitStack() as stack:

        async def make(**environment: str) -> Server:
            server = Server(installation.copy(tmp_path / "data"), environment)
            stack.push_async_callback(_stop, server)
            await server.start()
            return server

        yield make


async def _stop(server: Server) -> None:
    left = await server.stop()
    assert not left, "processes that SIGTERM did not end within 5 s"


@pytest.fixture
async def server(make_server: Callable[..., Any]) -> Server:
    """A running server after `liveshop seed`."""
    started: Server = await make_server()
    return started


@pytest.fixture(scope="session")
def javascript() -> None:
    """Node.js with the pinned socket.io-client beside the scripts."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("needs Node.js and npm")
    installed = FOLDER / "node_modules" / ".package-lock.json"
    wanted = FOLDER / "package-lock.json"
    # Journeys may run in several processes, and one of them installs.
    with wanted.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=FOLDER,
                check=True,
                timeout=300,
            )


@pytest.fixture
async def node(javascript: None) -> AsyncIterator[Node]:
    """A Node.js process for this test's clients."""
    async with Node.running() as running:
        yield running
