"""What the screens show, computed from the state: text with a tone, never a colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.core import chat as chats
from console.core import wording
from console.core.chat import Line
from console.core.state import (
    DeleteMessage,
    History,
    Mark,
    Phase,
    Progress,
    Room,
    State,
    Stream,
    ToggleProduct,
)
from shared.ingest import IngestState
from shared.views import ControlStreamView, StreamProductView, StreamStatus

STALE_AFTER_SECONDS = 8
"""Without a word from a server that says something every 5 s."""
LOW_STOCK = 5


class Tone(StrEnum):
    """What a text means; the theme gives it a colour, and the text itself says it too."""

    PLAIN = "plain"
    STRONG = "strong"
    DIM = "dim"
    ACCENT = "accent"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text and what it means."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table, under the key of the thing that it shows."""

    key: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A named figure."""

    name: str
    value: Cell


# ---------------------------------------------------------------------------------------------- connection


def is_stale(state: State, now: datetime) -> bool:
    """Whether a connection that seems to stand has been silent for too long."""
    return _age(state, now) > STALE_AFTER_SECONDS


def _age(state: State, now: datetime) -> float:
    heard = state.connection.heard_at
    return (now - heard).total_seconds() if heard else 0.0


def connection(state: State, now: datetime) -> Cell:
    """The connection's state, as the header says it."""
    link = state.connection
    match link.phase:
        case Phase.LIVE if is_stale(state, now):
            return Cell(f"◐ STALE {wording.span(_age(state, now))}", Tone.WARN)
        case Phase.LIVE:
            return Cell("● LIVE", Tone.GOOD)
        case Phase.WAITING if link.retry_at is not None:
            left = max((link.retry_at - now).total_seconds(), 0)
            return Cell(f"○ RECONNECTING {left:.0f} s", Tone.BAD)
        case Phase.CONNECTING if state.operator:
            return Cell("○ RECONNECTING", Tone.BAD)
        case Phase.CONNECTING:
            return Cell("○ CONNECTING", Tone.WARN)
        case _:
            return Cell("○ SIGNED OUT", Tone.DIM)


def connection_trouble(state: State, now: datetime) -> str:
    """What is wrong with the connection and how old the screen is, in a sentence; empty when all is well."""
    link = state.connection
    if link.phase is Phase.LIVE:
        if not is_stale(state, now):
            return ""
        return f"Nothing heard from the server for {wording.span(_age(state, now))}; the screen may be old."
    age = f" The screen is {wording.span(_age(state, now))} old." if link.heard_at else ""
    return f"{link.reason or 'Not connected.'}{age}"


# ------------------------------------------------------------------------------------------------- streams

_ORDER = {
    StreamStatus.LIVE: 0,
    StreamStatus.SCHEDULED: 1,
    StreamStatus.ENDED: 2,
    StreamStatus.CANCELLED: 3,
}
_OVER = (StreamStatus.ENDED, StreamStatus.CANCELLED)
_STATUS = {
    StreamStatus.LIVE: Cell("● LIVE", Tone.GOOD),
    StreamStatus.SCHEDULED: Cell("◷ SOON", Tone.ACCENT),
    StreamStatus.ENDED: Cell("■ ENDED", Tone.DIM),
    StreamStatus.CANCELLED: Cell("✗ OFF", Tone.DIM),
}
_INGEST = {
    IngestState.NONE: Cell("none", Tone.DIM),
    IngestState.CONNECTING: Cell("starting", Tone.ACCENT),
    IngestState.LIVE: Cell("ok", Tone.GOOD),
    IngestState.LOST: Cell("LOST", Tone.BAD),
}


def status(view: ControlStreamView) -> Cell:
    """A stream's status in one word."""
    return _STATUS[view.status]


def host(view: ControlStreamView) -> str:
    """Who hosts a stream."""
    return view.affiliate.display_name if view.affiliate else view.seller.business_name


def visible_streams(state: State) -> list[Stream]:
    """The streams that pass the filter: live first, then by time, so that rows keep their places."""
    sought = state.stream_filter.casefold()
    passing = [stream for stream in state.streams.values() if sought in _searchable(stream.view)]
    return sorted(passing, key=lambda stream: _rank(stream.view))


def _searchable(view: ControlStreamView) -> str:
    return f"{view.title} {host(view)} {view.status} {view.id}".casefold()


def _rank(view: ControlStreamView) -> tuple[int, float, str]:
    match view.status:
        case StreamStatus.LIVE:
            moment = (view.started_at or view.created_at).timestamp()
        case StreamStatus.SCHEDULED:
            moment = (view.scheduled_at or view.created_at).timestamp()
        case _:
            moment = -(view.ended_at or view.updated_at).timestamp()
    return (_ORDER[view.status], moment, view.id)


def stream_rows(state: State, now: datetime) -> list[Row]:
    """The table of streams: status, title, host, viewers, trend, messages a minute, time, video."""
    return [Row(stream.view.id, _stream_cells(stream, now, state)) for stream in visible_streams(state)]


