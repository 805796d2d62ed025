"""The command line `liveshop`."""

import argparse
import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from backend import account_cli, data_dir, ledger_cli, logs, seed, supervisor
from backend.domain.tokens import Keyring
from backend.settings import OPTIONS, Settings, SettingsError, load
from backend.storage.database import FAILURES, DatabaseError, migrate, opened
from shared.ids import ID_IN_WORDS, is_id
from shared.problems import ProblemError
from shared.roles import Role

SERVE_OPTIONS = (
    "data_dir",
    "host",
    "http_port",
    "rtmp_port",
    "hls_port",
    "database_url",
    "redis_url",
    "workers",
    "media",
)
DATABASE_OPTIONS = ("data_dir", "database_url")
MEDIA_OPTIONS = ("data_dir", "host", "rtmp_port", "hls_port")

_EPILOG = """\
Every option has an environment variable of the same name: --http-port is LIVESHOP_HTTP_PORT. Flags win over the
environment, the environment over liveshop.toml in the data folder.

A first show, in three terminals:
  liveshop serve
  liveshop seed && liveshop token --role affiliate --id affiliate_456
  LIVESHOP_TOKEN=$(liveshop token --role moderator --id me) control-room
"""


def parser() -> argparse.ArgumentParser:
    """The command line's grammar and help."""
    root = argparse.ArgumentParser(
        prog="liveshop",
        description="Self-hosted live shopping: RTMP in, HLS out, chat over Socket.IO, moderated from a terminal.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")

    serve = _command(commands, "serve", _serve, "run the server: API, Socket.IO, RTMP ingest and HLS", SERVE_OPTIONS)
    serve.description = "Prints one line a listener, then `ready`. Ctrl-C and SIGTERM drain and stop."

    token = _command(commands, "token", _token, "print one signed token, or revoke one", DATABASE_OPTIONS)
    what = token.add_mutually_exclusive_group(required=True)
    what.add_argument("--revoke", metavar="TOKEN", help="let this token, or the one of this id (jti), count no more")
    what.add_argument("--role", choices=[role.value for role in Role if role is not Role.GUEST])
    token.add_argument("--id", metavar="SUBJECT", help="whose token it is; needed for seller, affiliate, moderator")
    cover = token.add_mutually_exclusive_group()
    cover.add_argument("--stream", metavar="ID", help="a moderator's only stream")
    cover.add_argument("--seller", metavar="ID", help="a moderator's only seller")
    token.add_argument("--days", type=float, default=30, help="days until it expires (default: 30)")

    _command(commands, "seed", _seed, "make the specification's people and goods; safe to repeat", DATABASE_OPTIONS)
    _command(commands, "migrate", _migrate, "bring the database up to date", DATABASE_OPTIONS)
    account = _command(commands, "account", _account, "make, list and disable accounts that sign in", DATABASE_OPTIONS)
    ledger = _command(commands, "ledger", _ledger, "check, export or replay the commission ledger", DATABASE_OPTIONS)
    for command in (*account_cli.add_commands(account), *ledger_cli.add_commands(ledger)):
        for option in DATABASE_OPTIONS:
            _add_option(command, option, again=True)
    _add_demo(commands)

    media = commands.add_parser("media", help="the media server apart from the API")
    media_commands = media.add_subparsers(required=True, metavar="COMMAND")
    _command(media_commands, "run", _media, "run RTMP ingest and HLS alone", MEDIA_OPTIONS)

    # The supervisor's own: one API process, without a word in the help.
    api = commands.add_parser("api")
    api.set_defaults(run=_api, options=())
    return root


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace, Settings], int],
    summary: str,
    options: Sequence[str],
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    for option in options:
        _add_option(command, option)
    command.set_defaults(run=run, options=tuple(options))
    return command


