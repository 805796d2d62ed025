"""What all screens of the control room have in common."""

from datetime import datetime

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

from console.core import selectors
from console.core.actions import BY_ID, Scope, offered
from console.core.events import Event
from console.core.selectors import Cell, Tone
from console.core.state import State
from console.core.store import Store
from console.widgets.header import Header
from console.widgets.messages import Changed
from console.widgets.text import Text


class Place(Screen[None]):
    """A screen that shows the state: header, banner, its own body, footer."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-broad")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]  # noqa: RUF012
    SCOPES: tuple[Scope, ...] = (Scope.EVERYWHERE,)
    """Whose actions the help and the palette list here."""
    stream_id = ""
    """The stream that the screen is about, if it is about one."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._rights = _rights(store.state)

    @property
    def state(self) -> State:
        """The newest state, also when it is not on the screen yet: keys may come faster than it is drawn."""
        return self._store.state

    def compose(self) -> ComposeResult:
        """Frame the body."""
        yield Header()
        yield Text(id="banner")
        yield from self.compose_body()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Ask to be filled."""
        self.post_message(Changed())

    def compose_body(self) -> ComposeResult:
        """The screen's own part."""
        yield from ()

    def path(self, state: State) -> list[str]:
        """The way here, for the header."""
        return []

    def show(self, state: State, now: datetime) -> None:
        """Show a state as it is at a moment."""
        trouble = selectors.connection_trouble(state, now)
        self.query_one(Header).show(self.path(state), _operator(state), selectors.connection(state, now))
        self.set_class(bool(trouble) and state.operator is not None, "-troubled")
        if trouble:
            self.query_one("#banner", Text).say(trouble)
        self.show_body(state, now)
        if self._rights != _rights(state):
            self._rights = _rights(state)
            self.refresh_bindings()

    def show_body(self, state: State, now: datetime) -> None:
        """Show the state in the screen's own part."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the operator may do."""
        known = BY_ID.get(action)
        return known is None or offered(known, self.state)

    def happened(self, event: Event) -> None:
        """Let what the operator did change the state, at once, so that the next key meets the new state."""
        self._store.dispatch(event)
        self.post_message(Changed())


def _rights(state: State) -> object:
    return state.operator, state.read_only


def _operator(state: State) -> list[Cell]:
    cells = []
    if state.operator is not None:
        cells.append(Cell(f"{state.operator.id} ({state.operator.role})", Tone.DIM))
    if state.read_only:
        cells.append(Cell("READ-ONLY", Tone.WARN))
    return cells
