"""What the console asks of a client."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from console.core.credentials import Credentials
from console.core.events import Event
from shared.endpoints import Endpoint

R = TypeVar("R")

Hear = Callable[[Event], None]
"""Takes in what the client has heard; must not raise."""


class Client(Protocol):
    """A connection to one server under one identity.

    It tells `hear` everything that happens, in order: `Connecting`, then a `SnapshotArrived` and the batches
    after it, a `ConnectionLost` whenever it has to try again, `SignInRefused` when trying again is no use.
    """

    async def run(self, hear: Hear) -> None:
        """Stay connected until cancelled or refused."""
        ...

    def resync(self) -> None:
        """Get a new snapshot: now if connected, else by trying to connect at once."""
        ...

    async def leave(self) -> None:
        """End the sign-in that this client made, if it made one; never raises for a server that is gone."""
        ...

    async def call(
        self,
        endpoint: Endpoint[R],
        *,
        body: Any = None,
        query: Any = None,
        idempotency_key: str | None = None,
        **parameters: str,
    ) -> R:
        """Carry out one REST operation; with an idempotency key, once however often it is asked for.

        Raises:
            ProblemError: when it is refused, or (`offline`) when the server can't be reached.
        """
        ...


Connect = Callable[[Credentials], Client]
"""Makes a client for an operator."""
