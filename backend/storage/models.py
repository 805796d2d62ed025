"""The whole schema on one page. Money is integer minor units, rates are basis points, times are UTC.

The docstrings become comments of the tables, and Tortoise's migrations split statements at semicolons: use none there.
"""

from collections.abc import Collection

from tortoise import fields
from tortoise.models import Model
from tortoise.queryset import QuerySet

from backend.domain.ledger import Account as LedgerAccount
from backend.domain.ledger import JournalKind
from backend.domain.moderation.registers import FacetKind
from shared.moderation import ActClient, ActKind, MessageKind, MessageState, Reach
from shared.roles import Role
from shared.views import AffiliateStatus, Badge, HostType, OrderStatus, StreamStatus

ID = 64
"""Characters of an id, at most."""


class Account(Model):
    """A person who signs in. One of the role seller or affiliate acts for a row of that table."""

    id = fields.CharField(primary_key=True, max_length=ID)
    display_name = fields.CharField(max_length=200)
    role = fields.CharEnumField(Role, max_length=20)
    acts_for = fields.CharField(max_length=ID, null=True)
    """The seller or affiliate."""
    name = fields.CharField(max_length=64, null=True, unique=True)
    """What they sign in by, in lower case. None for one that only signed tokens or an outside provider name."""
    password_hash = fields.CharField(max_length=255, null=True)
    issuer = fields.CharField(max_length=500, null=True)
    """The outside identity provider that vouches for them."""
    outside_subject = fields.CharField(max_length=255, null=True)
    """What that provider knows them by."""
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "accounts"
        unique_together = (("issuer", "outside_subject"),)
        indexes = (("disabled_at",),)


class SignInRow(Model):
    """One sign-in, from its password to its end. Its refresh tokens are a family."""

    id = fields.CharField(primary_key=True, max_length=ID)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "shop.Account", related_name="sign_ins", on_delete=fields.RESTRICT
    )
    account_id: str
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    """When its newest refresh token does."""
    access_until = fields.DatetimeField()
    """When its last access token does."""
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "sign_ins"
        indexes = (("account_id", "ended_at"), ("expires_at",))


class RefreshToken(Model):
    """One link of a sign-in. The secret itself is not kept."""

    hash = fields.CharField(primary_key=True, max_length=64)
    sign_in: fields.ForeignKeyRelation[SignInRow] = fields.ForeignKeyField(
        "shop.SignInRow", related_name="refresh_tokens", on_delete=fields.CASCADE
    )
    sign_in_id: str
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "refresh_tokens"


class ApiToken(Model):
    """A token that an account made for a program of its own. The secret itself is not kept."""

    id = fields.CharField(primary_key=True, max_length=ID)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "shop.Account", related_name="api_tokens", on_delete=fields.RESTRICT
    )
    account_id: str
    name = fields.CharField(max_length=200)
    hash = fields.CharField(max_length=64, unique=True)
    scopes: fields.Field[list[str]] = fields.JSONField(default=list)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "api_tokens"
        indexes = (("account_id", "id"),)


class Revocation(Model):
    """A signed token, an API token or a sign-in that counts no more."""

    id = fields.CharField(primary_key=True, max_length=ID)
    """The jti, or the id of the API token or sign-in."""
    revoked_at = fields.DatetimeField(db_index=True)
    forget_at = fields.DatetimeField(null=True)
    """When everything that it forbids has expired by itself. None where that is not known."""

    class Meta:
        """Table."""

        table = "revocations"


class Seller(Model):
    """Somebody who sells."""

    id = fields.CharField(primary_key=True, max_length=ID)
    business_name = fields.CharField(max_length=200)
    logo = fields.CharField(max_length=2000, null=True)
    currency = fields.CharField(max_length=3)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "sellers"


