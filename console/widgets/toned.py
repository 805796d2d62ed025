"""Text with tones, drawn line by line without markup."""

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.core.selectors import Cell, Tone

TONES = {f"tone--{tone}" for tone in Tone}
"""Component classes; console.tcss gives them colours."""
_CONTENT_STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.DIM: "$ink-dim",
    Tone.ACCENT: "$ink-accent",
    Tone.GOOD: "$success",
    Tone.WARN: "$warning",
    Tone.BAD: "bold $error",
}


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells, cut with an ellipsis or padded."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    padding = " " * (width - length)
    return padding + text if right else text + padding


def content(cells: Iterable[Cell], separator: str = "  ·  ") -> Content:
    """Cells in a row, for widgets that render themselves."""
    parts = [Content.styled(cell.text, _CONTENT_STYLES[cell.tone]) for cell in cells]
    return Content.styled(separator, "$ink-dim").join(parts)


class TonedView(ScrollView, can_focus=True, inherit_bindings=False):
    """A scrolling view that draws its own lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *TONES,
        "toned--cursor",
        "toned--cursor-blurred",
        "toned--heading",
    }

    @property
    def line_width(self) -> int:
        """Cells that a line has, beside the scroll bar."""
        return self.scrollable_content_region.width

    def tone(self, tone: Tone) -> Style:
        """The terminal style of a tone."""
        return self.get_component_rich_style(f"tone--{tone}", partial=True)

    def segment(self, text: str, tone: Tone = Tone.PLAIN) -> Segment:
        """A piece of a line."""
        return Segment(text, self.tone(tone))

    def line(self, segments: list[Segment], *, selected: bool = False) -> Strip:
        """A whole line of the view; the selected one on the cursor's background."""
        width = self.line_width
        strip = Strip(segments).extend_cell_length(width).crop(0, width)
        if selected:
            name = "toned--cursor" if self.has_focus else "toned--cursor-blurred"
            strip = strip.apply_style(self.get_component_rich_style(name, partial=True))
        return strip.apply_style(self.rich_style)
