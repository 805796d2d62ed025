"""The payment provider: takes the money elsewhere, and tells the shop by signed events."""

from random import Random

import httpx

from backend import seams
from backend.demo.client import Caller
from backend.domain.signatures import sign
from shared import commands, endpoints, wire
from shared.views import OrderView, PaymentReceipt


class Cashier:
    """Signs what became of a payment, and posts it to the shop's webhook."""

    def __init__(self, http: httpx.AsyncClient, secret: str, rng: Random) -> None:
        self._caller = Caller(http)
        self._secret = secret
        self._rng = rng

    async def take(self, order: OrderView) -> PaymentReceipt:
        """The buyer has paid.

        Raises:
            ProblemError: the shop refused the news.
        """
        return await self._tell(self._event("payment.succeeded", order))

    async def take_and_repeat(self, order: OrderView) -> tuple[PaymentReceipt, PaymentReceipt]:
        """The buyer has paid; the shop's answer was lost on the way, so the same event is sent again.

        Raises:
            ProblemError: the shop refused the news.
        """
        event = self._event("payment.succeeded", order)
        return await self._tell(event), await self._tell(event)

    async def decline(self, order: OrderView) -> PaymentReceipt:
        """The buyer's card was refused.

        Raises:
            ProblemError: the shop refused the news.
        """
        return await self._tell(self._event("payment.failed", order))

    def _event(self, kind: str, order: OrderView) -> commands.PaymentEvent:
        return commands.PaymentEvent(
            id=f"evt_{self._rng.getrandbits(64):016x}",
            type=kind,
            order_id=order.id,
            amount=order.total_amount,
            currency=order.currency,
        )

    async def _tell(self, event: commands.PaymentEvent) -> PaymentReceipt:
        body = wire.encode(event)
        signature = sign(self._secret, int(seams.now().timestamp()), body)
        headers = {"Liveshop-Signature": signature}
        return await self._caller.call(endpoints.PAYMENT_WEBHOOK, body, headers=headers)