def _stream_cells(stream: Stream, now: datetime, state: State) -> tuple[Cell, ...]:
    view = stream.view
    live = view.status is StreamStatus.LIVE
    quiet = Tone.PLAIN if live else Tone.DIM
    return (
        status(view),
        Cell(view.title, Tone.STRONG if live else Tone.DIM),
        Cell(host(view), quiet),
        Cell(wording.count(view.viewer_count) if live else "·", Tone.STRONG if live else Tone.DIM),
        Cell(wording.sparkline(stream.viewers.values, 12) if live else "", Tone.ACCENT),
        Cell(wording.count(view.figures.messages_per_minute) if live else "·", quiet),
        uptime(view, now, state),
        video(view),
    )


def uptime(view: ControlStreamView, now: datetime, state: State) -> Cell:
    """How long a show runs or ran, or how soon it begins."""
    there = now + state.skew
    if view.status is StreamStatus.LIVE and view.started_at:
        return Cell(wording.duration((there - view.started_at).total_seconds()))
    if view.status is StreamStatus.SCHEDULED and view.scheduled_at:
        left = (view.scheduled_at - there).total_seconds()
        return Cell(f"in {wording.span(left)}" if left > 0 else "due", Tone.DIM)
    if view.started_at and view.ended_at:
        return Cell(wording.duration((view.ended_at - view.started_at).total_seconds()), Tone.DIM)
    return Cell("·", Tone.DIM)


def video(view: ControlStreamView) -> Cell:
    """The health of a stream's video in a few characters."""
    ingest = view.ingest
    word = _INGEST[ingest.state]
    if view.status in _OVER:
        return Cell("·", Tone.DIM)
    rate = f" {wording.bitrate(ingest.bitrate_kbps)}" if ingest.state is IngestState.LIVE else ""
    if ingest.warnings:
        tone = Tone.BAD if ingest.state is IngestState.LOST else Tone.WARN
        return Cell(f"⚠ {word.text}{rate}", tone)
    if ingest.state is IngestState.NONE and view.status is StreamStatus.LIVE:
        return Cell("⚠ none", Tone.WARN)
    return Cell(f"{word.text}{rate}", word.tone)


def summary(state: State) -> list[Cell]:
    """The whole house in one line."""
    live = [stream.view for stream in state.streams.values() if stream.view.status is StreamStatus.LIVE]
    troubled = sum(video(view).tone in (Tone.WARN, Tone.BAD) for view in live)
    cells = [
        Cell(f"{len(live)} live", Tone.GOOD if live else Tone.DIM),
        Cell(wording.plural(sum(view.viewer_count for view in live), "viewer")),
        Cell(f"{sum(view.figures.messages_per_minute for view in live):,} messages a minute"),
    ]
    if troubled:
        cells.append(Cell(f"⚠ {troubled} with video trouble", Tone.WARN))
    return cells


# ---------------------------------------------------------------------------------------------------- room


def room_of(state: State, stream_id: str) -> tuple[Stream, Room] | None:
    """A room and its stream, while both are there."""
    stream, room = state.streams.get(stream_id), state.rooms.get(stream_id)
    return (stream, room) if stream and room else None


def visible_lines(room: Room) -> Sequence[Line]:
    """The chat lines that pass the room's filter."""
    sought = room.filter.casefold()
    if not sought:
        return room.chat.lines
    return [
        line
        for line in room.chat.lines
        if sought in line.message.username.casefold() or sought in line.message.message.casefold()
    ]


def unread(room: Room) -> int:
    """How many visible lines came while the operator was not following."""
    if room.held_at is None:
        return 0
    return chats.lines_after(visible_lines(room), room.held_at)


def selected_line(room: Room) -> Line | None:
    """The line that acts go to."""
    if room.selected is None:
        return None
    return next((line for line in reversed(room.chat.lines) if line.message.id == room.selected), None)


def chat_placeholder(room: Room) -> str:
    """What stands in a chat without lines."""
    if room.chat.lines:
        return f"No line has “{room.filter}”. Esc shows all." if room.filter else ""
    match room.history:
        case History.HERE:
            return "No messages yet. They appear here as viewers write."
        case History.FAILED:
            return f"The chat could not be loaded: {room.history_problem} Trying again."
        case _:
            return "Loading the chat …"


def chat_status(room: Room) -> list[Cell]:
    """Whether the chat follows, how much is new while it does not, and what it is filtered by."""
    cells = [Cell(f"only “{room.filter}”", Tone.ACCENT)] if room.filter else []
    if room.held_at is None:
        return [*cells, Cell("following", Tone.DIM)]
    new = unread(room)
    return [*cells, Cell("paused", Tone.WARN), Cell(f"{new} new"), Cell("G follows", Tone.DIM)]


def removal(line: Line) -> Cell | None:
    """That a line was taken away, and by whom."""
    if line.removed_by is None:
        return None
    return Cell(f"removed by {line.removed_by}" if line.removed_by else "removed", Tone.DIM)


