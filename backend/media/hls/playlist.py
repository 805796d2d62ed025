"""Live media playlists (RFC 8216 section 4.3)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

_VERSION = 6
"""The lowest that allows EXT-X-MAP next to ordinary segments (RFC 8216 section 7)."""


class PlaylistError(Exception):
    """A text that is no playlist of ours."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment as it is listed."""

    uri: str
    duration: float
    """Seconds."""
    started_at: datetime
    discontinuity: bool = False
    map_uri: str | None = None
    """Of its media initialization section."""


@dataclass(slots=True)
class MediaPlaylist:
    """A window that slides over the segments of one program."""

    window: int
    """How many segments are listed."""
    target_duration: int
    """Whole seconds; grows with longer segments and never shrinks (section 4.3.3.1)."""
    media_sequence: int = 0
    """Number of the first entry."""
    discontinuity_sequence: int = 0
    """How many discontinuities have left the window (section 4.3.3.3)."""
    entries: list[Entry] = field(default_factory=list)
    ended: bool = False

    @property
    def next_sequence(self) -> int:
        """The number of the segment to come."""
        return self.media_sequence + len(self.entries)

    def add(self, entry: Entry) -> list[Entry]:
        """List a segment; gives those that left the window for it."""
        self.entries.append(entry)
        # Rounded to the nearest integer, a duration must not exceed the target duration.
        self.target_duration = max(self.target_duration, int(entry.duration + 0.5))
        excess = max(0, len(self.entries) - self.window)
        left, self.entries = self.entries[:excess], self.entries[excess:]
        self.media_sequence += excess
        self.discontinuity_sequence += sum(entry.discontinuity for entry in left)
        return left

    def render(self) -> str:
        """The playlist's text."""
        lines = [
            "#EXTM3U",
            f"#EXT-X-VERSION:{_VERSION}",
            f"#EXT-X-TARGETDURATION:{self.target_duration}",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            f"#EXT-X-MEDIA-SEQUENCE:{self.media_sequence}",
        ]
        if self.discontinuity_sequence:
            lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{self.discontinuity_sequence}")
        map_uri = None
        for entry in self.entries:
            if entry.discontinuity:
                lines.append("#EXT-X-DISCONTINUITY")
            if entry.map_uri != map_uri:
                map_uri = entry.map_uri
                lines.append(f'#EXT-X-MAP:URI="{map_uri}"')
            started_at = entry.started_at.astimezone(UTC).isoformat(timespec="milliseconds")
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{started_at.replace('+00:00', 'Z')}")
            lines.append(f"#EXTINF:{entry.duration:.3f},")
            lines.append(entry.uri)
        if self.ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str, *, window: int) -> Self:
        """Read back what `render` wrote.

        Raises:
            PlaylistError: it is something else.
        """
        lines = text.splitlines()
        if lines[:1] != ["#EXTM3U"]:
            raise PlaylistError("no playlist")
        playlist = cls(window=window, target_duration=0)
        try:
            playlist._read(lines[1:])
        except ValueError as error:
            raise PlaylistError("no playlist of ours") from error
        return playlist

    def _read(self, lines: list[str]) -> None:
        map_uri, discontinuity, duration, started_at = None, False, 0.0, datetime.min
        for line in lines:
            tag, _, value = line.partition(":")
            match tag:
                case "#EXT-X-TARGETDURATION":
                    self.target_duration = int(value)
                case "#EXT-X-MEDIA-SEQUENCE":
                    self.media_sequence = int(value)
                case "#EXT-X-DISCONTINUITY-SEQUENCE":
                    self.discontinuity_sequence = int(value)
                case "#EXT-X-DISCONTINUITY":
                    discontinuity = True
                case "#EXT-X-MAP":
                    map_uri = value.removeprefix('URI="').removesuffix('"')
                case "#EXT-X-PROGRAM-DATE-TIME":
                    started_at = datetime.fromisoformat(value)
                case "#EXTINF":
                    duration = float(value.rstrip(","))
                case "#EXT-X-ENDLIST":
                    self.ended = True
                case _ if not line.startswith("#"):
                    self.entries.append(Entry(line, duration, started_at, discontinuity, map_uri))
                    discontinuity = False
