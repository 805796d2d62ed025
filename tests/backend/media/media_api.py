"""The API's media hooks as a tiny HTTP server, which a test can turn against the media server."""

import asyncio
import json
import re
from typing import Any, Self

from shared.ingest import HOOK_PATH


class FakeApi:
    """Allows the keys in `keys`, remembers all it was told, and orders what a test asks it to."""

    secret = "hooks-secret"

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.requests: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.drop: list[str] = []
        self.finish: list[str] = []
        self.failing = False
        self.delay = 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    def program(self, playback_id: str) -> dict[str, Any] | None:
        """What the newest report says about a program."""
        programs = self.reports[-1]["programs"] if self.reports else []
        return next((program for program in programs if program["playbackId"] == playback_id), None)

    def state(self, playback_id: str) -> str | None:
        program = self.program(playback_id)
        return program["state"] if program else None

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
                body = json.loads(await reader.readexactly(int(size[1]) if size else 0))
                status, answer = self._answer(head, body)
                await asyncio.sleep(self.delay)
                text = json.dumps(answer).encode()
                writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, head: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert head.startswith(f"POST {HOOK_PATH} HTTP/1.1")
        if f"authorization: Bearer {self.secret}".lower() not in head.lower():
            return 401, {}
        if self.failing:
            return 500, {}
        if body["event"] == "publish":
            self.requests.append(body)
            playback_id = self.keys.get(body["key"])
            if playback_id is None:
                return 403, {"code": 403, "error": "No such stream key."}
            return 200, {"code": 0, "playbackId": playback_id}
        self.reports.append(body)
        return 200, {"code": 0, "drop": self.drop, "finish": self.finish}
