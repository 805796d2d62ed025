"""What a session tells its owner."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from backend.media.rtmp import amf0


@dataclass(frozen=True, slots=True)
class PublishRequested:
    """The peer asks to publish. Answer with `accept_publish` or `refuse_publish`; nothing is read before."""

    key: str
    """The stream key, without a query."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """`onMetaData`, the encoder's own description of the stream; a hint at best."""

    properties: dict[str, amf0.Value]


class Audio(NamedTuple):
    """An audio message: the body of an FLV audio tag."""

    timestamp: int
    """Milliseconds, modulo 2**32."""
    payload: bytes


class Video(NamedTuple):
    """A video message: the body of an FLV video tag."""

    timestamp: int
    """Milliseconds, modulo 2**32."""
    payload: bytes


@dataclass(frozen=True, slots=True)
class Unpublished:
    """The peer stopped publishing. It is left to hang up: some report an error if it cannot."""

    command: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The session has refused what the peer wants; close once the answer is sent."""

    reason: str


Event: TypeAlias = PublishRequested | Metadata | Audio | Video | Unpublished | Refused
