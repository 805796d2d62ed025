"""What the screens look like; `pytest --snapshot-update` takes new pictures."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from console_books import MONTHS, bought, keep_books, line, on_sale, pinned
from console_desk import StandingClock, desk
from console_shows import NOON, batch, house, message, said, snapshot
from textual.pilot import Pilot
from textual.widgets import Input

from console.client.scripted import ScriptedClient
from console.core.events import ConnectionLost, SignInRefused
from shared import events
from shared.roles import Role

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def picture(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Compare a screen of a size, after some keys and events, with its picture."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr("console.app.FLUSH_SECONDS", 0.02)
    monkeypatch.setattr("console.widgets.table.REPAINT_SECONDS", 0.01)

    def compare(
        size: tuple[int, int],
        *keys: str,
        opening: tuple[Any, ...] = (),
        script: tuple[Any, ...] = (),
        **settings: Any,
    ) -> bool:
        app, client = desk(*opening, **settings)
        keep_books(client)
        return bool(snap_compare(app, terminal_size=size, run_before=before(client, keys, script)))

    return compare


def before(client: ScriptedClient, keys: tuple[str, ...], script: tuple[Any, ...]) -> Any:
    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause(0.15)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.1)
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False
        for event in script:
            client.say(event)
        await pilot.pause(0.3)

    return run


def test_sign_in_refused_at_80_by_24(picture: Any, snap_compare: Any):
    app, client = desk(SignInRefused(reason="This token is wrong, expired or revoked."))
    assert snap_compare(app, terminal_size=(80, 24), run_before=before(client, (), ()))


def test_streams_at_120_by_40(picture: Any, clock: StandingClock):
    counts = [90, 100, 118, 131, 126, 140, 164, 150, 139, 128]
    trend = [
        batch(n, events.ViewerCountUpdate(stream_id="s1", count=count), at=NOON + timedelta(seconds=15 * n))
        for n, count in enumerate(counts, 1)
    ]
    assert picture((120, 40), "j", "k", script=tuple(trend))


def test_room_at_80_by_24(picture: Any):
    assert picture((80, 24), stream_id="s1")


def test_products_at_80_by_24(picture: Any):
    assert picture((80, 24), "2", "j", stream_id="s1")


def test_room_while_reading_back_at_120_by_40(picture: Any):
    news = batch(
        1,
        events.MessageDeleted(stream_id="s1", message_id="m59", deleted_by="mod_7", seq=61),
        *(said(message(seq, "is this still available?", author="lena.b")) for seq in range(62, 69)),
    )
    assert picture((120, 40), "k", "k", "k", script=(news,), stream_id="s1")


def test_room_that_lost_its_server_at_200_by_50(picture: Any):
    lost = ConnectionLost(reason="The server closed the connection.", retry_at=NOON + timedelta(seconds=4))
    assert picture((200, 50), script=(lost,), stream_id="s3")


def test_help_at_120_by_40_in_the_light(picture: Any):
    assert picture((120, 40), "ctrl+t", "question_mark", stream_id="s1")


def selling() -> tuple[Any, ...]:
    """A house whose first stream sells, and what it sold."""
    first, *others = house()
    figures = replace(first.figures, total_orders=42, total_sales=Decimal("5204.50"), conversion_rate=0.0687)
    products = [
        replace(product, order_count=count) for product, count in zip(first.products, (31, 9, 2, 0), strict=True)
    ]
    names = ("Silk scarf, hand-rolled", "Linen shirt", "Leather belt with a rather long name")
    amounts = ("149.00", "71.20", "64.00")
    feed = [bought(200 + n, names[n % 3], amount=amounts[n % 3]) for n in range(24)]
    opening = snapshot(replace(first, figures=figures, products=products), *others, role=Role.ADMIN)
    return opening, batch(1, pinned(seconds=90), on_sale(), *feed)


def test_selling_room_at_200_by_50(picture: Any):
    opening, sold = selling()
    assert picture((200, 50), opening=(opening,), script=(sold,), stream_id="s1")


def test_purchases_at_80_by_24(picture: Any):
    opening, sold = selling()
    assert picture((80, 24), "4", opening=(opening,), script=(sold,), stream_id="s1")


def test_ledger_at_200_by_50(picture: Any):
    assert picture((200, 50), "L", "j", opening=(snapshot(*house(), role=Role.ADMIN),))


def test_payout_asked_at_80_by_24(picture: Any):
    assert picture((80, 24), "L", "p", opening=(snapshot(*house(), role=Role.ADMIN),))


def test_a_payout_that_is_too_much_at_200_by_50_in_the_light(picture: Any):
    keys = ("ctrl+t", "L", "j", "p", *"12.5", "tab", *"SEPA 0042")
    assert picture((200, 50), *keys, opening=(snapshot(*house(), role=Role.ADMIN),))


def test_entries_at_80_by_24(picture: Any):
    assert picture((80, 24), "L", "enter", "j", opening=(snapshot(*house(), role=Role.ADMIN),))


def test_statement_at_80_by_24(picture: Any):
    assert picture((80, 24), "L", "s", opening=(snapshot(*house(), role=Role.ADMIN),))


def test_past_statement_at_200_by_50(picture: Any, monkeypatch: pytest.MonkeyPatch):
    abroad = [line("CHF", "12.50", earned="88"), line("EUR", "-4", earned="31.20"), line("JPY", earned="1480")]
    monkeypatch.setitem(MONTHS, "2026-10", [*abroad, *MONTHS["2026-10"]])
    assert picture((200, 50), "L", "enter", "s", "p", opening=(snapshot(*house(), role=Role.ADMIN),))


def test_empty_statement_at_80_by_24_in_the_light(picture: Any):
    assert picture((80, 24), "ctrl+t", "L", "s", *"pppp", opening=(snapshot(*house(), role=Role.ADMIN),))
