"""The data folder: its permissions, its secrets, and the lock of the one server that uses it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend import seams
from backend.domain.tokens import MIN_KEY_LENGTH, Keyring
from backend.settings import Settings


class DataDirError(Exception):
    """The data folder cannot be used; the message says why and what to do."""


LOCK_PATIENCE = 5.0
"""Seconds for which a starting server waits for one that is just stopping."""


def prepare(path: Path) -> None:
    """Make the folder, readable by its owner only.

    Raises:
        DataDirError: it cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
    except OSError as error:
        raise DataDirError(f"The data folder {path} cannot be used: {error.strerror}. Choose --data-dir.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise DataDirError(f"The data folder {path} is not writable. Choose another with --data-dir.")


def keyring(settings: Settings) -> Keyring:
    """The installation's signing key: the given one, else the data folder's, made by whoever comes first.

    Raises:
        DataDirError: the key cannot be read or is too short to be one.
    """
    key = settings.signing_key or _secret_file(settings.data_dir / "signing.key")
    if len(key) < MIN_KEY_LENGTH:
        raise DataDirError(f"The signing key is too short; it needs at least {MIN_KEY_LENGTH} characters.")
    return Keyring(key)


def media_secret(settings: Settings) -> str:
    """The secret between the API and a media server that runs apart from it.

    Raises:
        DataDirError: it cannot be read.
    """
    return settings.media_secret or _secret_file(settings.data_dir / "media.secret")


def _secret_file(path: Path) -> str:
    """The content of a secret's file, which is made, whole and exclusively, when it is not there."""
    try:
        if not path.exists():
            _create_exclusively(path, seams.new_secret(48))
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataDirError(f"{path} cannot be read: {error}") from error


def write_secret(path: Path, content: str) -> None:
    """Write a secret's file, whole, in place of one that may be there.

    Raises:
        DataDirError: it cannot be written.
    """
    try:
        with _aside(path, content) as aside:
            aside.replace(path)
    except OSError as error:
        raise DataDirError(f"{path} cannot be written: {error}") from error


def _create_exclusively(path: Path, content: str) -> None:
    """Write aside, then link: another process sees the whole file or none, and only the first link holds."""
    with _aside(path, content) as aside, suppress(FileExistsError):
        os.link(aside, path)


@contextmanager
def _aside(path: Path, content: str) -> Iterator[Path]:
    """A file beside the one at the path, with the content, for its owner only; it is gone when the block ends."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{seams.new_secret(6)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, wait: Callable[[float], None]) -> Iterator[None]:
    """Hold the folder for one server; the lock dies with the process, and its file goes when the block ends.

    Args:
        path: the data folder.
        wait: sleeps for so many seconds.

    Raises:
        DataDirError: another server holds it.
    """
    file_path = path / "server.lock"
    descriptor = _acquire(file_path, wait)
    try:
        yield
    finally:
        file_path.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(path: Path, wait: Callable[[float], None]) -> int:
    deadline = seams.monotonic() + LOCK_PATIENCE
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            if _is_still(descriptor, path):
                return descriptor
            os.close(descriptor)
            continue
        if seams.monotonic() >= deadline:
            raise DataDirError(f"Another server uses {path.parent}. Stop it, or choose another --data-dir.")
        wait(0.1)


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether the locked file is the one at the path, and not one that its last holder has just removed."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
