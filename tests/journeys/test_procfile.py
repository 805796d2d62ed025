"""`honcho start`: the three processes of the Procfile, as one that deploys them apart runs them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import websockets
from journey_server import Installation, clean_environment, free_ports
from journey_waiting import until

pytestmark = pytest.mark.journey

ROOT = Path(__file__).parents[2]
COMMANDS = Path(sys.executable).parent


@dataclass
class Formation:
    """A running `honcho start`."""

    process: subprocess.Popen[bytes]
    log: Path
    ports: dict[str, int]
    data_dir: Path

    def url(self, of: str) -> str:
        return f"http://127.0.0.1:{self.ports[of]}"

    def processes(self) -> list[psutil.Process]:
        """Everything that was started for this data folder, honcho's descendants or not."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("LIVESHOP_DATA_DIR") == str(self.data_dir):
                    found.append(process)
            except psutil.Error:
                continue
        return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
async def formation(installation: Installation, tmp_path: Path) -> AsyncIterator[Formation]:
    data_dir = installation.copy(tmp_path / "data").data_dir
    ports = dict(zip(("web", "rtmp", "hls", "console"), free_ports(4), strict=True))
    environment = clean_environment(
        PATH=f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
        LIVESHOP_DATA_DIR=str(data_dir),
        LIVESHOP_HTTP_PORT=str(ports["web"]),
        LIVESHOP_RTMP_PORT=str(ports["rtmp"]),
        LIVESHOP_HLS_PORT=str(ports["hls"]),
        LIVESHOP_URL=f"http://127.0.0.1:{ports['web']}",
        LIVESHOP_CONSOLE_PORT=str(ports["console"]),
        # No page may get it.
        LIVESHOP_TOKEN=installation.tokens["admin"],
    )
    log = tmp_path / "honcho.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220
            [COMMANDS / "honcho", "start"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Formation(process, log, ports, data_dir)
    try:
        yield running
    finally:
        for left in running.processes():
            left.kill()
        process.wait()


async def answer(formation: Formation, url: str, such: Callable[[httpx.Response], bool]) -> httpx.Response:
    """The first such answer of a server that may still be starting."""
    found: list[httpx.Response] = []
    async with httpx.AsyncClient() as http:

        async def ask() -> None:
            while not found:
                assert formation.process.poll() is None, formation.log.read_text()
                try:
                    response = await http.get(url)
                    if such(response):
                        found.append(response)
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

        try:
            await asyncio.wait_for(ask(), 30)
        except TimeoutError:
            pytest.fail(f"{url} does not answer:\n{formation.log.read_text()}")
    return found[0]


async def test_the_procfile_serves_api_media_and_control_room_and_stops_within_five_seconds(
    formation: Formation, record_property: Callable[[str, object], None]
) -> None:
    ready = await answer(formation, formation.url("web") + "/readyz", lambda response: response.status_code == 200)
    assert ready.json()["status"] == "ok", ready.text
    await answer(formation, formation.url("hls") + "/hls/nothing.m3u8", lambda response: response.status_code == 404)
    _, rtmp = await asyncio.open_connection("127.0.0.1", formation.ports["rtmp"])
    page = await answer(formation, formation.url("console"), lambda response: response.status_code < 500)
    assert page.status_code == 200
    assert "Liveshop" in page.text

    # A page is a control room of its own, which asks who is there.
    address = f"ws://127.0.0.1:{formation.ports['console']}/ws?width=120&height=40"
    async with websockets.connect(address) as terminal:
        shown = b""
        async with asyncio.timeout(20):
            while b"oken" not in shown:
                data = await terminal.recv()
                shown += data if isinstance(data, bytes) else data.encode()
        assert b"admin_1" not in shown

        family = formation.processes()
        # honcho, web and its API, media, console, and the page's.
        assert len(family) >= 6
        stopped_at = time.monotonic()
        formation.process.send_signal(signal.SIGTERM)
        await until(lambda: not formation.processes(), "every process has ended", 5)
        record_property("honcho stopped within, s", f"{time.monotonic() - stopped_at:.1f}")
    rtmp.close()
    assert "Traceback" not in formation.log.read_text()
    assert not (formation.data_dir / "server.lock").exists()
