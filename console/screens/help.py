"""The keys that work here, read from the registry."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console.core.actions import Scope, in_scope, offered
from console.core.selectors import Cell, Tone
from console.core.state import State
from console.widgets.keys import key_name
from console.widgets.toned import content

_KEYS_WIDTH = 19


class Help(ModalScreen[None]):
    """A card over the screen; any of its keys closes it."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,question_mark,f1,q,enter", "dismiss", "Close", show=False),
        Binding("j", "scroll('down')", show=False),
        Binding("k", "scroll('up')", show=False),
    ]

    def __init__(self, state: State, scopes: tuple[Scope, ...]) -> None:
        super().__init__()
        self._state = state
        self._scopes = scopes

    def compose(self) -> ComposeResult:
        """A section a scope."""
        with Vertical(id="help-card") as card:
            card.border_title = "Keys"
            card.border_subtitle = "Esc closes"
            with VerticalScroll(id="help-scroll"):
                for scope in self._scopes:
                    yield Static(self._section(scope), markup=False, classes="help-section")

    def _section(self, scope: Scope) -> Content:
        lines = [content([Cell(scope.value, Tone.ACCENT)])]
        for action in in_scope(scope):
            if offered(action, self._state):
                keys = "  ".join(key_name(key) for key in action.keys).ljust(_KEYS_WIDTH)
                lines.append(content([Cell(keys, Tone.STRONG)]) + Content(action.help))
        return Content("\n").join(lines)

    def action_scroll(self, way: str) -> None:
        """Scroll by j and k."""
        view = self.query_one("#help-scroll", VerticalScroll)
        view.scroll_relative(y=1 if way == "down" else -1, animate=False)
