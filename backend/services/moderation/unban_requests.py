"""Somebody who is banned may ask once to be let in again; a moderator answers."""

from backend import seams
from backend.domain.actors import Actor, require_on
from backend.domain.text import sanitise
from backend.services import records
from backend.services.moderation import acts
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage.models import LiveStream, UnbanRequest
from shared.commands import Act, AnswerUnban, AskUnban, PageQuery
from shared.moderation import ActClient, ActKind
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import Page, UnbanRequestView


async def ask(runtime: Runtime, actor: Actor, stream_id: str, body: AskUnban) -> UnbanRequestView:
    """File a request.

    Raises:
        ProblemError: the person is not banned, or a request of theirs waits already.
    """
    stream = (await runtime.snapshots.get(stream_id)).scope
    person = actor.public_id
    if person is None or (await runtime.rooms.get(stream)).ban(person, actor.address_hash, seams.now()) is None:
        raise ProblemError(Code.CONFLICT, "You are not banned from this stream.")
    name = await runtime.identity.display_name(actor)

    async def work(_: UnitOfWork) -> UnbanRequestView:
        await LiveStream.select_for_update(no_key=True).get(id=stream_id)
        if await UnbanRequest.exists(stream_id=stream_id, person_id=person, granted=None):
            raise ProblemError(Code.ALREADY_EXISTS, "A request of yours waits for its answer already.")
        row = await UnbanRequest.create(
            id=seams.new_id(),
            stream_id=stream_id,
            person_id=person,
            person_name=name,
            text=records.visible(body.text, "text", most=1000),
            made_at=seams.now(),
        )
        return view(row)

    return await commit(runtime.bus, work)


async def waiting(runtime: Runtime, actor: Actor, stream_id: str, query: PageQuery) -> Page[UnbanRequestView]:
    """A stream's requests, newest first."""
    stream = (await runtime.snapshots.get(stream_id)).scope
    require_on(actor, Permission.MODERATE, stream)
    rows, counts = await records.page(UnbanRequest.filter(stream_id=stream_id), query, order_by=("-id",))
    return Page(items=[view(row) for row in rows], **counts)


async def answer(
    runtime: Runtime, actor: Actor, client: ActClient, stream_id: str, request_id: str, body: AnswerUnban
) -> UnbanRequestView:
    """Answer a request; granting it unbans."""
    stream = (await runtime.snapshots.get(stream_id)).scope
    require_on(actor, Permission.MODERATE, stream)
    row = await UnbanRequest.get_or_none(id=request_id, stream_id=stream_id)
    if row is None:
        raise ProblemError(Code.NOT_FOUND, "There is no such request.")
    if row.granted is not None:
        raise ProblemError(Code.CONFLICT, "This request is answered already.")
    if body.granted:
        wish = Act(kind=ActKind.UNBAN, user_id=row.person_id, reason=body.answer)
        await acts.perform(runtime, actor, client, stream_id, wish)

    async def work(_: UnitOfWork) -> UnbanRequestView:
        row.granted, row.answered_by, row.answered_at = body.granted, actor.public_id, seams.now()
        row.answer = sanitise(body.answer) if body.answer else None
        await row.save(update_fields=["granted", "answered_by", "answered_at", "answer"])
        return view(row)

    return await commit(runtime.bus, work)


def view(row: UnbanRequest) -> UnbanRequestView:
    """A request as it is shown."""
    return UnbanRequestView(
        id=row.id,
        stream_id=row.stream_id,
        person_id=row.person_id,
        person_name=row.person_name,
        text=row.text,
        made_at=row.made_at,
        granted=row.granted,
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
    )
