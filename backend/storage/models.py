"""The whole schema on one page. Money is integer minor units, rates are basis points, times are UTC."""

from tortoise import fields
from tortoise.models import Model

from shared.roles import Role
from shared.views import AffiliateStatus, Badge, HostType, StreamStatus

ID = 64
"""Characters of an id, at most."""


class Account(Model):
    """A person who signs in: a viewer, moderator, ops or admin."""

    id = fields.CharField(primary_key=True, max_length=ID)
    display_name = fields.CharField(max_length=200)
    role = fields.CharEnumField(Role, max_length=20)
    created_at = fields.DatetimeField()

    class Meta:
        """Table."""

        table = "accounts"


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
    """A chat line. A deleted one stays as a row and is shown to nobody."""

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
    sent_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)
    deleted_by = fields.CharField(max_length=ID, null=True)

    class Meta:
        """Table."""

        table = "live_stream_messages"
        unique_together = (("stream_id", "seq"),)
        indexes = (("stream_id", "sent_at"),)


class LiveStreamViewer(Model):
    """One visit of one viewer to one stream."""

    id = fields.CharField(primary_key=True, max_length=ID)
    stream: fields.ForeignKeyRelation[LiveStream] = fields.ForeignKeyField(
        "shop.LiveStream", related_name="viewers", on_delete=fields.RESTRICT
    )
    stream_id: str
    viewer_id = fields.CharField(max_length=ID)
    joined_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)

    class Meta:
        """Table."""

        table = "live_stream_viewers"
        indexes = (("stream_id", "viewer_id"), ("left_at",))
