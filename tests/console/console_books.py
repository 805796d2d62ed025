"""Purchases, accounts and entries to try the console on; every time is fixed."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from console_desk import answering
from console_shows import NOON

from console.client.scripted import Call, ScriptedClient
from shared import endpoints, events
from shared.views import (
    AffiliateStatus,
    AffiliateView,
    BalanceView,
    LedgerEntryView,
    Page,
    PayoutView,
    SellerView,
    StatementLine,
    StatementView,
)

PAGE = 50
REGISTERED = NOON - timedelta(days=100)
"""In August."""


def bought(seq: int, name: str = "Silk scarf, hand-rolled", *, amount: str = "149.00", **changes: Any) -> Any:
    """A purchase as it is told to consoles."""
    known: dict[str, Any] = {
        "stream_id": "s1",
        "order_id": f"order-{seq}",
        "order_number": f"7K2M-{seq:04}",
        "product_name": name,
        "quantity": 1,
        "buyer_name": f"{'ALTZ'[seq % 4]}***",
        "amount": Decimal(amount),
        "currency": "USD",
        "affiliate_id": "affiliate_456",
        "commission_amount": Decimal(amount) * Decimal("0.1"),
        "timestamp": NOON + timedelta(seconds=seq),
        "seq": seq,
    }
    return events.ControlPurchase(**(known | changes))


def pinned(product_id: str = "p1", *, seconds: int | None = None, seq: int = 100) -> events.ProductPinned:
    end = NOON + timedelta(seconds=seconds) if seconds else None
    return events.ProductPinned(
        stream_id="s1", product_id=product_id, pinned_by="host", timestamp=NOON, timer_end_time=end, seq=seq
    )


def on_sale(product_id: str = "p2", *, seconds: int = 240, seq: int = 101) -> events.FlashSaleStarted:
    return events.FlashSaleStarted(
        stream_id="s1",
        product_id=product_id,
        discount_percent=20,
        price=Decimal("71.20"),
        currency="USD",
        end_time=NOON + timedelta(seconds=seconds),
        started_by="host",
        timestamp=NOON,
        seq=seq,
    )


def affiliate(affiliate_id: str, name: str, *, status: AffiliateStatus = AffiliateStatus.APPROVED) -> AffiliateView:
    return AffiliateView(
        id=affiliate_id,
        name=name,
        username=affiliate_id,
        display_name=name,
        status=status,
        commission_rate=Decimal("7.5"),
        created_at=REGISTERED,
    )


def balance(pending: str, available: str, paid_out: str = "0", currency: str = "USD") -> BalanceView:
    return BalanceView(
        currency=currency, pending=Decimal(pending), available=Decimal(available), paid_out=Decimal(paid_out)
    )


def entry(number: int, *, kind: str = "sale", amount: str = "15.00", **changes: Any) -> LedgerEntryView:
    known: dict[str, Any] = {
        "journal_id": f"j{number}",
        "number": number,
        "kind": kind,
        "posted_at": NOON + timedelta(minutes=number),
        "account": "affiliate_pending",
        "amount": Decimal(amount),
        "currency": "USD",
        "balance": Decimal(15 * number),
        "order_id": f"01936d1e-0000-7000-8000-{number:012}",
        "product_id": "product_456" if kind == "sale" else None,
        "product_name": "Headphones" if kind == "sale" else None,
        "commission_rate": Decimal("7.5") if kind == "sale" else None,
        "commission_base": Decimal("200.00") if kind == "sale" else None,
    }
    return LedgerEntryView(**(known | changes))


AFFILIATES = [
    affiliate("affiliate_456", "Mia Lind"),
    affiliate("joao", "João Pires"),
    affiliate("ren", "Ren", status=AffiliateStatus.SUSPENDED),
    affiliate("new", "Just Joined", status=AffiliateStatus.PENDING),
]


def line(currency: str, opening: str = "0", **moved: str) -> StatementLine:
    """A currency of a statement, which closes with what its parts come to."""
    earned, back, paid = (Decimal(moved.get(name, "0")) for name in ("earned", "reversed", "paid_out"))
    return StatementLine(
        currency=currency,
        opening=Decimal(opening),
        earned=earned,
        reversed=back,
        paid_out=paid,
        closing=Decimal(opening) + earned - back - paid,
    )


BALANCES = {
    "affiliate_456": [balance("60.00", "135.00", "420.00"), balance("0", "12.345", currency="KWD")],
    "joao": [balance("45.00", "0", "88.00")],
    "ren": [balance("0", "-15.00", "30.00")],
    "new": [],
}


MONTHS = {
    "2026-11": [line("KWD", earned="12.345"), line("USD", "180", earned="450", reversed="15", paid_out="420")],
    "2026-10": [line("USD", "125", earned="100", reversed="45")],
    "2026-09": [line("USD", earned="125")],
    "2026-08": [],
}
"""What statements tell, by month."""


def statement(month: str, owner_id: str = "affiliate_456", time_zone: str = "UTC") -> StatementView:
    begins = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
    return StatementView(
        owner_id=owner_id,
        month=month,
        time_zone=time_zone,
        starts_at=begins,
        ends_at=begins + timedelta(days=monthrange(begins.year, begins.month)[1]),
        currencies=MONTHS[month],
    )


def keep_books(client: ScriptedClient, *, entries: int = 120) -> None:
    """Let a scripted server answer whatever the ledger's screens ask."""

    async def balances(call: Call) -> list[BalanceView]:
        return BALANCES[call.parameters["affiliate_id"]]

    async def page(call: Call) -> Page[LedgerEntryView]:
        newest = entries - (call.query.page - 1) * PAGE
        items = [
            entry(number, flash_sale_id="sale-1" if number % 7 == 0 else None)
            for number in range(newest, max(newest - PAGE, 0), -1)
        ]
        return Page(items=items, total=entries, page=call.query.page, total_pages=-(-entries // PAGE))

    async def month(call: Call) -> StatementView:
        return statement(call.query.month, *call.parameters.values())

    async def paid(call: Call) -> PayoutView:
        return PayoutView(
            id="payout-1",
            affiliate_id=call.parameters["affiliate_id"],
            amount=call.body.amount,
            currency=call.body.currency,
            reference=call.body.reference,
            created_by="mod_7",
            created_at=NOON,
        )

    store = SellerView(id="atelier", business_name="Atelier Nord", currency="USD", created_at=REGISTERED)
    client.answer(endpoints.LIST_AFFILIATES, answering(Page(items=AFFILIATES, total=4, page=1, total_pages=1)))
    client.answer(endpoints.LIST_SELLERS, answering(Page(items=[store], total=1, page=1, total_pages=1)))
    client.answer(endpoints.GET_SELLER, answering(store))
    client.answer(endpoints.GET_AFFILIATE_BALANCE, balances)
    client.answer(endpoints.GET_SELLER_BALANCE, answering([balance("0", "2405.00")]))
    client.answer(endpoints.LIST_COMMISSIONS, page)
    client.answer(endpoints.LIST_SELLER_ENTRIES, page)
    client.answer(endpoints.GET_AFFILIATE_STATEMENT, month)
    client.answer(endpoints.GET_SELLER_STATEMENT, month)
    client.answer(endpoints.MAKE_PAYOUT, paid)
