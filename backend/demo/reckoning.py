"""The end of a headless show: what the server says is compared with what its clients did."""

from collections.abc import Awaitable, Callable

import httpx

from backend.demo.client import Caller
from backend.demo.crowd import Crowd
from backend.demo.host import Host
from backend.demo.timing import settled
from backend.demo.verdict import Verdict
from shared import endpoints
from shared.problems import ProblemError
from shared.views import StreamStatus

SETTLE_SECONDS = 6.0
"""How long a figure may take to be right: counts leave once a second, rows are written in batches."""


class Reckoning:
    """Asks the server for every figure that the clients know too."""

    def __init__(self, hosts: list[Host], crowd: Crowd, http: httpx.AsyncClient, verdict: Verdict) -> None:
        self._hosts = hosts
        self._crowd = crowd
        self._public = Caller(http)
        self._verdict = verdict

    async def while_all_are_here(self) -> None:
        """Nobody moves: the figures must come to what the shoppers and hosts did."""
        for host in self._hosts:
            record, present = host.record, self._crowd.present(host)
            if not record.segments_fetched:
                self._verdict.wrong(f"{record.host}: no segment could be played")
            await self._compare(host, "viewers", self._viewers, len(present))
            await self._compare(host, "distinct viewers", self._visitors, len(record.visitors))
            await self._compare(host, "messages", self._messages, len(record.acknowledged) - len(record.deleted))
            await self._compare(host, "products", self._products, sorted(goods.id for goods in host.on_show))
            await self._compare(host, "messages that its host missed", self._missed_by_host, 0)
            await self._compare(host, "messages that shoppers missed", self._missed_by_shoppers, 0)

    async def when_all_have_left(self) -> None:
        """The streams must be empty."""
        for host in self._hosts:
            await self._compare(host, "viewers after all left", self._viewers, 0)

    async def when_it_is_over(self) -> None:
        """The hosts end their streams, and these must be over."""
        for host in self._hosts:
            if host.live.is_set():
                try:
                    await host.end()
                except ProblemError as problem:
                    self._verdict.wrong(f"{host.record.host}: {problem}")
                await self._compare(host, "status", self._status, StreamStatus.ENDED)

    async def _compare(
        self, host: Host, what: str, figure: Callable[[Host], Awaitable[object]], expected: object
    ) -> None:
        found: object = None

        async def agrees() -> bool:
            nonlocal found
            found = await figure(host)
            return found == expected

        try:
            if not await settled(agrees, SETTLE_SECONDS):
                self._verdict.wrong(f"{host.record.host}: {what}: {found}, not {expected}")
        except ProblemError as problem:
            self._verdict.wrong(f"{host.record.host}: {what}: {problem}")

    async def _viewers(self, host: Host) -> int:
        return (await self._public.call(endpoints.GET_STREAM, stream_id=host.stream.id)).viewer_count

    async def _status(self, host: Host) -> StreamStatus:
        return (await self._public.call(endpoints.GET_STREAM, stream_id=host.stream.id)).status

    async def _visitors(self, host: Host) -> int:
        return (await host.stats()).total_viewers

    async def _messages(self, host: Host) -> int:
        return (await host.stats()).total_messages

    async def _products(self, host: Host) -> list[str]:
        shown = await self._public.call(endpoints.LIST_STREAM_PRODUCTS, stream_id=host.stream.id)
        return sorted(item.product_id for item in shown)

    async def _missed_by_host(self, host: Host) -> int:
        return host.record.missing_after(0, host.record.seen_by_host)

    async def _missed_by_shoppers(self, host: Host) -> int:
        return sum(shopper.missed() for shopper in self._crowd.present(host))
