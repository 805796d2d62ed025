"""The command line: exit codes, what goes to standard output, and where settings come from."""

import concurrent.futures
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from backend import __main__ as cli
from backend import data_dir
from backend.domain.tokens import Keyring
from backend.settings import OPTIONS, Rate, Settings, SettingsError, load
from shared.roles import Role
from tests.processes import run


def _data(folder: Path) -> tuple[str, str]:
    return "--data-dir", str(folder)


def test_token_prints_one_token_and_nothing_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    assert cli.main(["token", "--role", "moderator", "--id", "mo", "--stream", "st1", *_data(tmp_path)]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert len(out.splitlines()) == 1
    actor = Keyring((tmp_path / "signing.key").read_text().strip()).read(out.strip())
    assert (actor.role, actor.subject, actor.only_stream) == (Role.MODERATOR, "mo", "st1")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "seller"],
        ["--role", "affiliate"],
        ["--role", "moderator"],
        ["--role", "seller", "--id", ""],
        ["--role", "viewer", "--id", ""],
        ["--role", "seller", "--id", "has space"],
        ["--role", "seller", "--id", "x" * 65],
        ["--role", "seller", "--id", "s1", "--stream", "st1"],
        ["--role", "moderator", "--id", "mo", "--stream", "a", "--seller", "b"],
        ["--role", "moderator", "--id", "mo", "--stream", ""],
        ["--role", "admin", "--days", "0"],
        ["--role", "admin", "--days", "-1"],
        ["--role", "admin", "--days", "nan"],
        ["--role", "admin", "--days", "soon"],
        ["--role", "guest"],
        ["--role", "emperor"],
        [],
    ],
)
def test_a_senseless_token_is_wrong_usage(tmp_path: Path, capfd: pytest.CaptureFixture[str], arguments: list[str]):
    try:
        code = cli.main(["token", *arguments, *_data(tmp_path)])
    except SystemExit as stopped:
        code = stopped.code
    out, err = capfd.readouterr()
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["serve", "--colour", "red"], ["media"], ["token", "--days"]])
def test_wrong_usage_ends_with_2(capfd: pytest.CaptureFixture[str], arguments: list[str]):
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    out, err = capfd.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert "usage" in err