class Affiliate(Model):
    """Somebody who shows a seller's products for a commission."""

    id = fields.CharField(primary_key=True, max_length=ID)
    name = fields.CharField(max_length=200)
    username = fields.CharField(max_length=64, unique=True)
    display_name = fields.CharField(max_length=200)
    profile_image = fields.CharField(max_length=2000, null=True)
    status = fields.CharEnumField(AffiliateStatus, max_length=20)
    commission_rate = fields.IntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "affiliates"


class Product(Model):
    """Something for sale."""

    id = fields.CharField(primary_key=True, max_length=ID)
    seller: fields.ForeignKeyRelation[Seller] = fields.ForeignKeyField(
        "shop.Seller", related_name="products", on_delete=fields.RESTRICT
    )
    seller_id: str
    name = fields.CharField(max_length=200)
    description = fields.TextField(null=True)
    price_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    stock = fields.BigIntField()
    images: fields.Field[list[str]] = fields.JSONField(default=list)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "products"
        indexes = (("seller_id", "id"),)


class LiveStream(Model):
    """One show."""

    id = fields.CharField(primary_key=True, max_length=ID)
    seq = fields.BigIntField(default=0, db_default=0)
    title = fields.CharField(max_length=200)
    description = fields.TextField(null=True)
    status = fields.CharEnumField(StreamStatus, max_length=20)
    host_type = fields.CharEnumField(HostType, max_length=20)
    seller: fields.ForeignKeyRelation[Seller] = fields.ForeignKeyField(
        "shop.Seller", related_name="streams", on_delete=fields.RESTRICT
    )
    seller_id: str
    affiliate: fields.ForeignKeyNullableRelation[Affiliate] = fields.ForeignKeyField(
        "shop.Affiliate", related_name="streams", on_delete=fields.RESTRICT, null=True
    )
    affiliate_id: str | None
    stream_key = fields.CharField(max_length=64, unique=True)
    playback_id = fields.CharField(max_length=64, unique=True)
    category = fields.CharField(max_length=60, null=True)
    tags: fields.Field[list[str]] = fields.JSONField(default=list)
    thumbnail_url = fields.CharField(max_length=2000, null=True)
    peak_viewers = fields.IntField(default=0, db_default=0)
    had_ingest = fields.BooleanField(default=False, db_default=False)
    ingest_lost_at = fields.DatetimeField(null=True)
    scheduled_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    products: fields.ReverseRelation["LiveStreamProduct"]

    class Meta:
        """Table."""

        table = "live_streams"
        indexes = (("status", "id"), ("seller_id", "id"), ("affiliate_id", "id"))


class LiveStreamProduct(Model):
    """A product as it is featured in one stream."""

    id = fields.CharField(primary_key=True, max_length=ID)
    stream: fields.ForeignKeyRelation[LiveStream] = fields.ForeignKeyField(
        "shop.LiveStream", related_name="products", on_delete=fields.RESTRICT
    )
    stream_id: str
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "shop.Product", related_name="featured", on_delete=fields.RESTRICT
    )
    product_id: str
    special_price_minor = fields.BigIntField(null=True)
    is_active = fields.BooleanField()
    is_highlighted = fields.BooleanField(default=False, db_default=False)
    highlighted_at = fields.DatetimeField(null=True)
    position = fields.IntField()
    added_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "live_stream_products"
        unique_together = (("stream_id", "product_id"),)


