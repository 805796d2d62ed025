"""How each event changes the state: pure, total, and (with `ledger_reducer`) the only place where state is made."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from console.core import chat as chats
from console.core import events as e
from console.core import feed as feeds
from console.core import ledger as ledgers
from console.core import ledger_reducer
from console.core.feed import Feed
from console.core.notices import notified
from console.core.payout import PayOut
from console.core.safety import safe, sanitised
from console.core.state import (
    Act,
    Connection,
    DeleteMessage,
    History,
    Mark,
    Phase,
    Position,
    Progress,
    Room,
    Severity,
    State,
    Stream,
    ToggleProduct,
    Trend,
)
from shared import events as wire
from shared.problems import ProblemError
from shared.views import ControlStreamView, StreamStatus

K = TypeVar("K")
V = TypeVar("V")

TREND_SPAN_SECONDS = 15
TREND_LENGTH = 40
"""Spans kept: ten minutes."""
_DONE_FADES = timedelta(seconds=2)
_REFUSED_FADES = timedelta(seconds=8)


def reduce(state: State, event: e.Event) -> State:
    """The state after an event; unknown kinds of events change nothing."""
    handler = _HANDLERS.get(type(event))
    return handler(state, event) if handler else state


def _signing_in(state: State, event: e.SignInStarted) -> State:
    return replace(state, connection=Connection(phase=Phase.CONNECTING))


def _sign_in_refused(state: State, event: e.SignInRefused) -> State:
    """Signed out, with nothing left of what the token let one see."""
    return State(
        url=state.url,
        read_only=state.read_only,
        wanted_stream=state.open_room or state.wanted_stream,
        connection=Connection(phase=Phase.SIGNED_OUT, reason=safe(event.reason)),
        notice=state.notice,
    )


def _connecting(state: State, event: e.Connecting) -> State:
    return replace(state, connection=replace(state.connection, phase=Phase.CONNECTING, retry_at=None))


def _connection_lost(state: State, event: e.ConnectionLost) -> State:
    lost = replace(state.connection, phase=Phase.WAITING, retry_at=event.retry_at, reason=safe(event.reason))
    return replace(state, connection=lost)


def _snapshot(state: State, event: e.SnapshotArrived) -> State:
    snapshot = sanitised(event.snapshot)
    streams = {view.id: _renewed(state.streams.get(view.id), view, event.at) for view in snapshot.streams}
    rooms = {
        stream_id: replace(
            room,
            history=History.WANTED,
            chat=chats.interrupt(room.chat, _heard_to(state, stream_id)),
        )
        for stream_id, room in state.rooms.items()
        if stream_id in streams
    }
    opened = state.open_room if state.open_room in streams else None
    if opened is not state.open_room:
        state = notified(state, "This stream is gone, or your token may no longer see it.")
    state = replace(
        state,
        connection=Connection(phase=Phase.LIVE, heard_at=event.at),
        position=Position(snapshot.origin, snapshot.seq),
        operator=snapshot.operator,
        skew=snapshot.timestamp - event.at,
        streams=MappingProxyType(streams),
        rooms=MappingProxyType(rooms),
        open_room=opened,
    )
    return _open_wanted(ledger_reducer.wanted(state))


def _renewed(known: Stream | None, view: ControlStreamView, at: datetime) -> Stream:
    """A stream of a snapshot; its pin and flash sales are told anew in the batch after it."""
    feed = known.feed if known else Feed()
    if known is not None and view.seq > known.view.seq:
        feed = feeds.interrupt(feed)
    return Stream(view=view, viewers=_trend_of(known, view, at), feed=feed)


def _open_wanted(state: State) -> State:
    wanted = state.wanted_stream
    if wanted is None:
        return state
    state = replace(state, wanted_stream=None)
    if wanted in state.streams:
        return _room_opened(state, e.RoomOpened(stream_id=wanted))
    return notified(state, f"There is no stream {safe(wanted)} that your token may see.")


def _heard_to(state: State, stream_id: str) -> int:
    stream = state.streams.get(stream_id)
    return stream.view.seq if stream else 0


def _batch(state: State, event: e.BatchArrived) -> State:
    """Apply a batch that follows; any other is ignored, since a snapshot must come first."""
    batch = event.batch
    if state.position is None or not state.position.precedes(batch.origin, batch.seq):
        return state
    news, misunderstood = _read(batch)
    state = replace(
        state,
        connection=replace(state.connection, heard_at=event.at),
        position=Position(batch.origin, batch.seq),
        misunderstood=state.misunderstood + misunderstood,
    )
    said: dict[str, list[wire.NewMessage]] = {}
    for item in news:
        if isinstance(item, wire.NewMessage):
            said.setdefault(item.stream_id, []).append(item)
        elif (handler := _NEWS.get(type(item))) is not None:
            state = handler(state, item, event.at)
    for stream_id, messages in said.items():
        state = _said(state, stream_id, messages)
    return state


def _read(batch: wire.ControlBatch) -> tuple[list[Any], int]:
    """A batch's events, made safe, and how many could not be read."""
    news: list[Any] = []
    unreadable = 0
    for item in batch.events:
        try:
            read = wire.read(item.event, item.payload)
        except ProblemError:
            unreadable += 1
            continue
        if read is not None:
            news.append(sanitised(read))
    return news, unreadable


