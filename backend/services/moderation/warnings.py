"""A warned person acknowledges the warning, and may write again."""

from backend import seams
from backend.domain.actors import Actor
from backend.domain.moderation.ranks import NOBODY
from backend.domain.moderation.registers import Facet, FacetKind, Write
from backend.services.moderation import stored
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit, next_seq
from backend.storage.models import LiveStream, ModerationAct
from shared.events import Warned
from shared.moderation import ActClient, ActKind, Reach
from shared.problems import Code, ProblemError


async def acknowledge(runtime: Runtime, actor: Actor, client: ActClient, stream_id: str) -> None:
    """Take note of one's own warning.

    Raises:
        ProblemError: there is none.
    """
    person = actor.public_id
    stream = (await runtime.snapshots.get(stream_id)).scope
    if person is None or (await runtime.rooms.get(stream)).warning(person, seams.now()) is None:
        raise ProblemError(Code.CONFLICT, "There is no warning to acknowledge.")
    name = await runtime.identity.display_name(actor)

    async def work(unit: UnitOfWork) -> None:
        await LiveStream.select_for_update(no_key=True).get(id=stream_id)
        row = await ModerationAct.create(
            id=seams.new_id(),
            stream_id=stream_id,
            seq=await next_seq(stream_id),
            kind=ActKind.ACKNOWLEDGE,
            reach=Reach.STREAM,
            actor_id=person,
            actor_name=name,
            actor_rank=NOBODY,
            client=client,
            subject_id=person,
            subject_name=name,
            made_at=seams.now(),
        )
        write = Write(row.id, Facet(FacetKind.WARNING, person), None)
        await stored.keep(stream_id, [write])
        unit.take_in(lambda: runtime.rooms.take_in(stream_id, [write]))
        unit.tell(stream, Warned(stream_id=stream_id), person=person)

    await commit(runtime.bus, work)
