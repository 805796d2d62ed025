"""The simple handshake, the server's side (RTMP 1.0 section 5.2).

No publisher in use needs the digest handshake of Flash players.
"""

from backend import seams
from backend.media.rtmp.errors import ProtocolError

VERSION = 3
PACKET_SIZE = 1536
"""Size of C1, C2, S1 and S2 in bytes."""


class Handshake:
    """Takes C0, C1 and C2, and answers S0, S1 and S2."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._answered = False

    def receive(self, data: bytes) -> tuple[bytes, bytes | None]:
        """What to answer to these bytes, and once it is done those of them that belong to the chunk stream.

        Raises:
            ProtocolError: the first byte is not version 3, so this is no RTMP client.
        """
        self._data += data
        if not self._answered and self._data and self._data[0] != VERSION:
            raise ProtocolError(f"handshake version {self._data[0]}")
        reply = b""
        if not self._answered and len(self._data) >= 1 + PACKET_SIZE:
            reply = self._answer(bytes(self._data[1 : 1 + PACKET_SIZE]))
            del self._data[: 1 + PACKET_SIZE]
            self._answered = True
        if not self._answered or len(self._data) < PACKET_SIZE:
            return reply, None
        rest = bytes(self._data[PACKET_SIZE:])
        self._data.clear()
        return reply, rest

    @staticmethod
    def _answer(c1: bytes) -> bytes:
        time = (int(seams.monotonic() * 1000) & 0xFFFFFFFF).to_bytes(4, "big")
        s1 = time + bytes(4) + seams.random_bytes(PACKET_SIZE - 8)
        s2 = c1[:4] + time + c1[8:]
        return bytes([VERSION]) + s1 + s2
