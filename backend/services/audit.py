"""What must be remembered of acts and of refused attempts; it never holds secrets."""

from typing import Any

from backend import seams
from backend.domain.actors import Actor
from backend.storage.models import AuditEntry
from shared.moderation import ActClient


async def note(
    what: str,
    actor: Actor,
    *,
    stream_id: str | None = None,
    subject_id: str | None = None,
    reason: str | None = None,
    client: ActClient | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Add an entry, within the caller's transaction if there is one."""
    await AuditEntry.create(
        id=seams.new_id(),
        what=what,
        actor_id=actor.public_id,
        actor_role=actor.role.value,
        stream_id=stream_id,
        subject_id=subject_id,
        reason=reason,
        client=client,
        before=before,
        after=after,
        details=details or {},
        happened_at=seams.now(),
    )
