"""`liveshop demo`: a server, two hosts on the air, some dozens of shoppers, and the control room in front.

Everything here is a client of the server like any other: REST, sockets, RTMP and HLS over the loopback.
"""

import asyncio
import contextlib
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from backend import seams
from backend.demo import cast
from backend.demo.client import PATIENCE, Caller
from backend.demo.crew import Child, ChildError, Crew, stop
from backend.demo.crowd import Crowd
from backend.demo.host import Host
from backend.demo.moderator import Moderator
from backend.demo.playback import Player
from backend.demo.reckoning import Reckoning
from backend.demo.timing import either
from backend.demo.venue import Venue
from backend.demo.verdict import Verdict
from backend.settings import Settings
from shared import commands, endpoints
from shared.problems import ProblemError
from shared.roles import Role

HEADLESS_SECONDS = 30.0
LIVE_PATIENCE = 20.0
"""Seconds from the start of the publishers in which both streams must be live."""
FAREWELL_PATIENCE = 1.0
"""Seconds that the shoppers have to close their sockets when the demo is told to stop."""
_LAST_WORDS = 15
_SEED = 20
_WRONG_USAGE = 2


def run(settings: Settings, *, headless: bool, seconds: float | None, viewers: int) -> int:
    """Play the show; the exit code.

    Args:
        settings: where to listen; everything else is the demo's own.
        headless: without the control room, with a summary and a judgement at the end.
        seconds: how long it plays once both streams are live; until the control room is left when None.
        viewers: how many shoppers there are.
    """
    if problem := _unusable(headless=headless, seconds=seconds, viewers=viewers):
        _say(problem)
        return _WRONG_USAGE
    try:
        import av  # noqa: F401
    except ImportError as error:
        _say(f"The demo's hosts need the Python package `av` to publish video: pip install av ({error})")
        return 1
    if headless and seconds is None:
        seconds = HEADLESS_SECONDS
    return asyncio.run(_play(settings, headless=headless, seconds=seconds, viewers=viewers))


def _unusable(*, headless: bool, seconds: float | None, viewers: int) -> str | None:
    if seconds is not None and not seconds > 0:
        return "--seconds is above 0."
    if not 1 <= viewers <= 5000:
        return "--viewers is 1 to 5000."
    if not headless and not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return "The control room needs a terminal. Without one, use: liveshop demo --headless"
    return None


def _say(line: str) -> None:
    """Progress, for whoever watches; the terminal may be gone."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"liveshop demo: {line}\n")
        sys.stderr.flush()


async def _play(settings: Settings, *, headless: bool, seconds: float | None, viewers: int) -> int:
    told_to_stop = _stop_signals()
    folder = Path(tempfile.mkdtemp(prefix="liveshop-demo-"))
    try:
        _log_to(folder)
        try:
            venue = Venue.at(settings, folder, _say)
        except OSError as error:
            _say(f"the server cannot listen on {settings.host}: {error.strerror or error}")
            return 1
        show = Show(venue, Verdict([]), viewers=viewers, headless=headless, seconds=seconds)
        return await show.play(told_to_stop)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop_signals() -> asyncio.Future[int]:
    """Done, with the exit code, once a signal says that the demo shall stop."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[int] = loop.create_future()

    def tell(number: int) -> None:
        if not told.done():
            told.set_result(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, tell, number)
    return told


def _log_to(folder: Path) -> None:
    """What libraries have to say must not be written over the control room."""
    logging.basicConfig(filename=folder / "clients.log", level=logging.WARNING, force=True)


