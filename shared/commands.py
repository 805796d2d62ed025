"""What can be asked: one dataclass a request body or socket command.

A client's claims about who it is (`userId`, `hostId`) are not read at all: identity comes from the token.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar

from msgspec import Meta

from shared.ids import CurrencyCode, Id, Month, SessionId, Url
from shared.money import Amount, Rate
from shared.roles import Permission, Role
from shared.rules import RuleTerms, Verdict
from shared.views import (
    ChatMessageView,
    HostStreamView,
    HostType,
    OrderStatus,
    OrderView,
    PurchaseStatsView,
    StreamProductView,
)

C = TypeVar("C")

Title = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Username = Annotated[str, Meta(min_length=1, max_length=50)]
LongText = Annotated[str, Meta(max_length=5000)]
Label = Annotated[str, Meta(min_length=1, max_length=60)]
Stock = Annotated[int, Meta(ge=0, le=1_000_000_000)]
ChatText = Annotated[str, Meta(min_length=1, max_length=2000)]
"""Chat as it arrives; the rules of the stream bound it further, after sanitising."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDetails:
    """What every new stream may say about itself."""

    title: Title
    description: LongText | None = None
    host_type: HostType | None = None
    scheduled_at: datetime | None = None
    category: Label | None = None
    tags: Annotated[list[Label], Meta(max_length=20)] = field(default_factory=list)
    thumbnail_url: Url | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSellerStream(StreamDetails):
    """A seller asks for a stream of their own."""

    seller_id: Id | None = None
    """The token names the seller; another one's id is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAffiliateStream(StreamDetails):
    """An affiliate asks for a stream with a seller's products."""

    affiliate_id: Id | None = None
    """The token names the affiliate; another one's id is refused."""
    seller_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product that the catalogue does not know yet."""

    id: Id | None = None
    name: Name
    description: LongText | None = None
    price: Amount
    stock: Stock
    images: Annotated[list[Url], Meta(max_length=20)] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddStreamProduct:
    """Feature a product of the catalogue, or a new one, in a stream."""

    product_id: Id | None = None
    product: NewProduct | None = None
    special_price: Amount | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ToggleStreamProduct:
    """Show or hide a featured product."""

    is_active: bool | None = None
    """Set it; left out, it flips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMessage:
    """A chat message by REST."""

    message: ChatText
    username: Username | None = None
    session_id: SessionId | None = None