class LiveStreamMessage(Model):
    """A line of the chat. Whatever becomes of it, it stays as a row, and acts decide who sees it."""

    id = fields.CharField(primary_key=True, max_length=ID)
    stream: fields.ForeignKeyRelation[LiveStream] = fields.ForeignKeyField(
        "shop.LiveStream", related_name="messages", on_delete=fields.RESTRICT
    )
    stream_id: str
    seq = fields.BigIntField()
    author_id = fields.CharField(max_length=ID)
    is_guest = fields.BooleanField()
    username = fields.CharField(max_length=200)
    badge = fields.CharEnumField(Badge, max_length=20, null=True)
    message = fields.TextField()
    kind = fields.CharEnumField(MessageKind, max_length=20, default=MessageKind.CHAT, db_default=MessageKind.CHAT)
    state = fields.CharEnumField(MessageState, max_length=20, default=MessageState.SHOWN, db_default=MessageState.SHOWN)
    """What its acts have left of it: always what the registers say, else the first state."""
    first_state = fields.CharEnumField(
        MessageState, max_length=20, default=MessageState.SHOWN, db_default=MessageState.SHOWN
    )
    """What the rules made of it before any act."""
    held_for = fields.CharField(max_length=500, null=True)
    """Why the rules hold it, in words."""
    address_hash = fields.CharField(max_length=ID, null=True)
    sent_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "live_stream_messages"
        unique_together = (("stream_id", "seq"),)
        indexes = (("stream_id", "sent_at"), ("stream_id", "author_id", "seq"), ("stream_id", "state", "seq"))


def shown_messages(stream_ids: Collection[str]) -> QuerySet[LiveStreamMessage]:
    """The messages of streams that viewers see."""
    return LiveStreamMessage.filter(
        stream_id__in=list(stream_ids), state=MessageState.SHOWN, kind__not=MessageKind.STAFF_NOTE
    )


class LiveStreamViewer(Model):
    """One visit of one viewer to one stream."""

    id = fields.CharField(primary_key=True, max_length=ID)
    stream: fields.ForeignKeyRelation[LiveStream] = fields.ForeignKeyField(
        "shop.LiveStream", related_name="viewers", on_delete=fields.RESTRICT
    )
    stream_id: str
    viewer_id = fields.CharField(max_length=ID)
    address_hash = fields.CharField(max_length=ID, null=True)
    joined_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)
    watched_ms = fields.BigIntField(null=True)
    """Milliseconds from `joined_at` to `left_at`, so that databases can add them up; None while it goes on."""

    class Meta:
        """Table."""

        table = "live_stream_viewers"
        indexes = (("stream_id", "viewer_id", "watched_ms"), ("left_at",))


class AffiliateRate(Model):
    """An affiliate's rate that overrides its default: for one seller's goods, or for one product."""

    id = fields.CharField(primary_key=True, max_length=ID)
    affiliate: fields.ForeignKeyRelation[Affiliate] = fields.ForeignKeyField(
        "shop.Affiliate", related_name="rates", on_delete=fields.RESTRICT
    )
    affiliate_id: str
    seller_id = fields.CharField(max_length=ID, null=True)
    product_id = fields.CharField(max_length=ID, null=True)
    rate = fields.IntField()
    updated_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "affiliate_rates"
        indexes = (("affiliate_id", "product_id"),)


class FlashSaleRow(Model):
    """A product's discount in one stream for a time. Its end is data, not a timer."""

    id = fields.CharField(primary_key=True, max_length=ID)
    stream: fields.ForeignKeyRelation[LiveStream] = fields.ForeignKeyField(
        "shop.LiveStream", related_name="flash_sales", on_delete=fields.RESTRICT
    )
    stream_id: str
    product_id = fields.CharField(max_length=ID)
    discount_percent = fields.IntField()
    started_by = fields.CharField(max_length=ID)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    end_announced = fields.BooleanField(default=False, db_default=False)

    class Meta:
        """Table."""

        table = "flash_sales"
        indexes = (("stream_id", "product_id", "ends_at"), ("end_announced", "ends_at"))


class Pin(Model):
    """The one product that a stream shows above all others."""

    stream_id = fields.CharField(primary_key=True, max_length=ID)
    product_id = fields.CharField(max_length=ID)
    pinned_by = fields.CharField(max_length=ID)
    pinned_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "live_stream_pins"
        indexes = (("ends_at",),)