@dataclass(slots=True)
class Show:
    """One run of the demo."""

    venue: Venue
    verdict: Verdict
    viewers: int
    headless: bool
    seconds: float | None
    _hosts: list[Host] = field(default_factory=list)
    _curtain: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when nobody shall begin anything new."""
    _lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the show cannot go on."""

    async def play(self, told_to_stop: asyncio.Future[int]) -> int:
        """Everything, from an empty folder to the exit code; stops soon after it is told to."""
        playing = asyncio.create_task(self._play())
        await asyncio.wait({playing, told_to_stop}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            return playing.result()
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        return told_to_stop.result()

    async def _play(self) -> int:
        crew = Crew(self.venue.settings.data_dir, self.venue.environment(), self._note_loss)
        async with crew:
            try:
                await self._on_stage(crew)
            except (ChildError, ProblemError) as error:
                self.verdict.wrong(str(error))
            last_words = crew.last_words(_LAST_WORDS)
        return self._judge(last_words)

    def _judge(self, last_words: str) -> int:
        if not self.verdict.passed:
            _say(f"something failed. The last lines of the log:\n{last_words}")
        with contextlib.suppress(OSError):
            sys.stdout.write(self.verdict.summary() + "\n")
            sys.stdout.flush()
        return 0 if self.verdict.passed else 1

    def _note_loss(self, name: str, code: int) -> None:
        self.verdict.wrong(f"{name} ended (exit code {code})")
        self._lost.set()

    async def _on_stage(self, crew: Crew) -> None:
        _say("starting the server")
        await crew.start_until_ready("the server", "backend", "serve")
        async with httpx.AsyncClient(base_url=self.venue.url, timeout=PATIENCE, trust_env=False) as http:
            await self._set_up(http)
            crowd = Crowd(self.viewers, self._hosts, self.venue, http, self.verdict, Random(_SEED))
            moderator = Moderator(http, self._moderator_token(), self.verdict)
            if self.headless:
                crowd.on_unwelcome = moderator.notice
            try:
                _say(f"the server is up at {self.venue.url}; starting two publishers and letting the shoppers in")
                publishers = [await self._put_on_air(crew, host) for host in self._hosts]
                async with _meanwhile(*(self._watch(host, http) for host in self._hosts)):
                    await self._go_on(crew, crowd)
                    if not self.headless:
                        return
                    await moderator.finish()
                    await self._count(Reckoning(self._hosts, crowd, http, self.verdict), crowd)
                await asyncio.gather(*(stop(publisher) for publisher in publishers))
                await Reckoning(self._hosts, crowd, http, self.verdict).when_it_is_over()
            finally:
                await _within(FAREWELL_PATIENCE, crowd.scatter(), *(host.close() for host in self._hosts))

    def _moderator_token(self) -> str:
        return self.venue.token(Role.MODERATOR, "demo-moderator")

    async def _set_up(self, http: httpx.AsyncClient) -> None:
        """Register the people and the goods, and have each host make a stream."""
        admin = Caller(http, self.venue.token(Role.ADMIN, "demo"))
        for number, act in enumerate(cast.ACTS):
            await _register(admin, act)
            host = Host(act, self.venue, http, self.verdict, Random(_SEED + number))
            self._hosts.append(host)
            self.verdict.streams.append(host.record)
            await host.prepare()

    async def _put_on_air(self, crew: Crew, host: Host) -> Child:
        host.published_at = seams.monotonic()
        name = f"the publisher of {host.act.host_name}"
        return await crew.start(name, "backend.demo.publisher", order=host.broadcast().order())

    async def _watch(self, host: Host, http: httpx.AsyncClient) -> None:
        await host.live.wait()
        await Player(http, host.stream.hls_url, host.record, self.verdict).watch()

    async def _go_on(self, crew: Crew, crowd: Crowd) -> None:
        """Shoppers and hosts do what they do, for as long as the show lasts."""
        async with _meanwhile(
            crowd.mingle(self._curtain), *(host.perform(self._curtain) for host in self._hosts)
        ) as acts:
            if self.headless:
                await self._last_headless()
                self._curtain.set()
                await asyncio.gather(*acts)
            else:
                await self._last_with_control_room(crew)

    async def _last_headless(self) -> None:
        if await self._all_live():
            for host in self._hosts:
                _say(f"{host.act.host_name} is live after {host.record.seconds_to_live or 0:.1f} s")
            await either(self._lost, within=self.seconds)

    async def _last_with_control_room(self, crew: Crew) -> None:
        environment = {"LIVESHOP_URL": self.venue.url, "LIVESHOP_TOKEN": self._moderator_token()}
        console = await crew.in_foreground("the control room", "console", environment)
        time_is_up = asyncio.create_task(self._time())
        await asyncio.wait({console.ended, time_is_up}, return_when=asyncio.FIRST_COMPLETED)
        if not console.ended.done():
            await stop(console)
        elif code := console.ended.result():
            self.verdict.wrong(f"the control room ended with exit code {code}")
        time_is_up.cancel()

    async def _time(self) -> None:
        """Until the show has lasted as long as was asked for."""
        await self._all_live()
        if self.seconds is None:
            await asyncio.Event().wait()
        else:
            await seams.sleep(self.seconds)

    async def _all_live(self) -> bool:
        """Whether all streams have gone live in time."""
        deadline = seams.monotonic() + LIVE_PATIENCE
        for host in self._hosts:
            await either(host.live, self._lost, within=max(0.1, deadline - seams.monotonic()))
            if not host.live.is_set():
                self.verdict.wrong(f"{host.act.host_name} was not live within {LIVE_PATIENCE:.0f} s")
        return all(host.live.is_set() for host in self._hosts)

    async def _count(self, reckoning: Reckoning, crowd: Crowd) -> None:
        _say("counting")
        await reckoning.while_all_are_here()
        await crowd.leave()
        await reckoning.when_all_have_left()


async def _register(admin: Caller, act: cast.Act) -> None:
    """Have the platform know a stream's seller, goods and affiliate."""
    shop = commands.CreateSeller(id=act.shop.id, business_name=act.shop.name, currency="USD")
    await admin.call(endpoints.CREATE_SELLER, shop)
    for goods in act.shop.goods:
        product = commands.CreateProduct(
            id=goods.id, seller_id=act.shop.id, name=goods.name, price=goods.price, stock=goods.stock
        )
        await admin.call(endpoints.CREATE_PRODUCT, product)
    if act.promoter:
        promoter = commands.CreateAffiliate(
            id=act.promoter.id,
            name=act.promoter.name,
            username=act.promoter.username,
            commission_rate=act.promoter.commission,
        )
        await admin.call(endpoints.CREATE_AFFILIATE, promoter)
        await admin.call(endpoints.APPROVE_AFFILIATE, affiliate_id=act.promoter.id)


@asynccontextmanager
async def _meanwhile(*deeds: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Let these go on while the block runs; what is not finished then is cut short."""
    tasks = [asyncio.create_task(deed) for deed in deeds]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _within(seconds: float, *deeds: Awaitable[None]) -> None:
    """Do these, at most so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*deeds)
