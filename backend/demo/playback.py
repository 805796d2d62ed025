"""A viewer's player without a screen: it follows a stream's HLS playlist and fetches its segments."""

from urllib.parse import urljoin

import httpx

from backend import seams
from backend.demo.verdict import StreamRecord, Verdict

POLL = 1.0
"""Seconds between two looks at the playlist."""
STALLED = 10.0
"""Seconds without a new segment after which a playlist does not advance."""


class Player:
    """Watches one stream."""

    def __init__(self, http: httpx.AsyncClient, url: str, record: StreamRecord, verdict: Verdict) -> None:
        self._http = http
        self._url = url
        self._record = record
        self._verdict = verdict
        self._newest: int | None = None
        self._advanced_at = seams.monotonic()

    async def watch(self) -> None:
        """Follow the playlist until cancelled."""
        while True:
            try:
                await self._look()
            except httpx.HTTPError as error:
                self._verdict.wrong(f"{self._record.host}: playback failed: {str(error) or type(error).__name__}")
            if seams.monotonic() - self._advanced_at > STALLED:
                self._verdict.wrong(f"{self._record.host}: the playlist did not advance for {STALLED:.0f} s")
                self._advanced_at = seams.monotonic()
            await seams.sleep(POLL)

    async def _look(self) -> None:
        playlist = (await self._http.get(self._url)).raise_for_status().text
        number, uri = newest_segment(playlist)
        if uri is None or number == self._newest:
            return
        self._record.segments += 1 if self._newest is None else number - self._newest
        self._newest, self._advanced_at = number, seams.monotonic()
        segment = (await self._http.get(urljoin(self._url, uri))).raise_for_status()
        if not segment.content:
            self._verdict.wrong(f"{self._record.host}: segment {uri} is empty")
        self._record.segments_fetched += 1
        self._record.bytes_fetched += len(segment.content)


def newest_segment(playlist: str) -> tuple[int, str | None]:
    """The media sequence number and address of a playlist's last segment; None where it lists none (RFC 8216)."""
    first, uris = 0, []
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MEDIA-SEQUENCE:"):
            first = int(line.partition(":")[2])
        elif line and not line.startswith("#"):
            uris.append(line)
    return first + len(uris) - 1, uris[-1] if uris else None
