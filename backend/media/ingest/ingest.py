"""All publishers and programs of one media server, and what the API is told of them."""

import asyncio
import errno
from collections import Counter
from pathlib import Path

import structlog

from backend import seams
from backend.media.hls.output import (
    HlsOutput,
    delete_program,
    free_bytes,
    is_finished,
    is_program,
)
from backend.media.ingest.connection import PublisherConnection, RefusalError
from backend.media.ingest.hooks import ApiHooks, ApiUnavailableError
from backend.media.ingest.program import Program, Publisher
from backend.media.rtmp.session import BAD_NAME, FAILED, UNAUTHORIZED
from backend.media.settings import MediaSettings
from shared.ingest import IngestReport, IngestState, IngestVerdict, PublishRequest

TAKEOVER_SILENCE = 3.0
"""Seconds after which a publisher that sends nothing may be replaced: most likely its network is gone."""

_REPORT_INTERVAL = 1.0
_CHECK_INTERVAL = 0.5
_SWEEP_INTERVAL = 30.0
_MARGIN = 60.0
"""Seconds beyond the grace period after which a lost program ends even if the API says nothing."""

_log = structlog.get_logger(__name__)


class Ingest:
    """Accepts publishers, keeps their programs, reports to the API and does what it says."""

    def __init__(self, settings: MediaSettings, hooks: ApiHooks) -> None:
        """Serve by `settings`; `hooks` decides."""
        self._settings = settings
        self._hooks = hooks
        self._connections: set[PublisherConnection] = set()
        self._addresses: Counter[str] = Counter()
        self._programs: dict[str, Program] = {}
        self._change = asyncio.Event()
        self._swept_at = seams.monotonic()

    def connect(self) -> PublisherConnection:
        """A connection for a socket that was just accepted: asyncio's protocol factory."""
        return PublisherConnection(self, application=self._settings.rtmp_app)

    async def run(self) -> None:
        """Watch over time and report, until cancelled."""
        self._adopt()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            group.create_task(self._report_on())

    async def stop(self) -> None:
        """Hang up on everyone, keep what they sent, and tell the API.

        Playlists stay open: a media server that comes back within the grace period continues them.
        """
        for connection in list(self._connections):
            connection.hang_up("the media server stops")
        await self._hooks.report(self._report())

    def opened(self, connection: PublisherConnection) -> bool:
        """Note a new connection; False if there are too many, overall or from its address."""
        self._connections.add(connection)
        self._addresses[connection.address] += 1
        return (
            len(self._connections) <= self._settings.max_connections
            and self._addresses[connection.address] <= self._settings.max_connections_per_address
        )

    def closed(self, connection: PublisherConnection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)
        self._addresses[connection.address] -= 1
        if not self._addresses[connection.address]:
            del self._addresses[connection.address]

    def changed(self) -> None:
        """Report now rather than at the next second."""
        self._change.set()

    async def admit(self, connection: PublisherConnection, key: str) -> Program:
        """The program that the API lets this key publish; it has begun.

        Raises:
            RefusalError: the key is not allowed, its stream has a publisher, or nobody can tell.
        """
        playback_id = await self._ask(connection, key)
        # Nothing is awaited from here on: of two publishers of one program, one comes first.
        program = self._programs.get(playback_id)
        if program is not None and program.publisher is not None:
            self._take_over(program, program.publisher)
        try:
            program = program or self._open(playback_id)
            program.begin(connection)
        except OSError as error:
            raise RefusalError(FAILED, "The server cannot store the video.") from error
        self._programs[playback_id] = program
        self.changed()
        return program

    async def _ask(self, connection: PublisherConnection, key: str) -> str:
        request = PublishRequest(client=connection.client, key=key, address=connection.address)
        try:
            decision = await self._hooks.authorize(request)
        except ApiUnavailableError as error:
            _log.warning("publish_undecided", client=connection.client, reason=str(error))
            raise RefusalError(FAILED, "The server cannot check the stream key at present.") from error
        if decision.playback_id is None:
            raise RefusalError(UNAUTHORIZED, decision.error or "This stream key is not allowed.")
        if (self._free_bytes() or 0) < self._settings.min_free_bytes:
            raise RefusalError(FAILED, "The server has no room left for video.")
        return decision.playback_id

    @staticmethod
    def _take_over(program: Program, rival: Publisher) -> None:
        if seams.monotonic() - rival.heard_at <= TAKEOVER_SILENCE:
            raise RefusalError(BAD_NAME, "This stream is already being published.")
        program.end()
        rival.cut("Another publisher has taken over.")

    def _open(self, playback_id: str) -> Program:
        settings = self._settings
        output = HlsOutput(
            settings.hls_dir,
            playback_id,
            window=settings.window,
            target=settings.segment_seconds,
            min_free_bytes=settings.min_free_bytes,
        )
        return Program(output, target=settings.segment_seconds)

    def _adopt(self) -> None:
        """Take up the unfinished programs of an earlier process as lost, so that the API can end them."""
        for path in self._settings.hls_dir.glob("*.m3u8"):
            playback_id = path.stem
            if playback_id in self._programs or is_finished(path):
                continue
            if not is_program(self._settings.hls_dir, playback_id):
                continue
            program = self._programs[playback_id] = self._open(playback_id)
            program.state_since -= _age(path)
            _log.info("program_adopted", playback_id=playback_id)

    def _report(self) -> IngestReport:
        return IngestReport(
            programs=[program.report() for program in self._programs.values()],
            disk_free_bytes=self._free_bytes(),
        )

    def _free_bytes(self) -> int | None:
        try:
            return free_bytes(self._settings.hls_dir)
        except OSError:
            return None

    async def _report_on(self) -> None:
        while True:
            self._change.clear()
            verdict = await self._hooks.report(self._report())
            if verdict is not None:
                self._apply(verdict)
            try:
                async with asyncio.timeout(_REPORT_INTERVAL):
                    await self._change.wait()
            except TimeoutError:
                continue

    def _apply(self, verdict: IngestVerdict) -> None:
        for program in list(self._programs.values()):
            if program.playback_id in verdict.finish:
                self._finish(program)
            elif program.publisher is not None and program.publisher.client in verdict.drop:
                publisher = program.publisher
                program.end()
                self.changed()
                publisher.cut("The stream may not be published any longer.")

    def _finish(self, program: Program) -> None:
        del self._programs[program.playback_id]
        program.finish()

    async def _watch(self) -> None:
        while True:
            await seams.sleep(_CHECK_INTERVAL)
            for connection in list(self._connections):
                connection.check_time()
            self._finish_abandoned()
            if seams.monotonic() - self._swept_at >= _SWEEP_INTERVAL:
                self._swept_at = seams.monotonic()
                self._sweep()

    def _finish_abandoned(self) -> None:
        limit = self._settings.grace_seconds + _MARGIN
        for program in list(self._programs.values()):
            if program.state is IngestState.LOST and seams.monotonic() - program.state_since > limit:
                self._finish(program)

    def _sweep(self) -> None:
        """Delete the files of programs that have been over for long enough, and what was never finished."""
        for path in self._settings.hls_dir.iterdir():
            playback_id = path.name.removesuffix(".m3u8")
            if playback_id in self._programs or not is_program(self._settings.hls_dir, playback_id):
                continue
            playlist = self._settings.hls_dir / f"{playback_id}.m3u8"
            if path != playlist and playlist.exists():
                continue
            try:
                if _age(path) > self._settings.finished_files_seconds:
                    delete_program(self._settings.hls_dir, playback_id)
            except OSError as error:
                if error.errno != errno.ENOENT:
                    _log.warning("files_not_deleted", playback_id=playback_id, reason=str(error))


def _age(path: Path) -> float:
    return seams.now().timestamp() - path.stat().st_mtime
