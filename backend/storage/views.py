"""Rows as views: the only place that turns columns into what the wire shows."""

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from backend.domain.actors import StreamScope
from backend.domain.sales import ProductSales, StreamSales
from backend.storage.models import (
    Account,
    Affiliate,
    ApiToken,
    LiveStream,
    LiveStreamMessage,
    LiveStreamProduct,
    Product,
    Seller,
)
from shared.moderation import MessageKind, MessageState
from shared.money import Money, percentage
from shared.roles import Permission
from shared.views import (
    AccountView,
    AffiliateRef,
    AffiliateView,
    ApiTokenView,
    ChatMessageView,
    ChatUserView,
    ControlStreamView,
    FiguresView,
    HostStreamView,
    IngestView,
    ProductRef,
    ProductView,
    SellerRef,
    SellerView,
    StaffMessageView,
    StreamProductView,
    StreamView,
)

STREAM_RELATIONS = ("seller", "affiliate", "products__product")
"""What must be prefetched before a stream becomes a view."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses that clients are told."""

    rtmp: str
    hls: str


def scope(row: LiveStream) -> StreamScope:
    """The facts of a stream that decide who may act on it."""
    return StreamScope(id=row.id, host_type=row.host_type, seller_id=row.seller_id, affiliate_id=row.affiliate_id)


def account(row: Account) -> AccountView:
    """An account."""
    return AccountView(
        id=row.id,
        display_name=row.display_name,
        role=row.role,
        name=row.name,
        acts_for=row.acts_for,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
    )


def api_token(row: ApiToken) -> ApiTokenView:
    """An API token."""
    return ApiTokenView(**api_token_fields(row))


def api_token_fields(row: ApiToken) -> dict[str, Any]:
    """All of an API token but its secret."""
    return {
        "id": row.id,
        "account_id": row.account_id,
        "name": row.name,
        "scopes": [Permission(scope) for scope in row.scopes],
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
    }


def seller(row: Seller) -> SellerView:
    """A seller."""
    return SellerView(
        id=row.id,
        business_name=row.business_name,
        logo=row.logo,
        currency=row.currency,
        created_at=row.created_at,
    )


def affiliate(row: Affiliate) -> AffiliateView:
    """An affiliate, with its rate."""
    return AffiliateView(
        id=row.id,
        name=row.name,
        username=row.username,
        display_name=row.display_name,
        profile_image=row.profile_image,
        status=row.status,
        commission_rate=percentage(row.commission_rate),
        created_at=row.created_at,
    )


