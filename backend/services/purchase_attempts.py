"""What purchases tried and may not: remembered in the audit trail, at most so many of one person in a minute."""

from collections.abc import Mapping
from typing import Any

from backend.domain.actors import Actor
from backend.services import audit
from backend.services.runtime import Runtime
from backend.settings import Rate
from shared.problems import Code, ProblemError

CLAIMS = ("price", "unitPrice", "amount", "totalAmount", "commissionRate", "commissionAmount")
"""What only the server decides; a purchase that says it is heard, and the claim is ignored."""
REMEMBERED = Rate(20, 60)
"""Entries of one person; a flood must not fill the trail."""

_TELLING = frozenset(
    {Code.VALIDATION_FAILED, Code.STREAM_NOT_LIVE, Code.PRODUCT_NOT_ACTIVE, Code.PRODUCT_NOT_IN_STREAM}
)
"""Refusals that a proper client hardly meets. Sold out is everybody's."""


async def note_claims(runtime: Runtime, actor: Actor, payload: Any) -> None:
    """Remember the prices and commissions that a purchase's payload claims."""
    found = _claims(payload)
    if found and await _may_add(runtime, actor):
        stream_id = payload.get("liveSessionId", payload.get("streamId"))
        await audit.note(
            "order_claims_ignored", actor, stream_id=str(stream_id)[:64] if stream_id else None, details=found
        )


def _claims(payload: Any) -> dict[str, Any]:
    if not isinstance(payload, Mapping):
        return {}
    items = payload.get("items")
    said = [payload, *(item for item in (items if isinstance(items, list) else []) if isinstance(item, Mapping))]
    return {name: str(part[name])[:100] for name in CLAIMS for part in said if part.get(name) is not None}


async def note_refusal(runtime: Runtime, actor: Actor, problem: ProblemError, stream_id: str | None = None) -> None:
    """Remember a refused purchase, after its transaction was rolled back."""
    if problem.code in _TELLING and await _may_add(runtime, actor):
        details = {"code": problem.code.value, "message": problem.message[:300]}
        await audit.note("purchase_refused", actor, stream_id=stream_id, details=details)


async def _may_add(runtime: Runtime, actor: Actor) -> bool:
    try:
        await runtime.limits.check("purchase_attempts", actor.public_id or "nobody", REMEMBERED)
    except ProblemError:
        return False
    return True