def deletion_marks(state: State, stream_id: str) -> dict[str, Cell]:
    """By message id, what became of the wish to delete it."""
    return {
        act.message_id: _mark(mark)
        for act, mark in state.marks.items()
        if isinstance(act, DeleteMessage) and act.stream_id == stream_id
    }


def _mark(mark: Mark) -> Cell:
    match mark.progress:
        case Progress.SENDING:
            return Cell("sending", Tone.ACCENT)
        case Progress.DONE:
            return Cell("done", Tone.GOOD)
        case Progress.REFUSED:
            return Cell("refused", Tone.BAD)


def product_rows(state: State, stream_id: str) -> list[Row]:
    """The table of products: shown or hidden, name, price, price before, stock."""
    stream = state.streams.get(stream_id)
    if stream is None:
        return []
    products = sorted(stream.view.products, key=lambda product: product.position)
    return [Row(p.product_id, _product_cells(state, stream_id, p)) for p in products]


def _product_cells(state: State, stream_id: str, product: StreamProductView) -> tuple[Cell, ...]:
    special = product.special_price
    currency = product.product.currency
    regular = wording.money(product.product.price, currency)
    shown = Tone.STRONG if product.is_active else Tone.DIM
    price = Cell(wording.money(special, currency), Tone.ACCENT) if special is not None else Cell(regular)
    return (
        _activity(state, stream_id, product),
        Cell(product.product.name, shown),
        price,
        Cell(regular if special is not None else "", Tone.DIM),
        stock(product.product.stock),
    )


def _activity(state: State, stream_id: str, product: StreamProductView) -> Cell:
    mark = state.marks.get(ToggleProduct(stream_id, product.product_id))
    if mark is not None and mark.progress is not Progress.DONE:
        return _mark(mark)
    tick = " ✓" if mark else ""
    return Cell(f"● on{tick}", Tone.GOOD) if product.is_active else Cell(f"○ off{tick}", Tone.DIM)


def stock(left: int) -> Cell:
    """How many are left, and whether that is few."""
    if left <= 0:
        return Cell("sold out", Tone.BAD)
    if left <= LOW_STOCK:
        return Cell(f"only {left}", Tone.WARN)
    return Cell(wording.count(left))


def headline(state: State, stream: Stream, now: datetime) -> list[Cell]:
    """A room in one line: status, time, viewers, messages, video."""
    view = stream.view
    cells = [status(view), uptime(view, now, state)]
    if view.status is StreamStatus.LIVE:
        cells += [
            Cell(f"{wording.plural(view.viewer_count, 'viewer')} (peak {wording.count(view.peak_viewers)})"),
            Cell(f"{wording.count(view.figures.messages_per_minute)} msg/min"),
        ]
    if view.status in _OVER:
        return cells
    health = video(view)
    return [*cells, Cell(f"video: {health.text}", health.tone)]


def figures(state: State, stream: Stream, now: datetime) -> list[Fact]:
    """Everything known in numbers about a stream."""
    view = stream.view
    facts = [
        Fact("Status", status(view)),
        Fact("Time", uptime(view, now, state)),
        Fact("Viewers", Cell(wording.count(view.viewer_count), Tone.STRONG)),
        Fact("Peak", Cell(wording.count(view.peak_viewers))),
        Fact("Viewers in all", Cell(wording.count(view.figures.total_viewers))),
        Fact("Messages", Cell(wording.count(view.figures.total_messages))),
        Fact("… a minute", Cell(wording.count(view.figures.messages_per_minute))),
        Fact("Video", video(view)),
    ]
    return facts + _video_facts(view)


def _video_facts(view: ControlStreamView) -> list[Fact]:
    ingest = view.ingest
    facts = []
    if ingest.width and ingest.height:
        rate = f", {ingest.fps:.0f} fps" if ingest.fps else ""
        facts.append(Fact("Picture", Cell(f"{ingest.width}x{ingest.height}{rate}")))
    if ingest.keyframe_interval_seconds is not None:
        facts.append(Fact("Key frames", Cell(f"every {ingest.keyframe_interval_seconds:.1f} s")))
    if ingest.segment_age_seconds is not None:
        tone = Tone.WARN if ingest.segment_age_seconds > 10 else Tone.PLAIN
        facts.append(Fact("Newest segment", Cell(f"{ingest.segment_age_seconds:.0f} s old", tone)))
    return facts


def warnings(stream: Stream, state: State, now: datetime) -> list[str]:
    """What is wrong with a stream's video, in sentences."""
    ingest = stream.view.ingest
    found = list(ingest.warnings)
    if stream.view.status is StreamStatus.LIVE and ingest.state is IngestState.NONE and not found:
        found.append("The show is live without video: no encoder has connected.")
    if ingest.ends_at is not None:
        left = max((ingest.ends_at - now - state.skew).total_seconds(), 0)
        found.append(f"The show ends in {left:.0f} s unless the encoder comes back.")
    return found