def product(row: Product) -> ProductView:
    """A product of the catalogue."""
    return ProductView(
        id=row.id,
        seller_id=row.seller_id,
        name=row.name,
        description=row.description,
        price=Money(row.price_minor, row.currency).amount,
        currency=row.currency,
        stock=row.stock,
        images=row.images,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def stream_product(row: LiveStreamProduct, sold: StreamSales) -> StreamProductView:
    """A featured product with its sales in the stream; `row.product` must be loaded."""
    sales = sold.products.get(row.product_id, ProductSales())
    item: Product = row.product
    special = row.special_price_minor
    return StreamProductView(
        id=row.id,
        product_id=row.product_id,
        product=ProductRef(
            id=item.id,
            name=item.name,
            price=Money(item.price_minor, item.currency).amount,
            currency=item.currency,
            images=item.images,
            stock=item.stock,
            quantity=item.stock,
        ),
        special_price=None if special is None else Money(special, item.currency).amount,
        order_count=sales.purchases,
        revenue=Money(sales.revenue, item.currency).amount,
        is_active=row.is_active,
        is_highlighted=row.is_highlighted,
        position=row.position,
        highlighted_at=row.highlighted_at,
        added_at=row.added_at,
    )


def message(row: LiveStreamMessage) -> ChatMessageView:
    """A chat line."""
    return ChatMessageView(
        id=row.id,
        seq=row.seq,
        stream_id=row.stream_id,
        username=row.username,
        message=row.message,
        sent_at=row.sent_at,
        user=ChatUserView(id=row.author_id, username=row.username, is_guest=row.is_guest),
        badge=row.badge,
        kind=row.kind,
    )


def staff_message(row: LiveStreamMessage) -> StaffMessageView:
    """A chat line as the stream's staff sees it."""
    seen = message(row)
    return StaffMessageView(
        **{member.name: getattr(seen, member.name) for member in fields(seen)}, state=row.state, held_for=row.held_for
    )


def is_public(row: LiveStreamMessage) -> bool:
    """Whether viewers see a chat line."""
    return row.state is MessageState.SHOWN and row.kind is not MessageKind.STAFF_NOTE


def _stream_fields(row: LiveStream, addresses: Addresses, viewers: int, sold: StreamSales) -> dict[str, Any]:
    """A stream with all its products; its relations must be prefetched."""
    owner, partner = row.seller, row.affiliate
    return {
        "id": row.id,
        "seq": row.seq,
        "title": row.title,
        "description": row.description,
        "status": row.status,
        "host_type": row.host_type,
        "seller_id": row.seller_id,
        "affiliate_id": row.affiliate_id,
        "seller": SellerRef(id=owner.id, business_name=owner.business_name, logo=owner.logo),
        "affiliate": _affiliate_ref(partner) if partner else None,
        "hls_url": f"{addresses.hls}/{row.playback_id}.m3u8",
        "thumbnail_url": row.thumbnail_url,
        "viewer_count": viewers,
        "peak_viewers": max(row.peak_viewers, viewers),
        "total_sales": Money(sold.revenue, owner.currency).amount,
        "currency": owner.currency,
        "category": row.category,
        "tags": row.tags,
        "scheduled_at": row.scheduled_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "products": [stream_product(item, sold) for item in sorted(row.products, key=_by_position)],
    }


def _by_position(row: LiveStreamProduct) -> tuple[int, str]:
    return row.position, row.id


def _affiliate_ref(row: Affiliate) -> AffiliateRef:
    return AffiliateRef(
        id=row.id,
        name=row.name,
        username=row.username,
        display_name=row.display_name,
        profile_image=row.profile_image,
    )


def public_stream(row: LiveStream, addresses: Addresses, viewers: int, sold: StreamSales) -> StreamView:
    """A stream as anyone may see it: active products only."""
    return as_public(StreamView(**_stream_fields(row, addresses, viewers, sold)))


def as_public(stream: StreamView) -> StreamView:
    """A stream's view with its active products only, and without what they earned."""
    shown = [replace(item, revenue=Decimal(0)) for item in stream.products if item.is_active]
    return replace(stream, products=shown, total_sales=Decimal(0))


def as_of_now(stream: StreamView, *, seq: int, viewers: int, peak: int) -> StreamView:
    """A stream's view with the newest event's number and the audience of this moment."""
    return replace(stream, seq=seq, viewer_count=viewers, peak_viewers=max(stream.peak_viewers, peak))


def staff_stream(row: LiveStream, addresses: Addresses, viewers: int, sold: StreamSales) -> StreamView:
    """A stream as its moderators and ops see it: all products, no key."""
    return StreamView(**_stream_fields(row, addresses, viewers, sold))


def host_stream(
    row: LiveStream, addresses: Addresses, viewers: int, sold: StreamSales, ingest: IngestView
) -> HostStreamView:
    """A stream as its host and admins see it, with the key."""
    return HostStreamView(
        **_stream_fields(row, addresses, viewers, sold),
        stream_key=row.stream_key,
        rtmp_url=f"{addresses.rtmp}/{row.stream_key}",
        ingest=ingest,
    )


def control_stream(
    row: LiveStream,
    addresses: Addresses,
    viewers: int,
    sold: StreamSales,
    ingest: IngestView,
    figures: FiguresView,
) -> ControlStreamView:
    """A stream as a console sees it: all products, health and figures, no key."""
    return ControlStreamView(**_stream_fields(row, addresses, viewers, sold), ingest=ingest, figures=figures)
