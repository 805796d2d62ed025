"""A table whose rows have names: the cursor stays on its row however rows move, and only changed rows repaint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from console import seams
from console.core.actions import Scope
from console.core.selectors import Cell, Row, Tone
from console.widgets.chat import wrap
from console.widgets.keys import bindings
from console.widgets.toned import TonedView, fit

REPAINT_SECONDS = 0.5
"""Between two repaints for news; the operator's own doings show at once."""
_NARROW = 90
"""A table narrower than this, in cells, saves where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a cell of each row goes."""

    title: str
    width: int = 0
    """In cells; 0 takes what the others leave."""
    narrow: int = 0
    """The width in a narrow table, if it is another one."""
    right: bool = False
    from_width: int = 0
    """Left out of tables narrower than this."""


class Table(TonedView):
    """Rows under a fixed heading."""

    BINDINGS = bindings(Scope.LIST)

    class Clicked(Message):
        """A row was clicked; `again` when it already had the cursor."""

        def __init__(self, table: "Table", key: str, *, again: bool) -> None:
            super().__init__()
            self.table = table
            self.key = key
            self.again = again

        @property
        def control(self) -> "Table":
            """The table that it is about."""
            return self.table

    def __init__(
        self,
        *columns: Column,
        id: str,  # noqa: A002 - Textual's word
        moved: Callable[[str], None] = lambda key: None,
    ) -> None:
        super().__init__(id=id)
        self._moved = moved
        self.columns = columns
        self.rows: Sequence[Row] = ()
        self.key: str | None = None
        self._placeholder = ""
        self._index = 0
        self._painted_at = float("-inf")
        self._waiting: Callable[[], Sequence[Row]] | None = None
        self._spread: list[tuple[int, Column, int]] = []
        self._gap = ""

    @property
    def selected(self) -> str | None:
        """The key of the row under the cursor."""
        return self.key if self.rows else None

    def explain(self, placeholder: str) -> None:
        """Say what stands in the table while it has no rows."""
        if placeholder != self._placeholder:
            self._placeholder = placeholder
            self.refresh()

    def show(self, rows: Callable[[], Sequence[Row]], *, at_once: bool = False) -> None:
        """Show what `rows` gives, now or as soon as the table may repaint."""
        wait = self._painted_at + REPAINT_SECONDS - seams.monotonic()
        if at_once or wait <= 0:
            self._waiting = None
            self._paint(rows())
            return
        if self._waiting is None:
            self.set_timer(wait, self._paint_waiting)
        self._waiting = rows

    def _paint_waiting(self) -> None:
        if self._waiting is not None:
            rows, self._waiting = self._waiting, None
            self._paint(rows())

    def _paint(self, rows: Sequence[Row]) -> None:
        before, self.rows = self.rows, rows
        if [row.key for row in rows] != [row.key for row in before]:
            self._find_cursor()
            self.virtual_size = Size(self.line_width, len(rows) + 1)
            self._painted_at = seams.monotonic()
            self.refresh()
            return
        changed = [index for index, row in enumerate(rows) if row != before[index]]
        for index in changed:
            self.refresh_line(index + 1)
        if changed:
            self._painted_at = seams.monotonic()

    def _find_cursor(self) -> None:
        """Put the cursor on its row again; if that is gone, on the one in its place."""
        places = {row.key: index for index, row in enumerate(self.rows)}
        if self.key in places:
            self._index = places[self.key]
        elif self.rows:
            self._move(min(self._index, len(self.rows) - 1))

    def select(self, key: str | None) -> None:
        """Put the cursor on a row, if it is there (or as soon as it is)."""
        if key is None or key == self.key:
            return
        index = next((index for index, row in enumerate(self.rows) if row.key == key), None)
        if index is None:
            self.key = key
        else:
            self._move(index)

    def _move(self, index: int) -> None:
        if not self.rows:
            return
        old, self._index = self._index, max(0, min(index, len(self.rows) - 1))
        key = self.rows[self._index].key
        if key != self.key:
            self.key = key
            self._moved(key)
        self.refresh_line(old + 1)
        self.refresh_line(self._index + 1)
        self._reveal()

    def _reveal(self) -> None:
        page = self._page
        top = self.scroll_offset.y
        if self._index < top:
            self._scroll_now(self._index)
        elif self._index >= top + page:
            self._scroll_now(self._index - page + 1)

    def _scroll_now(self, y: int) -> None:
        # Forced: rows that have just come may not have made the scroll bar appear yet.
        self.scroll_to(y=y, animate=False, force=True, immediate=True)

    @property
    def _page(self) -> int:
        return max(self.size.height - 1, 1)

    def action_cursor_up(self) -> None:
        """Go one row up."""
        self._move(self._index - 1)

    def action_cursor_down(self) -> None:
        """Go one row down."""
        self._move(self._index + 1)

    def action_page_up(self) -> None:
        """Go one screen up."""
        self._move(self._index - self._page)

    def action_page_down(self) -> None:
        """Go one screen down."""
        self._move(self._index + self._page)

    def action_first(self) -> None:
        """Go to the first row."""
        self._move(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self._move(len(self.rows) - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse points."""
        index = event.y - 1 + self.scroll_offset.y
        if event.y == 0 or index >= len(self.rows):
            return
        again = index == self._index and self.rows[index].key == self.key
        self._move(index)
        self.post_message(self.Clicked(self, self.rows[index].key, again=again))

    def on_resize(self) -> None:
        """Share the new width among the columns."""
        self._spread = self._widths(self.line_width)
        self.virtual_size = Size(self.line_width, len(self.rows) + 1)
        self._reveal()
        self.refresh()

    def on_focus(self) -> None:
        """Show the cursor as active."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor as resting."""
        self.refresh()

    def _widths(self, total: int) -> list[tuple[int, Column, int]]:
        """Each shown column's place among the cells, itself, and its width."""
        narrow = total < _NARROW
        self._gap = " " if narrow else "  "
        shown = [(place, c) for place, c in enumerate(self.columns) if total >= c.from_width]
        fixed = [(c.narrow or c.width) if narrow else c.width for _, c in shown]
        left = max(total - sum(fixed) - len(self._gap) * (len(shown) - 1) - 2, 0)
        share = left // max(fixed.count(0), 1)
        return [(place, c, width or share) for (place, c), width in zip(shown, fixed, strict=True)]

    def render_line(self, y: int) -> Strip:
        """Draw the heading or a row."""
        if y == 0:
            return self._heading()
        index = self.scroll_offset.y + y - 1
        if not self.rows:
            return self._explanation(y)
        if index >= len(self.rows):
            return self.line([])
        return self._row(index)

    def _explanation(self, y: int) -> Strip:
        width = max(self.line_width - 2, 8)
        lines = [part for line in self._placeholder.split("\n") for part in wrap(line, width, width)]
        place = y - 1 - max((self.size.height - 1 - len(lines)) // 2, 0)
        text = lines[place] if 0 <= place < len(lines) else ""
        margin = " " * max((self.line_width - cell_len(text)) // 2, 0)
        return self.line([self.segment(margin + text, Tone.DIM)])

    def _heading(self) -> Strip:
        style = self.get_component_rich_style("toned--heading", partial=True)
        titles = [fit(column.title, size, right=column.right) for _, column, size in self._spread]
        return self.line([Segment(f" {self._gap.join(titles)} ", style)])

    def _row(self, index: int) -> Strip:
        row = self.rows[index]
        selected = row.key == self.key
        segments = [self.segment("▌" if selected else " ", Tone.ACCENT)]
        for number, (place, column, size) in enumerate(self._spread):
            cell = row.cells[place] if place < len(row.cells) else Cell("")
            if number:
                segments.append(Segment(self._gap))
            segments.append(self.segment(fit(cell.text, size, right=column.right), cell.tone))
        return self.line(segments, selected=selected)
