"""The command `control-room`."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from console import settings
from console.settings import Settings, UsageError

_DESCRIPTION = """\
Moderate live shows from a terminal: watch every stream, read and clean its chat, switch its products.

It asks for the name and password of your account, or for a token. To start signed in, make a token on the server's
machine, and keep it out of the shell's history:

  export LIVESHOP_TOKEN="$(liveshop token --role moderator --id me)"
  control-room

Press ? inside for the keys."""

_ENVIRONMENT = """\
environment (flags win):
  LIVESHOP_URL            the server's address
  LIVESHOP_TOKEN          the token
  LIVESHOP_CONSOLE_PORT   the port of `control-room serve`

exit status: 0 when you leave, 1 when something failed, 2 for wrong usage"""

_SERVE = """\
Serve the control room to browsers on this machine, one process a page. Every page asks for a sign-in of its own:
LIVESHOP_TOKEN is not handed on. There is no login in front of it, so only loopback addresses are accepted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the control room, or serve it; returns the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    # Log records must not be written over the screen; Textual's own devtools see them.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        chosen = settings.read(
            os.environ,
            url=given.url,
            token=given.token,
            stream_id=given.stream,
            read_only=given.read_only,
        )
        if given.command == "serve":
            return _serve(chosen, given.host, given.port)
    except UsageError as error:
        parser.error(str(error))
    except OSError as error:
        print(f"control-room: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        return 1
    return _run(chosen)


def _run(chosen: Settings) -> int:
    from console.app import ControlRoom

    app = ControlRoom(chosen)
    app.run()
    return app.return_code or 0


def _serve(chosen: Settings, host: str, port: int) -> int:
    from console.serve import serve

    serve(chosen, host, port)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="control-room",
        description=_DESCRIPTION,
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser, default=None)
    commands = parser.add_subparsers(dest="command", metavar="")
    serve = commands.add_parser(
        "serve",
        help="the same in a browser",
        description=_SERVE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(serve, default=argparse.SUPPRESS)
    serve.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    port = os.environ.get(settings.PORT_VARIABLE) or str(settings.DEFAULT_PORT)
    serve.add_argument("--port", type=_port, default=port, help="default: %(default)s")
    return parser


def _add_common(parser: argparse.ArgumentParser, *, default: object) -> None:
    """Options that stand before or after the command alike."""
    parser.add_argument("--url", default=default, metavar="URL", help=f"the server (default: {settings.DEFAULT_URL})")
    parser.add_argument("--token", default=default, metavar="T", help="the token; LIVESHOP_TOKEN is better than a flag")
    parser.add_argument("--stream", default=default, metavar="ID", help="open this stream's room at once")
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=default or False,
        help="look, but offer nothing that changes the show",
    )


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is no port; use 1 to 65535")
    return port


if __name__ == "__main__":
    sys.exit(main())
