"""What purchases tried and may not: remembered in the audit trail, at most so many of one person in a minute."""

from collections.abc import Mapping
from typing import Any

from backend.domain.actors import Actor
from backend.domain.text import sanitise
from backend.services import audit
from backend.services.runtime import Runtime
from backend.settings import Rate
from backend.storage.models import LiveStream
from shared.commands import MAX_ITEMS, PlaceOrder
from shared.problems import Code, ProblemError
from shared.roles import Role

CLAIMS = (
    "price",
    "unitPrice",
    "specialPrice",
    "amount",
    "total",
    "totalPrice",
    "totalAmount",
    "goodsAmount",
    "commissionRate",
    "commissionAmount",
)
"""What only the server decides; a purchase that says it is heard, and the claim is ignored."""
REMEMBERED = Rate(20, 60)
"""Entries of one person; a flood must not fill the trail."""

_TELLING = frozenset(
    {
        Code.VALIDATION_FAILED,
        Code.NOT_FOUND,
        Code.STREAM_NOT_LIVE,
        Code.PRODUCT_NOT_ACTIVE,
        Code.PRODUCT_NOT_IN_STREAM,
    }
)
"""Refusals that a proper client hardly meets. Sold out is everybody's."""


async def note_claims(runtime: Runtime, actor: Actor, payload: Any) -> None:
    """Remember the prices and commissions that a purchase's payload claims."""
    found = _claims(payload)
    if found and await _may_add(runtime, actor):
        stream_id = payload.get("liveSessionId", payload.get("streamId"))
        await audit.note(
            "order_claims_ignored", actor, stream_id=_told(stream_id)[:64] if stream_id else None, details=found
        )


def _claims(payload: Any) -> dict[str, str]:
    """Every claim of a payload and of its items, by where it stands."""
    if not isinstance(payload, Mapping):
        return {}
    items = payload.get("items")
    parts = {"": payload}
    for index, item in enumerate(items[:MAX_ITEMS] if isinstance(items, list) else []):
        if isinstance(item, Mapping):
            parts[f"items[{index}]."] = item
    return {
        where + name: _told(part[name])
        for where, part in parts.items()
        for name in CLAIMS
        if part.get(name) is not None
    }


def _told(value: Any) -> str:
    """A stranger's words, harmless and short."""
    return sanitise(str(value))[:100]


async def note_refusal(
    runtime: Runtime, actor: Actor, problem: ProblemError, purchase: PlaceOrder | None = None
) -> None:
    """Remember a refused purchase, after its transaction was rolled back with all that it remembered."""
    forged = await _forged(actor, purchase) if purchase else {}
    if (forged or problem.code in _TELLING) and await _may_add(runtime, actor):
        details = {"code": problem.code.value, "message": sanitise(problem.message)[:300], **forged}
        stream_id = purchase.live_session_id if purchase else None
        await audit.note("purchase_refused", actor, stream_id=stream_id, details=details)


async def _forged(actor: Actor, purchase: PlaceOrder) -> dict[str, str]:
    """The terms that a purchase names and this actor may not; the host of its stream is no forgery."""
    stream = await LiveStream.get_or_none(id=purchase.live_session_id) if purchase.live_session_id else None
    if actor.role is Role.ADMIN or (stream and actor.role is Role.SELLER and actor.subject == stream.seller_id):
        return {}
    host = stream.affiliate_id if stream else None
    named = {
        "affiliateId": None if purchase.affiliate_id == host else purchase.affiliate_id,
        "discountAmount": purchase.discount_amount,
        "shippingAmount": purchase.shipping_amount,
    }
    return {name: str(value) for name, value in named.items() if value}


async def _may_add(runtime: Runtime, actor: Actor) -> bool:
    try:
        await runtime.limits.check("purchase_attempts", actor.public_id or "nobody", REMEMBERED)
    except ProblemError:
        return False
    return True
