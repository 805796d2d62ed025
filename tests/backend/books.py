"""A data folder whose ledger has a bit of everything, made once and copied."""

from pathlib import Path

import httpx

from backend.services import settlement
from backend.services.bus import Bus
from backend.settings import Settings
from shared.roles import Role
from tests.market import (
    affiliate_stream,
    body_of,
    bought,
    go_live,
    moving_clock,
    second_affiliate,
    second_seller,
    step,
)
from tests.shop import AFFILIATE, PRODUCT, SELLER, Shop, running, settings_in


class Settling:
    """What settling needs of a runtime, without its background."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.bus = settings, Bus()


async def keep_books(folder: Path) -> None:
    """Sales in three currencies, refunds before and after settlement, cancellations, rates, a payout."""
    settings = settings_in(folder, platform_fee=290)
    with moving_clock() as clock:
        async with running(settings) as shop:
            await go_live(shop)
            admin = shop.rest(token=shop.token(Role.ADMIN, "root", days=400))
            await second_affiliate(shop)
            await _sell_abroad(shop, admin)
            made = [await _sale(admin, body_of(quantity=count)) for count in (1, 2, 3)]
            await step(admin, made[0], "refund", amount=33.33)
            await step(admin, made[1], "cancel")
            await step(admin, made[0], "deliver")
            await step(admin, made[2], "deliver")
            await admin.put(f"/affiliates/{AFFILIATE}/rates", json={"productId": PRODUCT, "rate": 12.5})
            await _sale(admin, body_of(discountAmount=0.01, shippingAmount=4.99))
            await _sale(admin, {"items": [{"productId": "linen-shirt"}, {"productId": "desk-lamp", "quantity": 2}]})
            await bought(admin)
            clock.forward(days=8)
            await settlement.settle_due(Settling(settings))  # type: ignore[arg-type]
            answer = await admin.post(f"/affiliates/{AFFILIATE}/payouts", json={"currency": "USD"})
            assert answer.status_code == 201, answer.text
            await step(admin, made[2], "refund", amount=100.01)
            await step(admin, made[0], "refund")
            named = body_of(affiliateId="affiliate_2")
            del named["liveSessionId"]
            await _sale(admin, named)


async def _sale(admin: httpx.AsyncClient, body: dict[str, object]) -> str:
    made = await bought(admin, body)
    await step(admin, made["id"], "pay")
    return str(made["id"])


async def _sell_abroad(shop: Shop, admin: httpx.AsyncClient) -> None:
    for seller_id, currency, price in (("seller_jp", "JPY", 980), ("seller_kw", "KWD", 1.235)):
        product_id = await second_seller(shop, seller_id, currency=currency, price=price)
        stream_id = await affiliate_stream(shop, seller_id, product_id)
        sold = await _sale(admin, body_of(product_id, 3, liveSessionId=stream_id))
        await step(admin, sold, "refund", amount=1)


__all__ = ["SELLER", "Settling", "keep_books"]
