"""The reducer and what is read from its state."""

from dataclasses import replace
from datetime import timedelta

import pytest
from console_shows import NOON, batch, house, message, product, said, snapshot, stream

from console.core import events as e
from console.core import selectors
from console.core.actions import ACTIONS, BY_ID, Scope, offered
from console.core.reducer import reduce
from console.core.selectors import Tone
from console.core.state import DeleteMessage, History, Phase, Progress, State, ToggleProduct
from console.widgets.keys import command
from shared import events
from shared.ingest import IngestState
from shared.roles import Role
from shared.views import FiguresView, IngestView, StreamStatus


def after(*happened: e.Event, state: State | None = None) -> State:
    state = state or State(url="http://test")
    for event in happened:
        state = reduce(state, event)
    return state


def test_a_snapshot_signs_in_and_shows_the_streams_live_first():
    state = after(e.SignInStarted(), snapshot(*house()))
    assert state.operator is not None
    assert state.connection.phase is Phase.LIVE
    assert [row.key for row in selectors.stream_rows(state, NOON)] == ["s1", "s2", "s3", "s4", "s5"]


def test_every_kind_of_news_changes_its_figure():
    ended = events.StreamStatusUpdate(stream_id="s1", status=StreamStatus.ENDED, seq=9, ended_at=NOON)
    lost = events.IngestUpdate(stream_id="s1", ingest=IngestView(state=IngestState.LOST))
    state = after(
        snapshot(stream()),
        batch(
            1,
            events.ViewerCountUpdate(stream_id="s1", count=400, peak=400),
            events.FiguresUpdate(stream_id="s1", figures=FiguresView(messages_per_minute=99)),
            events.StreamProductsUpdate(stream_id="s1", products=[product(1, "Hat", "5")], timestamp=NOON, seq=8),
            lost,
            ended,
            events.ControlStreamUpdate(stream_id="new", stream=stream("new", "New one")),
        ),
    )
    view = state.streams["s1"].view
    assert (view.viewer_count, view.peak_viewers, view.figures.messages_per_minute) == (400, 400, 99)
    assert [p.product.name for p in view.products] == ["Hat"]
    assert (view.ingest.state, view.status, view.ended_at, view.seq) == ("lost", "ended", NOON, 9)
    assert view.started_at is not None
    assert state.streams["new"].view.title == "New one"


@pytest.mark.parametrize("late", [batch(1, origin="other"), batch(2), batch(0)])
def test_a_batch_that_does_not_follow_changes_nothing(late: e.BatchArrived):
    state = after(snapshot(stream()))
    assert reduce(state, late) is state


def test_unknown_and_malformed_news_are_counted_and_skipped():
    news = batch(1, events.ViewerCountUpdate(stream_id="s1", count=7)).batch
    strange = [
        events.ControlItem(event="somethingNew", payload={"a": 1}),
        events.ControlItem(event="viewerCountUpdate", payload={"streamId": 5}),
        events.ControlItem(event="newMessage", payload=None),
    ]
    news = replace(news, events=[*strange, *news.events])
    state = after(snapshot(stream()), e.BatchArrived(at=NOON, batch=news))
    assert state.misunderstood == 2
    assert state.streams["s1"].view.viewer_count == 7


def test_hostile_text_never_enters_the_state():
    evil = replace(message(1, "\x1b]52;c;x\x07", author="\u202eeve"), id="m\x1b1")
    state = after(snapshot(stream(title="\x1b[2J")), e.RoomOpened(stream_id="s1"), batch(1, said(evil)))
    assert "\x1b" not in repr(state).replace("\\x1b", "\x1b")
    assert "\u202e" not in state.rooms["s1"].chat.lines[0].message.username


def test_an_act_is_marked_until_the_mark_fades_and_a_refusal_is_said():
    act = ToggleProduct("s1", "p1", active=False)
    state = after(snapshot(stream()), e.ActSent(act=act, at=NOON))
    assert state.marks[act].progress is Progress.SENDING
    assert selectors.product_rows(state, "s1", NOON)[0].cells[0].text == "sending"
    state = reduce(state, e.ActDone(act=act, at=NOON))
    assert reduce(state, e.Ticked(at=NOON + timedelta(seconds=3))).marks == {}
    state = reduce(state, e.ActRefused(act=act, reason="Not yours.", at=NOON))
    assert state.notice is not None
    assert state.notice.text == "Silk scarf, hand-rolled was not switched. Not yours."


def test_a_wish_about_the_same_product_is_the_same_act_whatever_it_wishes():
    assert ToggleProduct("s1", "p1", active=True) == ToggleProduct("s1", "p1", active=False)


def test_reading_back_counts_what_is_new_and_following_ends_it():
    state = after(
        snapshot(stream()),
        e.RoomOpened(stream_id="s1"),
        batch(1, said(message(1)), said(message(2))),
        e.LineSelected(stream_id="s1", message_id="m1"),
        batch(2, said(message(3)), said(message(4))),
    )
    room = state.rooms["s1"]
    assert selectors.unread(room) == 2
    assert selectors.selected_line(room) is not None
    room = reduce(state, e.Following(stream_id="s1")).rooms["s1"]
    assert (selectors.unread(room), room.selected) == (0, None)


