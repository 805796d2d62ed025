"""What the console can hear: from its client, from its clock and from its operator.

A list of these reproduces everything that was on the screen. Those of the server itself (`shared.events`)
come inside `BatchArrived` and `SnapshotArrived`.
"""

from dataclasses import dataclass
from datetime import datetime

from console.core.state import Act, Pane
from shared.events import ControlBatch, ControlSnapshot
from shared.views import ChatMessageView


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything that may change the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInStarted(Event):
    """A token was given; the client is connecting for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefused(Event):
    """The server does not accept the token (any more)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting(Event):
    """An attempt to reach the server begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLost(Event):
    """The server is out of reach; the next attempt is at `retry_at`."""

    reason: str
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotArrived(Event):
    """The truth, now."""

    at: datetime
    snapshot: ControlSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchArrived(Event):
    """News; an empty batch says that there are none."""

    at: datetime
    batch: ControlBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Misunderstood(Event):
    """The server said something that this console cannot read."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAsked(Event):
    """A room's chat history is being fetched."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryArrived(Event):
    """A room's newest messages, oldest first."""

    stream_id: str
    ticket: int
    as_of: int
    """The stream's `seq` when they were asked for."""
    messages: list[ChatMessageView]
    whole: bool
    """There are no older ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFailed(Event):
    """A room's chat history could not be fetched; it is tried again at `retry_at`."""

    stream_id: str
    ticket: int
    reason: str
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActSent(Event):
    """A request is on its way."""

    act: Act
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActDone(Event):
    """The server agreed; the change itself comes as an event."""

    act: Act
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(Event):
    """The act did not happen."""

    act: Act
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked(Event):
    """A second has passed."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSelected(Event):
    """The cursor is on a stream."""

    stream_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsFiltered(Event):
    """Only streams with this text are to be listed."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOpened(Event):
    """The operator entered a stream's room."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomClosed(Event):
    """The operator went back to the list of streams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSelected(Event):
    """The cursor is on a chat line; following pauses."""

    stream_id: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBack(Event):
    """The operator scrolled up; following pauses."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(Event):
    """The operator wants to see the newest line, and the cursor gone."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFiltered(Event):
    """Only lines with this text are to be shown."""

    stream_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseSelected(Event):
    """The cursor is on a purchase, or (None) stays on the newest."""

    stream_id: str
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneFocused(Event):
    """A pane of the room has the keys."""

    pane: Pane


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoomToggled(Event):
    """The focused pane takes the whole screen, or gives it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """There is something to tell the operator."""

    text: str
    loud: bool = True