@pytest.mark.parametrize(
    ("arguments", "environ", "named"),
    [
        (["--http-port", "high"], {}, "--http-port"),
        (["--http-port", "70000"], {}, "--http-port"),
        (["--media", "both"], {}, "--media"),
        (["--workers", "-1"], {}, "--workers"),
        (["--workers", "2"], {}, "--workers"),
        (["--host", "300.1.1.1"], {}, "--host"),
        (["--host", "a b"], {}, "--host"),
        (["--redis-url", "http://localhost"], {}, "--redis-url"),
        ([], {"LIVESHOP_RTMP_PORT": "x"}, "LIVESHOP_RTMP_PORT"),
        ([], {"LIVESHOP_CHAT_RATE": "often"}, "LIVESHOP_CHAT_RATE"),
        ([], {"LIVESHOP_CURRENCY": "dollars"}, "LIVESHOP_CURRENCY"),
        ([], {"LIVESHOP_INGEST_GRACE": "-5"}, "LIVESHOP_INGEST_GRACE"),
        ([], {"LIVESHOP_INGEST_GRACE": "long"}, "LIVESHOP_INGEST_GRACE"),
        ([], {"LIVESHOP_LOG_LEVEL": "loud"}, "LIVESHOP_LOG_LEVEL"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environ: dict[str, str],
    named: str,
):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    try:
        code = cli.main(["serve", *arguments, *_data(tmp_path)])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    assert named in capfd.readouterr().err.splitlines()[-1]


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path):
    (tmp_path / "liveshop.toml").write_text('http_port = 4001\nrtmp_port = 4002\nhls_port = 4003\nchat_rate = "9/3s"\n')
    environ = {"LIVESHOP_DATA_DIR": str(tmp_path), "LIVESHOP_HTTP_PORT": "5001", "LIVESHOP_RTMP_PORT": "5002"}
    settings = load({"http_port": "6001"}, environ)
    assert (settings.http_port, settings.rtmp_port, settings.hls_port) == (6001, 5002, 4003)
    assert settings.chat_rate == Rate(9, 3)
    assert load({"http_port": None}, environ).http_port == 5001


def test_the_specifications_variables_keep_their_names(tmp_path: Path):
    environ = {
        "LIVESHOP_DATA_DIR": str(tmp_path),
        "RTMP_SERVER_URL": "rtmp://video.example/live/",
        "HLS_SERVER_URL": "https://video.example/hls",
        "WEBSOCKET_URL": "https://shop.example",
        "DATABASE_URL": "postgres://one/shop",
        "REDIS_URL": "redis://one:6379/0",
    }
    settings = load({}, environ)
    assert settings.rtmp_address == "rtmp://video.example/live"
    assert settings.hls_address == "https://video.example/hls"
    assert settings.websocket_address == "https://shop.example"
    assert settings.database == "postgres://one/shop"
    assert settings.redis_url == "redis://one:6379/0"
    both = load({}, environ | {"LIVESHOP_DATABASE_URL": "postgres://two/shop", "LIVESHOP_REDIS_URL": "redis://two"})
    assert (both.database, both.redis_url) == ("postgres://two/shop", "redis://two")


def test_unset_addresses_follow_the_ports(tmp_path: Path):
    settings = load({"data_dir": str(tmp_path), "rtmp_port": "1936", "hls_port": "8081", "http_port": "3001"}, {})
    assert settings.rtmp_address == "rtmp://localhost:1936/live"
    assert settings.hls_address == "http://localhost:8081/hls"
    assert settings.websocket_address == "http://localhost:3001"


def test_the_data_folder_is_the_given_one_else_under_xdg_else_under_home(tmp_path: Path):
    assert load({}, {"XDG_DATA_HOME": str(tmp_path)}).data_dir == tmp_path / "liveshop"
    assert load({}, {}).data_dir == Path("~/.local/share/liveshop").expanduser()
    assert load({"data_dir": "/a"}, {"LIVESHOP_DATA_DIR": "/b"}).data_dir == Path("/a")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("http_port = ", "cannot be read"),
        ('speed = "fast"', "speed"),
        ('signing_key = "x"', "signing_key"),
        ('http_port = "high"', "http_port in liveshop.toml"),
    ],
)
def test_a_broken_settings_file_is_named(tmp_path: Path, content: str, complaint: str):
    (tmp_path / "liveshop.toml").write_text(content)
    with pytest.raises(SettingsError, match=complaint):
        load({"data_dir": str(tmp_path)}, {})


def test_a_secrets_value_is_not_repeated():
    with pytest.raises(SettingsError) as complaint:
        load({}, {"LIVESHOP_DATA_DIR": "/nowhere", "DATABASE_URL": "user:hunter2@host"})
    assert "hunter2" not in str(complaint.value)
    assert "hunter2" not in repr(load({}, {"LIVESHOP_DATA_DIR": "/nowhere", "LIVESHOP_SIGNING_KEY": "hunter2"}))


def test_settings_survive_the_way_into_a_childs_environment(tmp_path: Path):
    environ = {
        "LIVESHOP_DATA_DIR": str(tmp_path),
        "LIVESHOP_CHAT_RATE": "0",
        "LIVESHOP_ALLOWED_ORIGINS": "https://a.example, https://b.example",
        "LIVESHOP_INGEST_GRACE": "2.5",
        "HLS_SERVER_URL": "https://video.example/hls",
    }
    settings = load({"http_port": "0"}, environ)
    assert load({}, settings.environment(*OPTIONS)) == settings


def test_every_setting_has_a_variable_of_its_own():
    variables = [option.env for option in OPTIONS.values()]
    assert len(set(variables)) == len(variables)
    for name, option in OPTIONS.items():
        assert option.flag in (None, "--" + name.replace("_", "-"))


