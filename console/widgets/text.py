"""Text that is often told the same again."""

from textual.content import Content
from textual.widgets import Static


class Text(Static):
    """Draws only what is new, and lets the screen be laid out anew only when its shape is."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(text, markup=False, id=id)
        self._said: Content | None = None
        self._shape: list[int] = []

    def say(self, said: Content | str) -> None:
        """Show this text."""
        new = Content(said) if isinstance(said, str) else said
        if self._said is not None and new.is_same(self._said):
            return
        shape = [len(line) for line in new.plain.split("\n")]
        self.update(new, layout=shape != self._shape)
        self._said, self._shape = new, shape
