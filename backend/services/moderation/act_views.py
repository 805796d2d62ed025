"""Acts as staff reads them."""

from collections.abc import Sequence
from typing import Any

from backend.domain.moderation.plans import ACTS
from backend.storage.models import ModerationAct
from shared import wire
from shared.commands import Act
from shared.moderation import ActKind
from shared.views import ActView

_KEPT = ("mode", "value", "modes", "text", "actIds", "trust", "withAddress", "lastSeconds")
"""What is kept of a request beside its own columns."""


def details_of(act: Act, message_ids: Sequence[str]) -> dict[str, Any]:
    """What an act's row keeps of its request."""
    asked = wire.to_plain(act)
    kept = {name: asked[name] for name in _KEPT if asked.get(name) not in (None, False)}
    return kept | ({"messageIds": list(message_ids)} if message_ids else {})


def view(row: ModerationAct, *, undone: bool = False) -> ActView:
    """An act as it is shown."""
    return ActView(
        id=row.id,
        seq=row.seq,
        stream_id=row.stream_id,
        kind=row.kind,
        reach=row.reach,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        client=row.client,
        subject_id=row.subject_id,
        subject_name=row.subject_name,
        message_ids=[str(one) for one in _list(row.details.get("messageIds"))],
        reason=row.reason,
        summary=_summary(row),
        made_at=row.made_at,
        ends_at=row.ends_at,
        undone=undone,
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _summary(row: ModerationAct) -> str:
    """The act in words: `banned Ana for 10 min: spam`."""
    parts = [ACTS[row.kind].in_words, _object(row), _time(row)]
    return " ".join(part for part in parts if part) + (f": {row.reason}" if row.reason else "")


def _object(row: ModerationAct) -> str:
    details = row.details
    if row.kind is ActKind.MODE:
        return f"{details.get('mode')} {details.get('value', 1)}"
    if row.kind is ActKind.SHIELD:
        modes = details.get("modes")
        return ", ".join(f"{mode} {value}" for mode, value in modes.items()) if isinstance(modes, dict) else ""
    if row.kind is ActKind.UNDO:
        return f"{len(_list(details.get('actIds')))} acts"
    if row.subject_name is not None:
        return row.subject_name
    count = len(_list(details.get("messageIds")))
    return str(count) if count > 1 else str(details.get("text") or "")


def _time(row: ModerationAct) -> str:
    if row.ends_at is None:
        return ""
    minutes = (row.ends_at - row.made_at).total_seconds() / 60
    return f"for {minutes:g} min" if minutes >= 1 else f"for {minutes * 60:g} s"
