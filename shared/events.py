"""What can have happened: one dataclass an event, its wire name and who may hear it.

Events are whole: they carry the new value, never a delta. `seq` numbers a stream's
durable events without gaps.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from shared import wire
from shared.problems import FieldError
from shared.views import (
    ActView,
    ChatMessageView,
    ChatModeView,
    ControlStreamView,
    DashboardView,
    FiguresView,
    HostStreamView,
    IngestView,
    OperatorView,
    PurchaseStatsView,
    StaffMessageView,
    StreamProductView,
    StreamStatus,
    StreamView,
)

E = TypeVar("E")


class Audience(StrEnum):
    """Who may hear an event."""

    SENDER = "sender"
    """The socket that asked."""
    ADMIN = "admin"
    """Ops and admins who subscribed to admin updates."""
    ROOM = "room"
    """Everyone in the stream, and consoles."""
    CONTROL = "control"
    """Consoles only."""
    PERSON = "person"
    """Every socket of one person in the stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """How an event travels."""

    name: str
    body: type[Any]
    audience: Audience
    latest: bool
    """Of several for one stream in a batch, only the newest matters."""
    bare: str | None
    """The one field whose value is the whole wire payload."""


EVENTS: dict[str, EventSpec] = {}
"""Every server-to-client event by its wire name."""
_BY_TYPE: dict[type[Any], EventSpec] = {}


def _event(
    name: str, audience: Audience, *, latest: bool = False, bare: str | None = None
) -> Callable[[type[E]], type[E]]:
    def declare(cls: type[E]) -> type[E]:
        spec = EventSpec(name=name, body=cls, audience=audience, latest=latest, bare=bare)
        EVENTS[name] = _BY_TYPE[cls] = spec
        return cls

    return declare


def spec_of(event: Any) -> EventSpec:
    """How an event travels."""
    return _BY_TYPE[type(event)]


def payload_of(event: Any) -> Any:
    """An event's wire payload, ready for `wire.encode` or a socket."""
    spec = spec_of(event)
    return wire.to_wire(getattr(event, spec.bare) if spec.bare else event)


def read(name: str, payload: Any) -> Any:
    """The event of a wire name and plain payload; None for an event that this program does not know.

    Raises:
        ProblemError: `validation_failed` when the payload is not that event's.
    """
    spec = EVENTS.get(name)
    if spec is None:
        return None
    return wire.from_wire(spec.body, {spec.bare: payload} if spec.bare else payload)


