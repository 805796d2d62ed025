"""The end of a headless show's trade: orders, stock, sales, balances and ledger are compared with the demo's books."""

from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any

import httpx

from backend import seams
from backend.demo import cast
from backend.demo.books import Sale
from backend.demo.client import Caller
from backend.demo.crew import ChildError, Crew
from backend.demo.host import Host
from backend.demo.timing import settled
from backend.demo.venue import Venue
from backend.demo.verdict import Verdict
from shared import commands, endpoints
from shared.problems import ProblemError
from shared.roles import Role
from shared.views import BalanceView, OrderStatus, OrderView

SETTLE_SECONDS = 6.0
"""How long a figure may take to be right."""
SETTLEMENT_PATIENCE = 25.0
"""How long, from the end of the show, all commissions may take to be available: the server looks every 10 s."""
_PAGE = 100
_NOTHING = Decimal("0.00")


class Closing:
    """An admin who adds everything up again."""

    def __init__(self, hosts: list[Host], venue: Venue, http: httpx.AsyncClient, verdict: Verdict) -> None:
        self._hosts = hosts
        self._admin = Caller(http, venue.token(Role.ADMIN, "demo"))
        self._folder = venue.settings.data_dir
        self._verdict = verdict
        self._books = verdict.books
        self._deadline = seams.monotonic() + SETTLEMENT_PATIENCE

    async def close(self, crew: Crew) -> None:
        """Compare everything; the affiliates are paid out what has settled on the way."""
        await self._try("orders", self._check_orders())
        for host in self._hosts:
            await self._check_sales(host)
        for host in self._hosts:
            await self._check_earnings(host.act)
        await self._try("payouts", self._pay_out())
        await self._verify(crew)

    async def _try(self, what: str, deed: Awaitable[None]) -> None:
        try:
            await deed
        except ProblemError as problem:
            self._verdict.wrong(f"{what}: {problem}")

    async def _check_orders(self) -> None:
        """Each acknowledged order is there once, and as expected; no other is."""
        found = await self._orders()
        for order_id, times in Counter(order.id for order in found).items():
            if times > 1 or order_id not in self._books.sales:
                self._verdict.wrong(f"order {order_id} is there {times} times, acknowledged or not")
        by_id = {order.id: order for order in found}
        for order_id, sale in self._books.sales.items():
            if order_id not in by_id:
                self._verdict.wrong(f"order {order_id} was acknowledged and is not there")
                continue
            for sentence in deviations(sale, by_id[order_id]):
                self._verdict.wrong(f"order {by_id[order_id].number}: {sentence}")

    async def _orders(self) -> list[OrderView]:
        found: list[OrderView] = []
        page, pages = 1, 1
        while page <= pages:
            part = await self._admin.call(endpoints.LIST_ORDERS, query=commands.OrdersQuery(page=page, limit=_PAGE))
            found += part.items
            page, pages = page + 1, part.total_pages
        return found

    async def _check_sales(self, host: Host) -> None:
        """The room was told of each purchase; the stream's figures and the shop's stock are what was sold."""
        sales = self._books.of(host.act)
        kept = [sale for sale in sales if sale.status is not OrderStatus.CANCELLED]
        revenue = sum((sale.revenue for sale in sales), _NOTHING)
        stock = {goods.id: host.shelf.left(goods.id) for goods in host.act.shop.goods}
        await self._compare(host, "purchases told to the room", partial(_told, host), _purchases(sales))
        await self._compare(host, "purchases counted", partial(_counted, host), _purchases(kept))
        await self._compare(host, "orders and sales", partial(_sold, host), (len(kept), revenue))
        await self._compare(host, "stock", partial(self._stock, host), stock)

    async def _stock(self, host: Host) -> dict[str, int]:
        ids = [goods.id for goods in host.act.shop.goods]
        return {id_: (await self._admin.call(endpoints.GET_PRODUCT, product_id=id_)).stock for id_ in ids}

    async def _check_earnings(self, act: cast.Act) -> None:
        """What seller and affiliate are owed: at once in sum, and after its time as available."""
        sales = self._books.of(act)
        host = next(host for host in self._hosts if host.act is act)
        income = sum((sale.income for sale in sales), _NOTHING)
        await self._compare(host, "the seller's balance", partial(self._income, act), income)
        if act.promoter is None:
            return
        pending, available = self._books.pending(sales), self._books.available(sales)
        balance = partial(self._balance, act.promoter)
        await self._compare(host, "commission in all", partial(_sum, balance), pending + available)
        settled_so_far = (pending, available, _NOTHING)
        await self._compare(
            host, "commission pending and available", balance, settled_so_far, patience=SETTLEMENT_PATIENCE
        )

    async def _income(self, act: cast.Act) -> Decimal:
        found = await self._admin.call(endpoints.GET_SELLER_BALANCE, seller_id=act.shop.id)
        return sum((balance.available for balance in found), _NOTHING)

    async def _balance(self, promoter: cast.Promoter) -> tuple[Decimal, Decimal, Decimal]:
        found = await self._admin.call(endpoints.GET_AFFILIATE_BALANCE, affiliate_id=promoter.id)
        whole = found[0] if found else BalanceView(currency="", pending=_NOTHING, available=_NOTHING, paid_out=_NOTHING)
        return whole.pending, whole.available, whole.paid_out

    async def _pay_out(self) -> None:
        for host in self._hosts:
            sales, promoter = self._books.of(host.act), host.act.promoter
            if promoter is None or not (available := self._books.available(sales)):
                continue
            paid = await self._admin.call(endpoints.MAKE_PAYOUT, commands.MakePayout(), affiliate_id=promoter.id)
            self._books.paid_out += paid.amount
            expected = (self._books.pending(sales), _NOTHING, available)
            await self._compare(host, "commission after the payout", partial(self._balance, promoter), expected)

    async def _verify(self, crew: Crew) -> None:
        """`liveshop ledger verify`, as an operator runs it beside the server."""
        try:
            code, said = await crew.ask("backend", "ledger", "verify", "--data-dir", str(self._folder))
        except ChildError as error:
            self._verdict.wrong(str(error))
            return
        self._books.checked = said.splitlines()[-1] if said else "nothing was said"
        if code:
            self._verdict.wrong(f"`ledger verify` ended with exit code {code}: {said}")

    async def _compare(
        self,
        host: Host,
        what: str,
        figure: Callable[[], Awaitable[object]],
        expected: object,
        *,
        patience: float = SETTLE_SECONDS,
    ) -> None:
        found: object = None

        async def agrees() -> bool:
            nonlocal found
            found = await figure()
            return found == expected

        try:
            if not await settled(agrees, min(patience, self._deadline - seams.monotonic())):
                self._verdict.wrong(f"{host.record.host}: {what}: {found}, not {expected}")
        except ProblemError as problem:
            self._verdict.wrong(f"{host.record.host}: {what}: {problem}")


