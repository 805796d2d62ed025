"""Commissions become available when the settlement delay after delivery is over."""

from datetime import timedelta

from backend import seams
from backend.services import ledger, orders
from backend.services.order_journals import settlement_of
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, all_due
from backend.storage.models import Order


async def settle_due(runtime: Runtime) -> None:
    """Settle the delivered orders whose delay is over."""
    limit = seams.now() - timedelta(days=runtime.settings.settlement_days)
    due = Order.filter(settled_at=None, delivered_at__lte=limit).exclude(affiliate_id=None)
    await all_due(runtime.bus, due, _settle)


async def _settle(_: UnitOfWork, order_id: str) -> None:
    row = await orders.locked(order_id)
    if row.settled_at is not None:
        return
    row.settled_at = seams.now()
    await row.save(update_fields=["settled_at"])
    await ledger.post(settlement_of(row, row.refunded_minor), source_id=row.id)
