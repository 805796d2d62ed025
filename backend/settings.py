"""Every setting once: its flag, its environment variable, its default and what it is for.

Flags win over the environment, the environment over `liveshop.toml` in the data folder, that over the default. The
command line, the README's table and the children's environment all derive from `OPTIONS`.
"""

import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OWN_ISSUER = "liveshop"
"""What tokens that this server signs itself say of where they come from."""
MIN_SECRET = 32
"""Characters of a shared secret that signs tokens, at least (RFC 7518, 3.2)."""
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what to write instead."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in `seconds`; a count of 0 means no limit."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """How one setting is given and read."""

    env: str
    help: str
    parse: Callable[[str], Any]
    metavar: str = "VALUE"
    flag: str | None = None
    """The command line's name for it; None where only the environment and the file set it."""
    also_env: str | None = None
    """A second variable, taken when the first is absent."""
    show: Callable[[Any], str] = str
    """The inverse of `parse`."""
    secret: bool = False
    """Never printed, never read from the file."""


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
        raise ValueError("it is a whole number")
    return int(text)


def _port(text: str) -> int:
    number = _whole(text)
    if not 0 <= number <= 65535:
        raise ValueError("a port is 0 to 65535; 0 lets the system choose")
    return number


def _count(text: str) -> int:
    number = _whole(text)
    if number < 0:
        raise ValueError("it cannot be negative")
    return number


def _show_rate(rate: "Rate") -> str:
    return f"{rate.count}/{rate.seconds}s" if rate.count else "0"


def _show_percent(points: int) -> str:
    return str(Decimal(points).scaleb(-2))


def _seconds(text: str) -> float:
    number = float(text) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", text.strip()) else 0
    if not 0 < number < 86_400:
        raise ValueError("it is a number of seconds above 0 and below 86400")
    return number


def _lifetime(text: str) -> int:
    number = _whole(text)
    if not 1 <= number <= 366 * 86_400:
        raise ValueError("it is a number of seconds from 1 to 31622400")
    return number


def _leeway(text: str) -> int:
    number = _whole(text)
    if not 0 <= number <= 600:
        raise ValueError("it is a number of seconds from 0 to 600")
    return number


def _mebibytes(text: str) -> int:
    number = _whole(text)
    if not 1 <= number <= 4096:
        raise ValueError("it is a number of MiB from 1 to 4096")
    return number


def _sign_up(text: str) -> str:
    if text not in ("open", "closed"):
        raise ValueError("it is open or closed")
    return text


