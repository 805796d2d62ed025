"""Orders as the demo's clients meet them, for tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from backend.demo import cast
from backend.demo.books import Sale
from backend.demo.shelf import Shelf
from shared.events import FlashSaleStarted, StreamProductsUpdate
from shared.views import OrderLineView, OrderStatus, OrderView, ProductRef, StreamProductView

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def goods(id_: str = "lamp", **facts: Any) -> cast.Goods:
    """A product of the catalogue."""
    given = {"price": Decimal("200.00"), "stock": 10, **facts}
    return cast.Goods(id=id_, name=id_.title(), short=id_, pitch="", questions=(), remarks=(), **given)


def act(*offered: cast.Goods, rate: str | None = "7.5") -> cast.Act:
    """A stream, of an affiliate unless there is no rate."""
    promoter = cast.Promoter(id="maya", name="Maya", username="maya", commission=Decimal(rate)) if rate else None
    return cast.Act(
        title="Show",
        description="",
        category="",
        tags=(),
        shop=cast.Shop(id="shop", name="Shop", goods=offered),
        promoter=promoter,
        share=1,
        hue=0,
        pitch=220,
    )


def shown(*product_ids: str, hidden: tuple[str, ...] = ()) -> StreamProductsUpdate:
    """What a room is told of its products."""
    products = [
        StreamProductView(
            id=f"sp-{id_}",
            product_id=id_,
            product=ProductRef(id=id_, name=id_, price=Decimal(1), images=[], currency="USD", stock=1, quantity=1),
            revenue=Decimal(0),
            is_active=id_ not in hidden,
            position=position,
            added_at=NOON,
        )
        for position, id_ in enumerate((*product_ids, *hidden))
    ]
    return StreamProductsUpdate(stream_id="s", products=products, timestamp=NOON, seq=1)


def flash(product_id: str, percent: int, start: datetime, end: datetime) -> FlashSaleStarted:
    """What a room is told of a flash sale."""
    return FlashSaleStarted(
        stream_id="s",
        product_id=product_id,
        discount_percent=percent,
        price=Decimal(0),
        currency="USD",
        end_time=end,
        started_by="maya",
        timestamp=start,
        seq=1,
    )


def order(prices: Mapping[str, str], basket: Mapping[str, int], **facts: Any) -> OrderView:
    """An order as the server states it."""
    total = sum((Decimal(prices[id_]) * quantity for id_, quantity in basket.items()), Decimal("0.00"))
    given = {
        "id": "o1",
        "number": "LS-1",
        "status": OrderStatus.PENDING,
        "seller_id": "shop",
        "buyer_id": "guest_1",
        "is_guest_order": True,
        "live_session_id": "s",
        "affiliate_id": "maya",
        "commission_rate": Decimal("7.5"),
        "commission_amount": Decimal("15.00"),
        "goods_amount": total,
        "total_amount": total,
        "refunded_amount": Decimal("0.00"),
        **facts,
    }
    lines = [
        OrderLineView(
            product_id=id_,
            name=id_,
            quantity=quantity,
            unit_price=Decimal(prices[id_]),
            amount=Decimal(prices[id_]) * quantity,
            discount_amount=Decimal(0),
            commission_amount=Decimal(0),
        )
        for id_, quantity in basket.items()
    ]
    return OrderView(
        currency="USD",
        items=lines,
        discount_amount=Decimal(0),
        shipping_amount=Decimal(0),
        placed_at=NOON,
        **given,
    )


def sale(prices: Mapping[str, str], basket: Mapping[str, int] | None = None, rate: str | None = "7.5") -> Sale:
    """An acknowledged order of these products, one each unless the basket says otherwise."""
    wanted = basket or dict.fromkeys(prices, 1)
    offered = [goods(id_, price=Decimal(price)) for id_, price in prices.items()]
    return Sale(
        order=order(prices, wanted),
        act=act(*offered, rate=rate),
        shelf=Shelf(offered),
        stream_id="s",
        buyer_id="guest_1",
        basket=wanted,
    )
