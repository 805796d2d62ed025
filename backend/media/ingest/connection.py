"""One connection to the RTMP port: the session on a socket."""

import asyncio
from collections.abc import Iterable
from typing import Protocol, cast

import structlog

from backend import seams
from backend.media.codecs import CodecError
from backend.media.hls.segmenter import SegmentTooLongError
from backend.media.ingest.program import Program
from backend.media.rtmp.errors import ProtocolError
from backend.media.rtmp.events import (
    Audio,
    Event,
    Metadata,
    PublishRequested,
    Refused,
    Unpublished,
    Video,
)
from backend.media.rtmp.session import UNAUTHORIZED, Session

PUBLISH_TIMEOUT = 10.0
"""Seconds to come from connecting to publishing; also to hang up after it."""
IDLE_TIMEOUT = 15.0
"""Seconds without a byte."""
MAX_UNSENT = 256 << 10
"""Bytes a peer may leave unread before it is dropped."""

_LINGER = 0.3
"""Seconds left to the peer to read why it was refused: closing at once could overtake our answer."""

_log = structlog.get_logger(__name__)


class RefusalError(Exception):
    """A publisher may not publish; the text is for its log."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Owner(Protocol):
    """What a connection asks of the server it belongs to."""

    def opened(self, connection: "PublisherConnection") -> bool:
        """Note a new connection; False if there are too many."""
        ...

    def closed(self, connection: "PublisherConnection") -> None:
        """Forget it."""
        ...

    async def admit(self, connection: "PublisherConnection", key: str) -> Program:
        """The program that this key lets the connection publish; it has begun.

        Raises:
            RefusalError: it may not.
        """
        ...

    def changed(self) -> None:
        """A program's state has changed: tell the API."""
        ...


class PublisherConnection(asyncio.Protocol):
    """Feeds a session from its socket, and its program from the session."""

    def __init__(self, owner: Owner, *, application: str) -> None:
        """Serve a publisher of `application` for `owner`."""
        self.client = seams.new_id()
        self.address = ""
        self.heard_at = seams.monotonic()
        self._owner = owner
        self._session = Session(application=application)
        self._program: Program | None = None
        self._waiting_since = self.heard_at
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._log = _log.bind(client=self.client)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of `asyncio.Protocol`."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        if not self._owner.opened(self):
            self._drop("too many connections")

    def data_received(self, data: bytes) -> None:
        """Part of `asyncio.Protocol`."""
        if self._closing:
            return
        self.heard_at = seams.monotonic()
        self._run(self._session.receive(data))

    def connection_lost(self, error: Exception | None) -> None:
        """Part of `asyncio.Protocol`."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
        self._owner.closed(self)
        self._end_program("hung up" if error is None else type(error).__name__)

    def cut(self, reason: str) -> None:
        """Tell the peer why it may not publish any longer, and hang up."""
        if not self._closing:
            self._refuse(UNAUTHORIZED, reason)

    def hang_up(self, reason: str) -> None:
        """Close at once."""
        self._drop(reason)
        self._transport.abort()

    def check_time(self) -> None:
        """Drop the peer if it has kept us waiting for too long."""
        now = seams.monotonic()
        if self._closing or self._task is not None:
            return
        if self._program is None and now - self._waiting_since >= PUBLISH_TIMEOUT:
            self._drop("did not publish in time")
        elif now - self.heard_at >= IDLE_TIMEOUT:
            self._drop("silent for too long")

    def _run(self, events: Iterable[Event]) -> None:
        try:
            for event in events:
                self._apply(event)
                if self._closing:
                    break
        except ProtocolError as error:
            self._drop(f"protocol: {error}")
        except (CodecError, SegmentTooLongError) as error:
            self._end_program(str(error))
            self._refuse(UNAUTHORIZED, str(error))
        self._send()

    def _apply(self, event: Event) -> None:
        match event:
            case Video(timestamp, payload) if self._program is not None:
                if self._program.video(timestamp, payload):
                    self._owner.changed()
            case Audio(timestamp, payload) if self._program is not None:
                if self._program.audio(timestamp, payload):
                    self._owner.changed()
            case Metadata(properties) if self._program is not None:
                self._program.metadata(properties)
            case PublishRequested(key):
                # Nothing more may come in before there is an answer: there is nowhere to put it.
                self._transport.pause_reading()
                self._task = asyncio.create_task(self._decide(key))
            case Unpublished(command):
                self._waiting_since = seams.monotonic()
                self._end_program(command)
            case Refused(reason):
                self._log.info("publisher_refused", address=self.address, reason=reason)
                self._close_soon()

    async def _decide(self, key: str) -> None:
        try:
            program = await self._owner.admit(self, key)
        except RefusalError as refusal:
            self._log.info("publisher_refused", address=self.address, reason=refusal.reason)
            self._task = None
            self._transport.resume_reading()
            self._refuse(refusal.code, refusal.reason)
            return
        except Exception as error:
            # Without a traceback: its frames hold the stream key, which some log formats print.
            self._log.error("publish_failed", error=type(error).__name__)
            self._drop("internal error")
            return
        self._task = None
        self._program = program
        self.heard_at = seams.monotonic()
        self._log.info("publisher_accepted", address=self.address, playback_id=program.playback_id)
        self._run(self._session.accept_publish())
        self._transport.resume_reading()

    def _end_program(self, reason: str) -> None:
        program, self._program = self._program, None
        if program is not None and program.publisher is self:
            self._log.info("publisher_gone", playback_id=program.playback_id, reason=reason)
            program.end()
            self._owner.changed()

    def _refuse(self, code: str, reason: str) -> None:
        self._session.refuse_publish(code, reason)
        self._send()
        self._close_soon()

    def _close_soon(self) -> None:
        self._closing = True
        self._task = asyncio.create_task(self._linger())

    async def _linger(self) -> None:
        await seams.sleep(_LINGER)
        self._task = None
        self._transport.close()

    def _drop(self, reason: str) -> None:
        if not self._closing:
            self._closing = True
            self._log.info("connection_dropped", address=self.address, reason=reason)
            self._end_program(reason)
            self._transport.abort()

    def _send(self) -> None:
        output = self._session.take_output()
        if not output or self._transport.is_closing():
            return
        self._transport.write(output)
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self._drop("does not read our answers")
