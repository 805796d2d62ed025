"""A shop whose stream is live: buying, paying and reading its books in few words."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend import seams
from backend.domain.signatures import sign
from backend.services import ledger_audit
from backend.services.bus import Announcement, Bus
from backend.storage.models import (
    AuditEntry,
    IdempotencyRecord,
    LedgerEntry,
    LedgerJournal,
    LiveStream,
    Order,
    OrderLine,
    Payout,
    Product,
    Refund,
)
from shared.events import StreamProductsUpdate
from shared.roles import Role
from tests.shop import AFFILIATE, PRODUCT, STREAM, Live, Shop
from tests.waiting import eventually

WEBHOOK_SECRET = "only the payment provider knows"


class Clock(seams.SystemClock):
    """The machine's time, moved at a test's word."""

    def __init__(self) -> None:
        self.moved = timedelta()
        self.stopped_at: datetime | None = None

    def now(self) -> datetime:
        return (self.stopped_at or datetime.now(UTC)) + self.moved

    async def sleep(self, seconds: float) -> None:
        """Work that repeats in the background comes round sooner: its time, too, is this clock's."""
        await asyncio.sleep(min(seconds, 0.2))

    def forward(self, **by: float) -> None:
        self.moved += timedelta(**by)

    def stop_at(self, moment: datetime) -> None:
        self.stopped_at, self.moved = moment, timedelta()


@contextmanager
def moving_clock() -> Iterator[Clock]:
    clock = Clock()
    with seams.use_clock(clock):
        yield clock


async def go_live(shop: Shop, stream_id: str = STREAM) -> None:
    started = await shop.affiliate.post(f"/live/streams/{stream_id}/start")
    assert started.status_code == 200, started.text


