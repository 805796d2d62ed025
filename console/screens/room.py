"""One stream's room: its chat, its products, its figures."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus

from console.core import selectors
from console.core.actions import Scope
from console.core.events import (
    ChatFiltered,
    Following,
    LineSelected,
    Noted,
    PaneFocused,
    ReadingBack,
    RoomClosed,
    ZoomToggled,
)
from console.core.selectors import Cell
from console.core.state import DeleteMessage, State, Stream, ToggleProduct
from console.core.state import Pane as PaneName
from console.core.state import Room as RoomState
from console.core.store import Store
from console.screens.place import Place
from console.widgets.chat import ChatView
from console.widgets.figures import Figures
from console.widgets.filter_bar import FilterBar
from console.widgets.keys import bindings
from console.widgets.messages import Asked
from console.widgets.pane import Pane
from console.widgets.products import ProductTable
from console.widgets.table import Table
from console.widgets.text import Text
from console.widgets.toned import content

_FOCUS = {PaneName.CHAT: "#chat-view", PaneName.PRODUCTS: "#product-table", PaneName.FIGURES: "#figures-view"}
_ORDER = list(_FOCUS)


class Room(Place):
    """Moderates one stream."""

    BINDINGS = bindings(Scope.ROOM)
    SCOPES = (Scope.CHAT, Scope.PRODUCTS, Scope.ROOM, Scope.LIST, Scope.EVERYWHERE)
    AUTO_FOCUS = "#chat-view"

    def __init__(self, store: Store, stream_id: str) -> None:
        super().__init__(store)
        self.stream_id = stream_id
        self._chat_shown: object = None

    def compose_body(self) -> ComposeResult:
        """Chat beside products and figures; where that is too narrow, one of them at a time."""
        yield Text(id="headline")
        with Horizontal(id="body"):
            with Pane(title="Chat", number=1, id="chat"):
                yield ChatView(id="chat-view", pick=self._pick, let_go=self.action_follow, read_back=self._read_back)
                yield FilterBar()
            with Vertical(id="side"):
                with Pane(title="Products", number=2, id="products"):
                    yield ProductTable(id="product-table")
                    yield Text("No products in this stream yet.", id="no-products")
                with Pane(title="Figures", number=3, id="figures"):
                    yield Figures(id="figures-view")

    def path(self, state: State) -> list[str]:
        """The way here."""
        stream = state.streams.get(self.stream_id)
        return ["Streams", stream.view.title if stream else self.stream_id]

    # ------------------------------------------------------------------------------------------ showing

    def show_body(self, state: State, now: datetime) -> None:
        """Fill the panes."""
        found = selectors.room_of(state, self.stream_id)
        if found is None:
            return
        stream, room = found
        for name in PaneName:
            self.set_class(state.pane is name, f"-on-{name}")
        self.set_class(state.zoomed, "-zoomed")
        self.query_one("#headline", Text).say(content(selectors.headline(state, stream, now)))
        self._show_chat(state, room)
        self._show_products(state, stream)
        facts = selectors.figures(state, stream, now)
        self.query_one("#figures-view", Figures).show(facts, selectors.warnings(stream, state, now))

    def _show_chat(self, state: State, room: RoomState) -> None:
        marks = selectors.deletion_marks(state, self.stream_id)
        shown = (room, marks)
        if shown == self._chat_shown:
            return
        self._chat_shown = shown
        self.query_one(ChatView).show(
            selectors.visible_lines(room),
            marks=marks,
            selected=room.selected,
            following=room.held_at is None,
            placeholder=selectors.chat_placeholder(room),
        )
        self.query_one("#chat", Pane).say(*selectors.chat_status(room))

    def _show_products(self, state: State, stream: Stream) -> None:
        products = stream.view.products
        self.set_class(not products, "-no-products")
        table = self.query_one(ProductTable)
        table.show(lambda: selectors.product_rows(self.state, self.stream_id))
        on_air = sum(product.is_active for product in products)
        self.query_one("#products", Pane).say(Cell(f"{on_air} of {len(products)} on air"))

    # --------------------------------------------------------------------------------------------- chat

    def _pick(self, message_id: str) -> None:
        self.happened(LineSelected(stream_id=self.stream_id, message_id=message_id))

    def _read_back(self) -> None:
        self.happened(ReadingBack(stream_id=self.stream_id))

    def action_follow(self) -> None:
        """Follow again."""
        self.happened(Following(stream_id=self.stream_id))

    def action_delete_message(self) -> None:
        """Ask for the selected message to be removed."""
        room = self.state.rooms.get(self.stream_id)
        line = selectors.selected_line(room) if room else None
        if line is None:
            self.happened(Noted(text="Select a message first: ↑ or k.", loud=False))
        elif line.removed_by is not None:
            self.happened(Noted(text="This message is already removed.", loud=False))
        else:
            self.post_message(Asked(DeleteMessage(self.stream_id, line.message.id)))

    def action_filter_chat(self) -> None:
        """Type a filter."""
        self.happened(PaneFocused(pane=PaneName.CHAT))
        self.query_one(FilterBar).open()

    @on(FilterBar.Changed)
    def filter(self, event: FilterBar.Changed) -> None:
        """Show only what matches."""
        self.happened(ChatFiltered(stream_id=self.stream_id, text=event.text))

    @on(FilterBar.Closed)
    def action_show_chat(self) -> None:
        """Give the keys to the chat."""
        self._go_to(PaneName.CHAT)

    # ----------------------------------------------------------------------------------------- products

    def action_show_products(self) -> None:
        """Give the keys to the products."""
        self._go_to(PaneName.PRODUCTS)

    def action_toggle_product(self) -> None:
        """Ask for the selected product to be shown, or hidden."""
        stream = self.state.streams.get(self.stream_id)
        key = self.query_one(ProductTable).selected
        products = stream.view.products if stream else []
        product = next((product for product in products if product.product_id == key), None)
        if product is not None:
            act = ToggleProduct(self.stream_id, product.product_id, not product.is_active)
            self.post_message(Asked(act))

    @on(Table.Clicked)
    def toggle_clicked(self, event: Table.Clicked) -> None:
        """Switch a product by a second click on its row, as Enter would."""
        if event.again and self.check_action("toggle_product", ()):
            self.action_toggle_product()

    # -------------------------------------------------------------------------------------------- panes

    def action_show_figures(self) -> None:
        """Give the keys to the figures."""
        self._go_to(PaneName.FIGURES)

    def action_next_pane(self) -> None:
        """Give the keys to the pane after this one."""
        self._go_to(_ORDER[(_ORDER.index(self.state.pane) + 1) % len(_ORDER)])

    def action_previous_pane(self) -> None:
        """Give the keys to the pane before this one."""
        self._go_to(_ORDER[_ORDER.index(self.state.pane) - 1])

    def _go_to(self, pane: PaneName) -> None:
        # Shown here as well as in the state: a hidden widget can't take the focus.
        for name in PaneName:
            self.set_class(pane is name, f"-on-{name}")
        self.happened(PaneFocused(pane=pane))
        # At once, unlike `focus()`: the next key may already be on its way.
        self.set_focus(self.query_one(_FOCUS[pane]))

    @on(DescendantFocus)
    def note_pane(self, event: DescendantFocus) -> None:
        """Remember which pane a click has given the keys to."""
        for pane, widget in _FOCUS.items():
            if event.widget is self.query_one(widget) and pane is not self.state.pane:
                self.happened(PaneFocused(pane=pane))

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        self.happened(ZoomToggled())

    def action_back(self) -> None:
        """Go back one level."""
        room = self.state.rooms.get(self.stream_id)
        if self.query_one(FilterBar).in_use:
            self.query_one(FilterBar).close()
        elif room is not None and room.held_at is not None:
            self.action_follow()
        elif self.state.zoomed:
            self.action_zoom()
        else:
            self.happened(RoomClosed())