def test_a_folder_that_cannot_be_used_is_a_failure_with_its_reason(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_text("")
    assert cli.main(["token", "--role", "admin", *_data(tmp_path / "file" / "data")]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "data folder" in err
    assert "Traceback" not in err


def test_a_file_that_is_no_database_is_a_failure_with_its_reason(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "liveshop.db").write_bytes(b"no database\n" * 100)
    assert cli.main(["seed", *_data(tmp_path)]) == 1
    assert "not a database" in capfd.readouterr().err


def test_a_signing_key_that_is_too_short_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LIVESHOP_SIGNING_KEY", "short")
    assert cli.main(["token", "--role", "admin", *_data(tmp_path)]) == 1
    err = capfd.readouterr().err
    assert "too short" in err
    assert "'short'" not in err


def test_seed_and_migrate_may_be_repeated_and_run_at_once(tmp_path: Path):
    commands = ["seed", "migrate", "seed", "migrate"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda command: run(command, *_data(tmp_path / "data")), commands))
    assert [one.returncode for one in done] == [0, 0, 0, 0], [one.stderr for one in done]
    again = run("migrate", *_data(tmp_path / "data"))
    assert (again.returncode, again.stdout) == (0, "The database is up to date.\n")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def _make_key(folder: Path, start: Any, keys: Any) -> None:
    start.wait()
    keys.put(data_dir.keyring(Settings(data_dir=folder)).key)


def test_one_signing_key_is_made_however_many_processes_come_first(tmp_path: Path):
    processes = multiprocessing.get_context("fork")
    start, keys = processes.Barrier(20), processes.Queue()
    crowd = [processes.Process(target=_make_key, args=(tmp_path, start, keys)) for _ in range(20)]
    for process in crowd:
        process.start()
    seen = {keys.get(timeout=30) for _ in crowd}
    for process in crowd:
        process.join(10)

    assert seen == {(tmp_path / "signing.key").read_text().strip()}
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["signing.key"]


@pytest.mark.parametrize(
    "environ",
    [
        {"LIVESHOP_IDP_ISSUER": "https://id.example"},
        {"LIVESHOP_IDP_ISSUER": "https://id.example", "LIVESHOP_IDP_AUDIENCE": "shop"},
        {"LIVESHOP_IDP_SECRET": "x" * 40},
        {"LIVESHOP_IDP_ISSUER": "https://id.example", "LIVESHOP_IDP_AUDIENCE": "shop", "LIVESHOP_IDP_SECRET": "short"},
        {"LIVESHOP_IDP_ISSUER": "liveshop", "LIVESHOP_IDP_AUDIENCE": "shop", "LIVESHOP_IDP_SECRET": "x" * 40},
        {
            "LIVESHOP_IDP_ISSUER": "https://id.example",
            "LIVESHOP_IDP_AUDIENCE": "shop",
            "LIVESHOP_IDP_SECRET": "x" * 40,
            "LIVESHOP_IDP_JWKS": "keys.json",
        },
    ],
)
def test_an_identity_provider_is_named_whole_or_not_at_all(tmp_path: Path, environ: dict[str, str]):
    with pytest.raises(SettingsError) as refused:
        load({"data_dir": str(tmp_path)}, environ)
    assert "LIVESHOP_IDP_" in str(refused.value)
    assert "x" * 40 not in str(refused.value)
    assert "short" not in str(refused.value).replace("too short", "")


def test_an_identity_provider_is_read_and_passed_on(tmp_path: Path):
    environ = {
        "LIVESHOP_IDP_ISSUER": "https://id.example",
        "LIVESHOP_IDP_AUDIENCE": "shop",
        "LIVESHOP_IDP_JWKS": "https://id.example/keys",
        "LIVESHOP_IDP_ADMINS": "yes",
        "LIVESHOP_IDP_LEEWAY": "5",
    }
    settings = load({"data_dir": str(tmp_path)}, environ)
    assert (settings.idp_admins, settings.idp_leeway) == (True, 5)
    assert load({"data_dir": str(tmp_path)}, settings.environment(*OPTIONS)) == settings
