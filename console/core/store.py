"""Holds the newest state."""

from console.core.events import Event
from console.core.reducer import reduce
from console.core.state import State


class Store:
    """The one place that is assigned to; everything else reads `state` or dispatches events."""

    def __init__(self, state: State) -> None:
        self.state = state

    def dispatch(self, event: Event) -> None:
        """Let an event change the state."""
        self.state = reduce(self.state, event)