@_event("streamInfo", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """The stream that a socket has joined."""

    stream: StreamView
    viewer_count: int
    is_host: bool = False


@_event("recentMessages", Audience.SENDER, bare="messages")
@dataclass(frozen=True, slots=True, kw_only=True)
class RecentMessages:
    """The latest chat of a joined stream, oldest first."""

    messages: list[ChatMessageView]


@_event("viewerCountUpdate", Audience.ROOM, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerCountUpdate:
    """How many distinct viewers a stream has now; at most one a second."""

    stream_id: str
    count: int
    peak: int = 0


@_event("newMessage", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage(ChatMessageView):
    """A chat message that is stored."""

    @classmethod
    def of(cls, message: ChatMessageView) -> "NewMessage":
        """The news of a message."""
        return cls(**{member.name: getattr(message, member.name) for member in fields(message)})


@_event("messageDeleted", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted:
    """A chat message was taken away."""

    stream_id: str
    message_id: str
    deleted_by: str
    seq: int


@_event("messageDeleteSuccess", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleteSuccess:
    """The deletion that this socket asked for is done."""

    message_id: str


@_event("messageRestored", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRestored:
    """A chat message that was taken away is shown again, in its old place."""

    stream_id: str
    message: ChatMessageView
    seq: int


@_event("controlMessage", Audience.CONTROL)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlMessage:
    """A message that viewers do not see as it is: held, denied, removed, or only for the staff."""

    stream_id: str
    message: StaffMessageView


@_event("controlAct", Audience.CONTROL)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAct:
    """Somebody moderated."""

    stream_id: str
    act: ActView


@_event("userBanned", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserBanned:
    """A person was shut out."""

    stream_id: str
    user_id: str
    username: str
    banned_by: str
    reason: str | None = None
    until: datetime | None = None
    seq: int


@_event("userUnbanned", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserUnbanned:
    """A person may come in again."""

    stream_id: str
    user_id: str
    username: str
    seq: int


@_event("userTimedOut", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserTimedOut:
    """A person was silenced for a time."""

    stream_id: str
    user_id: str
    username: str
    timeout_minutes: int
    """Rounded up."""
    until: datetime
    seq: int


@_event("userTimeoutEnded", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class UserTimeoutEnded:
    """A person may write again before their timeout is over."""

    stream_id: str
    user_id: str
    username: str
    seq: int


@_event("bannedFromStream", Audience.PERSON)
@dataclass(frozen=True, slots=True, kw_only=True)
class BannedFromStream:
    """You are shut out; the connection is cut next."""

    stream_id: str
    reason: str | None = None
    until: datetime | None = None


@_event("timedOut", Audience.PERSON)
@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """You may not write for a time."""

    stream_id: str
    timeout_minutes: int
    """Rounded up."""
    until: datetime
    reason: str | None = None


@_event("timeoutEnded", Audience.PERSON)
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutEnded:
    """You may write again."""

    stream_id: str


@_event("warned", Audience.PERSON)
@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """You are warned: acknowledge it (`acknowledgeWarning`) to write again. None of a reason: it was taken back."""

    stream_id: str
    reason: str | None = None


@_event("chatModesUpdate", Audience.ROOM, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ChatModesUpdate:
    """How the chat is narrowed now, whole."""

    stream_id: str
    modes: list[ChatModeView]
    seq: int


@_event("pinnedMessageUpdate", Audience.ROOM, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedMessageUpdate:
    """The message that is kept in everyone's sight; None where there is none."""

    stream_id: str
    message: ChatMessageView | None = None
    seq: int


@_event("banSuccess", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class BanSuccess:
    """The ban that this socket asked for is done."""

    user_id: str


@_event("timeoutSuccess", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutSuccess:
    """The timeout that this socket asked for is done."""

    user_id: str
    until: datetime


@_event("streamStatusUpdate", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStatusUpdate:
    """A stream went live, ended or was cancelled."""

    stream_id: str
    status: StreamStatus
    seq: int
    started_at: datetime | None = None
    ended_at: datetime | None = None


@_event("streamStarted", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStarted:
    """The start that this socket asked for is done."""

    stream: HostStreamView


@_event("streamEnded", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnded:
    """The end that this socket asked for is done."""

    stream: HostStreamView


@_event("streamProductsUpdate", Audience.ROOM, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamProductsUpdate:
    """A stream's products, whole: the active ones to viewers, all of them to consoles."""

    stream_id: str
    products: list[StreamProductView]
    timestamp: datetime
    seq: int


@_event("heartbeatAck", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatAck:
    """The server still knows this socket."""

    timestamp: datetime


@_event("error", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """A command failed; the same as its acknowledgement, for clients that ask for none."""

    message: str
    error: str
    code: str
    event: str
    errors: list[FieldError]
    incident_id: str | None = None


@_event("controlStreamUpdate", Audience.CONTROL, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlStreamUpdate:
    """A stream was made or edited."""

    stream_id: str
    stream: ControlStreamView


@_event("ingestUpdate", Audience.CONTROL, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class IngestUpdate:
    """The health of a stream's video changed."""

    stream_id: str
    ingest: IngestView


@_event("figuresUpdate", Audience.CONTROL, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresUpdate:
    """A stream's figures, recomputed at most once a second."""

    stream_id: str
    figures: FiguresView


@_event("controlSnapshot", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSnapshot:
    """The truth that batches continue: what this console may see, now."""

    origin: str
    """The server process; another origin means its batches start anew."""
    seq: int
    """The batch that this snapshot includes; the next is one more."""
    operator: OperatorView
    streams: list[ControlStreamView]
    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlItem:
    """One event inside a batch."""

    event: str
    payload: Any


@_event("controlBatch", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlBatch:
    """What happened since the last batch, in order; a gap in `seq` means: fetch the snapshot again."""

    origin: str
    seq: int
    events: list[ControlItem]


@_event("newPurchase", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class NewPurchase:
    """Somebody bought a product of the stream."""

    stream_id: str
    product_id: str
    product_name: str
    quantity: int
    buyer_name: str
    """Anonymised."""
    timestamp: datetime
    purchase_count: int
    """How often this product was bought in the stream."""
    seq: int


@_event("purchaseAnimation", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseAnimation:
    """What the apps celebrate a purchase with."""

    stream_id: str
    product_id: str
    product_name: str
    buyer_name: str
    quantity: int
    timestamp: datetime


@_event("streamPurchase", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPurchased:
    """A purchase with its amount."""

    stream_id: str
    product_name: str
    buyer_name: str
    amount: Decimal
    currency: str
    timestamp: datetime


@_event("livePurchaseNotification", Audience.ADMIN)
@dataclass(frozen=True, slots=True, kw_only=True)
class LivePurchaseNotification:
    """A purchase in any stream."""

    order_id: str
    stream_id: str
    stream_title: str
    product_name: str
    amount: Decimal
    currency: str
    buyer_name: str
    timestamp: datetime


@_event("streamEndedWithStats", Audience.ADMIN)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEndedWithStats:
    """A show is over, with its figures."""

    stream_id: str
    stream_title: str
    total_viewers: int
    peak_viewers: int
    total_sales: Decimal
    currency: str
    orders_count: int
    duration: int
    """Minutes."""
    ended_at: datetime


@_event("dashboardStatsUpdate", Audience.ADMIN, latest=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardStatsUpdate(DashboardView):
    """The figures of all streams moved; at most once in 5 s."""

    @classmethod
    def of(cls, view: DashboardView) -> "DashboardStatsUpdate":
        """The news of a dashboard."""
        return cls(**{member.name: getattr(view, member.name) for member in fields(view)})


@_event("productPinnedInStream", Audience.ADMIN)
@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPinnedInStream:
    """A product was pinned in any stream."""

    stream_id: str
    product_id: str
    pinned_by: str
    timestamp: datetime


@_event("subscribedToAdmin", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedToAdmin:
    """Admin updates reach this socket from now on."""

    timestamp: datetime


@_event("productPinned", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPinned:
    """A product is pinned; the pin before it, if any, is gone."""

    stream_id: str
    product_id: str
    pinned_by: str
    timestamp: datetime
    timer_end_time: datetime | None = None
    seq: int


@_event("productUnpinned", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUnpinned:
    """The pin is gone."""

    stream_id: str
    product_id: str
    timestamp: datetime
    seq: int


@_event("pinProductSuccess", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class PinProductSuccess:
    """The pin that this socket asked for is set."""

    product_id: str


@_event("unpinProductSuccess", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnpinProductSuccess:
    """The pin that this socket asked to take away is gone."""

    product_id: str


@_event("flashSaleStarted", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSaleStarted:
    """A product costs less until an end."""

    stream_id: str
    product_id: str
    discount_percent: int
    price: Decimal
    """What it costs until then."""
    currency: str
    end_time: datetime
    started_by: str
    timestamp: datetime
    seq: int


@_event("flashSaleEnded", Audience.ROOM)
@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSaleEnded:
    """A product costs what it did before."""

    stream_id: str
    product_id: str
    end_time: datetime
    seq: int


@_event("streamPurchaseStats", Audience.SENDER)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPurchaseStats:
    """How often a stream's products were bought."""

    stream_id: str
    stats: PurchaseStatsView
    timestamp: datetime


@_event("controlPurchase", Audience.CONTROL)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPurchase:
    """A purchase, as consoles see it."""

    stream_id: str
    order_id: str
    order_number: str
    product_name: str
    quantity: int
    buyer_name: str
    amount: Decimal
    currency: str
    affiliate_id: str | None = None
    commission_amount: Decimal
    timestamp: datetime
    seq: int
