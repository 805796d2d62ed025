"""The same key and body get the same answer, however often and however concurrently they are sent."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from tortoise.exceptions import IntegrityError

from backend import seams
from backend.services.bus import Bus
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage.models import IdempotencyRecord
from shared import wire
from shared.problems import Code, ProblemError

T = TypeVar("T")

KEPT = timedelta(hours=48)
"""How long an answer is kept; longer than a client would retry."""


def fingerprint(body: Any) -> str:
    """What of a request must be the same under the same key."""
    return hashlib.sha256(wire.encode(body)).hexdigest()


async def once(
    bus: Bus,
    work: Callable[[UnitOfWork], Awaitable[T]],
    *,
    answer_type: type[T],
    scope: str,
    key: str | None,
    body: Any,
) -> T:
    """Do `work` in a transaction, once for this key; a repetition gets the first answer.

    Args:
        bus: told after the commit.
        work: makes the answer; what it refuses is not kept, so that a retry may succeed.
        answer_type: the answer's dataclass.
        scope: operation and buyer; keys of different scopes never meet.
        key: the client's; without one, every call is new.
        body: what the key stands for.

    Raises:
        ProblemError: `idempotency_key_reused` when the key came with another body.
    """
    if key is None:
        return await commit(bus, work)
    body_hash = fingerprint(body)

    async def first_time(unit: UnitOfWork) -> T:
        if (kept := await _kept(answer_type, scope, key, body_hash)) is not None:
            return kept
        # Claimed before the work: on PostgreSQL a concurrent twin waits here until this one is decided.
        record = await IdempotencyRecord.create(
            id=seams.new_id(), scope=scope, key=key, body_hash=body_hash, answer="", created_at=seams.now()
        )
        answer = await work(unit)
        record.answer = wire.encode(answer).decode()
        await record.save(update_fields=["answer"])
        return answer

    try:
        return await commit(bus, first_time)
    except IntegrityError:
        if (kept := await _kept(answer_type, scope, key, body_hash)) is not None:
            return kept
        raise


async def _kept(answer_type: type[T], scope: str, key: str, body_hash: str) -> T | None:
    record = await IdempotencyRecord.get_or_none(scope=scope, key=key)
    if record is None:
        return None
    if record.body_hash != body_hash:
        raise ProblemError(
            Code.IDEMPOTENCY_KEY_REUSED, "This idempotency key was used with another request; make a new one."
        )
    return wire.restore(answer_type, record.answer)


async def forget_old() -> None:
    """Drop the answers that are kept no longer."""
    await IdempotencyRecord.filter(created_at__lt=seams.now() - KEPT).delete()
