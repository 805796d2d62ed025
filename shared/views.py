"""What can be read: one dataclass a resource. Amounts are in major units, times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from shared.ingest import IngestState
from shared.roles import Permission, Role

T = TypeVar("T")


class StreamStatus(StrEnum):
    """The life of a stream; `ended` and `cancelled` are final."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class HostType(StrEnum):
    """Who hosts a stream: a seller, or an affiliate with a seller's products."""

    SELLER = "seller"
    AFFILIATE = "affiliate"


class AffiliateStatus(StrEnum):
    """Whether an affiliate may host and earn."""

    PENDING = "pending"
    APPROVED = "approved"
    SUSPENDED = "suspended"


class Badge(StrEnum):
    """What a chat line shows beside its author's name."""

    SELLER = "seller"
    AFFILIATE = "affiliate"
    MODERATOR = "moderator"
    VIP = "vip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a longer list."""

    items: list[T]
    total: int
    page: int
    total_pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """A person who signs in."""

    id: str
    display_name: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerView:
    """A seller, as anyone may see it."""

    id: str
    business_name: str
    logo: str | None = None
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerRef:
    """A seller inside a stream."""

    id: str
    business_name: str
    logo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliateView:
    """An affiliate, as it, ops and admins see it."""

    id: str
    name: str
    username: str
    display_name: str
    profile_image: str | None = None
    status: AffiliateStatus
    commission_rate: Decimal
    """Percentage."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliateRef:
    """An affiliate inside a stream, as anyone may see it."""

    id: str
    name: str
    username: str
    display_name: str
    profile_image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductView:
    """A product of a seller's catalogue."""

    id: str
    seller_id: str
    name: str
    description: str | None = None
    price: Decimal
    currency: str
    stock: int
    images: list[str] = field(default_factory=list)
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRef:
    """A product inside a stream."""

    id: str
    name: str
    price: Decimal
    currency: str
    images: list[str]
    stock: int
    quantity: int
    """The same figure as `stock`, under the name that one of the existing clients reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamProductView:
    """A product as it is featured in one stream."""

    id: str
    product_id: str
    product: ProductRef
    special_price: Decimal | None = None
    order_count: int = 0
    revenue: Decimal
    """Paid minus refunded; 0 in the public view."""
    is_active: bool
    is_highlighted: bool = False
    position: int
    highlighted_at: datetime | None = None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """A stream, as anyone may see it."""

    id: str
    seq: int
    """The number of the stream's newest durable event."""
    title: str
    description: str | None = None
    status: StreamStatus
    host_type: HostType
    seller_id: str
    affiliate_id: str | None = None
    seller: SellerRef
    affiliate: AffiliateRef | None = None
    hls_url: str
    thumbnail_url: str | None = None
    viewer_count: int
    peak_viewers: int
    likes_count: int = 0
    total_sales: Decimal
    """Paid minus refunded, in `currency`; 0 in the public view."""
    currency: str
    category: str | None = None
    tags: list[str] = field(default_factory=list)
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    products: list[StreamProductView]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestView:
    """The health of a stream's video."""

    state: IngestState
    bitrate_kbps: float = 0.0
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    keyframe_interval_seconds: float | None = None
    segment_age_seconds: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    ends_at: datetime | None = None
    """When a lost publisher's grace runs out and the stream ends."""
    warnings: list[str] = field(default_factory=list)
    """Sentences for the host: what is wrong and what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStreamView(StreamView):
    """A stream, as its host and admins see it: with the secret stream key."""

    stream_key: str
    rtmp_url: str
    """Where to publish, with the key as its last part."""
    ingest: IngestView


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """The moving figures of one stream."""

    messages_per_minute: int = 0
    total_messages: int = 0
    total_viewers: int = 0
    """Distinct viewers since the stream was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlStreamView(StreamView):
    """A stream, as a console sees it."""

    ingest: IngestView
    figures: FiguresView


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatUserView:
    """The author of a chat line."""

    id: str
    """An account's id, or `guest_` and a keyed hash of the guest's session."""
    username: str
    is_guest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessageView:
    """One chat line."""

    id: str
    seq: int
    stream_id: str
    username: str
    message: str
    sent_at: datetime
    user: ChatUserView
    badge: Badge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveStreamsPage:
    """A page of the streams that are live, under the name that one of the existing clients reads."""

    streams: list[StreamView]
    total: int
    page: int
    total_pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsView:
    """A stream's figures under both existing clients' names."""

    stream_id: str
    status: StreamStatus
    current_viewers: int
    peak_viewers: int
    total_viewers: int
    total_messages: int
    messages_count: int
    total_products: int
    products_clicked: int
    total_orders: int
    purchase_count: int
    total_sales: Decimal
    revenue: Decimal
    currency: str
    duration: int
    """Minutes since the stream started, until it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObsSetupView:
    """What to type into OBS."""

    rtmp_url: str
    """The server, without the key."""
    stream_key: str
    recommended_settings: "EncoderSettings"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSettings:
    """Encoder settings that play everywhere with little delay."""

    encoder: str
    bitrate: int
    """Kilobit a second."""
    keyframe_interval: int
    """Seconds."""
    resolution: str
    fps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKeyView:
    """A stream's new key."""

    stream_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestView:
    """A signed guest identity."""

    token: str
    user_id: str
    """How others see this guest."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorView:
    """Who a console is signed in as."""

    id: str
    role: Role
    permissions: list[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """Whether the process answers."""

    status: str = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessView:
    """Whether everything that a show needs is there; each part is `ok` or says what is wrong."""

    status: str
    parts: dict[str, str]
