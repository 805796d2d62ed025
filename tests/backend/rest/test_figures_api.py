"""Statistics, analytics and the dashboard: what a recomputation from the orders says, and no more for the public."""

import asyncio

from tests.backend.brute_force import sales_of
from tests.market import Clock, affiliate_stream, body_of, bought, guest_socket, paid, second_seller, step
from tests.shop import PRODUCT, STREAM, Shop
from tests.waiting import eventually


async def _history(market: Shop) -> None:
    added = await market.affiliate.post(f"/live/streams/{STREAM}/products", json={"productId": "linen-shirt"})
    assert added.status_code in (200, 201)
    both = {"items": [{"productId": PRODUCT}, {"productId": "linen-shirt", "quantity": 3}], "liveSessionId": STREAM}
    for number in range(4):
        made = await paid(market, both, client=market.seller)
        if number:
            await step(market.admin, made["id"], "refund", amount=33.33 * number)
    cancelled = await paid(market, body_of(quantity=2))
    await step(market.admin, cancelled["id"], "cancel")
    refunded = await paid(market, both | {"shippingAmount": 5, "discountAmount": 0.01}, client=market.seller)
    await step(market.admin, refunded["id"], "refund")
    variants = [{"productId": PRODUCT, "variant": name} for name in ("red", "blue")]
    await bought(market.viewer, {"items": variants, "liveSessionId": STREAM})
    await bought(market.guest, body_of(), **{"X-Session-Id": "ann"})
    unpaid = await bought(market.viewer)
    await step(market.viewer, unpaid["id"], "cancel")
    await market.viewer.post("/orders", json={"items": [{"productId": PRODUCT}]})


async def test_every_figure_equals_a_recomputation_from_the_orders(market: Shop):
    viewers = await asyncio.gather(*(guest_socket(market, f"viewer-{number}") for number in range(4)))
    await viewers[0].say("hello")
    await _history(market)
    truth = await sales_of(STREAM)
    revenue = truth.revenue / 100
    assert revenue > 0

    async def counted() -> bool:
        return bool((await market.affiliate.get(f"/live/streams/{STREAM}/stats")).json()["totalViewers"] == 4)

    await eventually(counted, "all visits are rows")
    stats = (await market.affiliate.get(f"/live/streams/{STREAM}/stats")).json()
    assert (stats["totalOrders"], stats["purchaseCount"]) == (truth.orders, truth.orders)
    assert (stats["totalSales"], stats["revenue"]) == (revenue, revenue)

    analytics = (await market.affiliate.get(f"/live/analytics/{STREAM}")).json()
    metrics = analytics["metrics"]
    assert (metrics["totalSales"], metrics["ordersCount"]) == (revenue, truth.orders)
    assert metrics["conversionRate"] == round(truth.buyers / 4, 4)
    top = {row["productId"]: (row["units"], row["revenue"]) for row in analytics["topProducts"]}
    assert top == {name: (product.units, product.revenue / 100) for name, product in truth.products.items()}

    board = (await market.affiliate.get("/live/dashboard-stats")).json()
    assert (board["totalSales"], board["totalMessages"], board["totalViewers"]) == (revenue, 1, 4)
    assert (board["totalStreams"], board["liveStreams"]) == (1, 1)

    async def shown() -> bool:
        host = (await market.affiliate.get(f"/live/streams/{STREAM}")).json()
        products = {row["productId"]: (row["orderCount"], row["revenue"]) for row in host["products"]}
        wanted = {name: (product.purchases, product.revenue / 100) for name, product in truth.products.items()}
        return (host["totalSales"], products) == (revenue, wanted)

    await eventually(shown, "the host's view tells the same")


async def test_the_public_sees_how_often_but_not_for_how_much(market: Shop):
    await paid(market)

    async def counted() -> bool:
        shown = (await market.guest.get(f"/live/streams/{STREAM}")).json()
        assert shown["totalSales"] == 0
        assert {row["revenue"] for row in shown["products"]} == {0}
        return bool(shown["products"][0]["orderCount"] == 1)

    await eventually(counted, "the order is counted")
    late = await guest_socket(market, "late")
    stream = (await late.hears("streamInfo"))["stream"]
    assert (stream["totalSales"], stream["products"][0]["revenue"], stream["products"][0]["orderCount"]) == (0, 0, 1)


async def test_stock_falls_for_viewers_too(clock: Clock, market: Shop):
    viewer = await guest_socket(market)
    await bought(market.viewer, body_of(quantity=7))
    await viewer.hears("streamProductsUpdate", lambda told: told["products"][0]["product"]["stock"] == 93)


async def test_the_dashboard_of_each_is_their_own_and_currencies_are_apart(market: Shop):
    yen = await second_seller(market, "seller_jp", currency="JPY", price=980)
    stream = await affiliate_stream(market, "seller_jp", yen)
    await paid(market)
    await paid(market, body_of(yen, liveSessionId=stream))
    for client in (market.affiliate, market.admin, market.ops):
        board = (await client.get("/live/dashboard-stats")).json()
        assert (board["totalStreams"], board["totalSales"]) == (2, 200)
        assert board["totalsByCurrency"] == [{"currency": "JPY", "amount": 980}, {"currency": "USD", "amount": 200}]
    board = (await market.seller.get("/live/dashboard-stats")).json()
    assert (board["totalStreams"], board["totalSales"]) == (0, 0), "an affiliate's stream is not the seller's"
    assert (await market.viewer.get("/live/dashboard-stats")).status_code == 403
    assert (await market.seller.get(f"/live/analytics/{STREAM}")).status_code == 403
