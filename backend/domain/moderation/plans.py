"""What each kind of act writes: from a request and the facts of its stream to a plan, without I/O."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.domain.moderation.registers import Facet, FacetKind
from shared.commands import Act
from shared.moderation import ActKind, Capability, ChatMode, MessageState, Reach
from shared.problems import ProblemError

PIN = Facet(FacetKind.PIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The person that an act is about."""

    id: str
    """How others see them."""
    name: str
    rank: int
    address_hashes: frozenset[str] = frozenset()
    """Where they were last seen; never shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a plan is made of beside the request."""

    now: datetime
    subject: Subject | None = None
    message_ids: tuple[str, ...] = ()
    """The messages that the act is about."""
    authors: frozenset[str] = frozenset()
    """Who wrote them."""
    banned_with: frozenset[str] = frozenset()
    """The address hashes that the subject's ban shuts out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One register's new value."""

    facet: Facet
    value: Any
    lapses_at: datetime | None = None


Plan = tuple[Written, ...]
Planner = Callable[[Act, Facts], Plan]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActSpec:
    """One kind of act: who may do it, what it is about, and what it writes."""

    kind: ActKind
    capability: Capability
    plan: Planner
    about_person: bool = False
    about_messages: bool = False
    reaches: frozenset[Reach] = frozenset({Reach.STREAM})
    undoable: bool = True
    for_moderators: bool = True
    in_words: str


def _until(act: Act, now: datetime) -> datetime | None:
    return None if act.seconds is None else now + timedelta(seconds=act.seconds)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _messages(state: MessageState) -> Planner:
    def plan(act: Act, facts: Facts) -> Plan:
        del act
        if not facts.message_ids:
            raise ProblemError.of_field("messageIds", "none", "There are no messages that this would change.")
        return tuple(Written(facet=Facet(FacetKind.MESSAGE, one), value=state.value) for one in facts.message_ids)

    return plan


def _approve(act: Act, facts: Facts) -> Plan:
    shown = _messages(MessageState.SHOWN)(act, facts)
    if not act.trust:
        return shown
    trusted = (Written(facet=Facet(FacetKind.TRUST, one), value=True) for one in sorted(facts.authors))
    return (*shown, *trusted)


def _timeout(act: Act, facts: Facts) -> Plan:
    if act.seconds is None:
        raise ProblemError.of_field("seconds", "required", "Say for how many seconds; a ban has no end.")
    return (_of(facts, FacetKind.TIMEOUT, {"until": _text(_until(act, facts.now)), "reason": act.reason}),)


def _ban(act: Act, facts: Facts) -> Plan:
    ban: dict[str, Any] = {"until": _text(_until(act, facts.now)), "reason": act.reason, "addresses": []}
    if not act.with_address:
        return (_of(facts, FacetKind.BAN, ban),)
    hashes = sorted(_subject(facts).address_hashes)
    if not hashes:
        raise ProblemError.of_field("withAddress", "unknown", "This person's address is not known; ban without it.")
    by_address = tuple(Written(facet=Facet(FacetKind.BAN, one), value=ban) for one in hashes)
    return (_of(facts, FacetKind.BAN, {**ban, "addresses": hashes}), *by_address)


def _unban(act: Act, facts: Facts) -> Plan:
    del act
    addresses = tuple(Written(facet=Facet(FacetKind.BAN, one), value=None) for one in sorted(facts.banned_with))
    return (_of(facts, FacetKind.BAN, None), *addresses)


def _lift(kind: FacetKind) -> Planner:
    return lambda act, facts: (_of(facts, kind, None),)


def _warn(act: Act, facts: Facts) -> Plan:
    if act.reason is None:
        raise ProblemError.of_field("reason", "required", "Say what the person is warned for.")
    return (_of(facts, FacetKind.WARNING, {"reason": act.reason}),)


def _trust(act: Act, facts: Facts) -> Plan:
    del act
    return (_of(facts, FacetKind.TRUST, True),)


_MOST = {ChatMode.SLOW: 3600, ChatMode.FOLLOWERS: 525_600, ChatMode.DELAY: 60}
"""The most that a mode with a number takes; the others are on or off."""


def _mode(act: Act, facts: Facts) -> Plan:
    if act.mode is None:
        raise ProblemError.of_field("mode", "required", f"Say which: {', '.join(ChatMode)}.")
    return (mode_write(act.mode, act.value, _until(act, facts.now)),)


def mode_write(mode: ChatMode, value: int | None, lapses_at: datetime | None) -> Written:
    """A chat mode's new value; 0 ends it, and what was set before does not come back.

    Raises:
        ProblemError: the value is out of the mode's range.
    """
    most = _MOST.get(mode, 1)
    wanted = 1 if value is None and mode not in _MOST else value
    if wanted is None or not 0 <= wanted <= most:
        raise ProblemError.of_field("value", "out_of_range", f"{mode} takes 0 to {most}; 0 ends it.")
    return Written(facet=Facet(FacetKind.MODE, mode.value), value=wanted, lapses_at=lapses_at)


def _pin(act: Act, facts: Facts) -> Plan:
    if len(facts.message_ids) != 1:
        raise ProblemError.of_field("messageIds", "one", "Name one message to pin.")
    return (Written(facet=PIN, value=facts.message_ids[0], lapses_at=_until(act, facts.now)),)


def _unpin(act: Act, facts: Facts) -> Plan:
    del act, facts
    return (Written(facet=PIN, value=None),)


