"""The top line: where one is, who one is, and whether what one sees is true."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from console.core.selectors import Cell, Tone
from console.widgets.toned import content, fit

_PATH_SHARE = 2
"""The path may take one part in so many of the line."""


class Header(Horizontal):
    """Always there, on every screen."""

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Static(markup=False, id="header-path")
        yield Static(markup=False, id="header-operator")
        yield Static(markup=False, id="header-connection")

    def __init__(self) -> None:
        super().__init__()
        self._shown: object = None

    def show(self, path: Sequence[str], operator: Sequence[Cell], connection: Cell) -> None:
        """Show the way here, the operator, and the connection."""
        shown = (tuple(path), tuple(operator), connection, self.size.width)
        if shown == self._shown:
            return
        self._shown = shown
        steps = [Cell("◆ LIVESHOP", Tone.ACCENT)]
        for step in path:
            most = self.size.width // _PATH_SHARE
            steps.append(Cell(fit(step, most) if cell_len(step) > most else step, Tone.STRONG))
        self.query_one("#header-path", Static).update(content(steps, " ▸ "))
        self.query_one("#header-operator", Static).update(content(operator, " "))
        badge = self.query_one("#header-connection", Static)
        badge.update(content([Cell(f" {connection.text} ")]))
        for tone in Tone:
            badge.set_class(tone is connection.tone, f"-{tone}")