def _add_option(command: argparse.ArgumentParser, name: str, *, again: bool = False) -> None:
    """An option of a command; `again` takes it after a subcommand too, without undoing what stood before that."""
    option = OPTIONS[name]
    default = Settings.__dataclass_fields__[name].default
    shown = f" (default: {default})" if isinstance(default, (str, int, float)) and not option.secret else ""
    command.add_argument(
        option.flag or f"--{name}",
        dest=name,
        metavar=option.metavar,
        default=argparse.SUPPRESS if again else None,
        help=f"{option.help}{shown} [{option.env}]",
    )


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    ports = ("host", "http_port", "rtmp_port", "hls_port")
    demo = _command(commands, "demo", _demo, "a whole show with real clients, and the control room", ports)
    demo.add_argument("--headless", action="store_true", help="without the control room; prints a summary")
    demo.add_argument("--seconds", type=float, metavar="N", help="end after N seconds (headless default: 30)")
    demo.add_argument("--viewers", type=int, default=40, metavar="N", help="shoppers who come and go (default: 40)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 a failure that the message explains, 2 wrong usage."""
    root = parser()
    arguments = root.parse_args(argv)
    try:
        settings = load({name: getattr(arguments, name) for name in arguments.options})
    except SettingsError as error:
        root.error(str(error))
    logs.configure(settings.log_level)
    try:
        code: int = arguments.run(arguments, settings)
    except KeyboardInterrupt:
        return 130
    except (data_dir.DataDirError, DatabaseError) as error:
        return _failed(str(error))
    except FAILURES as error:
        return _failed(f"{str(error) or type(error).__name__}. Is the disk full, or the database in use?")
    return code


def _failed(message: str) -> int:
    print(f"liveshop: {message}", file=sys.stderr)
    return 1


def _wrong(message: str) -> int:
    print(f"liveshop: {message}", file=sys.stderr)
    return 2


def _say(line: str) -> None:
    """One line on standard output, at once: operators' scripts wait for it."""
    print(line, flush=True)


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from backend.services import first_admin

    del arguments
    if settings.workers != 1:
        return _wrong("This version runs one API process: use --workers 1.")
    data_dir.prepare(settings.data_dir)
    _die_with_parent()
    with data_dir.locked(settings.data_dir, time.sleep):
        try:
            asyncio.run(supervisor.serve(supervisor.with_real_ports(settings), _say, first_admin.ensure))
        except supervisor.StartError as error:
            return 1 if error.explained else _failed(str(error))
    return 0


def _api(arguments: argparse.Namespace, settings: Settings) -> int:
    from backend import api
    from backend.services.rate_limits import LimitsError

    del arguments
    _die_with_parent()

    def ready() -> None:
        _say(f"API and Socket.IO on http://{settings.host}:{settings.http_port}")
        _say("ready")

    try:
        api.run(settings, ready)
    except (api.ListenError, LimitsError) as error:
        return _failed(str(error))
    return 0


def _media(arguments: argparse.Namespace, settings: Settings) -> int:
    from backend.media.server import ListenError, MediaSettings, serve

    del arguments
    data_dir.prepare(settings.data_dir)
    _die_with_parent()
    media = MediaSettings(
        host=settings.host,
        rtmp_port=settings.rtmp_port,
        hls_port=settings.hls_port,
        hls_dir=settings.hls_dir,
        api_url=settings.api_address,
        secret=data_dir.media_secret(settings),
        grace_seconds=settings.ingest_grace,
    )

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)

        def ready(listening: object) -> None:
            _say(f"RTMP ingest on rtmp://{settings.host}:{getattr(listening, 'rtmp_port', 0)}/live")
            _say(f"HLS playback on http://{settings.host}:{getattr(listening, 'hls_port', 0)}/hls")
            _say("ready")

        await serve(media, stop=stop, ready=ready)

    try:
        asyncio.run(run())
    except ListenError as error:
        return _failed(str(error))
    return 0


def _die_with_parent() -> None:
    """Stop when the supervisor (of a supervisor: the demo) is gone, however it went: its end of our input closes."""
    if os.environ.get(supervisor.SUPERVISED) != "1":
        return

    def watch() -> None:
        # Not by sys.stdin: its lock, held by this thread, would make the interpreter abort when it ends.
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _token(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.revoke is not None:
        return _revoke(arguments.revoke, settings)
    role = Role(arguments.role)
    for flag in ("id", "stream", "seller"):
        if (given := getattr(arguments, flag)) is not None and not is_id(given):
            return _wrong(f"--{flag} {given!r} cannot be used: an id is {ID_IN_WORDS}.")
    if arguments.id is None and role in (Role.SELLER, Role.AFFILIATE, Role.MODERATOR):
        return _wrong(f"--role {role} needs --id: whose token is it?")
    if role is not Role.MODERATOR and (arguments.stream or arguments.seller):
        return _wrong("--stream and --seller are for moderators.")
    if not 0 < arguments.days <= 3650:
        return _wrong("--days is above 0 and at most 3650.")
    data_dir.prepare(settings.data_dir)
    keyring: Keyring = data_dir.keyring(settings)
    _say(
        keyring.issue(
            role,
            arguments.id or role.value,
            lifetime=timedelta(days=arguments.days),
            stream=arguments.stream,
            seller=arguments.seller,
        )
    )
    return 0


def _revoke(token: str, settings: Settings) -> int:
    from backend.services import api_tokens

    data_dir.prepare(settings.data_dir)
    keyring = data_dir.keyring(settings)

    async def run() -> str:
        async with opened(settings):
            return await api_tokens.revoke_by_hand(keyring, token)

    try:
        _say(f"Revoked {asyncio.run(run())}.")
    except ProblemError as problem:
        return _failed(problem.message)
    return 0


def _account(arguments: argparse.Namespace, settings: Settings) -> int:
    data_dir.prepare(settings.data_dir)

    async def run() -> int:
        async with opened(settings):
            return await account_cli.run(arguments, settings)

    return asyncio.run(run())


def _seed(arguments: argparse.Namespace, settings: Settings) -> int:
    del arguments
    data_dir.prepare(settings.data_dir)

    async def run() -> None:
        if settings.embedded_database:
            await migrate(settings)
        async with opened(settings):
            await seed.plant(settings.currency)

    asyncio.run(run())
    _say(f"{seed.SELLER} sells {len(seed.CATALOGUE)} products; {seed.AFFILIATE} hosts {seed.STREAM}.")
    return 0


def _migrate(arguments: argparse.Namespace, settings: Settings) -> int:
    del arguments
    data_dir.prepare(settings.data_dir)
    applied = asyncio.run(migrate(settings))
    _say(f"Applied {', '.join(applied)}." if applied else "The database is up to date.")
    return 0


def _ledger(arguments: argparse.Namespace, settings: Settings) -> int:
    data_dir.prepare(settings.data_dir)

    async def run() -> int:
        async with opened(settings):
            return await ledger_cli.run(arguments)

    try:
        code = asyncio.run(run())
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough (`| head`). The interpreter would flush, and complain, once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _demo(arguments: argparse.Namespace, settings: Settings) -> int:
    from backend.demo.show import run

    return run(settings, headless=arguments.headless, seconds=arguments.seconds, viewers=arguments.viewers)


if __name__ == "__main__":
    sys.exit(main())
