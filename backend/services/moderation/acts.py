"""Moderators act: authorised, written as an act with its registers, audited, and told once it is committed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend import seams
from backend.domain.actors import Actor, StreamScope, require, require_on
from backend.domain.moderation.plans import ACTS, ActSpec, Facts, Plan, Subject
from backend.domain.moderation.ranks import Standing, require_above, require_capability, require_reach, standing_of
from backend.domain.moderation.registers import Facet, FacetKind, Registers, Write
from backend.domain.moderation.room import Room
from backend.domain.text import sanitise
from backend.domain.tokens import ADDRESS_PREFIX
from backend.services import audit, idempotency
from backend.services.moderation import act_views, messages, news, people, stored, undoing
from backend.services.moderation.news import Context, News
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, next_seq
from backend.settings import Rate
from backend.storage.models import LiveStream, LiveStreamMessage, ModerationAct
from shared import events
from shared.commands import Act, MessageDeletedAck
from shared.moderation import ActClient, ActKind, MessageKind, MessageState
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import ActView

REFUSALS_REMEMBERED = Rate(30, 60)
"""Refused attempts of one person that the audit log takes; a flood must not fill it."""
_SAID = {ActKind.ANNOUNCE: MessageKind.ANNOUNCEMENT, ActKind.STAFF_NOTE: MessageKind.STAFF_NOTE}
"""The acts that say something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """Who acts, where, by which program, with which right."""

    actor: Actor
    stream: StreamScope
    client: ActClient
    standing: Standing
    name: str

    @property
    def id(self) -> str:
        """How others see them."""
        return self.actor.public_id or ""


async def perform(
    runtime: Runtime, actor: Actor, client: ActClient, stream_id: str, act: Act, key: str | None = None
) -> ActView:
    """Do what a moderator asks; returns once it is committed.

    Raises:
        ProblemError: the act is not this actor's to do, or impossible as it is asked for.
    """
    try:
        return await _perform(runtime, actor, client, stream_id, act, key)
    except ProblemError as problem:
        await _note_refusal(runtime, actor, client, stream_id, act, problem)
        raise


async def _perform(
    runtime: Runtime, actor: Actor, client: ActClient, stream_id: str, act: Act, key: str | None
) -> ActView:
    require(actor, Permission.MODERATE)
    stream = (await runtime.snapshots.get(stream_id)).scope
    require_on(actor, Permission.MODERATE, stream)
    spec = ACTS[act.kind]
    if not spec.for_moderators:
        raise ProblemError.of_field("kind", "unknown_value", f"{act.kind} is not a moderator's to do.")
    standing = standing_of(actor, stream)
    require_capability(standing, spec.capability)
    if act.reach not in spec.reaches:
        raise ProblemError.of_field("reach", "out_of_range", f"{act.kind} holds in this stream only.")
    require_reach(actor, stream, act.reach)
    name = await runtime.identity.display_name(actor)
    doer = Doer(actor=actor, stream=stream, client=client, standing=standing, name=name)

    async def work(unit: UnitOfWork) -> ActView:
        return await _Doing(runtime, unit, doer, spec, act).run()

    return await idempotency.once(
        runtime.bus, work, answer_type=ActView, scope=f"act {actor.public_id} {stream_id}", key=key, body=act
    )


async def remove(
    runtime: Runtime, actor: Actor, client: ActClient, stream_id: str, message_id: str
) -> MessageDeletedAck:
    """Take a message away for everyone; a second time changes nothing."""
    try:
        await perform(runtime, actor, client, stream_id, Act(kind=ActKind.DELETE, message_ids=[message_id]))
    except ProblemError as problem:
        if problem.code is not Code.UNCHANGED:
            raise
    return MessageDeletedAck(message_id=message_id)


async def _note_refusal(
    runtime: Runtime, actor: Actor, client: ActClient, stream_id: str, act: Act, problem: ProblemError
) -> None:
    try:
        await runtime.limits.check("refused_acts", actor.public_id or "nobody", REFUSALS_REMEMBERED)
    except ProblemError:
        return
    await audit.note(
        "act_refused",
        actor,
        client=client,
        stream_id=stream_id,
        subject_id=act.user_id,
        reason=act.reason,
        details={"kind": act.kind.value, "code": problem.code.value, "message": problem.message[:300]},
    )


