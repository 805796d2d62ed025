"""What the media server last said of each program."""

from backend import seams
from backend.domain import ingest as rules
from backend.storage.models import LiveStream
from shared.ingest import IngestReport, ProgramReport
from shared.views import IngestView


class IngestBoard:
    """The newest report, as a picture of every stream's video. It is news, not truth: a restart forgets it."""

    def __init__(self, grace: float) -> None:
        self.grace = grace
        self._programs: dict[str, ProgramReport] = {}
        self._reported_at = seams.monotonic()
        self._to_drop: set[str] = set()
        self.ever_reported = False
        """Whether a media server that reports is there at all; external ones need not."""

    def put(self, report: IngestReport) -> list[str]:
        """Take a report; the publishers to cut."""
        self._programs = {program.playback_id: program for program in report.programs}
        self._reported_at = seams.monotonic()
        self.ever_reported = True
        dropped = [program.client for program in report.programs if program.client in self._to_drop]
        self._to_drop.intersection_update(dropped)
        return dropped

    def drop(self, playback_id: str) -> None:
        """Have the program's present publisher cut: its key no longer holds."""
        if program := self._programs.get(playback_id):
            self._to_drop.add(program.client)

    @property
    def silent_seconds(self) -> float:
        """Since the last report, or since the start."""
        return seams.monotonic() - self._reported_at

    @property
    def media_server_answers(self) -> bool:
        """Whether reports keep coming."""
        return self.silent_seconds < rules.SILENT_MEDIA_SERVER

    def view(self, row: LiveStream) -> IngestView:
        """The health of a stream's video."""
        report = self._programs.get(row.playback_id) if self.media_server_answers else None
        return rules.health(row.status, report, lost_at=row.ingest_lost_at, grace=self.grace)
