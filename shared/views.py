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


class OrderStatus(StrEnum):
    """The life of an order; `cancelled` and `refunded` are final."""

    PENDING = "pending"
    """Placed: its stock is reserved, its payment awaited."""
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    """By its buyer or seller, or because it was not paid in time."""
    REFUNDED = "refunded"
    """In full; a partial refund leaves the status as it is."""


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


class RaidSignal(StrEnum):
    """What may betray a raid on a stream's chat."""

    COPIES = "copies"
    """Messages that are almost the same, by strangers."""
    LINKS = "links"
    """Links, posted by strangers."""
    WALLS = "walls"
    """Messages of little but emoji or one repeated character, by strangers."""
    MONOLOGUES = "monologues"
    """Few people who write much, by strangers."""
    ADDRESS = "address"
    """Many new sessions from one address."""
    NEWCOMERS = "newcomers"
    """People who came just now, among those who write."""
    JOINS = "joins"
    """People who come, against what this stream is used to."""
    MESSAGES = "messages"
    """Messages, against what this stream is used to."""
    REACTIONS = "reactions"
    """Reactions, against what this stream is used to."""


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
    total_orders: int = 0
    """Placed, without cancelled ones."""
    total_sales: Decimal = Decimal(0)
    """Paid minus refunded, in `currency`."""
    currency: str = "USD"
    conversion_rate: float = 0.0
    """Buyers to viewers, 0 to 1."""


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
class OrderLineView:
    """One product of an order, at the price of its moment."""

    product_id: str
    name: str
    variant: str | None = None
    quantity: int
    unit_price: Decimal
    amount: Decimal
    """Quantity times unit price, before discounts."""
    discount_amount: Decimal
    commission_rate: Decimal | None = None
    """Percentage; None where nobody earns."""
    commission_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """Money that went back to a buyer."""

    id: str
    amount: Decimal
    reason: str | None = None
    reference: str | None = None
    """What the payment provider knows it by."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order, as its buyer, its seller and admins see it."""

    id: str
    number: str
    """Short and readable, for people."""
    status: OrderStatus
    seller_id: str
    buyer_id: str
    is_guest_order: bool
    live_session_id: str | None = None
    """The stream that it was placed in."""
    affiliate_id: str | None = None
    commission_rate: Decimal | None = None
    """Percentage; None where nobody earns."""
    commission_amount: Decimal
    currency: str
    items: list[OrderLineView]
    goods_amount: Decimal
    discount_amount: Decimal
    shipping_amount: Decimal
    total_amount: Decimal
    refunded_amount: Decimal
    refunds: list[RefundView]
    """Oldest first; they add up to `refunded_amount`."""
    shipping_address: dict[str, str] | None = None
    cancel_reason: str | None = None
    placed_at: datetime
    expires_at: datetime | None = None
    """When an unpaid order is cancelled and gives its stock back."""
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceipt:
    """What became of a payment provider's event."""

    event_id: str
    applied: bool
    """False where it had been applied before, or could not be."""
    order_status: OrderStatus
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntryView:
    """One entry of somebody's account, with the balance after it."""

    journal_id: str
    number: int
    """The journal's place in the ledger."""
    kind: str
    posted_at: datetime
    account: str
    amount: Decimal
    currency: str
    balance: Decimal
    """Of this account in this currency, after this entry."""
    order_id: str | None = None
    stream_id: str | None = None
    product_id: str | None = None
    commission_rate: Decimal | None = None
    """Percentage, where the entry is a line's commission."""
    commission_base: Decimal | None = None
    reverses: str | None = None
    """The journal that this one takes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceView:
    """What somebody is owed in one currency."""

    currency: str
    pending: Decimal
    """Earned, not yet settled."""
    available: Decimal
    """Settled; negative after a refund of what was paid out, which the next payout nets."""
    paid_out: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """One month of an account: what it opened with, what moved, what it closed with."""

    owner_id: str
    month: str
    """As `2026-11`."""
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    currencies: list["StatementLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One currency of a statement."""

    currency: str
    opening: Decimal
    earned: Decimal
    reversed: Decimal
    paid_out: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutView:
    """Money that an affiliate was paid."""

    id: str
    affiliate_id: str
    amount: Decimal
    currency: str
    reference: str | None = None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RateView:
    """An affiliate's rate for a product, for a seller, or by default."""

    affiliate_id: str
    seller_id: str | None = None
    product_id: str | None = None
    rate: Decimal
    """Percentage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSalesView:
    """How often a product of a stream was bought."""

    product_id: str
    purchase_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseStatsView:
    """How often a stream's products were bought."""

    total_purchases: int
    product_stats: list[ProductSalesView]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotal:
    """An amount in one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardView:
    """The figures of a host's streams, or of all for ops and admins."""

    total_streams: int
    live_streams: int
    total_viewers: int
    total_sales: Decimal
    """In the installation's currency."""
    totals_by_currency: list[CurrencyTotal]
    avg_view_time: float
    """Seconds."""
    conversion_rate: float
    """Buyers to viewers, 0 to 1."""
    total_messages: int
    engagement_rate: float
    """Chatters to viewers, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamMetrics:
    """One show in figures."""

    peak_viewers: int
    total_viewers: int
    avg_watch_time: float
    """Seconds."""
    total_sales: Decimal
    orders_count: int
    conversion_rate: float
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewersAt:
    """How many watched at a time."""

    timestamp: datetime
    viewers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopProduct:
    """A product by what it sold."""

    product_id: str
    name: str
    units: int
    revenue: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsView:
    """One show, analysed."""

    stream_id: str
    title: str
    status: StreamStatus
    host_type: HostType
    currency: str
    metrics: StreamMetrics
    viewers_by_time: list[ViewersAt]
    top_products: list[TopProduct]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RaidSignalView:
    """One signal of a raid: how strong it is now, and why."""

    name: RaidSignal
    value: float
    threshold: float
    """The value from which on the signal counts in full."""
    weight: int
    """The points that it adds to the score from its threshold on."""
    points: float
    """What it adds now."""
    reason: str
    """A sentence for moderators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaidPresetView:
    """A named set of chat modes against a raid, and how long it holds."""

    name: str
    label: str
    """What it does, in words."""
    modes: dict[str, int]
    """Each mode by its name, with its value; 1 where a mode is only on or off."""
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaidProposalView:
    """An act that is proposed against a raid."""

    id: int
    """Counts a stream's proposals, from 1."""
    made_at: datetime
    score: int
    reasons: list[str]
    """The strongest first, as they were when it was made."""
    preset: RaidPresetView


@dataclass(frozen=True, slots=True, kw_only=True)
class RaidView:
    """How much a stream's chat looks like being raided."""

    stream_id: str
    score: int
    """0 to 100."""
    signals: list[RaidSignalView]
    """The strongest first; those that add nothing are left out."""
    proposal: RaidProposalView | None = None
    """None while there is no raid, and after its proposal was applied or dismissed."""
