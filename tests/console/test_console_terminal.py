"""What really reaches a terminal, byte by byte."""

import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

HERE = Path(__file__).parent


def read_until(room: subprocess.Popen[bytes], master: int, wanted: bytes, got: bytes = b"") -> bytes:
    """Everything up to and including a text, or up to the program's end."""
    end = time.monotonic() + 20
    while wanted not in got and time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            got += os.read(master, 65536)
        elif room.poll() is not None:
            break
    return got


def test_no_sequence_from_chat_reaches_the_terminal_and_quitting_restores_it():
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    before = termios.tcgetattr(slave)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "TERM": "xterm-256color"}
    command = [sys.executable, str(HERE / "console_hostile.py")]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, close_fds=True) as room:
        shown = read_until(room, master, b"markup[/]")
        os.write(master, b"q")
        shown = read_until(room, master, b"no such text", shown)
        assert room.wait(10) == 0, shown.decode()
    text = shown.decode()
    for harmless in ("]52;c;ZXZpbA==OSC", "TITLE", "2JCSI", "BIDI", "[31meve", "]0;evilShow"):
        assert harmless in text
    assert not re.search("\x1b\\]52|\x1b\\]0;|\x1bP|\x9b|\u202e|\x1b\\[2JCSI|\x1b\\[31meve", text)
    assert "\x1b[?1049l" in text
    assert "\x1b[?25h" in text
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)
