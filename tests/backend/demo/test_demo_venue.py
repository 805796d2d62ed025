import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from backend.demo.show import run
from backend.demo.venue import SETTLEMENT_SECONDS, Venue
from backend.settings import Settings, load
from shared.roles import Role


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_replaced_and_said(tmp_path: Path, taken: int):
    said: list[str] = []
    asked = Settings(data_dir=tmp_path, http_port=taken, rtmp_port=0, hls_port=0)
    venue = Venue.at(asked, tmp_path, said.append)
    assert venue.settings.http_port not in (0, taken)
    assert said == [f"using free ports: HTTP on {venue.settings.http_port} ({taken} is taken)"]


def test_free_ports_are_kept_and_nothing_is_said(tmp_path: Path):
    said: list[str] = []
    venue = Venue.at(Settings(data_dir=tmp_path, http_port=0, rtmp_port=0, hls_port=0), tmp_path, said.append)
    again = Venue.at(venue.settings, tmp_path, said.append)
    assert again.settings.http_port == venue.settings.http_port
    assert said == []


def test_the_users_own_installation_stays_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://shop@db/shop")
    monkeypatch.setenv("LIVESHOP_SIGNING_KEY", "k" * 40)
    monkeypatch.setenv("LIVESHOP_DATA_DIR", "/var/lib/liveshop")
    monkeypatch.setenv("RTMP_SERVER_URL", "rtmp://shop.example/live")
    asked = Settings(data_dir=tmp_path, http_port=0, rtmp_port=0, hls_port=0)
    venue = Venue.at(asked, tmp_path, lambda _: None)
    server = load({}, venue.environment())
    assert server == venue.settings
    assert server.embedded_database
    assert server.signing_key is None
    assert server.chat_rate.count == server.max_connections_per_address == 0
    assert server.webhook_secret == venue.webhook_secret != ""
    assert server.settlement_days * 86_400 == pytest.approx(SETTLEMENT_SECONDS)
    assert venue.token(Role.ADMIN, "demo").count(".") == 2


def test_clients_reach_a_server_that_listens_everywhere(tmp_path: Path):
    asked = Settings(data_dir=tmp_path, host="0.0.0.0", http_port=0, rtmp_port=0, hls_port=0)
    assert Venue.at(asked, tmp_path, lambda _: None).url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"headless": False, "seconds": None, "viewers": 40}, "--headless"),
        ({"headless": True, "seconds": 0.0, "viewers": 40}, "--seconds"),
        ({"headless": True, "seconds": float("nan"), "viewers": 40}, "--seconds"),
        ({"headless": True, "seconds": 5.0, "viewers": 0}, "--viewers"),
    ],
)
def test_wrong_usage_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: dict[str, Any], hint: str):
    assert run(Settings(data_dir=tmp_path), **options) == 2
    assert hint in capsys.readouterr().err


def test_without_av_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "av", None)
    assert run(Settings(data_dir=tmp_path), headless=True, seconds=5, viewers=3) == 1
    assert "pip install av" in capsys.readouterr().err
