"""`liveshop seed`: the specification's people and goods, and a small catalogue; safe to repeat."""

from dataclasses import dataclass
from decimal import Decimal

from tortoise.transactions import in_transaction

from backend import seams
from backend.storage.models import Affiliate, LiveStream, LiveStreamProduct, Product, Seller
from shared.money import Money, basis_points
from shared.views import AffiliateStatus, HostType, StreamStatus

SELLER, AFFILIATE, PRODUCT, STREAM = "seller_123", "affiliate_456", "product_456", "stream_789"
"""The ids of the specification's own examples."""


@dataclass(frozen=True, slots=True)
class Item:
    """One product of the catalogue."""

    id: str
    name: str
    price: str
    stock: int


CATALOGUE = (
    Item(PRODUCT, "Noise-cancelling headphones", "200.00", 100),
    Item("linen-shirt", "Linen summer shirt", "39.90", 250),
    Item("canvas-tote", "Canvas tote bag", "18.50", 400),
    Item("desk-lamp", "Folding desk lamp", "54.00", 60),
    Item("steel-bottle", "Insulated steel bottle", "24.95", 320),
    Item("yoga-mat", "Cork yoga mat", "69.00", 45),
)
"""What `seller_123` sells."""


async def plant(currency: str) -> None:
    """Make what is not there yet, all of it or nothing; what is there stays as it is."""
    async with in_transaction():
        await _plant_people_and_goods(currency)
        await _plant_stream()


async def _plant_people_and_goods(currency: str) -> None:
    now = seams.now()
    times = {"created_at": now, "updated_at": now}
    seller, _ = await Seller.get_or_create(
        id=SELLER, defaults={"business_name": "Example Store", "currency": currency, **times}
    )
    await Affiliate.get_or_create(
        id=AFFILIATE,
        defaults={
            "name": "Alex Example",
            "username": "alex",
            "display_name": "Alex",
            "status": AffiliateStatus.APPROVED,
            "commission_rate": basis_points(Decimal("7.5")),
            **times,
        },
    )
    for item in CATALOGUE:
        await Product.get_or_create(
            id=item.id,
            defaults={
                "seller_id": SELLER,
                "name": item.name,
                "price_minor": Money.of(Decimal(item.price), seller.currency, field="price").minor,
                "currency": seller.currency,
                "stock": item.stock,
                **times,
            },
        )


async def _plant_stream() -> None:
    now = seams.now()
    _, made = await LiveStream.get_or_create(
        id=STREAM,
        defaults={
            "title": "Tech Reviews & Deals",
            "description": "Latest gadget reviews",
            "status": StreamStatus.SCHEDULED,
            "host_type": HostType.AFFILIATE,
            "seller_id": SELLER,
            "affiliate_id": AFFILIATE,
            "stream_key": seams.new_stream_key(),
            "playback_id": seams.new_secret(12),
            "created_at": now,
            "updated_at": now,
        },
    )
    if made:
        await LiveStreamProduct.create(
            id=seams.new_id(), stream_id=STREAM, product_id=PRODUCT, is_active=True, position=0, added_at=now
        )
