"""The command line, and the control room in a browser."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from console import settings
from console.__main__ import main
from console.serve import page_command
from console.settings import Settings, UsageError

SECRET = "eyJ-not-to-be-seen"


def test_flags_win_over_the_environment_and_empty_variables_count_as_unset():
    environment = {"LIVESHOP_URL": "http://there:1/", "LIVESHOP_TOKEN": SECRET}
    assert settings.read(environment) == Settings(url="http://there:1", token=SECRET)
    assert settings.read(environment, url="https://here", token="t").url == "https://here"
    assert settings.read({"LIVESHOP_URL": "", "LIVESHOP_TOKEN": " "}) == Settings()


def test_the_token_is_not_in_the_settings_text():
    assert SECRET not in repr(settings.read({"LIVESHOP_TOKEN": SECRET}))


@pytest.mark.parametrize("url", ["localhost:3000", "ftp://x", "http://", "http://x:99999"])
def test_an_address_that_cannot_work_is_refused(url: str):
    with pytest.raises(UsageError):
        settings.read({}, url=url)


@pytest.mark.parametrize(
    "arguments",
    [["--nope"], ["--url", "nonsense"], ["serve", "--host", "0.0.0.0"], ["serve", "--port", "0"], ["servo"]],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "control-room" in capsys.readouterr().err


def test_help_says_what_there_is(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    for word in ("LIVESHOP_TOKEN", "liveshop token --role moderator", "--read-only", "serve"):
        assert word in said


def test_a_page_never_gets_a_token():
    command = page_command(Settings(url="http://x", token=SECRET, read_only=True, stream_id="a b"))
    assert SECRET not in command
    assert command.endswith("-m console --url http://x --read-only --stream 'a b'")


async def test_a_browser_gets_a_sign_in_of_its_own_and_foreign_pages_get_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "LIVESHOP_TOKEN": SECRET, "LIVESHOP_URL": "http://127.0.0.1:9"}
    with subprocess.Popen(  # noqa: ASYNC220 - it starts at once
        [sys.executable, "-m", "console", "serve", "--port", str(port)],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
    ) as server:
        try:
            assert server.stdout is not None
            line = await asyncio.to_thread(server.stdout.readline)
            assert line.decode().split() == ["control-room", f"http://127.0.0.1:{port}"]
            await visit(f"http://127.0.0.1:{port}", leave=server.terminate)
            assert await asyncio.to_thread(server.wait, 5) == 0
        finally:
            server.kill()


async def visit(url: str, leave: Callable[[], None]) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as page:
            text = await page.text()
            assert not re.findall(r"https?://(?!127\.0\.0\.1)", text)
        for foreign in ("http://evil.example", "http://evil.example:1"):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(f"{url}/ws", headers={"Origin": foreign})
        terminal = await session.ws_connect(f"{url}/ws?width=100&height=30", headers={"Origin": url})
        shown = b""
        async with asyncio.timeout(30):
            while b"Paste your token" not in shown:
                message = await terminal.receive()
                shown += message.data if isinstance(message.data, bytes) else b""
        assert SECRET.encode() not in shown
        leave()
        async with asyncio.timeout(5):
            while not terminal.closed:
                await terminal.receive()