def _said(state: State, stream_id: str, messages: list[wire.NewMessage]) -> State:
    state = _heard(state, stream_id, max(message.seq for message in messages))
    room = state.rooms.get(stream_id)
    return _with_room(state, stream_id, chat=chats.say(room.chat, messages)) if room else state


def _deleted(state: State, news: wire.MessageDeleted, at: datetime) -> State:
    state = _heard(state, news.stream_id, news.seq)
    room = state.rooms.get(news.stream_id)
    if room is None:
        return state
    chat = chats.delete(room.chat, news.message_id, news.deleted_by)
    return _with_room(state, news.stream_id, chat=chat)


def _viewers(state: State, news: wire.ViewerCountUpdate, at: datetime) -> State:
    stream = state.streams.get(news.stream_id)
    if stream is None:
        return state
    peak = max(stream.view.peak_viewers, news.peak, news.count)
    view = replace(stream.view, viewer_count=news.count, peak_viewers=peak)
    return _with_stream(state, replace(stream, view=view, viewers=_trend_of(stream, view, at)))


def _status(state: State, news: wire.StreamStatusUpdate, at: datetime) -> State:
    return _with_view(
        _heard(state, news.stream_id, news.seq),
        news.stream_id,
        lambda view: replace(
            view,
            status=news.status,
            started_at=news.started_at or view.started_at,
            ended_at=news.ended_at or view.ended_at,
        ),
    )


def _products(state: State, news: wire.StreamProductsUpdate, at: datetime) -> State:
    return _with_view(
        _heard(state, news.stream_id, news.seq),
        news.stream_id,
        lambda view: replace(view, products=news.products),
    )


def _stream_update(state: State, news: wire.ControlStreamUpdate, at: datetime) -> State:
    known = state.streams.get(news.stream_id) or Stream(view=news.stream)
    return _with_stream(state, replace(known, view=news.stream, viewers=_trend_of(known, news.stream, at)))


def _ingest(state: State, news: wire.IngestUpdate, at: datetime) -> State:
    return _with_view(state, news.stream_id, lambda view: replace(view, ingest=news.ingest))


def _figures(state: State, news: wire.FiguresUpdate, at: datetime) -> State:
    return _with_view(state, news.stream_id, lambda view: replace(view, figures=news.figures))


def _purchased(state: State, news: wire.ControlPurchase, at: datetime) -> State:
    state = _heard(state, news.stream_id, news.seq)
    stream = state.streams.get(news.stream_id)
    return _with_stream(state, replace(stream, feed=feeds.buy(stream.feed, news))) if stream else state


def _pinned(state: State, news: wire.ProductPinned, at: datetime) -> State:
    state = _heard(state, news.stream_id, news.seq)
    stream = state.streams.get(news.stream_id)
    return _with_stream(state, replace(stream, pin=news)) if stream else state


def _unpinned(state: State, news: wire.ProductUnpinned, at: datetime) -> State:
    state = _heard(state, news.stream_id, news.seq)
    stream = state.streams.get(news.stream_id)
    if stream is None or stream.pin is None or stream.pin.product_id != news.product_id:
        return state
    return _with_stream(state, replace(stream, pin=None))


def _flash_sale_started(state: State, news: wire.FlashSaleStarted, at: datetime) -> State:
    state = _heard(state, news.stream_id, news.seq)
    stream = state.streams.get(news.stream_id)
    if stream is None:
        return state
    return _with_stream(state, replace(stream, flash_sales=_put(stream.flash_sales, news.product_id, news)))


def _flash_sale_ended(state: State, news: wire.FlashSaleEnded, at: datetime) -> State:
    state = _heard(state, news.stream_id, news.seq)
    stream = state.streams.get(news.stream_id)
    if stream is None:
        return state
    left = {key: sale for key, sale in stream.flash_sales.items() if key != news.product_id}
    return _with_stream(state, replace(stream, flash_sales=MappingProxyType(left)))


def _misunderstood(state: State, event: e.Misunderstood) -> State:
    return replace(state, misunderstood=state.misunderstood + 1)


