"""What widgets and screens tell the application; it alone dispatches and sends."""

from textual.message import Message

from console.core.events import Event
from console.core.state import Act


class Happened(Message):
    """The operator did something that only concerns this console."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class Asked(Message):
    """The operator wants something of the server."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act
