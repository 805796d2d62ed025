"""The application: puts client, state and screens together, and lets them talk only through events."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from textual import on
from textual.app import App, SystemCommand
from textual.command import Provider
from textual.screen import Screen

from console import seams, themes
from console.client import acts
from console.client import ledger as ledgers
from console.client.live import LiveClient
from console.client.protocol import Client, Connect
from console.core import events as e
from console.core.accounts import Account, Holder
from console.core.actions import BY_ID, Scope, offered
from console.core.credentials import Credentials, Token
from console.core.reading import Stage
from console.core.state import Act, History, Phase, Progress, State
from console.core.store import Store
from console.screens.entries import Entries
from console.screens.help import Help
from console.screens.ledger import Ledger
from console.screens.palette import Palette
from console.screens.place import Place
from console.screens.room import Room
from console.screens.sign_in import SignIn
from console.screens.statement import Statement
from console.screens.streams import Streams
from console.settings import Settings
from console.widgets.keys import bindings
from console.widgets.messages import Asked, Changed
from shared.problems import Code, ProblemError
from shared.views import OperatorView

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.1
"""The newest state reaches the screen this often, however many events there were."""
_HISTORY_RETRY = timedelta(seconds=3)
_ANSWER_LOST = frozenset({Code.OFFLINE, Code.UNAVAILABLE, Code.INTERNAL})
"""Refusals after which an act may have happened all the same."""
_NOTICE_SECONDS = 3.0
"""A notice stays this long."""
_GOODBYE_SECONDS = 2.0
"""So long may a program that is told to end take to restore its terminal."""


class ControlRoom(App[None], inherit_bindings=False):
    """A terminal from which live shows are moderated."""

    TITLE = "Liveshop control room"
    CSS_PATH = Path(__file__).with_name("console.tcss")
    BINDINGS = bindings(Scope.EVERYWHERE)
    COMMANDS: ClassVar[set[type[Provider]]] = {Palette}  # type: ignore[assignment]
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, settings: Settings, *, connect: Connect | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.store = Store(State(url=settings.url, read_only=settings.read_only, wanted_stream=settings.stream_id))
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name
        self._connect = connect or (lambda credentials: LiveClient(settings.url, credentials))
        self._client: Client | None = None
        self._shown: object = None
        self._notice_shown = 0
        self._second = 0
        self._leaving = False

    @property
    def state(self) -> State:
        """The newest state."""
        return self.store.state

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own names of colours, for the moment before a theme is chosen."""
        return themes.DARK.variables

    # ------------------------------------------------------------------------------------------ running

    async def on_mount(self) -> None:
        """Show the first screen and begin to listen."""
        self._leave_on_signals()
        await self._arrange()
        if self.settings.token:
            self._sign_in(Token(self.settings.token))
        await self.flush()
        # By the application's own queue: a timer would flush in between while a screen is being made.
        self.set_interval(FLUSH_SECONDS, lambda: self.call_next(self.flush))

    def _leave_on_signals(self) -> None:
        """Restore the terminal also when the system ends the program."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(number, self._leave_surely)

    def _leave_surely(self) -> None:
        # Textual waits for ever to write its goodbye to a terminal that is gone.
        last_resort = threading.Timer(_GOODBYE_SECONDS, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()
        self.exit()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; from now on screens may lack their parts."""
        self._leaving = True
        super().exit(result, return_code, message)

    async def flush(self) -> None:
        """Bring the newest state to the screen."""
        if self._leaving:
            return
        now = seams.now()
        second = int(now.timestamp())
        if second != self._second:
            self._second = second
            self.store.dispatch(e.Ticked(at=now))
        self._fetch_histories()
        self._read_ledger()
        await self._arrange()
        place = self._place()
        shown = (place, self.state, second)
        if place is not None and place.is_mounted and shown != self._shown:
            self._shown = shown
            place.show(self.state, now)
        self._tell()

    def _tell(self) -> None:
        notice = self.state.notice
        if notice is not None and notice.number > self._notice_shown:
            self._notice_shown = notice.number
            self.notify(notice.text, severity=notice.severity.value, timeout=_NOTICE_SECONDS, markup=False)

    # ------------------------------------------------------------------------------------------ screens

    def _place(self) -> Place | None:
        """The uppermost screen that shows the state; help and palette lie above it."""
        stack = [] if self._leaving else self.screen_stack
        return next((screen for screen in reversed(stack) if isinstance(screen, Place)), None)

    async def _arrange(self) -> None:
        """Make the screens what the state says."""
        wanted = self._wanted()
        while (standing := self._standing()) != wanted[: len(standing)]:
            await self.pop_screen()
        for kind, stream_id in wanted[len(standing) :]:
            await self.push_screen(Room(self.store, stream_id) if kind is Room else kind(self.store))

    def _wanted(self) -> list[tuple[type[Place], str]]:
        """The way to where the operator is: each screen's kind, and the stream that it is about."""
        if self.state.operator is None:
            return [(SignIn, "")]
        way: list[tuple[type[Place], str]] = [(Streams, "")]
        if self.state.ledger is not None:
            way.append((Ledger, ""))
            if self.state.ledger.entries is not None:
                way.append((Entries, ""))
            if self.state.ledger.statement is not None:
                way.append((Statement, ""))
        if self.state.open_room:
            way.append((Room, self.state.open_room))
        return way

    def _standing(self) -> list[tuple[type[Place], str]]:
        return [(type(s), s.stream_id) for s in self.screen_stack if isinstance(s, Place)]

    # ---------------------------------------------------------------------------------- the server's side

    @on(SignIn.Given)
    def _credentials_given(self, event: SignIn.Given) -> None:
        self._sign_in(event.credentials)

    def _sign_in(self, credentials: Credentials) -> None:
        self.store.dispatch(e.SignInStarted())
        self._client = client = self._connect(credentials)
        self.run_worker(client.run(self.store.dispatch), group="client", exclusive=True, exit_on_error=False)

    @on(Changed)
    async def _changed(self) -> None:
        await self.flush()

    @on(Asked)
    async def _asked(self, event: Asked) -> None:
        act = event.act
        mark = self.state.marks.get(act)
        if self.state.connection.phase is not Phase.LIVE or self._client is None:
            self.store.dispatch(e.Noted(text="Not connected: nothing was sent."))
        elif mark is None or mark.progress is not Progress.SENDING:
            self.store.dispatch(e.ActSent(act=act, at=seams.now()))
            self.run_worker(self._send(self._client, act), group="acts", exit_on_error=False)
        await self.flush()

    async def _send(self, client: Client, act: Act) -> None:
        try:
            await acts.perform(client, act)
        except ProblemError as problem:
            unsure = problem.code in _ANSWER_LOST
            self.store.dispatch(e.ActRefused(act=act, reason=problem.message, at=seams.now(), unsure=unsure))
        except Exception as error:
            log.exception("an act failed")
            self.store.dispatch(e.ActRefused(act=act, reason=_reason(error), at=seams.now(), unsure=True))
        else:
            self.store.dispatch(e.ActDone(act=act, at=seams.now()))

    def _fetch_histories(self) -> None:
        """Fetch the chat of rooms that were opened, or that missed something."""
        if self._client is None or self.state.connection.phase is not Phase.LIVE:
            return
        for stream_id, room in self.state.rooms.items():
            stream = self.state.streams.get(stream_id)
            if room.history is History.WANTED and stream is not None:
                self.store.dispatch(e.HistoryAsked(stream_id=stream_id))
                fetch = self._fetch(self._client, stream_id, room.ticket + 1, stream.view.seq)
                self.run_worker(fetch, group="history", exit_on_error=False)

    async def _fetch(self, client: Client, stream_id: str, ticket: int, as_of: int) -> None:
        try:
            messages = await acts.history(client, stream_id)
        except Exception as error:
            retry_at = seams.now() + _HISTORY_RETRY
            failed = e.HistoryFailed(stream_id=stream_id, ticket=ticket, reason=_reason(error), retry_at=retry_at)
            self.store.dispatch(failed)
            return
        whole = len(messages) < acts.HISTORY_LIMIT
        self.store.dispatch(
            e.HistoryArrived(stream_id=stream_id, ticket=ticket, as_of=as_of, messages=messages, whole=whole)
        )

    def _read_ledger(self) -> None:
        """Read what the ledger's screens want."""
        ledger, operator = self.state.ledger, self.state.operator
        if ledger is None or operator is None or self._client is None or self.state.connection.phase is not Phase.LIVE:
            return
        client, entries, statement = self._client, ledger.entries, ledger.statement
        if ledger.reading.stage is Stage.WANTED:
            self._read(e.LedgerAsked(), self._read_accounts(client, operator, ledger.reading.ticket + 1))
        if entries is not None and entries.reading.stage is Stage.WANTED:
            ticket = entries.reading.ticket + 1
            self._read(e.EntriesAsked(), self._read_entries(client, entries.account, entries.page, ticket))
        if statement is not None and statement.reading.stage is Stage.WANTED:
            holder, ticket = statement.account.holder, statement.reading.ticket + 1
            self._read(e.StatementAsked(), self._read_statement(client, holder, statement.month, ticket))

    def _read(self, asked: e.Event, reading: Coroutine[None, None, None]) -> None:
        self.store.dispatch(asked)
        self.run_worker(reading, group="ledger", exit_on_error=False)

    async def _read_accounts(self, client: Client, operator: OperatorView, ticket: int) -> None:
        try:
            accounts, whole = await ledgers.accounts(client, operator)
        except Exception as error:
            self.store.dispatch(e.LedgerFailed(ticket=ticket, reason=_reason(error)))
            return
        self.store.dispatch(e.LedgerArrived(ticket=ticket, accounts=accounts, whole=whole, at=seams.now()))

    async def _read_entries(self, client: Client, account: Account, page: int, ticket: int) -> None:
        try:
            found = await ledgers.entries(client, account, page)
        except Exception as error:
            self.store.dispatch(e.EntriesFailed(ticket=ticket, key=account.key, reason=_reason(error)))
            return
        self.store.dispatch(e.EntriesArrived(ticket=ticket, key=account.key, page=found, at=seams.now()))

    async def _read_statement(self, client: Client, holder: Holder, month: str, ticket: int) -> None:
        try:
            found = await ledgers.statement(client, holder, month)
        except Exception as error:
            failed = e.StatementFailed(ticket=ticket, holder=holder, month=month, reason=_reason(error))
            self.store.dispatch(failed)
            return
        self.store.dispatch(e.StatementArrived(ticket=ticket, holder=holder, statement=found, at=seams.now()))

    # ------------------------------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what makes sense now."""
        known = BY_ID.get(action)
        return known is None or known.scope is not Scope.EVERYWHERE or offered(known, self.state)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: the registry has them all."""
        return ()

    def action_help(self) -> None:
        """List the keys of this place."""
        place = self._place()
        if place is not None and not isinstance(self.screen, Help):
            self.push_screen(Help(self.state, place.SCOPES))

    def action_resync(self) -> None:
        """Ask for everything again."""
        if self._client is not None:
            self._client.resync()
            self.store.dispatch(e.Noted(text="Asking the server for everything again.", loud=False))

    def action_next_theme(self) -> None:
        """Change the look."""
        names = [theme.name for theme in themes.THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def action_sign_out(self) -> None:
        """Forget who the operator is, here and on the server."""
        self.workers.cancel_all()
        if self._client is not None:
            self.run_worker(self._client.leave(), group="leave", exit_on_error=False)
        self._client = None
        self.store.dispatch(e.SignInRefused(reason=""))

    async def on_unmount(self) -> None:
        """Close the sockets, and the sign-in, before the program ends."""
        workers = [worker for worker in self.workers if worker.group != "leave"]
        for worker in workers:
            worker.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.workers.wait_for_complete(list(self.workers)), 2)
        if self._client is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._client.leave(), 1)


def _reason(error: Exception) -> str:
    return error.message if isinstance(error, ProblemError) else f"{type(error).__name__}."