def _history_asked(state: State, event: e.HistoryAsked) -> State:
    room = state.rooms.get(event.stream_id)
    if room is None:
        return state
    return _with_room(state, event.stream_id, history=History.LOADING, ticket=room.ticket + 1, retry_at=None)


def _history_arrived(state: State, event: e.HistoryArrived) -> State:
    room = state.rooms.get(event.stream_id)
    if room is None or room.ticket != event.ticket or room.history is not History.LOADING:
        return state
    messages = [sanitised(message) for message in event.messages]
    chat = chats.mend(room.chat, messages, as_of=event.as_of, whole=event.whole)
    return _with_room(state, event.stream_id, chat=chat, history=History.HERE, history_problem="")


def _history_failed(state: State, event: e.HistoryFailed) -> State:
    room = state.rooms.get(event.stream_id)
    if room is None or room.ticket != event.ticket or room.history is not History.LOADING:
        return state
    return _with_room(
        state,
        event.stream_id,
        history=History.FAILED,
        history_problem=safe(event.reason),
        retry_at=event.retry_at,
    )


def _act_sent(state: State, event: e.ActSent) -> State:
    return _marked(state, event.act, Mark(Progress.SENDING, event.at))


def _act_done(state: State, event: e.ActDone) -> State:
    state = _marked(state, event.act, Mark(Progress.DONE, event.at))
    return ledger_reducer.paid_out(state, event.act) if isinstance(event.act, PayOut) else state


def _act_refused(state: State, event: e.ActRefused) -> State:
    state = _marked(state, event.act, Mark(Progress.REFUSED, event.at))
    text = f"{_in_words(state, event.act, unsure=event.unsure)} {safe(event.reason)}"
    if isinstance(event.act, PayOut):
        state = ledger_reducer.not_paid_out(state, event.act, text, unsure=event.unsure)
    return notified(state, text, Severity.ERROR)


def _in_words(state: State, act: Act, *, unsure: bool) -> str:
    match act:
        case ToggleProduct(stream_id=stream_id, product_id=product_id):
            stream = state.streams.get(stream_id)
            products = stream.view.products if stream else []
            name = next((p.product.name for p in products if p.product_id == product_id), product_id)
            return f"{name} was not switched."
        case DeleteMessage():
            return "The message was not removed."
        case PayOut(affiliate_id=affiliate_id):
            name = ledgers.name_of(state.ledger, affiliate_id)
            return f"It is not known whether {name} was paid." if unsure else f"{name} was not paid."


def _ticked(state: State, event: e.Ticked) -> State:
    state = _faded(state, event.at)
    for stream in state.streams.values():
        trend = _trend_of(stream, stream.view, event.at)
        if trend is not stream.viewers:
            state = _with_stream(state, replace(stream, viewers=trend))
    for stream_id, room in state.rooms.items():
        if room.history is History.FAILED and room.retry_at is not None and room.retry_at <= event.at:
            state = _with_room(state, stream_id, history=History.WANTED, retry_at=None)
    return state


def _faded(state: State, at: datetime) -> State:
    fades = {Progress.DONE: _DONE_FADES, Progress.REFUSED: _REFUSED_FADES}
    standing = {
        act: mark
        for act, mark in state.marks.items()
        if mark.progress not in fades or at - mark.at < fades[mark.progress]
    }
    if len(standing) == len(state.marks):
        return state
    return replace(state, marks=MappingProxyType(standing))


def _stream_selected(state: State, event: e.StreamSelected) -> State:
    return replace(state, selected_stream=event.stream_id)


def _streams_filtered(state: State, event: e.StreamsFiltered) -> State:
    return replace(state, stream_filter=event.text)


def _room_opened(state: State, event: e.RoomOpened) -> State:
    if event.stream_id not in state.streams:
        return state
    rooms = dict(state.rooms)
    rooms.setdefault(event.stream_id, Room())
    return replace(
        state,
        rooms=MappingProxyType(rooms),
        open_room=event.stream_id,
        ledger=None,
        selected_stream=event.stream_id,
        zoomed=False,
    )


def _room_closed(state: State, event: e.RoomClosed) -> State:
    rooms = {key: room for key, room in state.rooms.items() if key != state.open_room}
    return replace(state, rooms=MappingProxyType(rooms), open_room=None)


def _line_selected(state: State, event: e.LineSelected) -> State:
    return _held(state, event.stream_id, selected=event.message_id)


def _reading_back(state: State, event: e.ReadingBack) -> State:
    return _held(state, event.stream_id)


def _held(state: State, stream_id: str, **changes: Any) -> State:
    room = state.rooms.get(stream_id)
    if room is None:
        return state
    held = chats.newest_seq(room.chat) if room.held_at is None else room.held_at
    return _with_room(state, stream_id, held_at=held, **changes)


