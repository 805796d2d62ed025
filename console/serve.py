"""The control room in a browser: one process a page, each with its own sign-in.

textual-serve has no login, so this stays on this machine's own addresses, and pages of other sites are refused.
"""

import ipaddress
import os
import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from console.settings import TOKEN_VARIABLE, Settings, UsageError

_GOODBYE_SECONDS = 1.0
"""Open pages have this long to end."""
TEMPLATES = Path(__file__).with_name("templates")


class BrowserServer(Server):
    """textual-serve with our own page, and without what reaches outside."""

    async def on_startup(self, app: web.Application) -> None:
        """Nothing: `serve` speaks when pages can be opened."""

    def serve(self, debug: bool = False) -> None:
        """Serve until interrupted, then end the processes of open pages."""
        web.run_app(
            self._make_app(),
            host=self.host,
            port=self.port,
            shutdown_timeout=_GOODBYE_SECONDS,
            access_log=None,
            print=lambda _: print(f"control-room {self.public_url}", flush=True),  # noqa: T201
        )

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Start a control room for a page of our own."""
        page = urlsplit(request.headers.get("Origin", f"//{request.host}"))
        # The second condition stops a foreign name that was made to point here.
        if page.netloc != request.host or not _is_loopback(page.hostname or ""):
            raise web.HTTPForbidden(text="Only this server's own page may connect.")
        return await super().handle_websocket(request)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted.

    Raises:
        UsageError: when the host is no address of this machine alone.
    """
    if not _is_loopback(host):
        raise UsageError(
            f"{host!r} can be reached from other machines, and this server has no login of its own; "
            "use 127.0.0.1, and ssh -L or a proxy with a login in front"
        )
    # Each page signs in by itself: whoever opens it must not get the token of whoever started the server.
    os.environ.pop(TOKEN_VARIABLE, None)
    BrowserServer(
        page_command(settings),
        host=host,
        port=port,
        title="Liveshop control room",
        templates_path=TEMPLATES,
    ).serve()


def page_command(settings: Settings) -> str:
    """The shell command of one page."""
    words = [sys.executable, "-m", "console", "--url", settings.url]
    if settings.read_only:
        words.append("--read-only")
    if settings.stream_id:
        words += ["--stream", settings.stream_id]
    return "exec " + shlex.join(words)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
