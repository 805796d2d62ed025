"""What the operator asked for on the command line and in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

URL_VARIABLE = "LIVESHOP_URL"
TOKEN_VARIABLE = "LIVESHOP_TOKEN"  # noqa: S105 - the name of a variable, not its value
PORT_VARIABLE = "LIVESHOP_CONSOLE_PORT"
DEFAULT_URL = "http://localhost:3000"
DEFAULT_PORT = 8000


class UsageError(Exception):
    """A setting that cannot work; its text says what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this console runs."""

    url: str = DEFAULT_URL
    """The server, without a trailing slash."""
    token: str | None = field(default=None, repr=False)
    stream_id: str | None = None
    """The stream whose room opens at once."""
    read_only: bool = False
    """Look, but offer nothing that changes the show."""


def read(
    environment: Mapping[str, str],
    *,
    url: str | None = None,
    token: str | None = None,
    stream_id: str | None = None,
    read_only: bool = False,
) -> Settings:
    """Settings from flags and environment; flags win, and an empty variable counts as unset.

    Raises:
        UsageError: when the address is no http(s) address.
    """
    return Settings(
        url=_checked(url or environment.get(URL_VARIABLE) or DEFAULT_URL),
        token=(token or environment.get(TOKEN_VARIABLE) or "").strip() or None,
        stream_id=stream_id,
        read_only=read_only,
    )


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(f"{url!r} is no server address; write one like {DEFAULT_URL}")
    return url.rstrip("/")
