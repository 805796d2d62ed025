"""What screens tell the application: it repaints, and it alone talks to the server."""

from textual.message import Message

from console.core.state import Act


class Changed(Message):
    """The operator's doing has changed the state; show it without waiting for the next flush."""


class Asked(Message):
    """The operator wants something of the server."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act
