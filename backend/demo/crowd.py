"""The shoppers: they come in waves, chat, change streams and leave, each over real sockets of their own."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from random import Random

import httpx

from backend import seams
from backend.demo import cast
from backend.demo.client import Caller, Connection
from backend.demo.host import Host
from backend.demo.timing import either
from backend.demo.venue import Venue
from backend.demo.verdict import Verdict
from shared import commands, endpoints, events
from shared.problems import ProblemError
from shared.views import ChatMessageView

WAVE_SECONDS = 80.0
"""From one high tide of shoppers to the next."""
FULL, EMPTY = 0.9, 0.5
"""The parts of the shoppers who are present at high and at low tide."""
FASTEST_CHAT, SLOWEST_CHAT = 0.4, 2.0
"""Seconds between two messages of one stream, on average, with many and with few shoppers."""
LINE_SECONDS = 10.0
"""Seconds between two messages of one shopper, on average."""
_TICK = 0.5
_TWO_TABS, _SIGNED = 0.12, 0.15
_TOLD_RECENTLY = 25


class Shopper:
    """One person with a browser, or with two tabs of it."""

    def __init__(self, name: str, venue: Venue, verdict: Verdict, rng: Random) -> None:
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

    async def arrive(self, host: Host, http: httpx.AsyncClient) -> None:
        """Open the stream, in every tab.

        Raises:
            ProblemError: the server refused.
        """
        async with self._busy:
            if self._signs_in and self._token is None:
                self._token = (await Caller(http).call(endpoints.CREATE_GUEST)).token
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


class Crowd:
    """All the shoppers, and what they feel like doing."""

    def __init__(
        self, count: int, hosts: list[Host], venue: Venue, http: httpx.AsyncClient, verdict: Verdict, rng: Random
    ) -> None:
        self.on_unwelcome: Callable[[Host, ChatMessageView], None] = lambda host, message: None
        """Told of each line that a moderator should take away."""
        self._hosts = hosts
        self._http = http
        self._verdict = verdict
        self._rng = rng
        self._shoppers = [Shopper(name, venue, verdict, rng) for name in invent_names(count, rng)]
        self._told: dict[str, deque[str]] = {host.stream.id: deque(maxlen=_TOLD_RECENTLY) for host in hosts}
        self._replies: set[asyncio.Task[None]] = set()

    def present(self, host: Host) -> list[Shopper]:
        """Who watches a host's stream."""
        return [shopper for shopper in self._shoppers if shopper.host is host]

    async def mingle(self, curtain: asyncio.Event) -> None:
        """Come and go and chat until the curtain falls; everything that was begun is finished then."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._come_and_go(curtain))
                for host in self._hosts:
                    tasks.create_task(self._chat(host, curtain))
            await asyncio.gather(*self._replies)
        finally:
            for reply in self._replies:
                reply.cancel()

    async def _come_and_go(self, curtain: asyncio.Event) -> None:
        opened = seams.monotonic()
        at_once = max(2, len(self._shoppers) // 12)
        while not await either(curtain, within=_TICK):
            wanted = round(len(self._shoppers) * tide(seams.monotonic() - opened))
            present = [shopper for shopper in self._shoppers if shopper.host]
            coming = min(at_once, wanted - len(present))
            if coming > 0:
                absent = [shopper for shopper in self._shoppers if not shopper.host]
                await asyncio.gather(*(self._try(self._arrival(each)) for each in self._rng.sample(absent, coming)))
            elif present and (coming < 0 or self._rng.random() < 0.15):
                await self._try(self._departure(self._rng.choice(present)))
            elif present and self._rng.random() < 0.05:
                await self._try(self._change(self._rng.choice(present)))

    async def _try(self, deed: Awaitable[None]) -> None:
        try:
            await deed
        except ProblemError as problem:
            self._verdict.wrong(f"a shopper was refused: {problem}")

    async def _arrival(self, shopper: Shopper) -> None:
        host = self._rng.choices(self._hosts, [host.act.share for host in self._hosts])[0]
        try:
            await shopper.arrive(host, self._http)
        except ProblemError:
            await shopper.depart(politely=False)
            raise

    async def _departure(self, shopper: Shopper) -> None:
        if self._rng.random() < 0.3:
            await shopper.say(self._rng.choice(cast.FAREWELLS))
        await shopper.depart(politely=self._rng.random() < 0.5)

    async def _change(self, shopper: Shopper) -> None:
        others = [host for host in self._hosts if host is not shopper.host]
        await shopper.move(self._rng.choice(others))

    async def _chat(self, host: Host, curtain: asyncio.Event) -> None:
        last: Shopper | None = None
        while True:
            mean = LINE_SECONDS / max(1, len(self.present(host)))
            mean = min(SLOWEST_CHAT, max(FASTEST_CHAT, mean))
            if await either(curtain, within=min(self._rng.expovariate(1 / mean), 4 * mean)):
                return
            present = self.present(host)
            if others := [shopper for shopper in present if shopper is not last] or present:
                last = self._rng.choice(others)
                await self._try(self._speak(last, host))

    async def _speak(self, shopper: Shopper, host: Host) -> None:
        text, answer, welcome = self._line(shopper, host)
        message = await shopper.say(text)
        if answer:
            reply = asyncio.create_task(host.reply(answer, self._rng.uniform(2.0, 4.5)))
            self._replies.add(reply)
            reply.add_done_callback(self._replies.discard)
        if message and not welcome:
            self.on_unwelcome(host, message)

    def _line(self, shopper: Shopper, host: Host) -> tuple[str, str | None, bool]:
        """Something to say, the host's answer to it, and whether it is welcome."""
        told = self._told[host.stream.id]
        for _ in range(10):
            text, answer, welcome = self._any_line(shopper, host)
            if text not in told:
                break
        told.append(text)
        return text, answer, welcome

    def _any_line(self, shopper: Shopper, host: Host) -> tuple[str, str | None, bool]:
        rng = self._rng
        if not shopper.greeted:
            shopper.greeted = True
            if rng.random() < 0.5:
                return rng.choice(cast.GREETINGS), None, True
        mood = rng.random()
        if mood < 0.04:
            return rng.choice(cast.UNWELCOME), None, False
        if mood < 0.4 or not host.on_show:
            return rng.choice(cast.CHATTER), None, True
        goods = rng.choice(host.on_show)
        if mood < 0.55:
            question = rng.choice(goods.questions)
            return question.asked, question.replied, True
        if mood < 0.8:
            return rng.choice(goods.remarks), None, True
        price = f"{goods.special or goods.price}"
        about = rng.choice(cast.ABOUT_GOODS)
        return about.format(name=goods.name, short=goods.short, price=price, stock=goods.stock), None, True

    async def scatter(self) -> None:
        """Everyone's sockets are closed, whatever they were doing."""
        await asyncio.gather(*(shopper.drop_out() for shopper in self._shoppers))

    async def leave(self) -> None:
        """Everyone goes."""
        going = [shopper for shopper in self._shoppers if shopper.is_connected]
        await asyncio.gather(*(self._try(each.depart(politely=number % 2 == 0)) for number, each in enumerate(going)))


def tide(seconds: float) -> float:
    """The part of all shoppers who are present so many seconds after the doors opened."""
    middle, swing = (FULL + EMPTY) / 2, (FULL - EMPTY) / 2
    return middle + swing * math.sin(2 * math.pi * seconds / WAVE_SECONDS)


def invent_names(count: int, rng: Random) -> list[str]:
    """That many different names as people choose them for a chat."""
    names: dict[str, None] = {}
    while len(names) < count:
        first = rng.choice(cast.FIRST_NAMES)
        style = rng.randrange(4)
        if style == 0:
            name = first
        elif style == 1:
            name = f"{first} {rng.choice('ABCDEFGHIKLMNOPRSTVWZ')}."
        elif style == 2:
            name = first.lower() + rng.choice(cast.HANDLES)
        else:
            name = f"{first.lower()}{rng.randrange(70, 2010)}"
        names[name] = None
    return list(names)
