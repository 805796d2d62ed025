"""Figures are told when they moved, and recomputed for no stream where nothing did."""

from collections.abc import AsyncIterator, Callable

import pytest

from backend import seams
from backend.domain.actors import StreamScope
from backend.services import figures as module
from backend.services.bus import Announcement, Bus
from backend.services.figures import Figures
from backend.settings import Settings
from backend.storage.database import opened
from backend.storage.models import LiveStreamMessage
from shared.events import FiguresUpdate, ViewerCountUpdate
from shared.views import FiguresView, HostType
from tests.market import Clock
from tests.shop import AFFILIATE, SELLER, STREAM

SCOPE = StreamScope(id=STREAM, host_type=HostType.AFFILIATE, seller_id=SELLER, affiliate_id=AFFILIATE)


class Watched:
    """Figures over an open database, with what they computed and told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.computed: list[str] = []
        self.told: list[FiguresView] = []
        self.bus = Bus()
        self.figures = Figures(self.bus)
        self.bus.subscribe(self._hear)
        compute = module.compute

        async def noted(stream_ids: list[str]) -> dict[str, FiguresView]:
            self.computed += stream_ids
            return await compute(stream_ids)

        monkeypatch.setattr(module, "compute", noted)

    def _hear(self, announcement: Announcement) -> None:
        if isinstance(announcement.event, FiguresUpdate):
            self.told.append(announcement.event.figures)


@pytest.fixture
async def watched(
    clock: Clock, shop_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Watched]:
    """Figures, and what is seen of them."""
    async with opened(shop_settings()):
        yield Watched(monkeypatch)


async def _say(number: int) -> None:
    await LiveStreamMessage.create(
        id=seams.new_id(),
        stream_id=STREAM,
        seq=number,
        author_id="ann",
        is_guest=True,
        username="Ann",
        message="hello",
        sent_at=seams.now(),
    )


async def test_a_stream_is_recomputed_once_for_all_that_moved_and_told_only_when_it_differs(watched: Watched):
    await watched.figures.refresh()
    for _ in range(3):
        watched.figures.note(SCOPE)
        watched.bus.publish(Announcement(SCOPE, ViewerCountUpdate(stream_id=STREAM, count=1, peak=1)))
    await watched.figures.refresh()
    await watched.figures.refresh()
    assert (watched.computed, len(watched.told)) == ([STREAM], 1)

    watched.figures.note(SCOPE)
    await watched.figures.refresh()
    assert (watched.computed, len(watched.told)) == ([STREAM, STREAM], 1)


async def test_chat_runs_out_of_its_minute_without_anything_else_being_recomputed(clock: Clock, watched: Watched):
    for number in (1, 2):
        await _say(number)
        watched.figures.note(SCOPE)
        await watched.figures.refresh()
        clock.forward(seconds=40)
    computed = list(watched.computed)
    for _ in range(3):
        await watched.figures.refresh()
        clock.forward(seconds=25)
    assert [(told.messages_per_minute, told.total_messages) for told in watched.told] == [
        (1, 1),
        (2, 2),
        (1, 2),
        (0, 2),
    ]
    assert watched.computed == computed


async def test_what_was_told_is_not_remembered_of_every_stream_there_ever_was(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "REMEMBERED", 2)

    async def nothing(stream_ids: list[str]) -> dict[str, FiguresView]:
        return {stream_id: FiguresView() for stream_id in stream_ids}

    monkeypatch.setattr(module, "compute", nothing)
    for stream_id in ("a", "b", "a", "c", "a", "b"):
        watched.figures.note(StreamScope(id=stream_id, host_type=HostType.SELLER, seller_id=SELLER, affiliate_id=None))
        await watched.figures.refresh()
    assert list(watched.figures._told) == ["a", "b"]
    assert len(watched.told) == 4, "a, b, c, and b that was forgotten"
