"""One stream's chat, put together from history and news in whatever order they come.

History (REST) is the newest messages without the deleted ones; news (batches) are single messages and
deletions. Both overlap, repeat and race. Lines are kept by `seq`; what the chat knows without a gap is written
down, so that after an interruption it can tell "deleted meanwhile" from "older than the history reaches".
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from shared.views import ChatMessageView

CAPACITY = 5000
"""Lines kept a room."""
_DELETIONS_KEPT = 1000
"""Deletions remembered whose message has not been seen."""
MEANWHILE = ""
"""Who removed a line that was found missing after an interruption: somebody."""


@dataclass(frozen=True, slots=True)
class Line:
    """A chat message as a moderator sees it."""

    message: ChatMessageView
    removed_by: str | None = None
    """Who took it away; None while it stands."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chat:
    """Lines ordered by `seq`, without doubles."""

    lines: tuple[Line, ...] = ()
    deletions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Message ids that were deleted before they were seen, and by whom."""
    gap_after: int | None = None
    """Since an interruption, news after this `seq` may be missing; None while nothing is."""
    whole: bool = False
    """The first line is the first that the stream still has."""


def newest_seq(chat: Chat) -> int:
    """The `seq` of the last line; 0 without one."""
    return chat.lines[-1].message.seq if chat.lines else 0


def say(chat: Chat, messages: Iterable[ChatMessageView]) -> Chat:
    """Add messages; those already there are ignored."""
    news = sorted({m.id: m for m in messages}.values(), key=lambda m: m.seq)
    if not news:
        return chat
    fresh = _lines(chat, news)
    if news[0].seq > newest_seq(chat):
        return _bounded(replace(chat, lines=(*chat.lines, *fresh)))
    known = {line.message.id for line in chat.lines}
    fresh = [line for line in fresh if line.message.id not in known]
    if not fresh:
        return chat
    return _bounded(replace(chat, lines=_ordered((*chat.lines, *fresh))))


def delete(chat: Chat, message_id: str, deleted_by: str) -> Chat:
    """Mark a message as removed, also before it is seen."""
    for index in range(len(chat.lines) - 1, -1, -1):
        line = chat.lines[index]
        if line.message.id == message_id:
            struck = Line(line.message, deleted_by)
            return replace(chat, lines=(*chat.lines[:index], struck, *chat.lines[index + 1 :]))
    remembered = {**chat.deletions, message_id: deleted_by}
    while len(remembered) > _DELETIONS_KEPT:
        del remembered[next(iter(remembered))]
    return replace(chat, deletions=MappingProxyType(remembered))


def interrupt(chat: Chat, heard_to: int) -> Chat:
    """Note that news after `heard_to` may be missing, until the next `mend`."""
    earliest = heard_to if chat.gap_after is None else min(chat.gap_after, heard_to)
    return replace(chat, gap_after=earliest)


def mend(chat: Chat, history: Sequence[ChatMessageView], *, as_of: int, whole: bool) -> Chat:
    """Take over history that was asked for when everything up to `as_of` had happened.

    `whole` says that it reaches back to the stream's beginning. Known lines inside its reach that it lacks
    were deleted; known lines before its reach stay only if nothing at all was missed, since a missed deletion may be
    of any of them.
    """
    reach = 0 if whole or not history else min(message.seq for message in history)
    nothing_missed = chat.gap_after is None or chat.gap_after >= as_of
    listed = {message.id for message in history}
    kept = [
        _mended(line, listed=listed, reach=reach, as_of=as_of)
        for line in chat.lines
        if line.message.seq >= reach or nothing_missed
    ]
    known = {line.message.id for line in kept}
    added = _lines(chat, [message for message in history if message.id not in known])
    older_known = bool(kept) and kept[0].message.seq < reach
    return _bounded(
        replace(
            chat,
            lines=_ordered((*kept, *added)),
            gap_after=None,
            whole=whole or (chat.whole and nothing_missed and older_known),
        )
    )


def lines_after(lines: Sequence[Line], seq: int) -> int:
    """How many lines are newer than `seq`."""
    return len(lines) - bisect_right(lines, seq, key=lambda line: line.message.seq)


def _mended(line: Line, *, listed: set[str], reach: int, as_of: int) -> Line:
    missing = reach <= line.message.seq <= as_of and line.message.id not in listed
    return Line(line.message, MEANWHILE) if missing and line.removed_by is None else line


def _lines(chat: Chat, messages: Iterable[ChatMessageView]) -> list[Line]:
    return [Line(message, chat.deletions.get(message.id)) for message in messages]


def _ordered(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.message.seq))


def _bounded(chat: Chat) -> Chat:
    if len(chat.lines) <= CAPACITY:
        return chat
    return replace(chat, lines=chat.lines[-CAPACITY:], whole=False)
