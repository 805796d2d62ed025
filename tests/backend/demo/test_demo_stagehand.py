import subprocess
import sys
from pathlib import Path

import pytest

from backend.data_dir import locked
from backend.demo.stagehand import remaining, tidy

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def child():
    process = subprocess.Popen(SLEEP, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"up\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_who_came_and_did_not_go():
    assert remaining(["+10\n", "+11\n", "-10\n", "+12\n"]) == {11, 12}


def test_the_folder_goes(tmp_path: Path):
    folder = tmp_path / "show"
    folder.mkdir()
    (folder / "demo.log").write_text("something")
    tidy(folder, set())
    assert not folder.exists()


def test_children_of_a_killed_demo_are_stopped(tmp_path: Path, child: subprocess.Popen[bytes]):
    folder = tmp_path / "show"
    folder.mkdir()
    hand = subprocess.Popen(
        [sys.executable, "-P", "-m", "backend.demo.stagehand", str(folder)], stdin=subprocess.PIPE, cwd=tmp_path
    )
    assert hand.stdin is not None
    hand.stdin.write(f"+{child.pid}\n".encode())
    hand.stdin.close()
    assert child.wait(10) != 0
    assert hand.wait(10) == 0
    assert not folder.exists()


def test_a_folder_in_use_is_left_until_its_server_is_gone(tmp_path: Path):
    folder = tmp_path / "show"
    folder.mkdir()
    with locked(folder, lambda _: None):
        hand = subprocess.Popen(
            [sys.executable, "-P", "-m", "backend.demo.stagehand", str(folder)], stdin=subprocess.PIPE, cwd=tmp_path
        )
        assert hand.stdin is not None
        hand.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            hand.wait(1)
        assert folder.exists()
    assert hand.wait(10) == 0
    assert not folder.exists()
    assert list(tmp_path.iterdir()) == []