class _Doing:
    """One act on its way into the database, within the caller's transaction."""

    def __init__(self, runtime: Runtime, unit: UnitOfWork, doer: Doer, spec: ActSpec, act: Act) -> None:
        self._runtime, self._unit, self._doer, self._spec, self._act = runtime, unit, doer, spec, act
        self._stream = doer.stream
        self._id = ""
        self._now = seams.now()

    async def run(self) -> ActView:
        """Everything."""
        # Locked first: of two acts at once the second sees what the first has left, and has the later id.
        await LiveStream.select_for_update(no_key=True).get(id=self._stream.id)
        self._id, self._now = seams.new_id(), seams.now()
        facts = await self._facts()
        plan = self._spec.plan(self._act, facts)
        undone = await self._undone()
        touched = list(dict.fromkeys([*(one.facet for one in plan), *(one.facet for one in undone)]))
        registers = await stored.of_facets(stored.places_of(self._stream), {*touched, *stored.OF_THE_ROOM})
        before = _values(registers, touched, self._now)
        row = await self._write(facts, plan)
        self._continue(registers, plan)
        after = _values(registers, touched, self._now)
        if plan and before == after:
            raise ProblemError(Code.UNCHANGED, "It is so already; nothing was done.")
        told = await self._news(touched, before, after, Room(registers.values()))
        shown = await self._tell(row, told)
        await self._note(facts, before, after)
        place, writes = stored.place_for(self._stream, self._act.reach), self._writes(plan)
        self._unit.take_in(lambda: self._runtime.rooms.take_in(place, writes))
        return shown

    async def _facts(self) -> Facts:
        subject = await self._subject()
        rows = await self._messages(subject)
        return Facts(
            now=self._now,
            subject=subject,
            message_ids=tuple(row.id for row in rows),
            authors=frozenset(row.author_id for row in rows),
            banned_with=await self._banned_with(subject),
        )

    async def _subject(self) -> Subject | None:
        if not (self._spec.about_person or self._act.last_seconds is not None):
            return None
        subject = await people.find(self._runtime, self._stream, self._act)
        if subject is None:
            raise ProblemError.of_field("userId", "required", "Say who: userId, username or sessionId.")
        require_above(self._doer.standing, subject.rank)
        return subject

    async def _messages(self, subject: Subject | None) -> Sequence[LiveStreamMessage]:
        if self._act.kind in _SAID:
            return [await self._say(_SAID[self._act.kind])]
        if not self._spec.about_messages:
            return []
        if subject is not None and self._act.last_seconds is not None:
            wanted = await messages.said_lately(self._stream, subject.id, self._act.last_seconds)
        else:
            wanted = self._act.message_ids or []
        rows = await messages.load(self._stream, wanted)
        if self._act.kind is not ActKind.PIN:
            await self._require_authors_below(rows)
        return rows

    async def _require_authors_below(self, rows: Iterable[LiveStreamMessage]) -> None:
        for author in {row.author_id for row in rows} - {self._doer.id}:
            person = await people.describe(self._runtime, self._stream, author)
            require_above(self._doer.standing, person.rank)

    async def _say(self, kind: MessageKind) -> LiveStreamMessage:
        text = sanitise(self._act.text or "")
        if not text:
            raise ProblemError.of_field("text", "required", "Write what is to be said.")
        return await LiveStreamMessage.create(
            id=seams.new_id(),
            stream_id=self._stream.id,
            seq=await next_seq(self._stream.id),
            author_id=self._doer.id,
            is_guest=False,
            username=self._doer.name,
            badge=self._doer.actor.badge_in(self._stream),
            message=text,
            kind=kind,
            # Shown by this act alone: without it, there is no such line.
            first_state=MessageState.REMOVED,
            state=MessageState.REMOVED,
            sent_at=self._now,
        )

    async def _banned_with(self, subject: Subject | None) -> frozenset[str]:
        if subject is None or self._act.kind is not ActKind.UNBAN:
            return frozenset()
        facet = Facet(FacetKind.BAN, subject.id)
        place = stored.place_for(self._stream, self._act.reach)
        ban = (await stored.of_facets([place], [facet]))[place].value(facet, self._now)
        return frozenset() if ban is None else frozenset(ban["addresses"])

    async def _undone(self) -> list[Write]:
        if self._act.kind is not ActKind.UNDO:
            return []
        return await undoing.writes_of(
            self._doer.standing, self._doer.id, self._stream, self._act.act_ids or [], self._now
        )

    async def _write(self, facts: Facts, plan: Plan) -> ModerationAct:
        act = self._act
        row = await ModerationAct.create(
            id=self._id,
            stream_id=self._stream.id,
            seq=news.UNNUMBERED,
            kind=act.kind,
            reach=act.reach,
            actor_id=self._doer.id,
            actor_name=self._doer.name,
            actor_rank=self._doer.standing.rank,
            client=self._doer.client,
            subject_id=facts.subject.id if facts.subject else None,
            subject_name=facts.subject.name if facts.subject else None,
            reason=sanitise(act.reason) if act.reason else None,
            details=act_views.details_of(act, facts.message_ids),
            ends_at=None if act.seconds is None else self._now + timedelta(seconds=act.seconds),
            made_at=self._now,
        )
        await stored.keep(stored.place_for(self._stream, act.reach), self._writes(plan))
        return row

    def _writes(self, plan: Plan) -> list[Write]:
        return [Write(self._id, one.facet, one.value, one.lapses_at) for one in plan]

    def _continue(self, registers: Mapping[str, Registers], plan: Plan) -> None:
        place = stored.place_for(self._stream, self._act.reach)
        for write in self._writes(plan):
            for name, known in registers.items():
                if name == place or write.facet.kind is FacetKind.ACT:
                    known.add(write)

    async def _news(
        self, touched: Iterable[Facet], before: Mapping[Facet, Any], after: Mapping[Facet, Any], room: Room
    ) -> list[News]:
        ids = [facet.key for facet in touched if facet.kind is FacetKind.MESSAGE]
        rows = await messages.load(self._stream, ids) if ids else []
        changed = await messages.settle(rows, after, self._doer.id)
        names = {one: (await people.describe(self._runtime, self._stream, one)).name for one in news.people_in(touched)}
        context = Context(
            stream=self._stream,
            now=self._now,
            actor_id=self._doer.id,
            names=names,
            pinned=await messages.pinned(room, self._now),
            room=room,
        )
        return [*changed, *news.of_changes(context, before, after)]

    async def _tell(self, row: ModerationAct, told: Sequence[News]) -> ActView:
        """Number what is durable and announce it all; the act shares the number of its first event."""
        durable = [one for one in told if news.is_durable(one.event)]
        row.seq = seq = await next_seq(self._stream.id, max(1, len(durable)))
        await row.save(update_fields=["seq"])
        shown = act_views.view(row)
        self._unit.tell(self._stream, events.ControlAct(stream_id=self._stream.id, act=shown))
        for one in told:
            event = one.event
            if news.is_durable(event):
                event = replace(event, seq=seq)
                seq += 1
            if isinstance(event, events.NewMessage):
                await LiveStreamMessage.filter(id=event.id).update(seq=event.seq)
            self._unit.tell(self._stream, event, person=one.person)
        return shown

    async def _note(self, facts: Facts, before: Mapping[Facet, Any], after: Mapping[Facet, Any]) -> None:
        await audit.note(
            f"act_{self._act.kind}",
            self._doer.actor,
            client=self._doer.client,
            stream_id=self._stream.id,
            subject_id=facts.subject.id if facts.subject else None,
            reason=self._act.reason,
            before=_told(before),
            after=_told(after),
            details={"actId": self._id},
        )


def _values(registers: Mapping[str, Registers], facets: Iterable[Facet], now: datetime) -> dict[Facet, Any]:
    """What registers hold, the nearest place first."""
    return {
        facet: next((value for one in registers.values() if (value := one.value(facet, now)) is not None), None)
        for facet in facets
    }


def _told(values: Mapping[Facet, Any]) -> dict[str, Any]:
    """Registers as the audit log keeps them: of addresses only their number."""
    return {
        f"{facet.kind}:{facet.key}": {**value, "addresses": len(value["addresses"])}
        if facet.kind is FacetKind.BAN and value is not None
        else value
        for facet, value in values.items()
        if not facet.key.startswith(ADDRESS_PREFIX)
    }