def _following(state: State, event: e.Following) -> State:
    return _with_room(state, event.stream_id, held_at=None, selected=None)


def _chat_filtered(state: State, event: e.ChatFiltered) -> State:
    return _with_room(state, event.stream_id, filter=event.text)


def _purchase_selected(state: State, event: e.PurchaseSelected) -> State:
    room = state.rooms.get(event.stream_id)
    if room is None or room.purchase == event.key:
        return state
    return _with_room(state, event.stream_id, purchase=event.key)


def _pane_focused(state: State, event: e.PaneFocused) -> State:
    return replace(state, pane=event.pane)


def _zoom_toggled(state: State, event: e.ZoomToggled) -> State:
    return replace(state, zoomed=not state.zoomed)


def _noted(state: State, event: e.Noted) -> State:
    return notified(state, event.text, Severity.WARNING if event.loud else Severity.INFORMATION)


def _marked(state: State, act: Act, mark: Mark) -> State:
    return replace(state, marks=_put(state.marks, act, mark))


def _with_stream(state: State, stream: Stream) -> State:
    return replace(state, streams=_put(state.streams, stream.view.id, stream))


def _with_view(state: State, stream_id: str, change: Callable[[ControlStreamView], ControlStreamView]) -> State:
    stream = state.streams.get(stream_id)
    return _with_stream(state, replace(stream, view=change(stream.view))) if stream else state


def _heard(state: State, stream_id: str, seq: int) -> State:
    return _with_view(state, stream_id, lambda view: replace(view, seq=max(view.seq, seq)))


def _with_room(state: State, stream_id: str, **changes: Any) -> State:
    room = state.rooms.get(stream_id)
    if room is None:
        return state
    return replace(state, rooms=_put(state.rooms, stream_id, replace(room, **changes)))


def _put(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return MappingProxyType({**mapping, key: value})


def _trend_of(known: Stream | None, view: ControlStreamView, at: datetime) -> Trend:
    """The viewers of the last spans, up to now; spans in which nothing was heard repeat the one before."""
    trend = known.viewers if known else Trend()
    if view.status is not StreamStatus.LIVE:
        return trend
    span = int(at.timestamp()) // TREND_SPAN_SECONDS
    if span == trend.span:
        if trend.values[-1] == view.viewer_count:
            return trend
        return Trend(values=(*trend.values[:-1], view.viewer_count), span=span)
    missed = min(max(span - trend.span - 1, 0), TREND_LENGTH) if trend.values else 0
    values = (*trend.values, *(trend.values[-1:] * missed), view.viewer_count)
    return Trend(values=values[-TREND_LENGTH:], span=span)


_NEWS: dict[type[Any], Callable[[State, Any, datetime], State]] = {
    wire.MessageDeleted: _deleted,
    wire.ViewerCountUpdate: _viewers,
    wire.StreamStatusUpdate: _status,
    wire.StreamProductsUpdate: _products,
    wire.ControlStreamUpdate: _stream_update,
    wire.IngestUpdate: _ingest,
    wire.FiguresUpdate: _figures,
    wire.ControlPurchase: _purchased,
    wire.ProductPinned: _pinned,
    wire.ProductUnpinned: _unpinned,
    wire.FlashSaleStarted: _flash_sale_started,
    wire.FlashSaleEnded: _flash_sale_ended,
}
"""What to do with each event of a batch, beside chat messages, which are taken together."""

_HANDLERS: dict[type[e.Event], Callable[[State, Any], State]] = {
    e.SignInStarted: _signing_in,
    e.SignInRefused: _sign_in_refused,
    e.Connecting: _connecting,
    e.ConnectionLost: _connection_lost,
    e.SnapshotArrived: _snapshot,
    e.BatchArrived: _batch,
    e.Misunderstood: _misunderstood,
    e.HistoryAsked: _history_asked,
    e.HistoryArrived: _history_arrived,
    e.HistoryFailed: _history_failed,
    e.ActSent: _act_sent,
    e.ActDone: _act_done,
    e.ActRefused: _act_refused,
    e.Ticked: _ticked,
    e.StreamSelected: _stream_selected,
    e.StreamsFiltered: _streams_filtered,
    e.RoomOpened: _room_opened,
    e.RoomClosed: _room_closed,
    e.LineSelected: _line_selected,
    e.ReadingBack: _reading_back,
    e.Following: _following,
    e.ChatFiltered: _chat_filtered,
    e.PurchaseSelected: _purchase_selected,
    e.PaneFocused: _pane_focused,
    e.ZoomToggled: _zoom_toggled,
    e.Noted: _noted,
    **ledger_reducer.HANDLERS,
}
