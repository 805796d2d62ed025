"""A program on disk: `<playback id>.m3u8`, and beside it the folder `<playback id>` with its segments."""

import re
import shutil
from collections import deque
from pathlib import Path

from backend import seams
from backend.media.hls.playlist import Entry, MediaPlaylist, PlaylistError
from backend.media.hls.segmenter import Segment

PLAYBACK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What may become a file name."""

_PUBLISHER_FILE = "publisher"
"""In the program's folder: the reference of its last publisher. Not served."""


class DiskFullError(Exception):
    """There is too little room for another segment."""


class HlsOutput:
    """Writes the segments and the playlist of one program, and deletes what nobody can need any more.

    Every file appears whole, by renaming. Where a playlist of the same program is found, it is continued:
    sequence numbers go on, and file names never come back, since players may hold the old ones for ever.
    """

    def __init__(self, directory: Path, playback_id: str, *, window: int, target: float, min_free_bytes: int) -> None:
        """Write below `directory`, as long as `min_free_bytes` stay free there."""
        self.playback_id = playback_id
        self._directory = directory
        self._folder = directory / playback_id
        self._playlist_path = directory / f"{playback_id}.m3u8"
        self._min_free_bytes = min_free_bytes
        self._playlist = self._resume(window, round(target))
        self._retained = deque(self._unlisted())
        self._run = ""
        self._initialization: bytes | None = None
        self._map_uri: str | None = None
        self._broken = False

    @property
    def uses_mp4(self) -> bool:
        """Whether a listed segment is fragmented MP4: a playlist cannot go back from there."""
        return any(entry.map_uri for entry in self._playlist.entries)

    @property
    def last_publisher(self) -> str:
        """The reference of the last publisher noted, or nothing."""
        try:
            return (self._folder / _PUBLISHER_FILE).read_text("utf-8")[:64]
        except OSError:
            return ""

    def begin(self, publisher: str) -> None:
        """A publisher has come: what it sends does not continue what is there.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / _PUBLISHER_FILE).write_text(publisher, "utf-8")
        self._run = seams.random_bytes(4).hex()
        self._initialization = self._map_uri = None
        self._broken = True
        self._playlist.ended = False

    def add(self, segment: Segment) -> None:
        """Write a segment and list it.

        Raises:
            DiskFullError: it was dropped; the next one will not continue the one before.
            OSError: the same, for another reason.
        """
        try:
            self._write_segment(segment)
        except (DiskFullError, OSError):
            self._broken = True
            raise
        self._write_playlist()
        self._delete_unneeded()

    def finish(self) -> None:
        """End the playlist (EXT-X-ENDLIST); nothing is written if no segment ever was.

        Raises:
            OSError: it cannot be written.
        """
        self._playlist.ended = True
        if self._playlist.entries:
            self._write_playlist()
        else:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _write_segment(self, segment: Segment) -> None:
        if free_bytes(self._directory) < self._min_free_bytes + len(segment.data):
            raise DiskFullError("the disk is full")
        sequence = self._playlist.next_sequence
        if segment.initialization is not None and segment.initialization != self._initialization:
            name = f"{self._run}-{sequence}.mp4"
            _write(self._folder / name, segment.initialization)
            self._initialization, self._map_uri = segment.initialization, f"{self.playback_id}/{name}"
        name = f"{self._run}-{sequence}.{segment.extension}"
        _write(self._folder / name, segment.data)
        entry = Entry(
            uri=f"{self.playback_id}/{name}",
            duration=segment.duration,
            started_at=segment.started_at,
            discontinuity=bool(sequence) and (segment.discontinuity or self._broken),
            map_uri=self._map_uri,
        )
        self._broken = False
        self._retained.extend(self._playlist.add(entry))

    def _write_playlist(self) -> None:
        _write(self._playlist_path, self._playlist.render().encode())

    def _delete_unneeded(self) -> None:
        """A segment stays for as long again as it was listed (RFC 8216 section 6.2.2)."""
        while len(self._retained) > self._playlist.window + 1:
            entry = self._retained.popleft()
            (self._directory / entry.uri).unlink(missing_ok=True)
            needed = {other.map_uri for other in (*self._retained, *self._playlist.entries)}
            if entry.map_uri is not None and entry.map_uri not in needed:
                (self._directory / entry.map_uri).unlink(missing_ok=True)

    def _resume(self, window: int, target_duration: int) -> MediaPlaylist:
        try:
            return MediaPlaylist.parse(self._playlist_path.read_text("utf-8"), window=window)
        except (OSError, UnicodeDecodeError, PlaylistError):
            return MediaPlaylist(window=window, target_duration=target_duration)

    def _unlisted(self) -> list[Entry]:
        """What an earlier process left behind its window, oldest first."""
        if not self._folder.is_dir():
            return []
        listed = {Path(uri).name for entry in self._playlist.entries for uri in (entry.uri, entry.map_uri) if uri}
        left = [path for path in self._folder.iterdir() if path.name not in listed | {_PUBLISHER_FILE}]
        left.sort(key=lambda path: path.stat().st_mtime)
        return [Entry(f"{self.playback_id}/{path.name}", 0.0, seams.now()) for path in left]


def is_program(directory: Path, playback_id: str) -> bool:
    """Whether `directory` holds a program of this id that we have written: nothing else is ours to touch."""
    return PLAYBACK_ID.fullmatch(playback_id) is not None and ((directory / playback_id / _PUBLISHER_FILE).is_file())


def is_finished(playlist_path: Path) -> bool:
    """Whether the playlist in this file has ended, or is none."""
    try:
        return MediaPlaylist.parse(playlist_path.read_text("utf-8"), window=1).ended
    except (OSError, UnicodeDecodeError, PlaylistError):
        return True


def free_bytes(directory: Path) -> int:
    """Room left on the disk that holds `directory`."""
    return shutil.disk_usage(directory).free


def delete_program(directory: Path, playback_id: str) -> None:
    """Remove all files of a program: the playlist first, so that nobody is led to missing segments."""
    (directory / f"{playback_id}.m3u8").unlink(missing_ok=True)
    shutil.rmtree(directory / playback_id, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it appears whole or not at all."""
    unfinished = path.with_name(path.name + ".tmp")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
