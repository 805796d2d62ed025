"""A framed part of the room, with a number to reach it by."""

from textual.containers import Vertical
from textual.content import Content

from console.core.selectors import Cell
from console.widgets.toned import content


class Pane(Vertical):
    """A frame that lights up while something in it has the keys."""

    def __init__(self, *, title: str, number: int | None = None, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        lead = f"{number} " if number is not None else ""
        self.border_title = Content.styled(lead, "dim") + Content(title)

    def say(self, *cells: Cell) -> None:
        """Write on the lower edge."""
        line = content(cells)
        if line != self._border_subtitle:
            self.border_subtitle = line
