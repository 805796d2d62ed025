"""One shopper: a person with a browser, over real sockets and a REST client of their own."""

import asyncio
from collections.abc import Awaitable, Iterable
from random import Random
from typing import TypeVar

import httpx

from backend.demo.client import KEY_HEADER, Caller, Connection
from backend.demo.host import Host
from backend.demo.venue import Venue
from backend.demo.verdict import Verdict
from shared import commands, endpoints, events
from shared.views import ChatMessageView, OrderView

T = TypeVar("T")

_TWO_TABS, _SIGNED = 0.12, 0.15


class Shopper:
    """One person with a browser, or with two tabs of it."""

    def __init__(self, name: str, venue: Venue, http: httpx.AsyncClient, verdict: Verdict, rng: Random) -> None:
        self.name = name
        self.host: Host | None = None
        """Whose stream this person watches."""
        self.user_id = ""
        self.greeted = False
        self._session: str | None = f"demo-{rng.getrandbits(96):024x}"
        self._token: str | None = None
        self._signs_in = rng.random() < _SIGNED
        self._tabs = 2 if rng.random() < _TWO_TABS else 1
        self._url = venue.url
        self._http = http
        self._verdict = verdict
        self._connections: list[Connection] = []
        self._joined_at = 0
        """The stream's `seq` at the first tab's join."""
        self._seen: set[str] = set()
        self._busy = asyncio.Lock()

    @property
    def is_connected(self) -> bool:
        """Whether any tab is open."""
        return bool(self._connections)

    async def arrive(self, host: Host) -> None:
        """Open the stream, in every tab.

        Raises:
            ProblemError: the server refused.
        """
        async with self._busy:
            if self._signs_in and self._token is None:
                self._token = (await Caller(self._http).call(endpoints.CREATE_GUEST)).token
                self._session = None
            self._seen.clear()
            await self._close()
            for _ in range(self._tabs):
                await self._open(host)
            self.host = host

    async def _open(self, host: Host) -> None:
        connection = Connection(self._url, self._token)
        connection.on(events.NewMessage, self._hear_message)
        connection.on(events.RecentMessages, self._hear_recent)
        connection.on_loss(self._lose)
        self._connections.append(connection)
        await connection.open()
        self._verdict.sockets += 1
        await self._join(connection, host)

    async def _join(self, connection: Connection, host: Host) -> None:
        command = commands.JoinStream(stream_id=host.stream.id, session_id=self._session)
        joined = await connection.send(command, commands.Joined)
        if connection is self._connections[0]:
            self._joined_at = joined.seq
        self.user_id = joined.user_id
        host.record.visitors.add(joined.user_id)

    def _hear_message(self, message: events.NewMessage) -> None:
        self._verdict.deliveries += 1
        self._seen.add(message.id)

    def _hear_recent(self, recent: events.RecentMessages) -> None:
        self._seen.update(message.id for message in recent.messages)

    def _lose(self) -> None:
        self._verdict.wrong("a shopper lost the connection")
        self.host = None

    def missed(self) -> int:
        """Messages of the stream since this person's arrival that never came."""
        return self.host.record.missing_after(self._joined_at, self._seen) if self.host else 0

    async def say(self, text: str) -> ChatMessageView | None:
        """Chat; None for somebody who has just left.

        Raises:
            ProblemError: the server refused.
        """
        async with self._busy:
            if self.host is None:
                return None
            self._verdict.sent += 1
            record = self.host.record
            command = commands.SendMessage(stream_id=self.host.stream.id, message=text, username=self.name)
            message = (await self._connections[0].send(command, commands.MessageSent)).message
            record.acknowledge(message)
            return message

    async def buy(self, wanted: commands.StreamPurchase, *, times: int = 1) -> list[OrderView]:
        """Press the button in the newest tab, perhaps several times at once; an order a press.

        Nobody who is no longer in that stream presses it.

        Raises:
            ProblemError: the server refused.
        """
        async with self._busy:
            if self.host is None or self.host.stream.id != wanted.stream_id:
                return []
            tab = self._connections[-1]
            answers = await _all(tab.send(wanted, commands.OrderPlaced) for _ in range(times))
            return [answer.order for answer in answers]

    async def check_out(self, basket: commands.PlaceOrder, key: str, *, times: int = 1) -> list[OrderView]:
        """Order by REST, perhaps several times at once; an order a time.

        Raises:
            ProblemError: the server refused.
        """
        async with self._busy:
            caller = self._caller()
            orders = (caller.call(endpoints.PLACE_ORDER, basket, headers={KEY_HEADER: key}) for _ in range(times))
            return await _all(orders)

    async def call_off(self, order_id: str) -> OrderView:
        """Cancel an order that was not paid.

        Raises:
            ProblemError: the server refused.
        """
        return await self._caller().call(endpoints.CANCEL_ORDER, commands.CancelOrder(), order_id=order_id)

    def _caller(self) -> Caller:
        return Caller(self._http, self._token, session=self._session)

    async def move(self, host: Host) -> None:
        """Change to another stream, in the same tabs.

        Raises:
            ProblemError: the server refused.
        """
        async with self._busy:
            await self._leave_stream()
            self._seen.clear()
            for connection in self._connections:
                await self._join(connection, host)
            self.host, self.greeted = host, False

    async def _leave_stream(self) -> None:
        left, self.host = self.host, None
        if left is not None:
            for connection in self._connections:
                await connection.send(commands.LeaveStream(stream_id=left.stream.id), commands.Done)

    async def depart(self, *, politely: bool) -> None:
        """Go: politely by leaving the stream first, else by closing the browser.

        Raises:
            ProblemError: the server refused.
        """
        async with self._busy:
            try:
                if politely:
                    await self._leave_stream()
            finally:
                self.host, self.greeted = None, False
                await self._close()

    async def drop_out(self) -> None:
        """Close every tab at once."""
        self.host = None
        await self._close()

    async def _close(self) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            await connection.close()


async def _all(deeds: Iterable[Awaitable[T]]) -> list[T]:
    """Do these at once and to their end; the first failure, if any, is raised then."""
    outcomes = await asyncio.gather(*deeds, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
