"""The top line: where one is, who one is, and whether what one sees is true."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal

from console.core.selectors import Cell, Tone
from console.widgets.text import Text
from console.widgets.toned import content, fit

_PATH_SHARE = 2
"""The path may take one part in so many of the line."""


class Header(Horizontal):
    """Always there, on every screen."""

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Text(id="header-path")
        yield Text(id="header-operator")
        yield Text(id="header-connection")

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
        self.query_one("#header-path", Text).say(content(steps, " ▸ "))
        self.query_one("#header-operator", Text).say(content(operator, " "))
        badge = self.query_one("#header-connection", Text)
        badge.say(content([Cell(f" {connection.text} ")]))
        for tone in Tone:
            badge.set_class(tone is connection.tone, f"-{tone}")
