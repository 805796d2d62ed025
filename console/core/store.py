"""Holds the newest state."""

import logging
from dataclasses import replace

from console.core.events import Event
from console.core.reducer import reduce
from console.core.state import State

log = logging.getLogger(__name__)


class Store:
    """The one place that is assigned to; everything else reads `state` or dispatches events."""

    def __init__(self, state: State) -> None:
        self.state = state

    def dispatch(self, event: Event) -> None:
        """Let an event change the state; one that breaks the reducer is counted, and the console goes on."""
        try:
            self.state = reduce(self.state, event)
        except Exception:
            log.exception("an event could not be applied")
            self.state = replace(self.state, misunderstood=self.state.misunderstood + 1)