class Order(Model):
    """What somebody bought of one seller."""

    id = fields.CharField(primary_key=True, max_length=ID)
    number = fields.CharField(max_length=32, unique=True)
    status = fields.CharEnumField(OrderStatus, max_length=20)
    seller: fields.ForeignKeyRelation[Seller] = fields.ForeignKeyField(
        "shop.Seller", related_name="orders", on_delete=fields.RESTRICT
    )
    seller_id: str
    stream: fields.ForeignKeyNullableRelation[LiveStream] = fields.ForeignKeyField(
        "shop.LiveStream", related_name="orders", on_delete=fields.RESTRICT, null=True
    )
    stream_id: str | None
    affiliate: fields.ForeignKeyNullableRelation[Affiliate] = fields.ForeignKeyField(
        "shop.Affiliate", related_name="orders", on_delete=fields.RESTRICT, null=True
    )
    affiliate_id: str | None
    buyer_id = fields.CharField(max_length=ID)
    buyer_name = fields.CharField(max_length=200, null=True)
    is_guest_order = fields.BooleanField()
    currency = fields.CharField(max_length=3)
    goods_minor = fields.BigIntField()
    discount_minor = fields.BigIntField()
    shipping_minor = fields.BigIntField()
    commission_rate = fields.IntField(null=True)
    commission_minor = fields.BigIntField()
    fee_rate = fields.IntField()
    refunded_minor = fields.BigIntField(default=0, db_default=0)
    shipping_address: fields.Field[dict[str, str] | None] = fields.JSONField(null=True)
    cancel_reason = fields.CharField(max_length=500, null=True)
    placed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    paid_at = fields.DatetimeField(null=True)
    shipped_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    lines: fields.ReverseRelation["OrderLine"]
    refunds: fields.ReverseRelation["Refund"]

    class Meta:
        """Table."""

        table = "orders"
        indexes = (
            ("stream_id", "status", "cancelled_at"),
            ("seller_id", "id"),
            ("affiliate_id", "id"),
            ("buyer_id", "id"),
            ("status", "expires_at"),
            ("settled_at", "delivered_at"),
        )


class OrderLine(Model):
    """One product of an order, at the price and rate of its moment."""

    id = fields.CharField(primary_key=True, max_length=ID)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "shop.Order", related_name="lines", on_delete=fields.RESTRICT
    )
    order_id: str
    position = fields.IntField()
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "shop.Product", related_name="order_lines", on_delete=fields.RESTRICT
    )
    product_id: str
    featured_id = fields.CharField(max_length=ID, null=True)
    """The row of live_stream_products that showed it, where it was bought in a stream."""
    flash_sale_id = fields.CharField(max_length=ID, null=True)
    """The flash sale that set its price."""
    name = fields.CharField(max_length=200)
    variant = fields.CharField(max_length=100, null=True)
    quantity = fields.IntField()
    unit_price_minor = fields.BigIntField()
    discount_minor = fields.BigIntField()
    net_minor = fields.BigIntField()
    commission_rate = fields.IntField(null=True)
    commission_minor = fields.BigIntField()

    class Meta:
        """Table."""

        table = "order_lines"
        indexes = (("order_id", "position"), ("product_id",))


class Refund(Model):
    """Money that went back to a buyer."""

    id = fields.CharField(primary_key=True, max_length=ID)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "shop.Order", related_name="refunds", on_delete=fields.RESTRICT
    )
    order_id: str
    amount_minor = fields.BigIntField()
    reason = fields.CharField(max_length=500, null=True)
    reference = fields.CharField(max_length=200, null=True)
    """The payment provider's id of it, by which two tellings of one refund are known as the same."""
    made_by = fields.CharField(max_length=ID)
    settled_before = fields.BooleanField()
    created_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "refunds"
        unique_together = (("order_id", "reference"),)
        indexes = (("order_id", "id"),)