RuleReason = Annotated[str, Meta(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRule:
    """A rule for a stream, or for the whole installation."""

    verdict: Verdict
    terms: RuleTerms
    name: Label | None = None
    reason: RuleReason | None = None
    """What a sender is told in place of the rule's own sentence."""
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRule:
    """Edit a rule; what is left out stays. Its kind stays too."""

    verdict: Verdict | None = None
    terms: RuleTerms | None = None
    """Whole: they replace the old ones."""
    name: Label | None = None
    reason: RuleReason | None = None
    is_enabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRule:
    """Ask what a rule, stored or not, would have caught lately."""

    verdict: Verdict = Verdict.HOLD
    terms: RuleTerms
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount:
    """An admin registers a person who signs in."""

    id: Id | None = None
    display_name: Name
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSeller:
    """An admin registers a seller."""

    id: Id | None = None
    business_name: Name
    logo: Url | None = None
    currency: CurrencyCode | None = None
    """Fixed by the first product; the installation's when left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSeller:
    """A seller, or an admin, edits the seller; what is left out stays."""

    business_name: Name | None = None
    logo: Url | None = None
    currency: CurrencyCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAffiliate:
    """An admin registers an affiliate, who stays pending until approved."""

    id: Id | None = None
    name: Name
    username: Username | None = None
    display_name: Name | None = None
    profile_image: Url | None = None
    commission_rate: Rate | None = None
    """Percentage; 0 when left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAffiliate:
    """An affiliate, or an admin, edits the affiliate; what is left out stays. The rate is an admin's."""

    name: Name | None = None
    username: Username | None = None
    display_name: Name | None = None
    profile_image: Url | None = None
    commission_rate: Rate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProduct(NewProduct):
    """A seller, or an admin for them, adds a product to the catalogue."""

    seller_id: Id | None = None
    """The token names the seller; needed from an admin only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProduct:
    """A seller, or an admin, edits a product; what is left out stays."""

    name: Name | None = None
    description: LongText | None = None
    price: Amount | None = None
    stock: Stock | None = None
    images: Annotated[list[Url], Meta(max_length=20)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery:
    """Which page of a list."""

    page: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveStreamsQuery:
    """Which page of the live streams; with neither, the answer is a bare array of all."""

    page: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesQuery:
    """How much of the chat."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsQuery(PageQuery):
    """Which page of the catalogue, and whose."""

    seller_id: Id | None = None


Quantity = Annotated[int, Meta(ge=1, le=1000)]
IdempotencyKey = Annotated[str, Meta(min_length=1, max_length=255)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
"""What another system knows a payment, refund or transfer by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItem:
    """One product that somebody wants, and how many."""

    product_id: Id
    quantity: Quantity = 1
    variant: Annotated[str, Meta(max_length=100)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """A checkout. Prices are the server's; shipping and discount count only with the seller's or an admin's token."""

    items: Annotated[list[OrderItem], Meta(min_length=1, max_length=50)]
    live_session_id: Id | None = None
    """The stream that it is placed in."""
    affiliate_id: Id | None = None
    """A hint; it earns only with the seller's or an admin's token."""
    session_id: SessionId | None = None
    shipping_address: Annotated[dict[str, Annotated[str, Meta(max_length=300)]], Meta(max_length=20)] | None = None
    shipping_amount: Amount | None = None
    discount_amount: Amount | None = None
    is_guest_order: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Why an order is cancelled."""

    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """Money back, in part or whole."""

    amount: Amount | None = None
    """In the order's currency; all that is left, when left out."""
    reason: Reason | None = None
    restock: bool = False
    """Whether all goods come back into stock; only with a refund of all that is left."""
    reference: Reference | None = None
    """The provider's id of the refund, where it is known already: its own word of it then counts as the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """What a payment provider tells of an order."""

    id: Id
    """The provider's id of this event; the same id is applied once."""
    type: Annotated[str, Meta(max_length=64)]
    """`payment.succeeded`, `payment.failed` or `payment.refunded`."""
    order_id: Id
    amount: Amount
    """What was paid, tried or given back, in major units."""
    currency: CurrencyCode
    reference: Reference | None = None
    """Of a refund: the provider's id of it, or the id that the order shows. Each refund of an order counts once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePayout:
    """An admin pays an affiliate out."""

    currency: CurrencyCode | None = None
    """Needed where the affiliate has balances in several."""
    amount: Amount | None = None
    """At most what is available; all of it, when left out."""
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRate:
    """An admin sets an affiliate's rate: for a product, for a seller, or by default."""

    seller_id: Id | None = None
    product_id: Id | None = None
    rate: Rate | None
    """Percentage; null takes the more specific rate away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersQuery(PageQuery):
    """Which page of the orders, and which orders."""

    status: OrderStatus | None = None
    live_session_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuery(PageQuery):
    """Which page of the entries, and of which currency."""

    currency: CurrencyCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementQuery:
    """Which month."""

    month: Month


# --- Socket.IO ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An acknowledgement with nothing more to say."""

    ok: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The acknowledgement of a join."""

    ok: bool = True
    stream_id: str
    session_id: str | None = None
    """The guest's session, made by the server when the client sent none."""
    user_id: str
    """How others see this person."""
    viewer_count: int
    seq: int
    is_host: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent:
    """The acknowledgement of a chat message that is stored."""

    ok: bool = True
    message: ChatMessageView


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeletedAck:
    """The acknowledgement of a deletion."""

    ok: bool = True
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChangedAck:
    """The acknowledgement of a start or an end."""

    ok: bool = True
    stream: HostStreamView


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsStatedAck:
    """The acknowledgement of `updateStreamProducts`."""

    ok: bool = True
    products: list[StreamProductView]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatReceived:
    """The acknowledgement of a heartbeat."""

    ok: bool = True
    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """The acknowledgement of a purchase."""

    ok: bool = True
    order: OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseStatsAck:
    """The acknowledgement of `getStreamPurchaseStats`."""

    ok: bool = True
    stats: PurchaseStatsView


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One client-to-server event: its wire name, its fields, what acknowledges it and who may send it."""

    name: str
    body: type[Any]
    returns: type[Any]
    needs: Permission


COMMANDS: dict[str, CommandSpec] = {}
"""Every client-to-server event by its wire name."""


def _command(
    name: str, *, returns: type[Any] = Done, needs: Permission = Permission.WATCH
) -> Callable[[type[C]], type[C]]:
    def declare(cls: type[C]) -> type[C]:
        COMMANDS[name] = CommandSpec(name=name, body=cls, returns=returns, needs=needs)
        return cls

    return declare


@_command("joinStream", returns=Joined)
@dataclass(frozen=True, slots=True, kw_only=True)
class JoinStream:
    """Watch a stream."""

    stream_id: Id
    session_id: SessionId | None = None
    since: Annotated[int, Meta(ge=0)] | None = None
    """Resume: send the messages after this `seq` in place of the latest 20."""


@_command("hostJoinStream", returns=Joined)
@dataclass(frozen=True, slots=True, kw_only=True)
class HostJoinStream:
    """Join one's stream as its host or moderator; without that right the socket joins as a viewer."""

    stream_id: Id
    session_id: SessionId | None = None


@_command("leaveStream")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveStream:
    """Stop watching a stream."""

    stream_id: Id


@_command("sendMessage", returns=MessageSent, needs=Permission.CHAT)
@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """Say something in a stream; a guest must have joined one."""

    stream_id: Id
    message: ChatText
    username: Username | None = None


@_command("deleteMessage", returns=MessageDeletedAck, needs=Permission.MODERATE)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteMessage:
    """Take a chat message away."""

    message_id: Id
    stream_id: Id | None = None
    """The socket's only joined stream, when left out."""


@_command("startStream", returns=StreamChangedAck, needs=Permission.RUN_STREAM)
@dataclass(frozen=True, slots=True, kw_only=True)
class StartStream:
    """Go live."""

    stream_id: Id


@_command("endStream", returns=StreamChangedAck, needs=Permission.RUN_STREAM)
@dataclass(frozen=True, slots=True, kw_only=True)
class EndStream:
    """End the show; final."""

    stream_id: Id


@_command("updateStreamProducts", returns=ProductsStatedAck, needs=Permission.EDIT_PRODUCTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStreamProducts:
    """Have the server state the stream's products to everyone in it."""

    stream_id: Id


@_command("streamHeartbeat", returns=HeartbeatReceived)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHeartbeat:
    """Ask whether the server still knows this socket."""

    stream_id: Id


@_command("streamPurchase", returns=OrderPlaced, needs=Permission.BUY)
@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPurchase:
    """Buy a featured product of a live stream."""

    stream_id: Id
    product_id: Id
    affiliate_id: Id | None = None
    quantity: Quantity = 1
    variant: Annotated[str, Meta(max_length=100)] | None = None
    idempotency_key: IdempotencyKey | None = None


@_command("purchaseMade", needs=Permission.BUY)
@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseMade:
    """A hint that this session has bought by REST; announced once, if an order backs it."""

    stream_id: Id
    product_id: Id


@_command("pinProduct", needs=Permission.TOGGLE_PRODUCTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class PinProduct:
    """Pin one product of a stream for everyone, perhaps for a time."""

    stream_id: Id
    product_id: Id
    timer_duration: Annotated[int, Meta(ge=1, le=86_400)] | None = None
    """Seconds."""


@_command("unpinProduct", needs=Permission.TOGGLE_PRODUCTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnpinProduct:
    """Take a pin away."""

    stream_id: Id
    product_id: Id


@_command("startFlashSale", needs=Permission.TOGGLE_PRODUCTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class StartFlashSale:
    """Sell one product of a stream cheaper for a time."""

    stream_id: Id
    product_id: Id
    duration_seconds: Annotated[int, Meta(ge=1, le=86_400)]
    discount_percent: Annotated[int, Meta(ge=1, le=100)]


@_command("getStreamPurchaseStats", returns=PurchaseStatsAck)
@dataclass(frozen=True, slots=True, kw_only=True)
class GetStreamPurchaseStats:
    """Ask how often a stream's products were bought."""

    stream_id: Id


@_command("subscribeToAdminUpdates", needs=Permission.OVERSEE)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeToAdminUpdates:
    """Ops or an admin asks for the purchases and figures of all streams."""


@_command("unsubscribeFromAdminUpdates", needs=Permission.OVERSEE)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeFromAdminUpdates:
    """No more of them."""


@_command("subscribeControl", needs=Permission.CONTROL)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeControl:
    """A console asks for a snapshot, then for batches of everything that its token may see."""

    stream_ids: Annotated[list[Id], Meta(max_length=200)] | None = None
    """Only these streams; all visible ones when left out."""