def test_a_filter_finds_authors_and_words():
    state = after(
        snapshot(stream()),
        e.RoomOpened(stream_id="s1"),
        batch(1, said(message(1, "Silk?")), said(message(2, "no", author="SILKE")), said(message(3, "yes"))),
        e.ChatFiltered(stream_id="s1", text="silk"),
    )
    assert [line.message.seq for line in selectors.visible_lines(state.rooms["s1"])] == [1, 2]


def test_a_failed_history_is_wanted_again_in_time_and_an_old_answer_is_ignored():
    state = after(snapshot(stream()), e.RoomOpened(stream_id="s1"), e.HistoryAsked(stream_id="s1"))
    failed = e.HistoryFailed(stream_id="s1", ticket=1, reason="No.", retry_at=NOON + timedelta(seconds=3))
    state = reduce(state, failed)
    assert reduce(state, e.Ticked(at=NOON)).rooms["s1"].history is History.FAILED
    state = after(e.Ticked(at=NOON + timedelta(seconds=3)), e.HistoryAsked(stream_id="s1"), state=state)
    late = e.HistoryArrived(stream_id="s1", ticket=1, as_of=0, messages=[message(1)], whole=True)
    assert reduce(state, late).rooms["s1"].chat.lines == ()


def test_a_wanted_room_opens_with_the_first_snapshot_or_is_said_to_be_missing():
    assert after(snapshot(stream()), state=State(url="u", wanted_stream="s1")).open_room == "s1"
    state = after(snapshot(stream()), state=State(url="u", wanted_stream="nope"))
    assert state.open_room is None
    assert state.notice is not None
    assert "nope" in state.notice.text


def test_a_refused_token_leaves_nothing_behind():
    state = after(snapshot(stream()), e.RoomOpened(stream_id="s1"), e.SignInRefused(reason="Expired."))
    assert (state.operator, dict(state.streams), state.connection.reason) == (None, {}, "Expired.")


@pytest.mark.parametrize(
    ("happened", "seconds", "text", "tone"),
    [
        ([snapshot()], 1, "● LIVE", Tone.GOOD),
        ([snapshot()], 20, "◐ STALE 20 s", Tone.WARN),
        ([e.SignInStarted()], 0, "○ CONNECTING", Tone.WARN),
        (
            [snapshot(), e.ConnectionLost(reason="Gone.", retry_at=NOON + timedelta(seconds=4))],
            1,
            "○ RECONNECTING 3 s",
            Tone.BAD,
        ),
        ([snapshot(), e.Connecting()], 1, "○ RECONNECTING", Tone.BAD),
    ],
)
def test_the_connection_in_words(happened: list[e.Event], seconds: int, text: str, tone: Tone):
    cell = selectors.connection(after(*happened), NOON + timedelta(seconds=seconds))
    assert (cell.text, cell.tone) == (text, tone)


def test_the_trend_keeps_one_value_a_span():
    state = after(snapshot(stream(viewer_count=1)))
    for seconds, count in ((5, 2), (16, 4), (17, 8), (50, 8)):
        at = NOON + timedelta(seconds=seconds)
        news = batch(
            state.position.seq + 1 if state.position else 1, events.ViewerCountUpdate(stream_id="s1", count=count)
        )
        state = reduce(state, replace(news, at=at))
    assert state.streams["s1"].viewers.values == (2, 8, 8, 8)


def test_actions_are_offered_by_right():
    moderator = after(snapshot(stream()))
    ops = after(snapshot(stream(), role=Role.OPS))
    looking = replace(moderator, read_only=True)
    signed_out = State(url="u")
    delete, toggle, leave = BY_ID["delete_message"], BY_ID["toggle_product"], BY_ID["quit"]
    assert [offered(delete, state) for state in (moderator, ops, looking, signed_out)] == [True, False, False, False]
    assert [offered(toggle, state) for state in (moderator, ops, looking, signed_out)] == [True, False, False, False]
    assert all(offered(leave, state) for state in (moderator, ops, looking, signed_out))


def test_the_registry_names_every_action_once_and_no_key_twice_in_reach():
    assert len(BY_ID) == len(ACTIONS)
    for scopes in (
        {Scope.STREAMS, Scope.LIST, Scope.EVERYWHERE},
        {Scope.CHAT, Scope.ROOM, Scope.EVERYWHERE},
        {Scope.PRODUCTS, Scope.ROOM, Scope.LIST, Scope.EVERYWHERE},
        {Scope.ACCOUNTS, Scope.LEDGER, Scope.LIST, Scope.EVERYWHERE},
        {Scope.ENTRIES, Scope.LEDGER, Scope.LIST, Scope.EVERYWHERE},
    ):
        keys = [key for action in ACTIONS if action.scope in scopes for key in action.keys]
        assert len(keys) == len(set(keys))
    assert all(command(action) for action in ACTIONS)


def test_a_removed_line_says_who_did_it():
    state = after(
        snapshot(stream()),
        e.RoomOpened(stream_id="s1"),
        batch(1, said(message(1))),
        e.ActSent(act=DeleteMessage("s1", "m1"), at=NOON),
    )
    assert selectors.deletion_marks(state, "s1")["m1"].text == "sending"
    gone = events.MessageDeleted(stream_id="s1", message_id="m1", deleted_by="mod_7", seq=2)
    line = reduce(state, batch(2, gone)).rooms["s1"].chat.lines[0]
    assert selectors.removal(line).text == "removed by mod_7"