def deviations(sale: Sale, order: OrderView) -> list[str]:
    """In which points the server's order is not what was expected of it."""
    points: dict[str, tuple[Any, Any]] = {
        "status": (order.status, sale.status_at(seams.now())),
        "stream": (order.live_session_id, sale.stream_id),
        "buyer": (order.buyer_id, sale.buyer_id),
        "seller": (order.seller_id, sale.act.shop.id),
        "affiliate": (order.affiliate_id, sale.affiliate_id),
        "commission rate": (order.commission_rate, sale.rate),
        "commission": (order.commission_amount, sale.commission),
        "quantities": ({line.product_id: line.quantity for line in order.items}, dict(sale.basket)),
        "prices": ({line.product_id: line.unit_price for line in order.items}, sale.prices),
        "total": (order.total_amount, sale.total),
        "refunded": (order.refunded_amount, sale.refunded),
    }
    return [f"{name}: {found}, not {expected}" for name, (found, expected) in points.items() if found != expected]


def _purchases(sales: list[Sale]) -> dict[str, int]:
    """How often each product was bought."""
    return dict(Counter(product_id for sale in sales for product_id in sale.basket))


async def _told(host: Host) -> dict[str, int]:
    return dict(host.record.purchases)


async def _counted(host: Host) -> dict[str, int]:
    found = (await host.purchase_stats()).product_stats
    return {each.product_id: each.purchase_count for each in found if each.purchase_count}


async def _sold(host: Host) -> tuple[int, Decimal]:
    stats = await host.stats()
    return stats.total_orders, stats.total_sales


async def _sum(balance: Callable[[], Awaitable[tuple[Decimal, Decimal, Decimal]]]) -> Decimal:
    return sum(await balance(), _NOTHING)
