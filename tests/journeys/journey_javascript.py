"""JavaScript clients in a Node.js process of their own, driven from a test."""

import asyncio
import itertools
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journey_waiting import until

FOLDER = Path(__file__).with_name("js")


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that reached a client. Names that begin with an underscore are the client's own news."""

    event: str
    args: list[Any]
    at: float
    """Of the machine's monotonic clock."""

    @property
    def payload(self) -> Any:
        return self.args[0] if self.args else None


@dataclass
class JavaScriptClient:
    """One socket.io-client."""

    node: "Node"
    name: str
    heard: list[Heard] = field(default_factory=list)

    async def ask(self, event: str, *args: Any) -> Any:
        """Emit with an acknowledgement; what the server answered.

        Raises:
            TimeoutError: it did not answer.
        """
        return await self.node.ask(client=self.name, event=event, args=args)

    def emit(self, event: str, *args: Any) -> None:
        self.node.tell(act="emit", client=self.name, event=event, args=args)

    def paste(self, code: str) -> None:
        """Run JavaScript text whose `socket` is this client's."""
        self.node.tell(act="paste", client=self.name, code=code)

    def close(self) -> None:
        self.node.tell(act="close", client=self.name)

    def all(self, event: str) -> list[Any]:
        """The payloads of every such event so far."""
        return [heard.payload for heard in self.heard if heard.event == event]

    def latest(self, event: str) -> Any:
        """The payload of the newest such event; None without one."""
        return next((heard.payload for heard in reversed(self.heard) if heard.event == event), None)

    async def hears(
        self,
        event: str,
        such: Callable[[Any], bool] = lambda _: True,
        *,
        after: int = 0,
        within: float = 10.0,
    ) -> Heard:
        """The first such event, from place `after` in what the client has heard; waits for it."""

        def found() -> Heard | None:
            return next((h for h in self.heard[after:] if h.event == event and such(h.payload)), None)

        return await until(found, f"{self.name} hears {event}", within)


class Node:
    """A Node.js process with any number of clients."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._clients: dict[str, JavaScriptClient] = {}
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator["Node"]:
        node = cls(
            await asyncio.create_subprocess_exec(
                "node",
                "clients.js",
                cwd=FOLDER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=2**24,
            )
        )
        try:
            yield node
        finally:
            await node.end()

    def open(
        self,
        name: str,
        url: str,
        *,
        transports: list[str] | None = None,
        auth: dict[str, Any] | None = None,
        hears: list[str] | None = None,
        **options: Any,
    ) -> JavaScriptClient:
        """Connect a new client, with socket.io-client's defaults where nothing else is given.

        Args:
            name: how the test calls it.
            url: the server's address.
            transports: in place of the client's default, polling and then an upgrade.
            auth: the handshake's.
            hears: report only these events, where there would be many.
            options: further options of socket.io-client.
        """
        client = self._clients[name] = JavaScriptClient(self, name)
        if transports is not None:
            options["transports"] = transports
        if auth is not None:
            options["auth"] = auth
        self.tell(act="open", client=name, url=url, options=options, hears=hears)
        return client

    def tell(self, **order: Any) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps(order).encode() + b"\n")

    async def ask(self, **order: Any) -> Any:
        number = next(self._numbers)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        self.tell(act="ask", reply=number, **order)
        return await reply

    async def kill(self) -> None:
        """kill -9: no client says goodbye."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    def freeze(self) -> None:
        """Stop the process where it is: its connections stay open, and nothing answers."""
        self._process.send_signal(signal.SIGSTOP)

    async def end(self) -> None:
        """Close every client and the process."""
        if self._process.returncode is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                async with asyncio.timeout(5):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "reply" in said:
                self._settle(said)
            else:
                heard = Heard(said["event"], said["args"], said["at"])
                self._clients[said["client"]].heard.append(heard)
        for reply in self._replies.values():
            reply.cancel()

    def _settle(self, said: dict[str, Any]) -> None:
        reply = self._replies.pop(said["reply"])
        if reply.done():
            return
        if said.get("error"):
            reply.set_exception(TimeoutError(said["error"]))
        else:
            reply.set_result(said.get("answer"))