def _say(act: Act, facts: Facts) -> Plan:
    """The line itself is made with the act; undone, it goes."""
    return _messages(MessageState.SHOWN)(act, facts)


def _remember(act: Act, facts: Facts) -> Plan:
    del facts
    if act.text is None:
        raise ProblemError.of_field("text", "required", "Write the note.")
    return ()


def _undo(act: Act, facts: Facts) -> Plan:
    del facts
    return undo_of(act.act_ids or ())


def undo_of(act_ids: Iterable[str]) -> Plan:
    """The writes that make acts as if they had not been."""
    return tuple(Written(facet=Facet(FacetKind.ACT, one), value=True) for one in act_ids)


def _sweep(act: Act, facts: Facts) -> Plan:
    return _messages(MessageState.REMOVED)(act, facts)


def _shield(act: Act, facts: Facts) -> Plan:
    if act.seconds is None:
        raise ProblemError.of_field("seconds", "required", "Say for how many seconds the shield holds.")
    if not act.modes:
        raise ProblemError.of_field("modes", "required", "Say which modes the shield sets.")
    until = _until(act, facts.now)
    return tuple(mode_write(mode, value, until) for mode, value in sorted(act.modes.items()))


def _subject(facts: Facts) -> Subject:
    if facts.subject is None:
        raise ProblemError.of_field("userId", "required", "Say who: userId, username or sessionId.")
    return facts.subject


def _of(facts: Facts, kind: FacetKind, value: Any) -> Written:
    return Written(facet=Facet(kind, _subject(facts).id), value=value)


_ANYWHERE = frozenset(Reach)
_K, _C = ActKind, Capability

ACTS: dict[ActKind, ActSpec] = {
    spec.kind: spec
    for spec in (
        ActSpec(
            kind=_K.DELETE,
            capability=_C.MESSAGES,
            plan=_messages(MessageState.REMOVED),
            about_messages=True,
            in_words="removed messages",
        ),
        ActSpec(
            kind=_K.RESTORE,
            capability=_C.MESSAGES,
            plan=_messages(MessageState.SHOWN),
            about_messages=True,
            in_words="restored messages",
        ),
        ActSpec(
            kind=_K.APPROVE,
            capability=_C.MESSAGES,
            plan=_approve,
            about_messages=True,
            in_words="approved messages",
        ),
        ActSpec(
            kind=_K.DENY,
            capability=_C.MESSAGES,
            plan=_messages(MessageState.DENIED),
            about_messages=True,
            in_words="denied messages",
        ),
        ActSpec(
            kind=_K.TIMEOUT,
            capability=_C.TIMEOUTS,
            plan=_timeout,
            about_person=True,
            reaches=_ANYWHERE,
            in_words="timed out",
        ),
        ActSpec(
            kind=_K.UNTIMEOUT,
            capability=_C.TIMEOUTS,
            plan=_lift(FacetKind.TIMEOUT),
            about_person=True,
            reaches=_ANYWHERE,
            in_words="ended the timeout of",
        ),
        ActSpec(kind=_K.BAN, capability=_C.BANS, plan=_ban, about_person=True, reaches=_ANYWHERE, in_words="banned"),
        ActSpec(
            kind=_K.UNBAN, capability=_C.BANS, plan=_unban, about_person=True, reaches=_ANYWHERE, in_words="unbanned"
        ),
        ActSpec(kind=_K.WARN, capability=_C.TIMEOUTS, plan=_warn, about_person=True, in_words="warned"),
        ActSpec(kind=_K.TRUST, capability=_C.TIMEOUTS, plan=_trust, about_person=True, in_words="trusted"),
        ActSpec(
            kind=_K.DISTRUST,
            capability=_C.TIMEOUTS,
            plan=_lift(FacetKind.TRUST),
            about_person=True,
            in_words="no longer trusts",
        ),
        ActSpec(kind=_K.MODE, capability=_C.MODES, plan=_mode, in_words="set the chat to"),
        ActSpec(kind=_K.PIN, capability=_C.VOICE, plan=_pin, about_messages=True, in_words="pinned a message"),
        ActSpec(kind=_K.UNPIN, capability=_C.VOICE, plan=_unpin, in_words="unpinned the message"),
        ActSpec(kind=_K.ANNOUNCE, capability=_C.VOICE, plan=_say, in_words="announced"),
        ActSpec(kind=_K.STAFF_NOTE, capability=_C.NOTES, plan=_say, in_words="noted for the staff"),
        ActSpec(kind=_K.PERSON_NOTE, capability=_C.NOTES, plan=_remember, about_person=True, in_words="noted of"),
        ActSpec(kind=_K.SWEEP, capability=_C.MESSAGES, plan=_sweep, about_messages=True, in_words="swept messages"),
        ActSpec(kind=_K.SHIELD, capability=_C.MODES, plan=_shield, in_words="raised the shield"),
        ActSpec(
            kind=_K.ACKNOWLEDGE,
            capability=_C.TIMEOUTS,
            plan=_lift(FacetKind.WARNING),
            about_person=True,
            undoable=False,
            for_moderators=False,
            in_words="acknowledged the warning",
        ),
        ActSpec(kind=_K.UNDO, capability=_C.MESSAGES, plan=_undo, in_words="undid"),
    )
}
"""Every kind of act: the server enforces from it, the console offers from it, the README prints it."""
