"""A line to type a filter into."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label


class FilterBar(Horizontal):
    """Hidden until asked for; Enter keeps the filter, Esc drops it."""

    class Changed(Message):
        """The filter has another text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Message):
        """Typing is over."""

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Label("/")
        yield Input(placeholder="Enter keeps the filter, Esc drops it", compact=True)

    def open(self) -> None:
        """Show the line and type into it."""
        self.add_class("-open")
        # At once, unlike `focus()`: the first letter typed must not act as a key.
        self.screen.set_focus(self.query_one(Input))

    def close(self) -> None:
        """Drop the filter and hide the line."""
        self.query_one(Input).value = ""
        self.remove_class("-open")
        self.post_message(self.Closed())

    @property
    def in_use(self) -> bool:
        """Whether there is a filter, or one is being typed."""
        return self.has_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter; an empty one hides the line."""
        event.stop()
        if event.value:
            self.post_message(self.Closed())
        else:
            self.close()

    def on_key(self, event: events.Key) -> None:
        """Drop the filter on Esc."""
        if event.key == "escape":
            event.stop()
            self.close()