def body_of(product_id: str = PRODUCT, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    """A checkout of one product in the specification's stream."""
    return {"items": [{"productId": product_id, "quantity": quantity}], "liveSessionId": STREAM, **fields}


async def order(client: httpx.AsyncClient, body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
    return await client.post("/orders", json=body or body_of(), headers=headers)


async def bought(client: httpx.AsyncClient, body: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
    answer = await order(client, body, **headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def step(client: httpx.AsyncClient, order_id: str, what: str, **fields: Any) -> dict[str, Any]:
    """Take a step of an order's life that must be possible."""
    answer = await client.post(f"/orders/{order_id}/{what}", json=fields or None)
    assert answer.status_code == 200, answer.text
    taken: dict[str, Any] = answer.json()
    return taken


async def paid(
    shop: Shop, body: dict[str, Any] | None = None, client: httpx.AsyncClient | None = None
) -> dict[str, Any]:
    made = await bought(client or shop.viewer, body)
    return await step(shop.admin, made["id"], "pay")


async def delivered(shop: Shop, body: dict[str, Any] | None = None) -> dict[str, Any]:
    made = await paid(shop, body)
    return await step(shop.admin, made["id"], "deliver")


def payment(
    order_id: str, kind: str = "succeeded", *, event_id: str = "evt_1", amount: float = 200, **more: Any
) -> dict[str, Any]:
    """A payment provider's event of an order, as it is signed and sent."""
    return {"id": event_id, "type": f"payment.{kind}", "orderId": order_id, "amount": amount, "currency": "USD"} | more


async def hook(
    shop: Shop, event: dict[str, Any], *, at: float | None = None, secret: str = WEBHOOK_SECRET
) -> httpx.Response:
    """A payment provider's event, signed."""
    raw = json.dumps(event).encode()
    stamp = int(seams.now().timestamp() if at is None else at)
    headers = {"Liveshop-Signature": sign(secret, stamp, raw), "Content-Type": "application/json"}
    return await shop.guest.post("/webhooks/payments", content=raw, headers=headers)


async def balances(client: httpx.AsyncClient, affiliate_id: str = AFFILIATE) -> dict[str, tuple[float, float, float]]:
    """Pending, available and paid out, by currency."""
    found = (await client.get(f"/affiliates/{affiliate_id}/balance")).json()
    return {row["currency"]: (row["pending"], row["available"], row["paidOut"]) for row in found}


async def stock_of(product_id: str = PRODUCT) -> int:
    stock: int = (await Product.get(id=product_id)).stock
    return stock


async def set_stock(product_id: str, stock: int) -> None:
    await Product.filter(id=product_id).update(stock=stock)


async def differences() -> list[str]:
    """What `liveshop ledger verify` would print."""
    return [str(difference) for difference in (await ledger_audit.verify()).differences]


async def audited(what: str) -> list[dict[str, Any]]:
    rows = await AuditEntry.filter(what=what).order_by("id")
    return [
        {"actor": row.actor_id, "stream": row.stream_id, "subject": row.subject_id, "details": row.details}
        for row in rows
    ]


@dataclass(frozen=True)
class Written:
    """Everything that a purchase writes, counted."""

    rows: tuple[int, ...]
    stock: dict[str, int]
    seq: dict[str, int]

    @classmethod
    async def now(cls) -> "Written":
        tables = (Order, OrderLine, LedgerJournal, LedgerEntry, Refund, Payout, IdempotencyRecord)
        return cls(
            tuple([await table.all().count() for table in tables]),
            dict(await Product.all().values_list("id", "stock")),
            dict(await LiveStream.all().values_list("id", "seq")),
        )


@contextmanager
def overheard() -> Iterator[list[Any]]:
    """The events that are told while the block lasts."""
    events: list[Any] = []
    publish = Bus.publish

    def listen(bus: Bus, *announcements: Announcement) -> None:
        events.extend(announcement.event for announcement in announcements)
        publish(bus, *announcements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bus, "publish", listen)
        yield events


@asynccontextmanager
async def nothing_written() -> AsyncIterator[None]:
    """Nothing of an order, its stock, its money or its news changes within the block.

    The stock that a sale before the block took may be told within it, as that is told at most once a second.
    """
    with overheard() as events:
        before = await Written.now()
        yield

        async def unchanged() -> bool:
            lists = (event for event in events if isinstance(event, StreamProductsUpdate))
            told = Counter(event.stream_id for event in lists if event.seq > before.seq[event.stream_id])
            seq = {stream_id: number + told[stream_id] for stream_id, number in before.seq.items()}
            return await Written.now() == replace(before, seq=seq)

        # A list is committed a moment before it is told.
        await eventually(unchanged, f"nothing more than {before}", within=2)


async def second_affiliate(shop: Shop, affiliate_id: str = "affiliate_2", rate: float = 20) -> None:
    made = await shop.admin.post("/affiliates", json={"id": affiliate_id, "name": "Bo", "commissionRate": rate})
    assert made.status_code == 201, made.text
    assert (await shop.admin.post(f"/affiliates/{affiliate_id}/approve")).status_code == 200


async def second_seller(
    shop: Shop, seller_id: str = "seller_2", *, currency: str = "USD", price: float = 10, stock: int = 10
) -> str:
    """Another seller with one product; the product's id."""
    made = await shop.admin.post("/sellers", json={"id": seller_id, "businessName": "Second", "currency": currency})
    assert made.status_code == 201, made.text
    product = {"id": f"{seller_id}-product", "name": "Thing", "price": price, "stock": stock, "sellerId": seller_id}
    assert (await shop.admin.post("/products", json=product)).status_code == 201
    return str(product["id"])


async def affiliate_stream(shop: Shop, seller_id: str, product_id: str) -> str:
    """A live stream of the specification's affiliate with a seller's product; its id."""
    made = await shop.affiliate.post("/live/affiliate/streams", json={"title": "Another", "sellerId": seller_id})
    assert made.status_code == 201, made.text
    stream_id: str = made.json()["id"]
    added = await shop.affiliate.post(f"/live/streams/{stream_id}/products", json={"productId": product_id})
    assert added.status_code in (200, 201), added.text
    await go_live(shop, stream_id)
    return stream_id


async def guest_socket(shop: Shop, session: str = "session-1", stream_id: str = STREAM) -> Live:
    live = await shop.live()
    await live.join(stream_id, sessionId=session)
    return live


def seller_of(shop: Shop, seller_id: str) -> httpx.AsyncClient:
    return shop.rest(Role.SELLER, seller_id)
