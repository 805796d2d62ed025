"""Who moderates while nobody sits in the control room: takes unwelcome lines away, by REST."""

import asyncio

import httpx

from backend import seams
from backend.demo.client import Caller
from backend.demo.host import Host
from backend.demo.verdict import Verdict
from shared import endpoints
from shared.problems import ProblemError
from shared.views import ChatMessageView

REACTION = 1.5
"""Seconds from an unwelcome line to its end."""


class Moderator:
    """Deletes what it is shown."""

    def __init__(self, http: httpx.AsyncClient, token: str, verdict: Verdict) -> None:
        self._caller = Caller(http, token)
        self._verdict = verdict
        self._acts: set[asyncio.Task[None]] = set()

    def notice(self, host: Host, message: ChatMessageView) -> None:
        """Take a message away soon."""
        act = asyncio.create_task(self._delete(host, message))
        self._acts.add(act)
        act.add_done_callback(self._acts.discard)

    async def _delete(self, host: Host, message: ChatMessageView) -> None:
        await seams.sleep(REACTION)
        try:
            await self._caller.call(endpoints.DELETE_MESSAGE, stream_id=host.stream.id, message_id=message.id)
        except ProblemError as problem:
            self._verdict.wrong(f"the moderator was refused: {problem}")
        else:
            host.record.deleted.add(message.id)

    async def finish(self) -> None:
        """Wait for what is begun."""
        await asyncio.gather(*self._acts)
