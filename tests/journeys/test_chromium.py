"""A browser plays the show: hls.js in headless Chromium, from a real publisher through the whole server."""

import asyncio
import json
import shlex
import shutil
from typing import Any

import pytest
from journey_javascript import FOLDER
from journey_server import STREAM, Server
from journey_waiting import until

pytestmark = pytest.mark.journey

ENCODER = """
ffmpeg -loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=25 -f lavfi -i sine
    -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 50 -c:a aac -f flv
"""
WATCHED = 8.0
"""Seconds of playback."""


async def test_a_browser_plays_the_show_with_picture_and_sound(
    server: Server, javascript: None, record_property: Any
) -> None:
    if shutil.which("chromium") is None or shutil.which("ffmpeg") is None:
        pytest.skip("needs Chromium and ffmpeg")
    async with server.as_("affiliate") as host:
        stream = (await host.get(f"/api/v1/live/streams/{STREAM}")).json()
    encoder = await publish(stream["rtmpUrl"])
    try:
        await until(lambda: is_live(server), "the stream is live", 20)
        seen = await watch(stream["hlsUrl"])
    finally:
        encoder.kill()
        await encoder.wait()
    record_property("seconds behind live in hls.js", round(seen["latency"], 1))
    assert seen["played"] > WATCHED * 0.8, seen
    assert (seen["width"], seen["height"]) == (640, 360), seen
    assert seen["frames"] > 0, seen
    assert seen["audioBytes"] > 0, seen
    assert not [error for error in seen["errors"] if error["fatal"]], seen


def is_live(server: Server) -> bool:
    return server.rows("SELECT status FROM live_streams WHERE id = ?", STREAM) == [("live",)]


async def publish(address: str) -> asyncio.subprocess.Process:
    """Publish a test card with sound until killed."""
    return await asyncio.create_subprocess_exec(
        *shlex.split(ENCODER),
        address,
        stdin=asyncio.subprocess.DEVNULL,
    )


async def watch(address: str) -> dict[str, Any]:
    """What a player saw in `WATCHED` seconds."""
    player = await asyncio.create_subprocess_exec(
        "node",
        "play.mjs",
        address,
        str(WATCHED),
        cwd=FOLDER,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await asyncio.wait_for(player.communicate(), 90)
    assert player.returncode == 0
    return dict(json.loads(output))
