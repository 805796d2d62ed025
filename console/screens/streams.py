"""All streams at a glance."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from console.core import selectors
from console.core.actions import Scope
from console.core.events import LedgerOpened, RoomOpened, StreamSelected, StreamsFiltered
from console.core.state import State
from console.screens.place import Place
from console.widgets.figures import Figures
from console.widgets.filter_bar import FilterBar
from console.widgets.keys import bindings
from console.widgets.pane import Pane
from console.widgets.products import ProductList
from console.widgets.table import Column, Table
from console.widgets.text import Text
from console.widgets.toned import content

_COLUMNS = (
    Column(title="Status", width=7),
    Column(title="Stream"),
    Column(title="Host", width=16, narrow=10),
    Column(title="Viewers", width=7, right=True),
    Column(title="Last 3 min", width=12, right=True, from_width=90),
    Column(title="Msg/min", width=7, right=True),
    Column(title="Sales", width=12, right=True, from_width=110),
    Column(title="Time", width=8, right=True),
    Column(title="Video", width=12, narrow=10),
)

_EMPTY = """No streams yet.

They appear here by themselves as hosts create them.
To try with example data, run on the server's machine:

  liveshop seed"""


class Streams(Place):
    """The list of streams, which moves by itself."""

    BINDINGS = bindings(Scope.STREAMS)
    SCOPES = (Scope.STREAMS, Scope.LIST, Scope.EVERYWHERE)
    AUTO_FOCUS = "#streams"

    def compose_body(self) -> ComposeResult:
        """A line of totals, the table, and the selected stream beside it where there is room."""
        yield Text(id="summary")
        with Horizontal(id="body"):
            yield Table(*_COLUMNS, id="streams", moved=self._remember)
            yield Text(id="empty")
            with Pane(title="Selected", id="preview"):
                yield Text(id="preview-title")
                yield Figures(id="preview-figures")
                yield ProductList(id="preview-products")
        yield FilterBar()

    def path(self, state: State) -> list[str]:
        """The way here."""
        return ["Streams"]

    def show_body(self, state: State, now: datetime) -> None:
        """Fill the table."""
        self.query_one("#summary", Text).say(content(selectors.summary(state)))
        visible = selectors.visible_streams(state)
        empty = self.query_one("#empty", Text)
        empty.say(f"No stream has “{state.stream_filter}”. Esc shows all." if state.streams else _EMPTY)
        self.set_class(not visible, "-empty")
        table = self.query_one("#streams", Table)
        table.select(state.selected_stream)
        table.show(lambda: selectors.stream_rows(self.state, now), at_once=len(visible) != len(table.rows))
        self._preview(state, now)

    def _preview(self, state: State, now: datetime) -> None:
        stream = state.streams.get(self.query_one("#streams", Table).selected or "")
        if stream is None:
            return
        self.query_one("#preview-title", Text).say(stream.view.title)
        facts = selectors.figures(state, stream, now)
        self.query_one("#preview-figures", Figures).show(facts, selectors.warnings(stream, state, now))
        products = self.query_one("#preview-products", ProductList)
        products.show(lambda: selectors.product_rows(self.state, stream.view.id, now))

    def _remember(self, stream_id: str) -> None:
        self.happened(StreamSelected(stream_id=stream_id))

    @on(Table.Clicked, "#streams")
    def open_clicked(self, event: Table.Clicked) -> None:
        """Enter the room of a clicked stream."""
        self.happened(RoomOpened(stream_id=event.key))

    def action_open_room(self) -> None:
        """Enter the room of the selected stream."""
        selected = self.query_one("#streams", Table).selected
        if selected is not None:
            self.happened(RoomOpened(stream_id=selected))

    def action_open_ledger(self) -> None:
        """Go to the ledger."""
        self.happened(LedgerOpened())

    def action_filter_streams(self) -> None:
        """Type a filter."""
        self.query_one(FilterBar).open()

    def key_escape(self) -> None:
        """Drop the filter."""
        if self.query_one(FilterBar).in_use:
            self.query_one(FilterBar).close()

    @on(FilterBar.Changed)
    def filter(self, event: FilterBar.Changed) -> None:
        """List only what matches."""
        self.happened(StreamsFiltered(text=event.text))

    @on(FilterBar.Closed)
    def back_to_table(self) -> None:
        """Give the keys to the table."""
        self.set_focus(self.query_one("#streams", Table))
