"""A client whose server is a script: for tests, and for looking at a recorded show."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from console.client.protocol import Hear
from console.core.events import Event, SignInRefused
from shared.endpoints import Endpoint
from shared.problems import Code, ProblemError

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Call:
    """A REST operation that the console asked for."""

    endpoint: str
    parameters: dict[str, str]
    body: Any
    query: Any
    idempotency_key: str | None = None


class ScriptedClient:
    """Says what it is told to say, answers as it was told to answer, and remembers what it was asked."""

    def __init__(self, *script: Event) -> None:
        self.calls: list[Call] = []
        self.resyncs = 0
        self.leaves = 0
        self._script = list(script)
        self._hear: Hear | None = None
        self._answers: dict[str, Callable[[Call], Awaitable[Any]]] = {}

    def answer(self, endpoint: Endpoint[R], answer: Callable[[Call], Awaitable[R]]) -> None:
        """Answer an operation by a coroutine function, which may wait or raise."""
        self._answers[endpoint.name] = answer

    def say(self, event: Event) -> None:
        """Let the console hear something, now or as soon as it listens."""
        if self._hear is None:
            self._script.append(event)
        else:
            self._hear(event)

    async def run(self, hear: Hear) -> None:
        """Say the script, then whatever is said later, until cancelled or refused."""
        self._hear = hear
        while self._script:
            event = self._script.pop(0)
            hear(event)
            if isinstance(event, SignInRefused):
                return
        await asyncio.Event().wait()

    def resync(self) -> None:
        """Count the wish."""
        self.resyncs += 1

    async def leave(self) -> None:
        """Count the goodbye."""
        self.leaves += 1

    async def call(
        self,
        endpoint: Endpoint[R],
        *,
        body: Any = None,
        query: Any = None,
        idempotency_key: str | None = None,
        **parameters: str,
    ) -> R:
        """Answer as told; without an answer the server is out of reach."""
        call = Call(endpoint.name, parameters, body, query, idempotency_key)
        self.calls.append(call)
        answer = self._answers.get(endpoint.name)
        if answer is None:
            raise ProblemError(Code.OFFLINE, "The script has no answer to this.")
        return cast(R, await answer(call))