class Payout(Model):
    """Money that an affiliate was paid."""

    id = fields.CharField(primary_key=True, max_length=ID)
    affiliate: fields.ForeignKeyRelation[Affiliate] = fields.ForeignKeyField(
        "shop.Affiliate", related_name="payouts", on_delete=fields.RESTRICT
    )
    affiliate_id: str
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    reference = fields.CharField(max_length=200, null=True)
    created_by = fields.CharField(max_length=ID)
    created_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "payouts"
        indexes = (("affiliate_id", "id"),)


class LedgerJournal(Model):
    """One event's postings. Rows are only ever added."""

    id = fields.CharField(primary_key=True, max_length=ID)
    number = fields.BigIntField(unique=True)
    kind = fields.CharEnumField(JournalKind, max_length=20)
    currency = fields.CharField(max_length=3)
    order_id = fields.CharField(max_length=ID, null=True)
    stream_id = fields.CharField(max_length=ID, null=True)
    source_id = fields.CharField(max_length=ID)
    reverses = fields.CharField(max_length=ID, null=True)
    posted_at = fields.CharField(max_length=32)
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)
    entries: fields.ReverseRelation["LedgerEntry"]

    class Meta:
        """Table."""

        table = "ledger_journals"
        unique_together = (("kind", "source_id"),)
        indexes = (("order_id",),)


class LedgerEntry(Model):
    """One account's side of a journal. Rows are only ever added."""

    id = fields.CharField(primary_key=True, max_length=ID)
    journal: fields.ForeignKeyRelation[LedgerJournal] = fields.ForeignKeyField(
        "shop.LedgerJournal", related_name="entries", on_delete=fields.RESTRICT
    )
    journal_id: str
    number = fields.BigIntField()
    position = fields.IntField()
    account = fields.CharEnumField(LedgerAccount, max_length=24)
    owner_id = fields.CharField(max_length=ID)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    product_id = fields.CharField(max_length=ID, null=True)
    featured_id = fields.CharField(max_length=ID, null=True)
    flash_sale_id = fields.CharField(max_length=ID, null=True)
    rate = fields.IntField(null=True)
    base_minor = fields.BigIntField(null=True)

    class Meta:
        """Table."""

        table = "ledger_entries"
        unique_together = (("number", "position"),)
        indexes = (("account", "owner_id", "currency", "number"),)


class LedgerHead(Model):
    """The end of the chain: one row, locked by whoever posts."""

    id = fields.CharField(primary_key=True, max_length=ID)
    number = fields.BigIntField()
    hash = fields.CharField(max_length=64)

    class Meta:
        """Table."""

        table = "ledger_head"


class IdempotencyRecord(Model):
    """What a request with an idempotency key was answered."""

    id = fields.CharField(primary_key=True, max_length=ID)
    scope = fields.CharField(max_length=160)
    key = fields.CharField(max_length=255)
    body_hash = fields.CharField(max_length=64)
    answer = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "idempotency_keys"
        unique_together = (("scope", "key"),)
        indexes = (("created_at",),)


class PaymentEventRow(Model):
    """An event of the payment provider that was taken."""

    id = fields.CharField(primary_key=True, max_length=ID)
    order_id = fields.CharField(max_length=ID)
    type = fields.CharField(max_length=64)
    body_hash = fields.CharField(max_length=64)
    applied = fields.BooleanField()
    note = fields.CharField(max_length=200, null=True)
    received_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "payment_events"


class AuditEntry(Model):
    """Something that was done, or refused, and must be remembered. Rows are only ever added."""

    id = fields.CharField(primary_key=True, max_length=ID)
    what = fields.CharField(max_length=64)
    actor_id = fields.CharField(max_length=ID, null=True)
    actor_role = fields.CharField(max_length=20)
    client = fields.CharEnumField(ActClient, max_length=20, null=True)
    stream_id = fields.CharField(max_length=ID, null=True)
    subject_id = fields.CharField(max_length=ID, null=True)
    reason = fields.CharField(max_length=500, null=True)
    before: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    after: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    details: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    happened_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "audit_log"
        indexes = (("stream_id", "id"), ("what", "id"), ("actor_id", "id"), ("subject_id", "id"))


