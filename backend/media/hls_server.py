"""Serves playlists and segments over HTTP/1.1 (RFC 9110, RFC 9112), and nothing else.

A small server of its own because of `sendfile`: through a web framework a segment costs twenty times the CPU.
"""

import asyncio
import os
import re
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

from backend import seams

_PATH = re.compile(r"/hls/([A-Za-z0-9_-]{1,64}\.m3u8|[A-Za-z0-9_-]{1,64}/[A-Za-z0-9_-]{1,64}\.(?:ts|m4s|mp4))")
"""All there is; the names that `hls.output` writes, and no way up."""

_CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_METHODS = "GET, HEAD, OPTIONS"

MAX_HEADER = 16 << 10
"""Bytes in a request's header."""
HEADER_TIMEOUT = 15.0
"""Seconds to send a header, also the next one on a kept connection."""
SEND_TIMEOUT = 60.0
"""Seconds to take one answer."""

_SMALL = 64 << 10
"""Bytes up to which a file is copied: `sendfile` pays off for more."""


class _BadRequestError(Exception):
    """A request that cannot be read."""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    headers: dict[str, str]
    keep_alive: bool


class HlsServer:
    """Answers viewers from the files below one folder."""

    def __init__(self, directory: Path, *, max_connections: int) -> None:
        """Serve `directory` as /hls/ to at most `max_connections` at once."""
        self._directory = directory
        self._max_connections = max_connections
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends: the callback of `asyncio.start_server`."""
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= self._max_connections:
            writer.transport.abort()
            return
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except OSError:
            # The viewer went away, or takes nothing: what is still unsent is lost on it.
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def stop(self) -> None:
        """Hang up on everyone."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(HEADER_TIMEOUT):
                    header = await reader.readuntil(b"\r\n\r\n")
            except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                return
            async with asyncio.timeout(SEND_TIMEOUT):
                try:
                    request = _parse(header)
                except _BadRequestError:
                    writer.write(_head("400 Bad Request", {"Content-Length": "0", "Connection": "close"}))
                    await writer.drain()
                    return
                await self._answer(request, writer)
                await writer.drain()
            if not request.keep_alive:
                return

    async def _answer(self, request: _Request, writer: asyncio.StreamWriter) -> None:
        if request.method == "OPTIONS":
            allowed = {
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": "Range",
                "Access-Control-Max-Age": "86400",
            }
            writer.write(_head("204 No Content", allowed))
        elif request.method not in ("GET", "HEAD"):
            _write_text(request, writer, "405 Method Not Allowed", "method not allowed\n", Allow=_METHODS)
        elif request.path == "/healthz":
            _write_text(request, writer, "200 OK", "ok\n")
        else:
            file = self._open(request.path)
            if file is None:
                _write_text(request, writer, "404 Not Found", "not found\n")
                return
            with file:
                await _send_file(request, writer, file, Path(request.path).suffix)

    def _open(self, path: str) -> BinaryIO | None:
        match = _PATH.fullmatch(path)
        if match is None:
            return None
        try:
            return (self._directory / match[1]).open("rb")
        except OSError:
            return None


async def _send_file(request: _Request, writer: asyncio.StreamWriter, file: BinaryIO, suffix: str) -> None:
    size = os.fstat(file.fileno()).st_size
    headers = {
        "Content-Type": _CONTENT_TYPES[suffix],
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache" if suffix == ".m3u8" else "public, max-age=31536000, immutable",
    }
    wanted = _range(request.headers.get("range"), size)
    if wanted is None:
        headers |= {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
        writer.write(_head("416 Range Not Satisfiable", headers))
        return
    length = len(wanted)
    headers["Content-Length"] = str(length)
    status = "200 OK"
    if length != size:
        status = "206 Partial Content"
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    writer.write(_head(status, headers))
    if request.method == "HEAD" or not length:
        return
    if length <= _SMALL:
        file.seek(wanted.start)
        writer.write(file.read(length))
    else:
        await writer.drain()
        if writer.transport.is_closing():
            raise ConnectionResetError
        await asyncio.get_running_loop().sendfile(writer.transport, file, wanted.start, length)


def _range(value: str | None, size: int) -> range | None:
    """The bytes a Range header asks for (RFC 9110 section 14.2), all if it is none; None if there are none.

    Several ranges at once are answered with the whole file, as section 14.2 allows.
    """
    match = _RANGE.fullmatch(value or "")
    if match is None or not (match[1] or match[2]):
        return range(size)
    if match[1]:
        first, last = int(match[1]), int(match[2]) if match[2] else size - 1
        if match[2] and last < first:
            return range(size)
    else:
        first, last = max(0, size - int(match[2])), size - 1
    found = range(first, min(last, size - 1) + 1)
    return found or None


def _parse(header: bytes) -> _Request:
    """A request without a body (RFC 9112 section 3)."""
    if len(header) > MAX_HEADER:
        raise _BadRequestError
    first, *lines = header.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise _BadRequestError
    headers = {}
    for line in lines:
        name, separator, value = line.partition(":")
        if separator:
            headers[name.strip().lower()] = value.strip()
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        raise _BadRequestError
    connection = headers.get("connection", "").lower()
    keep_alive = connection != "close" if parts[2] == "HTTP/1.1" else connection == "keep-alive"
    return _Request(parts[0], parts[1].partition("?")[0], headers, keep_alive)


def _write_text(request: _Request, writer: asyncio.StreamWriter, status: str, text: str, **headers: str) -> None:
    body = text.encode()
    fields = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        **headers,
    }
    writer.write(_head(status, fields))
    if request.method != "HEAD":
        writer.write(body)


def _head(status: str, headers: dict[str, str]) -> bytes:
    fields = {
        "Date": formatdate(seams.now().timestamp(), usegmt=True),
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Content-Length, Content-Range, Date",
        "X-Content-Type-Options": "nosniff",
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1")
