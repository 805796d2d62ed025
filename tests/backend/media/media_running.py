"""The media server in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.media.server import Listening, MediaSettings, serve


@dataclass
class RunningMedia:
    """A media server in this process."""

    settings: MediaSettings
    rtmp_port: int
    hls_port: int
    hls_dir: Path
    task: asyncio.Task[None]


@asynccontextmanager
async def running(settings: MediaSettings) -> AsyncIterator[RunningMedia]:
    stop = asyncio.Event()
    listening: asyncio.Future[Listening] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(settings, stop=stop, ready=listening.set_result))
    await asyncio.wait((task, listening), return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        at = listening.result()
        yield RunningMedia(settings, at.rtmp_port, at.hls_port, settings.hls_dir, task)
    finally:
        stop.set()
        await task
