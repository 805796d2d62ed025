"""The chat: a bounded view that costs the same however fast the messages come.

It is handed the room some ten times a second at most, wraps each message once for a width, and draws only the
lines that can be seen. While it is not following, the line at the top stays where it is.
"""

import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.strip import Strip

from console.core import wording
from console.core.actions import Scope
from console.core.chat import Line
from console.core.selectors import Cell, Tone, removal
from console.widgets.keys import bindings
from console.widgets.toned import TonedView, fit

NAMES = 7
"""Colours for names; the same person always has the same."""
_NAME_WIDTH = 20
_INDENT = 9
"""Cells of the time and the space after it, under which wrapped text continues."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line on the screen: a part of a message."""

    line: Line
    part: int
    text: str
    mark: Cell | None


class ChatView(TonedView):
    """Wrapped chat lines, the newest at the bottom."""

    BINDINGS = bindings(Scope.LIST, without=("last",)) + bindings(Scope.CHAT)
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"name--{number}" for number in range(NAMES)}

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - Textual's word
        pick: Callable[[str], None],
        let_go: Callable[[], None],
        read_back: Callable[[], None],
    ) -> None:
        """Tell `pick` that the cursor goes to a message, `let_go` that it goes away, `read_back` of scrolling up.

        They are called at once rather than by message: a quick `k k d` must delete the line above the last.
        """
        super().__init__(id=id)
        self._pick = pick
        self._let_go = let_go
        self._read_back = read_back
        self.lines: Sequence[Line] = ()
        self.selected: str | None = None
        self.following = True
        self.placeholder = ""
        self._marks: Mapping[str, Cell] = {}
        self._rows: list[_Row] = []
        self._wrapped: dict[str, tuple[Line, Cell | None, list[_Row]]] = {}
        self._moving = False

    def show(
        self,
        lines: Sequence[Line],
        *,
        marks: Mapping[str, Cell],
        selected: str | None,
        following: bool,
        placeholder: str,
    ) -> None:
        """Show these lines; `marks` says by message id what became of the operator's acts."""
        anchor = self._anchor()
        self.lines, self._marks, self.placeholder = lines, marks, placeholder
        moved = selected != self.selected
        self.selected, self.following = selected, following
        self._lay_out(anchor)
        if moved and selected is not None:
            self._reveal()

    def _lay_out(self, anchor: tuple[int, int] | None) -> None:
        """Wrap what is new, and keep the place."""
        wrapped = {line.message.id: self._wrap(line) for line in self.lines}
        self._wrapped = wrapped
        self._rows = [row for _, _, rows in wrapped.values() for row in rows]
        with self._own_move():
            self.virtual_size = Size(self.line_width, len(self._rows))
            if self.following:
                self._scroll_now(len(self._rows))
            elif anchor is not None:
                self._scroll_now(self._find(anchor))
        self.refresh()

    def _anchor(self) -> tuple[int, int] | None:
        """The `seq` and part of the top line."""
        top = self.scroll_offset.y
        if top >= len(self._rows):
            return None
        row = self._rows[top]
        return row.line.message.seq, row.part

    def _find(self, anchor: tuple[int, int]) -> int:
        return bisect_left(self._rows, anchor, key=lambda row: (row.line.message.seq, row.part))

    @contextmanager
    def _own_move(self) -> Iterator[None]:
        """Scrolling in here is not the operator's."""
        before, self._moving = self._moving, True
        try:
            yield
        finally:
            self._moving = before

    def _scroll_now(self, y: int) -> None:
        self.scroll_to(y=max(0, min(y, self.max_scroll_y)), animate=False, force=True, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take the operator's scrolling up as reading back, and their return to the end as following."""
        super().watch_scroll_y(old_value, new_value)
        if self._moving or round(old_value) == round(new_value):
            return
        if new_value < self.max_scroll_y:
            if self.following:
                self.following = False
                self._read_back()
        elif self.selected is None and not self.following:
            self._follow()

    def on_resize(self) -> None:
        """Wrap everything for the new width."""
        anchor = self._anchor()
        self._wrapped.clear()
        self._lay_out(anchor)

    def on_focus(self) -> None:
        """Show the cursor as active."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor as resting."""
        self.refresh()

    # ------------------------------------------------------------------------------------------- moving

    def action_cursor_up(self) -> None:
        """Pick the line above; from nowhere, the last one that can be seen."""
        self._step(-1)

    def action_cursor_down(self) -> None:
        """Pick the line below; below the last one, follow."""
        self._step(1)

    def action_page_up(self) -> None:
        """Pick a line one screen up."""
        self._step(-max(self.size.height - 1, 1))

    def action_page_down(self) -> None:
        """Pick a line one screen down."""
        self._step(max(self.size.height - 1, 1))

    def action_first(self) -> None:
        """Pick the first line."""
        self._step(-len(self.lines))

    def _follow(self) -> None:
        self.selected, self.following = None, True
        self._let_go()

    def _select(self, message_id: str) -> None:
        self.selected, self.following = message_id, False
        self._pick(message_id)
        self._reveal()
        self.refresh()

    def _step(self, steps: int) -> None:
        if not self.lines:
            return
        place = self._place()
        if place is None:
            if steps > 0:
                self._follow()
                return
            place, steps = self._last_seen(), steps + 1
        target = place + steps
        if target >= len(self.lines):
            if place == len(self.lines) - 1:
                self._follow()
                return
            target = len(self.lines) - 1
        self._select(self.lines[max(target, 0)].message.id)

    def _place(self) -> int | None:
        """The number of the selected line."""
        for place in range(len(self.lines) - 1, -1, -1):
            if self.lines[place].message.id == self.selected:
                return place
        return None

    def _last_seen(self) -> int:
        """The number of the lowest line on the screen."""
        if self.following:
            return len(self.lines) - 1
        bottom = min(self.scroll_offset.y + self.size.height, len(self._rows)) - 1
        seq = self._rows[bottom].line.message.seq
        return bisect_left(self.lines, seq, key=lambda line: line.message.seq)

    def _reveal(self) -> None:
        """Scroll just enough for the selected line to be seen whole."""
        found = self._wrapped.get(self.selected or "")
        if found is None:
            return
        line, _, rows = found
        top = self._find((line.message.seq, 0))
        bottom = top + len(rows) - 1
        with self._own_move():
            if top < self.scroll_offset.y:
                self._scroll_now(top)
            elif bottom >= self.scroll_offset.y + self.size.height:
                self._scroll_now(bottom - self.size.height + 1)

    def on_click(self, event: events.Click) -> None:
        """Pick the line under the mouse."""
        row = self._row_at(event.y)
        if row is not None:
            self._select(row.line.message.id)

    # ------------------------------------------------------------------------------------------ drawing

    def _wrap(self, line: Line) -> tuple[Line, Cell | None, list[_Row]]:
        mark = removal(line) or self._marks.get(line.message.id)
        known = self._wrapped.get(line.message.id)
        if known is not None and known[0] is line and known[1] == mark:
            return known
        width = max(self.line_width - 1, _INDENT + 8)
        texts = wrap(line.message.message, width - self._lead(line), width - _INDENT)
        rows = [_Row(line, part, text, None) for part, text in enumerate(texts)]
        if mark is not None:
            used = cell_len(texts[-1]) + (self._lead(line) if len(texts) == 1 else _INDENT)
            if used + 2 + cell_len(mark.text) <= width:
                rows[-1] = _Row(line, len(rows) - 1, texts[-1], mark)
            else:
                rows.append(_Row(line, len(rows), "", mark))
        return line, mark, rows

    def _lead(self, line: Line) -> int:
        """Cells before the text of a message's first line."""
        badge = f" {line.message.badge}" if line.message.badge else ""
        name = min(cell_len(line.message.username), _NAME_WIDTH)
        return _INDENT + name + len(badge) + 2

    def _row_at(self, y: int) -> _Row | None:
        """The row drawn at a height; few rows stand at the bottom."""
        index = self.scroll_offset.y + y - max(self.size.height - len(self._rows), 0)
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def render_line(self, y: int) -> Strip:
        """Draw a part of a message."""
        row = self._row_at(y)
        if row is None:
            middle = self.placeholder and y == self.size.height // 2
            text = fit(self.placeholder, cell_len(self.placeholder)).center(self.line_width) if middle else ""
            return self.line([self.segment(text, Tone.DIM)])
        selected = row.line.message.id == self.selected
        struck = self.tone(Tone.DIM) + Style(strike=True) if row.line.removed_by is not None else None
        segments = [*self._opening(row, selected=selected), Segment(row.text, struck)]
        if row.mark is not None:
            segments.append(self.segment(f"  {row.mark.text}", row.mark.tone))
        return self.line(segments, selected=selected)

    def _opening(self, row: _Row, *, selected: bool) -> list[Segment]:
        edge = self.segment("▌" if selected else " ", Tone.ACCENT)
        if row.part:
            return [edge, Segment(" " * _INDENT)]
        message = row.line.message
        name = message.username
        if cell_len(name) > _NAME_WIDTH:
            name = fit(name, _NAME_WIDTH)
        badge = [self.segment(f" {message.badge}", Tone.ACCENT)] if message.badge else []
        return [
            edge,
            self.segment(f"{wording.clock(message.sent_at)} ", Tone.DIM),
            Segment(name, self._name_style(message.user.id)),
            *badge,
            self.segment(": ", Tone.DIM),
        ]

    def _name_style(self, user_id: str) -> Style:
        number = zlib.crc32(user_id.encode()) % NAMES
        return self.get_component_rich_style(f"name--{number}", partial=True)


def wrap(text: str, first: int, rest: int) -> list[str]:
    """The text in lines of at most `first` cells, then `rest`; broken between words where that is possible."""
    if cell_len(text) <= first:
        return [text]
    lines: list[str] = []
    room, current, used = first, "", 0
    for word in text.split(" "):
        length = cell_len(word)
        if current and used + 1 + length <= room:
            current, used = f"{current} {word}", used + 1 + length
            continue
        if current or (not lines and length > room and length <= rest):
            lines.append(current)
            room = rest
        pieces = chop_cells(word, room) or [""]
        for piece in pieces[:-1]:
            lines.append(piece)
            room = rest
        current, used = pieces[-1], cell_len(pieces[-1])
    lines.append(current)
    return lines
