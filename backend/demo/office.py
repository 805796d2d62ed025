"""A seller's back office: ships what was paid, takes goods back, gives money back, by REST as the seller."""

from decimal import Decimal
from random import Random

import httpx

from backend.demo.client import KEY_HEADER, Caller
from shared import commands, endpoints
from shared.views import OrderView


class Office:
    """Works on the orders of one seller."""

    def __init__(self, http: httpx.AsyncClient, token: str, rng: Random) -> None:
        self._caller = Caller(http, token)
        self._rng = rng

    async def ship(self, order_id: str) -> OrderView:
        """Hand the parcel over.

        Raises:
            ProblemError: the server refused.
        """
        return await self._caller.call(endpoints.SHIP_ORDER, order_id=order_id)

    async def deliver(self, order_id: str) -> OrderView:
        """The parcel has arrived.

        Raises:
            ProblemError: the server refused.
        """
        return await self._caller.call(endpoints.DELIVER_ORDER, order_id=order_id)

    async def cancel(self, order_id: str) -> OrderView:
        """Do not send it after all; the money goes back.

        Raises:
            ProblemError: the server refused.
        """
        body = commands.CancelOrder(reason="damaged in the warehouse")
        return await self._caller.call(endpoints.CANCEL_ORDER, body, order_id=order_id)

    async def refund(self, order_id: str, amount: Decimal | None, *, restock: bool = False) -> OrderView:
        """Give a part back, or all when `amount` is None; an impatient clerk clicks twice, under the same key.

        Raises:
            ProblemError: the server refused.
        """
        body = commands.RefundOrder(amount=amount, reason="returned" if amount is None else "goodwill", restock=restock)
        headers = {KEY_HEADER: f"refund-{self._rng.getrandbits(64):016x}"}
        await self._caller.call(endpoints.REFUND_ORDER, body, headers=headers, order_id=order_id)
        return await self._caller.call(endpoints.REFUND_ORDER, body, headers=headers, order_id=order_id)