class ModerationAct(Model):
    """Something that a moderator did. Rows are only ever added: an undo is an act of its own."""

    id = fields.CharField(primary_key=True, max_length=ID)
    stream: fields.ForeignKeyRelation[LiveStream] = fields.ForeignKeyField(
        "shop.LiveStream", related_name="acts", on_delete=fields.RESTRICT
    )
    stream_id: str
    seq = fields.BigIntField()
    kind = fields.CharEnumField(ActKind, max_length=20)
    reach = fields.CharEnumField(Reach, max_length=20)
    actor_id = fields.CharField(max_length=ID)
    actor_name = fields.CharField(max_length=200)
    actor_rank = fields.IntField()
    client = fields.CharEnumField(ActClient, max_length=20)
    subject_id = fields.CharField(max_length=ID, null=True)
    subject_name = fields.CharField(max_length=200, null=True)
    reason = fields.CharField(max_length=500, null=True)
    details: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    ends_at = fields.DatetimeField(null=True)
    made_at = fields.DatetimeField()
    writes: fields.ReverseRelation["ModerationWrite"]

    class Meta:
        """Table."""

        table = "moderation_acts"
        indexes = (("stream_id", "id"), ("subject_id", "id"), ("actor_id", "id"))


class ModerationWrite(Model):
    """One register's new value, written by an act. Rows are only ever added."""

    id = fields.CharField(primary_key=True, max_length=ID)
    act: fields.ForeignKeyRelation[ModerationAct] = fields.ForeignKeyField(
        "shop.ModerationAct", related_name="writes", on_delete=fields.RESTRICT
    )
    act_id: str
    place = fields.CharField(max_length=80)
    """The stream's id, `seller:` and a seller's id, or `*` for everywhere."""
    facet = fields.CharEnumField(FacetKind, max_length=20)
    key = fields.CharField(max_length=ID)
    value: str | None = fields.TextField(null=True)
    """JSON text. None where nothing holds."""
    lapses_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "moderation_writes"
        indexes = (("place", "facet", "key"), ("facet", "key"), ("act_id",))


class AppointmentRow(Model):
    """What makes an account a moderator of one stream, of a seller's streams, or of all."""

    id = fields.CharField(primary_key=True, max_length=ID)
    account_id = fields.CharField(max_length=ID)
    stream_id = fields.CharField(max_length=ID, null=True)
    seller_id = fields.CharField(max_length=ID, null=True)
    capabilities: fields.Field[list[str]] = fields.JSONField(default=list)
    rank = fields.IntField()
    appointed_by = fields.CharField(max_length=ID)
    appointed_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "appointments"
        indexes = (("account_id",), ("ended_at",))


class Follow(Model):
    """Somebody follows a host."""

    id = fields.CharField(primary_key=True, max_length=ID)
    streamer_id = fields.CharField(max_length=ID)
    """A seller's or an affiliate's id."""
    follower_id = fields.CharField(max_length=ID)
    notified = fields.BooleanField(default=True, db_default=True)
    followed_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "follows"
        unique_together = (("streamer_id", "follower_id"),)


class UnbanRequest(Model):
    """Somebody who is banned asks to be let in again."""

    id = fields.CharField(primary_key=True, max_length=ID)
    stream_id = fields.CharField(max_length=ID)
    person_id = fields.CharField(max_length=ID)
    person_name = fields.CharField(max_length=200)
    text = fields.CharField(max_length=1000)
    made_at = fields.DatetimeField()
    granted = fields.BooleanField(null=True)
    """None until it is answered."""
    answer = fields.CharField(max_length=500, null=True)
    answered_by = fields.CharField(max_length=ID, null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "unban_requests"
        indexes = (("stream_id", "id"), ("person_id", "id"))
