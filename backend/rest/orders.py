"""Orders and payments over REST."""

from quart import request

from backend.rest.binding import Call, serve
from backend.services import checkout, order_life, orders, payments, purchase_attempts, refunds
from shared import commands as c
from shared import endpoints
from shared import views as v


@serve(endpoints.PLACE_ORDER, raw=purchase_attempts.note_claims, unreadable=purchase_attempts.note_refusal)
async def place_order(call: Call[c.PlaceOrder, None]) -> v.OrderView:
    """Check out."""
    return await checkout.place(call.runtime, call.actor, call.body, call.key)


@serve(endpoints.LIST_ORDERS)
async def list_orders(call: Call[None, c.OrdersQuery]) -> v.Page[v.OrderView]:
    """The caller's orders."""
    return await orders.list_orders(call.actor, call.query)


@serve(endpoints.GET_ORDER)
async def get_order(call: Call[None, None]) -> v.OrderView:
    """One of them."""
    return await orders.get(call.actor, call.path["order_id"])


async def _advance(call: Call[None, None], status: v.OrderStatus) -> v.OrderView:
    return await order_life.advance(call.runtime, call.actor, call.path["order_id"], status, call.key)


@serve(endpoints.PAY_ORDER)
async def pay_order(call: Call[None, None]) -> v.OrderView:
    """The money is there."""
    return await _advance(call, v.OrderStatus.PAID)


@serve(endpoints.SHIP_ORDER)
async def ship_order(call: Call[None, None]) -> v.OrderView:
    """The goods are on their way."""
    return await _advance(call, v.OrderStatus.SHIPPED)


@serve(endpoints.DELIVER_ORDER)
async def deliver_order(call: Call[None, None]) -> v.OrderView:
    """The goods have arrived."""
    return await _advance(call, v.OrderStatus.DELIVERED)


@serve(endpoints.CANCEL_ORDER)
async def cancel_order(call: Call[c.CancelOrder, None]) -> v.OrderView:
    """It will not be."""
    return await order_life.cancel(call.runtime, call.actor, call.path["order_id"], call.body, call.key)


@serve(endpoints.REFUND_ORDER)
async def refund_order(call: Call[c.RefundOrder, None]) -> v.OrderView:
    """Money back."""
    return await refunds.refund(call.runtime, call.actor, call.path["order_id"], call.body, call.key)


@serve(endpoints.PAYMENT_WEBHOOK)
async def payment_webhook(call: Call[None, None]) -> v.PaymentReceipt:
    """The payment provider's word; its signature covers the raw body, so that is read here."""
    body = await request.get_data()
    raw = body.encode() if isinstance(body, str) else body
    return await payments.take(call.runtime, request.headers.get("Liveshop-Signature"), raw)
