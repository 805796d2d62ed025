"""Everything on the screen as one frozen tree; only `reducer.reduce` makes a new one.

The large nodes are equal only to themselves: whether something has changed is asked ten times a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from console.core.chat import Chat
from console.core.feed import Feed
from console.core.ledger import Ledger
from console.core.payout import PayOut
from shared.events import FlashSaleStarted, ProductPinned
from shared.views import ControlStreamView, OperatorView


class Phase(StrEnum):
    """Where the connection to the server stands."""

    SIGNED_OUT = "signed_out"
    CONNECTING = "connecting"
    LIVE = "live"
    WAITING = "waiting"
    """Lost; the next attempt is at `retry_at`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How the console hears from the server."""

    phase: Phase = Phase.SIGNED_OUT
    heard_at: datetime | None = None
    """When the server last said anything."""
    retry_at: datetime | None = None
    reason: str = ""
    """Why it is not live, in words."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a server process's batches the console stands."""

    origin: str
    seq: int

    def precedes(self, origin: str, seq: int) -> bool:
        """Whether a batch is the very next one."""
        return origin == self.origin and seq == self.seq + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A figure over the last minutes: the highest value of each span of time."""

    values: tuple[int, ...] = ()
    span: int = -1
    """The number of the newest value's span."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stream:
    """One stream as the server last described it, and what the console noted beside it."""

    view: ControlStreamView
    viewers: Trend = Trend()
    feed: Feed = field(default_factory=Feed)
    pin: ProductPinned | None = None
    flash_sales: Mapping[str, FlashSaleStarted] = field(default_factory=lambda: MappingProxyType({}))
    """By product; over at their end, whether or not that is announced."""


class History(StrEnum):
    """Whether a room's chat history is here."""

    WANTED = "wanted"
    LOADING = "loading"
    HERE = "here"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """An open room: its chat and how it is being read."""

    chat: Chat = field(default_factory=Chat)
    history: History = History.WANTED
    ticket: int = 0
    """The number of the newest request for history; answers to older ones are ignored."""
    history_problem: str = ""
    retry_at: datetime | None = None
    selected: str | None = None
    """The message that acts go to."""
    held_at: int | None = None
    """The newest `seq` when the operator stopped following; None while following."""
    filter: str = ""
    purchase: str | None = None
    """The row of the purchase under the cursor; None while the newest is followed."""


class Pane(StrEnum):
    """A part of the room."""

    CHAT = "chat"
    PRODUCTS = "products"
    FIGURES = "figures"
    PURCHASES = "purchases"


@dataclass(frozen=True, slots=True)
class ToggleProduct:
    """The operator's wish to show or hide a product; one at a time a product."""

    stream_id: str
    product_id: str
    active: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """The operator's wish to take a message away."""

    stream_id: str
    message_id: str


Act = ToggleProduct | DeleteMessage | PayOut
"""Something that an operator does to the show, or to the books; also the name under which its progress is kept."""


class Progress(StrEnum):
    """How far an act has come."""

    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Mark:
    """An act's progress, shown at the row it is about until it fades."""

    progress: Progress
    at: datetime


class Severity(StrEnum):
    """How loud a notice is; Textual's own words."""

    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the operator."""

    number: int
    text: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """The whole console."""

    url: str
    read_only: bool = False
    wanted_stream: str | None = None
    """The room to open as soon as the first snapshot is here."""
    connection: Connection = Connection()
    position: Position | None = None
    operator: OperatorView | None = None
    """Who is signed in; None on the sign-in screen."""
    skew: timedelta = timedelta()
    """The server's clock minus this machine's."""
    streams: Mapping[str, Stream] = field(default_factory=lambda: MappingProxyType({}))
    rooms: Mapping[str, Room] = field(default_factory=lambda: MappingProxyType({}))
    open_room: str | None = None
    """The stream whose room is on the screen."""
    ledger: Ledger | None = None
    """None while its screens are closed."""
    selected_stream: str | None = None
    stream_filter: str = ""
    pane: Pane = Pane.CHAT
    zoomed: bool = False
    """The focused pane has the screen to itself."""
    marks: Mapping[Act, Mark] = field(default_factory=lambda: MappingProxyType({}))
    notice: Notice | None = None
    """The newest."""
    misunderstood: int = 0
    """Events that this console could not read."""
