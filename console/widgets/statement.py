"""A statement: the months to turn to, and sums that add up."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message

from console.core.actions import Scope
from console.core.selectors import Cell, Fact, Tone
from console.core.statement_rows import Sum
from console.widgets.chat import wrap
from console.widgets.keys import bindings
from console.widgets.text import Text
from console.widgets.toned import content

_WIDTH = 34
"""Cells of a sum; two stand side by side in 80 columns."""
_GAP = 4


class Months(Horizontal):
    """The month between the one before and the one after, which a click turns to."""

    class Turned(Message):
        """A neighbour was clicked, so many months on."""

        def __init__(self, months: int) -> None:
            super().__init__()
            self.months = months

    def compose(self) -> ComposeResult:
        """Three in a line."""
        yield Text(id="month-before")
        yield Text(id="month")
        yield Text(id="month-after")

    def show(self, before: Cell, month: Cell, after: Cell) -> None:
        """Name them."""
        for text, cell in zip(self.query(Text), (before, month, after), strict=True):
            text.say(content([cell]))

    def on_click(self, event: events.Click) -> None:
        """Turn to the neighbour that was clicked."""
        clicked = event.widget.id if event.widget else None
        way = {"month-before": -1, "month-after": 1}.get(clicked or "")
        if way is not None:
            self.post_message(self.Turned(way))


class Sums(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Sums side by side, as many as fit, and a note below them."""

    BINDINGS = bindings(Scope.LIST)

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(Text(), id=id)
        self._shown: tuple[Sequence[Sum], str, int] | None = None

    def explain(self, placeholder: str) -> None:
        """Say why there are no sums."""
        self._shown = None
        self.add_class("-empty")
        self.query_one(Text).say(placeholder)

    def show(self, sums: Sequence[Sum], note: str) -> None:
        """Show these sums; nothing is drawn when they are the same."""
        shown = (sums, note, self.size.width)
        if shown != self._shown:
            self._shown = shown
            self.remove_class("-empty")
            self.query_one(Text).say(self._drawn(sums, note))

    def on_resize(self) -> None:
        """Arrange the sums anew."""
        if self._shown is not None:
            sums, note, _ = self._shown
            self._shown = None
            self.show(sums, note)

    def _drawn(self, sums: Sequence[Sum], note: str) -> Content:
        fitting = max((self.scrollable_content_region.width + _GAP) // (_WIDTH + _GAP), 1)
        abreast = min(fitting, len(sums))
        lines: list[Content] = []
        for first in range(0, len(sums), abreast):
            blocks = [_block(one) for one in sums[first : first + abreast]]
            lines += [Content(" " * _GAP).join(parts) for parts in zip(*blocks, strict=True)]
            lines.append(Content(""))
        width = abreast * (_WIDTH + _GAP) - _GAP
        lines += [content([Cell(part, Tone.DIM)]) for part in wrap(note, width, width)]
        return Content("\n").join(lines)

    def action_cursor_up(self) -> None:
        """Scroll one line up."""
        self.scroll_up(animate=False)

    def action_cursor_down(self) -> None:
        """Scroll one line down."""
        self.scroll_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll one screen up."""
        self.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """Scroll one screen down."""
        self.scroll_page_down(animate=False)

    def action_first(self) -> None:
        """Scroll to the top."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Scroll to the end."""
        self.scroll_end(animate=False)


def _block(one: Sum) -> list[Content]:
    title = content([Cell(one.title.ljust(_WIDTH), Tone.ACCENT)])
    rule = content([Cell("─" * _WIDTH, Tone.DIM)])
    return [title, *map(_line, one.parts), rule, _line(one.total)]


def _line(fact: Fact) -> Content:
    gap = max(_WIDTH - cell_len(fact.name) - cell_len(fact.value.text), 1)
    return content([Cell(fact.name + " " * gap, Tone.DIM), fact.value], "")