def _flag(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("it is yes or no")
    return text.lower() == "yes"


def _show_flag(flag: bool) -> str:
    return "yes" if flag else "no"


def _rate(text: str) -> Rate:
    if text.strip() == "0":
        return Rate(0, 1)
    found = re.fullmatch(r"(\d{1,6})/(\d{1,5})s", text.strip())
    if not found or int(found[2]) == 0:
        raise ValueError("write it as 5/10s (five in ten seconds), or 0 for no limit")
    return Rate(int(found[1]), int(found[2]))


def _days(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 365:
        raise ValueError("it is a number of days from 0 to 365")
    return number


def _percent(text: str) -> int:
    """A percentage with up to two decimals, as basis points."""
    points = Decimal(text).scaleb(2)
    if points != points.to_integral_value() or not 0 <= points <= 10_000:
        raise ValueError("it is a percentage from 0 to 100 with at most two decimals")
    return int(points)


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("it is a time zone such as UTC or Europe/Berlin") from error
    return text


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text):
        raise ValueError("it is an ISO 4217 code such as USD")
    return text


def _media(text: str) -> str:
    if text not in ("embedded", "external"):
        raise ValueError("it is embedded or external")
    return text


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _host(text: str) -> str:
    if re.fullmatch(r"[0-9.]+|.*:.*", text):
        ipaddress.ip_address(text)  # says itself what is wrong
    elif not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", text):
        raise ValueError("it is an address such as 127.0.0.1 or 0.0.0.0, or this machine's name")
    return text


def _redis_url(text: str) -> str:
    if not re.match(r"rediss?://", text):
        raise ValueError("it is redis://host:6379/0")
    return _url(text)


def _level(text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise ValueError(f"it is one of {', '.join(LOG_LEVELS)}")
    return text.upper()


def _url(text: str) -> str:
    if "://" not in text:
        raise ValueError("it is a URL with a scheme")
    return text.rstrip("/")


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """`$XDG_DATA_HOME/liveshop`, by default `~/.local/share/liveshop`."""
    base = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "liveshop"


OPTIONS: dict[str, Option] = {
    "data_dir": Option(
        flag="--data-dir",
        env="LIVESHOP_DATA_DIR",
        metavar="DIR",
        parse=_path,
        help="folder of the database, keys and video (default: $XDG_DATA_HOME/liveshop)",
    ),
    "host": Option(flag="--host", env="LIVESHOP_HOST", metavar="ADDRESS", parse=_host, help="address to listen on"),
    "http_port": Option(
        flag="--http-port",
        env="LIVESHOP_HTTP_PORT",
        metavar="PORT",
        parse=_port,
        help="port of the API and Socket.IO",
    ),
    "rtmp_port": Option(
        flag="--rtmp-port", env="LIVESHOP_RTMP_PORT", metavar="PORT", parse=_port, help="port of RTMP ingest"
    ),
    "hls_port": Option(
        flag="--hls-port", env="LIVESHOP_HLS_PORT", metavar="PORT", parse=_port, help="port of HLS playback"
    ),
    "database_url": Option(
        flag="--database-url",
        env="LIVESHOP_DATABASE_URL",
        also_env="DATABASE_URL",
        metavar="URL",
        parse=_url,
        help="postgres://user@host/name, in place of SQLite in the data folder",
        secret=True,
    ),
    "redis_url": Option(
        flag="--redis-url",
        env="LIVESHOP_REDIS_URL",
        also_env="REDIS_URL",
        metavar="URL",
        parse=_redis_url,
        help="redis://host:6379/0, where rate limits are kept in place of memory",
        secret=True,
    ),
    "workers": Option(flag="--workers", env="LIVESHOP_WORKERS", metavar="N", parse=_count, help="API processes"),
    "media": Option(
        flag="--media",
        env="LIVESHOP_MEDIA",
        metavar="embedded|external",
        parse=_media,
        help="run the media server too, or leave it to another process",
    ),
    "api_url": Option(
        env="LIVESHOP_API_URL",
        metavar="URL",
        parse=_url,
        help="where `liveshop media run` finds the API (default: this host and the HTTP port)",
    ),
    "rtmp_server_url": Option(
        env="RTMP_SERVER_URL", metavar="URL", parse=_url, help="the RTMP address that hosts are told"
    ),
    "hls_server_url": Option(
        env="HLS_SERVER_URL", metavar="URL", parse=_url, help="the HLS address that viewers are told"
    ),
    "websocket_url": Option(
        env="WEBSOCKET_URL", metavar="URL", parse=_url, help="the API's address that clients are told"
    ),
    "currency": Option(
        env="LIVESHOP_CURRENCY", metavar="CODE", parse=_currency, help="currency of new sellers and of totals"
    ),
    "platform_fee": Option(
        env="LIVESHOP_PLATFORM_FEE",
        metavar="PERCENT",
        parse=_percent,
        show=_show_percent,
        help="the platform's share of the goods of every sale, in percent",
    ),
    "settlement_days": Option(
        env="LIVESHOP_SETTLEMENT_DAYS",
        metavar="DAYS",
        parse=_days,
        help="days after delivery after which a commission becomes available",
    ),
    "order_expiry": Option(
        env="LIVESHOP_ORDER_EXPIRY",
        metavar="SECONDS",
        parse=_seconds,
        help="how long an unpaid order keeps its stock",
    ),
    "time_zone": Option(
        env="LIVESHOP_TIME_ZONE", metavar="ZONE", parse=_time_zone, help="whose calendar months statements follow"
    ),
    "webhook_secret": Option(
        env="LIVESHOP_WEBHOOK_SECRET",
        parse=str,
        help="signs the payment provider's events; without one they are refused",
        secret=True,
    ),
    "ingest_grace": Option(
        env="LIVESHOP_INGEST_GRACE",
        metavar="SECONDS",
        parse=_seconds,
        help="how long a show stays live without its encoder",
    ),
    "chat_rate": Option(
        env="LIVESHOP_CHAT_RATE",
        metavar="N/Ss",
        parse=_rate,
        show=_show_rate,
        help="messages a person may send; 0 for no limit",
    ),
    "sign_up": Option(
        env="LIVESHOP_SIGN_UP",
        metavar="open|closed",
        parse=_sign_up,
        help="whether viewers may make accounts themselves",
    ),
    "access_lifetime": Option(
        env="LIVESHOP_ACCESS_LIFETIME",
        metavar="SECONDS",
        parse=_lifetime,
        help="how long an access token of a sign-in holds",
    ),
    "refresh_lifetime": Option(
        env="LIVESHOP_REFRESH_LIFETIME",
        metavar="SECONDS",
        parse=_lifetime,
        help="how long a sign-in lasts that is not refreshed",
    ),
    "sign_in_rate": Option(
        env="LIVESHOP_SIGN_IN_RATE",
        metavar="N/Ss",
        parse=_rate,
        show=_show_rate,
        help="passwords that may be tried for one name; 0 for no limit",
    ),
    "sign_in_address_rate": Option(
        env="LIVESHOP_SIGN_IN_ADDRESS_RATE",
        metavar="N/Ss",
        parse=_rate,
        show=_show_rate,
        help="passwords that may be tried from one address; 0 for no limit",
    ),
    "password_memory": Option(
        env="LIVESHOP_PASSWORD_MEMORY",
        metavar="MIB",
        parse=_mebibytes,
        help="memory that hashing one password takes (argon2id); less makes stolen hashes easier to guess",
    ),
    "idp_issuer": Option(
        env="LIVESHOP_IDP_ISSUER", parse=str, help="an outside identity provider whose tokens count: their `iss`"
    ),
    "idp_audience": Option(
        env="LIVESHOP_IDP_AUDIENCE", parse=str, help="what its tokens must be made for: their `aud`"
    ),
    "idp_secret": Option(
        env="LIVESHOP_IDP_SECRET", parse=str, help="the secret that it signs with, if that is HS256", secret=True
    ),
    "idp_jwks": Option(
        env="LIVESHOP_IDP_JWKS",
        metavar="URL|FILE",
        parse=str,
        help="where its public keys are, if it signs with RS256, ES256 or EdDSA",
    ),
    "idp_leeway": Option(
        env="LIVESHOP_IDP_LEEWAY", metavar="SECONDS", parse=_leeway, help="how far its clock may be off"
    ),
    "idp_role_claim": Option(
        env="LIVESHOP_IDP_ROLE_CLAIM",
        metavar="NAME",
        parse=str,
        help="the claim that names the role; without it: viewer",
    ),
    "idp_acts_for_claim": Option(
        env="LIVESHOP_IDP_ACTS_FOR_CLAIM",
        metavar="NAME",
        parse=str,
        help="the claim that names the seller or affiliate of those roles",
    ),
    "idp_admins": Option(
        env="LIVESHOP_IDP_ADMINS", metavar="yes|no", parse=_flag, show=_show_flag, help="whether it may name admins"
    ),
    "max_connections_per_address": Option(
        env="LIVESHOP_MAX_CONNECTIONS_PER_ADDRESS",
        metavar="N",
        parse=_count,
        help="open sockets from one address; 0 for no limit",
    ),
    "allowed_origins": Option(
        env="LIVESHOP_ALLOWED_ORIGINS",
        metavar="LIST",
        parse=_list,
        show=",".join,
        help="web origins that may call the API, separated by commas; * for all",
    ),
    "trusted_proxies": Option(
        env="LIVESHOP_TRUSTED_PROXIES",
        metavar="LIST",
        parse=_list,
        show=",".join,
        help="addresses whose X-Forwarded-For is believed, separated by commas",
    ),
    "log_level": Option(env="LIVESHOP_LOG_LEVEL", metavar="LEVEL", parse=_level, help="DEBUG, INFO or WARNING"),
    "signing_key": Option(
        env="LIVESHOP_SIGNING_KEY", parse=str, help="signs tokens, in place of signing.key", secret=True
    ),
    "media_secret": Option(
        env="LIVESHOP_MEDIA_SECRET",
        parse=str,
        help="proves the media server to the API, in place of media.secret",
        secret=True,
    ),
}
"""Every setting by its field name in `Settings`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process, read once."""

    data_dir: Path
    host: str = "127.0.0.1"
    http_port: int = 3000
    rtmp_port: int = 1935
    hls_port: int = 8080
    database_url: str | None = None
    redis_url: str | None = None
    workers: int = 1
    media: str = "embedded"
    api_url: str | None = None
    rtmp_server_url: str | None = None
    hls_server_url: str | None = None
    websocket_url: str | None = None
    currency: str = "USD"
    platform_fee: int = 0
    """Basis points."""
    settlement_days: float = 7.0
    order_expiry: float = 900.0
    time_zone: str = "UTC"
    webhook_secret: str | None = field(default=None, repr=False)
    ingest_grace: float = 20.0
    chat_rate: Rate = field(default=Rate(5, 10))
    sign_up: str = "open"
    access_lifetime: int = 900
    refresh_lifetime: int = 30 * 86_400
    sign_in_rate: Rate = field(default=Rate(10, 300))
    sign_in_address_rate: Rate = field(default=Rate(60, 300))
    password_memory: int = 64
    idp_issuer: str | None = None
    idp_audience: str | None = None
    idp_secret: str | None = field(default=None, repr=False)
    idp_jwks: str | None = None
    idp_leeway: int = 30
    idp_role_claim: str = "role"
    idp_acts_for_claim: str = "acts_for"
    idp_admins: bool = False
    max_connections_per_address: int = 1000
    allowed_origins: tuple[str, ...] = ("*",)
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    log_level: str = "INFO"
    signing_key: str | None = field(default=None, repr=False)
    media_secret: str | None = field(default=None, repr=False)

    @property
    def rtmp_address(self) -> str:
        """The RTMP address that hosts are told, without a key."""
        return self.rtmp_server_url or f"rtmp://localhost:{self.rtmp_port}/live"

    @property
    def hls_address(self) -> str:
        """The HLS address that viewers are told, without a playlist."""
        return self.hls_server_url or f"http://localhost:{self.hls_port}/hls"

    @property
    def websocket_address(self) -> str:
        """The API's address that clients are told."""
        return self.websocket_url or f"http://localhost:{self.http_port}"

    @property
    def api_address(self) -> str:
        """Where the media server finds the API."""
        return self.api_url or f"http://{_reachable(self.host)}:{self.http_port}"

    @property
    def hls_dir(self) -> Path:
        """Where the media server keeps segments and playlists."""
        return self.data_dir / "hls"

    @property
    def database(self) -> str:
        """The database's URL: the one given, else SQLite in the data folder."""
        return self.database_url or f"sqlite://{(self.data_dir / 'liveshop.db').absolute()}"

    @property
    def embedded_database(self) -> bool:
        """Whether the database is SQLite, which takes one API process and migrates by itself."""
        return self.database.startswith("sqlite://")

    def environment(self, *names: str) -> dict[str, str]:
        """These settings as environment variables for a child process."""
        values = {name: getattr(self, name) for name in names}
        return {OPTIONS[name].env: OPTIONS[name].show(value) for name, value in values.items() if value is not None}


def _reachable(host: str) -> str:
    if host in ("0.0.0.0", ""):
        return "127.0.0.1"
    return "[::1]" if host == "::" else f"[{host}]" if ":" in host else host


def load(flags: Mapping[str, str | None] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this process.

    Args:
        flags: what the command line gave, by field name, as text; None where it gave nothing.
        environ: the environment; the process's own by default.

    Raises:
        SettingsError: a value that cannot be read, naming where it came from.
    """
    environ = os.environ if environ is None else environ
    given = dict(flags or {})
    values: dict[str, Any] = {}
    values["data_dir"] = _read("data_dir", given, environ, {}) or default_data_dir(environ)
    file = _settings_file(values["data_dir"])
    for name in OPTIONS:
        if name != "data_dir" and (value := _read(name, given, environ, file)) is not None:
            values[name] = value
    settings = Settings(**values)
    _check_provider(settings)
    return settings


def _check_provider(settings: Settings) -> None:
    """The settings of an outside identity provider make sense only together."""
    issuer, audience = settings.idp_issuer, settings.idp_audience
    if issuer is None and audience is None and settings.idp_secret is None and settings.idp_jwks is None:
        return
    if issuer is None or audience is None or (settings.idp_secret is None) == (settings.idp_jwks is None):
        raise SettingsError(
            "An outside identity provider needs LIVESHOP_IDP_ISSUER, LIVESHOP_IDP_AUDIENCE, and either "
            "LIVESHOP_IDP_SECRET or LIVESHOP_IDP_JWKS."
        )
    if settings.idp_secret is not None and len(settings.idp_secret) < MIN_SECRET:
        raise SettingsError(f"LIVESHOP_IDP_SECRET is too short; it needs at least {MIN_SECRET} characters.")
    if issuer == OWN_ISSUER:
        raise SettingsError(f"LIVESHOP_IDP_ISSUER cannot be {OWN_ISSUER!r}: that is what this server's own tokens say.")


def _settings_file(data_dir: Path) -> Mapping[str, Any]:
    path = data_dir / "liveshop.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    known = {item.name for item in fields(Settings) if not OPTIONS[item.name].secret} - {"data_dir"}
    for name in content:
        if name not in known:
            raise SettingsError(f"{path}: there is no setting {name!r}. Known are: {', '.join(sorted(known))}.")
    return content


def _read(name: str, flags: Mapping[str, str | None], environ: Mapping[str, str], file: Mapping[str, Any]) -> Any:
    option = OPTIONS[name]
    sources = [
        (flags.get(name), option.flag or option.env),
        (environ.get(option.env), option.env),
        (environ.get(option.also_env) if option.also_env else None, option.also_env),
        (file.get(name), f"{name} in liveshop.toml"),
    ]
    for value, source in sources:
        if value is None or value == "":
            continue
        text = ",".join(value) if isinstance(value, list) else str(value)
        try:
            return option.parse(text)
        except (ValueError, InvalidOperation) as error:
            shown = "" if option.secret else f" {text!r}"
            raise SettingsError(f"{source}{shown} cannot be used: {error}.") from error
    return None
