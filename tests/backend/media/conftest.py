"""A media server on free ports, with an API of its own to ask."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from media_api import FakeApi
from media_clips import Tag, encode_clip
from media_running import RunningMedia, running

from backend.media.ingest import ingest
from backend.media.server import MediaSettings


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report ten times a second, so that no test waits for the second to be over."""
    monkeypatch.setattr(ingest, "_REPORT_INTERVAL", 0.1)
    monkeypatch.setattr(ingest, "_CHECK_INTERVAL", 0.1)


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as fake:
        yield fake


@pytest.fixture
def settings(api: FakeApi, tmp_path: Path) -> MediaSettings:
    return MediaSettings(
        rtmp_port=0, hls_port=0, hls_dir=tmp_path / "hls", api_url=api.url, secret=api.secret, min_free_bytes=0
    )


@pytest.fixture
async def media(settings: MediaSettings) -> AsyncIterator[RunningMedia]:
    async with running(settings) as server:
        yield server


@pytest.fixture(scope="session")
def clip() -> list[Tag]:
    """Ten seconds, a key frame each second, with B-frames and sound."""
    return encode_clip(seconds=10, keyframe_every=25)


@pytest.fixture
def changed(settings: MediaSettings) -> Callable[..., MediaSettings]:
    return lambda **changes: replace(settings, **changes)
