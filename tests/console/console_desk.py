"""A control room with a scripted server behind it, and a clock that stands still."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from console_shows import NOON, chat, house, snapshot

from console.app import ControlRoom
from console.client.scripted import Call, ScriptedClient
from console.core.events import Event
from console.settings import Settings
from shared import endpoints


class StandingClock:
    """A wall clock that only tests move."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def pass_(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def answering(value: Any) -> Callable[[Call], Awaitable[Any]]:
    async def answer(call: Call) -> Any:
        return value

    return answer


def desk(
    *script: Event, token: str | None = "token", lines: int = 60, **settings: Any
) -> tuple[ControlRoom, ScriptedClient]:
    """A control room whose server has said `script`, by default a snapshot of the whole house."""
    client = ScriptedClient(*(script or (snapshot(*house()),)))
    client.answer(endpoints.LIST_MESSAGES, answering(chat(lines)))
    return ControlRoom(Settings(token=token, **settings), connect=lambda _: client), client
