"""`liveshop serve` as a tree of processes: it starts, survives, and leaves nothing behind."""

import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.processes import Served, children_on, run
from tests.waiting import soon


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_its_listeners_then_ready_and_stops_without_a_trace(tmp_path: Path, number: int):
    with Served(tmp_path / "data", log=tmp_path / "serve").ready() as server:
        assert server.said[-1] == "ready"
        assert server.said[0] == f"Sign in as admin; the password is in {tmp_path / 'data' / 'admin.password'}"
        assert sorted(line.split(" on ")[0] for line in server.said[1:-1]) == [
            "API and Socket.IO",
            "HLS playback",
            "RTMP ingest",
        ]
        assert _answers(server.url)
        assert server.children().keys() == {"api", "media"}
        assert "LIVESHOP_SIGNING_KEY" not in server.children()["media"].environ()

        seconds = server.stop(number)

        assert server.process.returncode == 0, server.complaints
        assert seconds < 5
        assert server.left_over() == []
        assert not (tmp_path / "data" / "server.lock").exists()
        assert "Fatal Python error" not in server.complaints
        assert "Traceback" not in server.complaints
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "data" / "signing.key").stat().st_mode & 0o777 == 0o600


def test_the_first_start_makes_an_admin_and_says_how_to_sign_in_but_not_the_password(tmp_path: Path):
    file = tmp_path / "data" / "admin.password"
    with Served(tmp_path / "data", log=tmp_path / "first").ready() as server:
        password = file.read_text().strip()
        assert file.stat().st_mode & 0o777 == 0o600
        body = {"name": "admin", "password": password}
        signed_in = httpx.post(f"{server.url}/api/v1/auth/sign-in", json=body, timeout=20)
        assert (signed_in.status_code, signed_in.json()["account"]["role"]) == (200, "admin")
        assert password not in "\n".join(server.said) + server.complaints
        server.stop()
    with Served(tmp_path / "data", log=tmp_path / "second").ready() as server:
        assert "Sign in" not in "\n".join(server.said)
        assert file.read_text().strip() == password
        server.stop()


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path):
    with Served(tmp_path / "data", log=tmp_path / "first").ready():
        ports = ("--http-port", "0", "--rtmp-port", "0", "--hls-port", "0")
        second = run("serve", "--data-dir", str(tmp_path / "data"), *ports)
        assert second.returncode == 1
        assert second.stdout == ""
        assert second.stderr.strip() == (
            f"liveshop: Another server uses {tmp_path / 'data'}. Stop it, or choose another --data-dir."
        )


@pytest.mark.parametrize("flag", ["--http-port", "--rtmp-port", "--hls-port"])
def test_a_taken_port_ends_it_with_one_clear_line(tmp_path: Path, flag: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = {"--http-port": "0", "--rtmp-port": "0", "--hls-port": "0"} | {flag: port}
        failed = run("serve", "--data-dir", str(tmp_path / "data"), *(part for pair in ports.items() for part in pair))

    assert failed.returncode == 1
    lines = [line for line in failed.stderr.strip().splitlines() if not line.startswith("{")]
    assert len(lines) == 1, failed.stderr
    assert port in lines[0]
    assert lines[0].startswith("liveshop: ")
    assert "ready" not in failed.stdout
    assert not (tmp_path / "data" / "server.lock").exists()
    assert children_on(tmp_path / "data") == []


def test_a_child_that_dies_is_started_again(tmp_path: Path):
    with Served(tmp_path / "data", log=tmp_path / "serve").ready() as server:
        for name in ("api", "media"):
            first = server.children()[name]
            first.kill()
            soon(lambda name=name, first=first: server.children().get(name, first).pid != first.pid, f"a new {name}")
        soon(lambda: _answers(server.url), "the API answers again", within=30)
        soon(lambda: httpx.get(f"{server.url}/readyz").status_code == 200, "the media server reports", within=30)
        assert server.stop() < 5
        assert server.process.returncode == 0
        assert server.left_over() == []


def test_the_death_of_the_supervisor_takes_its_children_along_and_it_starts_again_at_once(tmp_path: Path):
    data = tmp_path / "data"
    with Served(data, log=tmp_path / "first").ready() as first:
        port = first.url.rsplit(":", 1)[1]
        first.process.kill()
        first.process.wait(10)
        with Served(data, "--http-port", port, log=tmp_path / "second").ready() as second:
            assert _answers(second.url)
            soon(lambda: first.left_over() == [], "the first family is gone")
            assert second.stop() < 5
            assert second.left_over() == []
