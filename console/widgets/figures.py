"""A stream's figures, and what is wrong with its video in words."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content

from console.core.selectors import Cell, Fact, Tone
from console.widgets.text import Text
from console.widgets.toned import content

_COLUMN_WIDTH = 33
"""Cells that a name, its value and the space after them take at most."""
_NAME_WIDTH = 15


class Figures(VerticalScroll):
    """Named figures in as many columns as fit, then warnings."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(Text(), id=id)
        self._shown: tuple[Sequence[Fact], Sequence[str], int] | None = None

    def show(self, facts: Sequence[Fact], warnings: Sequence[str]) -> None:
        """Show these figures; nothing is drawn when they are the same."""
        shown = (facts, warnings, self.size.width)
        if shown != self._shown:
            self._shown = shown
            self.query_one(Text).say(self._drawn(facts, warnings))

    def on_resize(self) -> None:
        """Arrange the figures anew."""
        if self._shown is not None:
            facts, warnings, _ = self._shown
            self._shown = None
            self.show(facts, warnings)

    def _drawn(self, facts: Sequence[Fact], warnings: Sequence[str]) -> Content:
        columns = max(self.size.width // _COLUMN_WIDTH, 1)
        height = -(-len(facts) // columns)
        lines = [Content("").join(self._entry(fact) for fact in facts[row::height]) for row in range(height)]
        lines += [content([Cell(f"⚠ {warning}", Tone.WARN)]) for warning in warnings]
        return Content("\n").join(lines)

    def _entry(self, fact: Fact) -> Content:
        gap = " " * max(_COLUMN_WIDTH - _NAME_WIDTH - cell_len(fact.value.text), 1)
        name = content([Cell(fact.name.ljust(_NAME_WIDTH), Tone.DIM)])
        return name + content([fact.value]) + Content(gap)
