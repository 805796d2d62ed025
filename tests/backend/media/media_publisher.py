"""An RTMP publisher without ffmpeg, polite or not."""

import asyncio
from collections.abc import Iterable
from typing import Any, Self

from media_clips import AUDIO, Tag

from backend.media.rtmp import amf0
from backend.media.rtmp.chunks import SET_CHUNK_SIZE, ChunkReader, Message, encode_message

CHUNK_SIZE = 4096
_COMMAND = 20


class RefusedError(Exception):
    """The server's onStatus was an error."""

    def __init__(self, info: dict[str, Any]) -> None:
        super().__init__(info["code"])
        self.code: str = info["code"]
        self.description: str = info["description"]


def command(name: str, transaction: float, *arguments: amf0.Value, stream_id: int = 0) -> Message:
    return Message(_COMMAND, 0, stream_id, amf0.encode(name, transaction, *arguments))


def connect_command(application: str = "live") -> Message:
    return command("connect", 1, {"app": application, "tcUrl": f"rtmp://127.0.0.1/{application}"})


class Publisher:
    """One connection to the RTMP port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._replies = ChunkReader(max_message=1 << 20, max_buffered=1 << 20)
        self._chunk_size = 128

    @classmethod
    async def connect(cls, port: int) -> Self:
        """A connection whose handshake is done."""
        publisher = cls(*await asyncio.open_connection("127.0.0.1", port))
        publisher.writer.write(b"\x03" + bytes(1536))
        answer = await publisher.reader.readexactly(1 + 1536 + 1536)
        publisher.writer.write(answer[1:1537])
        return publisher

    @classmethod
    async def publish(cls, port: int, key: str, *, application: str = "live") -> Self:
        """A connection that may send.

        Raises:
            RefusedError: it may not.
        """
        publisher = await cls.connect(port)
        publisher.set_chunk_size(CHUNK_SIZE)
        publisher.send(connect_command(application), 3)
        await publisher.reply("_result", "_error")
        publisher.send(command("releaseStream", 2, None, key), 3)
        publisher.send(command("FCPublish", 3, None, key), 3)
        publisher.send(command("createStream", 4, None), 3)
        publisher.send(command("publish", 5, None, key, "live", stream_id=1), 8)
        status = await publisher.reply("onStatus")
        if status[3]["level"] == "error":
            raise RefusedError(status[3])
        return publisher

    def set_chunk_size(self, size: int) -> None:
        self.send(Message(SET_CHUNK_SIZE, 0, 0, size.to_bytes(4, "big")), 2)
        self._chunk_size = size

    def send(self, message: Message, chunk_stream_id: int) -> None:
        self.writer.write(encode_message(message, chunk_stream_id=chunk_stream_id, chunk_size=self._chunk_size))

    async def send_tags(self, tags: Iterable[Tag], *, offset: int = 0) -> None:
        """Send as fast as the server takes it."""
        for tag in tags:
            message = Message(tag.kind, (tag.timestamp + offset) & 0xFFFFFFFF, 1, tag.body)
            self.send(message, 4 if tag.kind == AUDIO else 6)
            await self.writer.drain()

    async def reply(self, *names: str) -> list[Any]:
        """The next command of one of these names.

        Raises:
            EOFError: the server hung up.
        """
        while True:
            message = self._replies.next_message()
            if message is None:
                data = await asyncio.wait_for(self.reader.read(65536), 5)
                if not data:
                    raise EOFError
                self._replies.feed(data)
            elif message.type_id == _COMMAND:
                values = amf0.decode(message.payload)
                if values[0] in names:
                    return values

    async def hung_up(self, within: float = 3.0) -> bool:
        """Whether the server closes the connection, reading what it says before."""
        try:
            async with asyncio.timeout(within):
                while await self.reader.read(65536):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def vanish(self) -> None:
        """Break the connection without a word, as a crash does."""
        self.writer.transport.abort()

    async def unpublish(self) -> None:
        self.send(command("FCUnpublish", 6, None, "x"), 3)
        self.send(command("deleteStream", 7, None, 1), 3)
        await self.writer.drain()
