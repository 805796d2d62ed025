"""The operator's ways through the screens, by keys and mouse, against a scripted server."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from console_desk import StandingClock, answering, desk
from console_pilot import press, screen_text, settled, shows, until
from console_shows import NOON, batch, chat, house, message, product, said, snapshot, stream
from textual.events import Key
from textual.widgets import Input, Static

from console.client.scripted import Call, ScriptedClient
from console.core.credentials import Password
from console.core.events import ConnectionLost, SignInRefused
from console.screens.help import Help
from console.screens.room import Room
from console.screens.sign_in import SignIn
from console.screens.streams import Streams
from console.widgets.chat import ChatView
from console.widgets.products import ProductTable
from console.widgets.table import Table
from shared import commands, endpoints, events
from shared.problems import Code, ProblemError
from shared.roles import Role

pytestmark = pytest.mark.usefixtures("clock", "hasty")
SIZES = [(80, 24), (120, 40), (200, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_from_the_list_into_a_room_and_back(size: tuple[int, int]):
    app, _ = desk()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await until(pilot, lambda: isinstance(app.screen, Streams))
        await shows(pilot, "Friday drop")
        await shows(pilot, "● LIVE")
        await press(pilot, "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, Room))
        assert app.screen.stream_id == "s2"
        await shows(pilot, "Mia tries everything")
        await shows(pilot, "XS to XL, it falls")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Streams))
        assert app.screen.query_one(Table).selected == "s2"


async def test_a_click_opens_a_room():
    app, _ = desk()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await pilot.click("#streams", offset=(20, 3))
        await settled(pilot)
        await until(pilot, lambda: isinstance(app.screen, Room))
        assert app.screen.stream_id == "s3"


async def test_the_cursor_stays_on_its_stream_when_rows_move():
    app, client = desk()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "j", "j")
        early = stream("s0", "Early bird", started_at=NOON - timedelta(hours=5))
        client.say(batch(1, events.ControlStreamUpdate(stream_id="s0", stream=early)))
        await settled(pilot)
        table = app.screen.query_one("#streams", Table)
        assert [row.key for row in table.rows][:2] == ["s0", "s1"]
        assert table.selected == "s3"
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, Room))
        assert app.screen.stream_id == "s3"


async def test_an_empty_house_says_what_to_do():
    app, _ = desk(snapshot())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await shows(pilot, "liveshop seed")


async def test_the_list_is_filtered_and_the_filter_dropped():
    app, _ = desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", *"mia")
        assert [row.key for row in app.screen.query_one("#streams", Table).rows] == ["s2"]
        await press(pilot, "escape")
        await until(pilot, lambda: len(app.screen.query_one("#streams", Table).rows) == 5)


async def test_chat_follows_pauses_and_follows_again():
    app, client = desk(stream_id="s1")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        view = app.screen.query_one(ChatView)
        assert view.scroll_offset.y == view.max_scroll_y > 0
        await press(pilot, "k")
        held_at = view.scroll_offset.y
        assert view.selected == "m60"
        client.say(batch(1, *(said(message(seq, "new")) for seq in range(61, 66))))
        await settled(pilot)
        assert view.scroll_offset.y == held_at
        await shows(pilot, "5 new")
        await press(pilot, "G")
        assert view.scroll_offset.y == view.max_scroll_y
        await shows(pilot, "following")
        assert view.selected is None


async def test_the_mouse_wheel_reads_back_and_returns():
    app, _ = desk(stream_id="s1")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        view = app.screen.query_one(ChatView)
        view.scroll_relative(y=-5, animate=False)
        await settled(pilot)
        await shows(pilot, "paused")
        view.scroll_relative(y=50, animate=False)
        await settled(pilot)
        await shows(pilot, "following")


async def test_a_line_stays_where_it_is_while_older_ones_fall_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("console.core.chat.CAPACITY", 60)
    app, client = desk(stream_id="s1")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        view = app.screen.query_one(ChatView)
        await press(pilot, "k", "k", "k")
        before = view._row_at(0)
        client.say(batch(1, *(said(message(seq, "new")) for seq in range(61, 71))))
        await settled(pilot)
        assert view.lines[0].message.seq == 11
        assert view._row_at(0) == before


async def test_deleting_shows_sending_and_then_what_the_server_says():
    app, client = desk(stream_id="s1")
    agreed = asyncio.Event()

    async def agree(call: Call) -> commands.MessageDeletedAck:
        await agreed.wait()
        return commands.MessageDeletedAck(message_id=call.parameters["message_id"])

    client.answer(endpoints.DELETE_MESSAGE, agree)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "k", "k", "d", "d")
        await shows(pilot, "sending")
        deletions = [call for call in client.calls if call.endpoint == "deleteMessage"]
        assert [call.parameters for call in deletions] == [{"stream_id": "s1", "message_id": "m59"}]
        agreed.set()
        await settled(pilot)
        assert "sending" not in screen_text(app)
        assert "removed" not in screen_text(app)
        gone = events.MessageDeleted(stream_id="s1", message_id="m59", deleted_by="mod_7", seq=61)
        client.say(batch(1, gone))
        await settled(pilot)
        await shows(pilot, "removed by mod_7")


async def test_keys_typed_faster_than_the_screen_is_drawn_act_on_the_right_message():
    app, client = desk(stream_id="s1")
    client.answer(endpoints.DELETE_MESSAGE, answering(commands.MessageDeletedAck(message_id="m58")))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await shows(pilot, "XS to XL")
        for key in "kkkd":
            app.post_message(Key(key, key))
        await until(pilot, lambda: client.calls[-1].endpoint == "deleteMessage")
        assert client.calls[-1].parameters["message_id"] == "m58"
        calls = len(client.calls)
        for key in "/dq2":
            app.post_message(Key({"/": "slash"}.get(key, key), key))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await settled(pilot)
        assert len(client.calls) == calls
        assert app.is_running


async def test_a_pane_has_the_keys_as_soon_as_it_is_asked_for():
    app, client = desk(stream_id="s1")
    client.answer(endpoints.TOGGLE_STREAM_PRODUCT, answering(product(1, "Silk", "1", active=False)))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "XS to XL")
        for key in ("2", "space"):
            app.post_message(Key(key, {"space": " "}.get(key, key)))
        await until(pilot, lambda: client.calls[-1].endpoint == "toggleStreamProduct")


async def test_toggling_asks_for_the_opposite_and_repaints_from_the_event():
    app, client = desk(stream_id="s1")
    client.answer(endpoints.TOGGLE_STREAM_PRODUCT, answering(product(2, "Linen shirt", "89.00", active=False)))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "2", "j", "space")
        asked = client.calls[-1]
        assert (asked.parameters["product_id"], asked.body.is_active) == ("p2", False)
        table = app.screen.query_one(ProductTable)
        await until(pilot, lambda: table.rows[1].cells[0].text == "● on ✓")
        products = [replace(p, is_active=False) for p in house()[0].products]
        news = events.StreamProductsUpdate(stream_id="s1", products=products, timestamp=NOON, seq=61)
        client.say(batch(1, news))
        await until(pilot, lambda: table.rows[1].cells[0].text == "○ off ✓")


async def test_a_refusal_is_said_in_the_servers_words():
    app, client = desk(stream_id="s1")

    async def refuse(call: Call) -> None:
        raise ProblemError(Code.FORBIDDEN, "This is another seller's [stream].")

    client.answer(endpoints.TOGGLE_STREAM_PRODUCT, refuse)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "2", "enter")
        await shows(pilot, "another seller's [stream]")
        await until(pilot, lambda: app.screen.query_one(ProductTable).rows[0].cells[0].text == "refused")


async def test_a_crash_in_an_act_is_a_refusal_and_the_room_stays():
    app, client = desk(stream_id="s1")

    async def crash(call: Call) -> None:
        raise RuntimeError("boom")

    client.answer(endpoints.TOGGLE_STREAM_PRODUCT, crash)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "2", "space")
        await until(pilot, lambda: isinstance(app.screen, Room))
        await shows(pilot, "was not switched")


async def test_offline_nothing_is_sent_and_it_is_said(clock: StandingClock):
    app, client = desk(stream_id="s1")
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        client.say(ConnectionLost(reason="The server closed the connection.", retry_at=NOON + timedelta(seconds=4)))
        clock.pass_(1)
        await settled(pilot)
        await shows(pilot, "RECONNECTING 3 s")
        await shows(pilot, "The server closed the connection. The screen is 1 s old.")
        calls = len(client.calls)
        await press(pilot, "2", "space")
        assert len(client.calls) == calls
        await shows(pilot, "nothing was sent")


async def test_after_a_reconnect_the_chat_is_the_servers():
    app, client = desk(stream_id="s1", lines=5)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        client.say(ConnectionLost(reason="Gone.", retry_at=NOON))
        client.answer(endpoints.LIST_MESSAGES, answering([m for m in chat(9) if m.seq != 3]))
        client.say(snapshot(*(replace(s, seq=10) for s in house()), origin="server-2", seq=40))
        await settled(pilot)
        lines = app.state.rooms["s1"].chat.lines
        assert [line.message.seq for line in lines if line.removed_by is None] == [1, 2, 4, 5, 6, 7, 8, 9]
        assert [line.message.seq for line in lines if line.removed_by is not None] == [3]


async def test_read_only_is_said_and_hides_what_changes_the_show():
    app, client = desk(stream_id="s1", read_only=True)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await shows(pilot, "READ-ONLY")
        assert "Delete" not in screen_text(app)
        await press(pilot, "k", "d", "2", "space")
        assert {call.endpoint for call in client.calls} == {"listMessages"}


async def test_ops_may_look_but_not_act():
    app, _ = desk(snapshot(*house(), role=Role.OPS), stream_id="s1")
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        assert "Remove the selected message" not in screen_text(app)
        await shows(pilot, "Go to the newest line")


async def test_without_a_token_it_is_asked_for_and_a_refusal_lets_one_try_again():
    app, client = desk(SignInRefused(reason="This token is wrong, expired or revoked."), token=None)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await until(pilot, lambda: isinstance(app.screen, SignIn))
        await shows(pilot, "liveshop token --role moderator")
        await press(pilot, "tab", "tab", *"secret", "enter")
        await shows(pilot, "wrong, expired or revoked")
        assert "secret" not in screen_text(app)
        client.say(snapshot(*house()))
        await settled(pilot)
        await until(pilot, lambda: isinstance(app.screen, Streams))


async def test_a_name_and_a_password_sign_in_too():
    app, client = desk(token=None)
    given: list[object] = []
    app._connect = lambda credentials: given.append(credentials) or client
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, *"mo", "enter")
        assert app.screen.query_one("#password", Input).has_focus
        await press(pilot, "enter", *"secret", "enter")
        await settled(pilot)
        await until(pilot, lambda: isinstance(app.screen, Streams))
        assert given == [Password("mo", "secret")]
        assert "secret" not in repr(given) + screen_text(app)
    assert client.leaves == 1


async def test_a_token_refused_later_leads_back_to_sign_in():
    app, client = desk(stream_id="s1")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")
        client.say(SignInRefused(reason="This token is wrong, expired or revoked."))
        await settled(pilot)
        await until(pilot, lambda: isinstance(app.screen, SignIn))
        assert app.screen.query_one("#name", Input).has_focus
        assert "expired" in str(app.screen.query_one("#sign-in-status", Static).content)


async def test_the_palette_finds_actions_and_streams():
    app, _ = desk()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+p")
        await press(pilot, *"sneak")
        await shows(pilot, "Room: Midnight sneakers")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, Room))
        assert app.screen.stream_id == "s3"
        await press(pilot, "ctrl+p")
        await press(pilot, *"figu")
        await shows(pilot, "Figures: Go to the figures.")
        await press(pilot, "enter")
        await until(pilot, lambda: app.state.pane == "figures")


async def test_panes_by_number_tab_and_zoom():
    app, _ = desk(stream_id="s1")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        await shows(pilot, "every 2.0 s")
        await press(pilot, "shift+tab")
        await shows(pilot, "Linen shirt")
        await pilot.resize_terminal(160, 40)
        await press(pilot, "f")
        assert "hi everyone" not in screen_text(app)
        await press(pilot, "escape")
        await shows(pilot, "hi everyone")


async def test_a_flood_of_hostile_chat_reaches_the_screen_harmless():
    lines = [
        "\x1b]52;c;ZXZpbA==\x07 clip",
        "hi [/x] there",
        "[link=http://evil]buy[/link]",
        "\u202egnp.exe",
        "\x9b2J",
        "a\nb",
    ]
    app, client = desk(snapshot(stream(title="[/x] \x1b[2Jtitle")), stream_id="s1", lines=0)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        client.say(batch(1, *(said(message(n, text, author="[b]\x1beve")) for n, text in enumerate(lines, 1))))
        await settled(pilot)
        shown = screen_text(app)
        for text in ("]52;c;ZXZpbA== clip", "hi [/x] there", "[link=http://evil]buy[/link]", "[b]eve", "[/x] [2Jtitle"):
            assert text in shown
        assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c == "\u202e" for c in shown)


@pytest.mark.parametrize("seconds", [0, 0.005, 0.02, 0.1])
async def test_leaving_while_the_first_screen_is_being_made_is_clean(seconds: float):
    app, _ = desk()
    asyncio.get_running_loop().call_later(seconds, app.exit)
    async with asyncio.timeout(10):
        await app.run_async(headless=True, size=(80, 24))
    assert app.return_code == 0


async def test_quitting_leaves_with_nothing_running():
    app, client = desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "q")
    assert app.return_code == 0
    assert isinstance(client, ScriptedClient)
