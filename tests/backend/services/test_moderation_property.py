"""Every kind of act, then its undo, leaves the state before: of two moderators, in any order, after restarts too."""

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import seams
from backend.app import create_runtime
from backend.domain.actors import Actor
from backend.domain.moderation.plans import ACTS
from backend.domain.tokens import Keyring
from backend.services.moderation import acts
from backend.services.runtime import Runtime
from backend.services.unit_of_work import next_seq
from backend.storage.database import close_database, open_database
from backend.storage.models import LiveStreamMessage, LiveStreamViewer
from shared.commands import Act
from shared.moderation import ActClient, ActKind, ChatMode, MessageKind, MessageState
from shared.problems import Code, ProblemError
from shared.roles import Role
from shared.views import ActView
from tests.shop import AFFILIATE, KEY, STREAM, copy_shop, plant_shop, settings_in

HOST = Actor(role=Role.AFFILIATE, subject=AFFILIATE)
MODERATOR = Actor(role=Role.MODERATOR, subject="mo")
PEOPLE = ("ann", "bo")
MESSAGES = tuple(f"m{number}" for number in range(6))
HELD = MESSAGES[-2:]

some_messages = st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=3, unique=True)
person = st.sampled_from(PEOPLE)
seconds = st.integers(600, 6000)
DOINGS: dict[ActKind, st.SearchStrategy[Act]] = {
    **{
        kind: st.builds(Act, kind=st.just(kind), message_ids=some_messages, trust=st.booleans())
        for kind in (ActKind.DELETE, ActKind.RESTORE, ActKind.APPROVE, ActKind.DENY, ActKind.SWEEP)
    },
    **{
        kind: st.builds(Act, kind=st.just(kind), user_id=person, reason=st.just("why"), text=st.just("a note"))
        for kind in (
            ActKind.UNTIMEOUT,
            ActKind.UNBAN,
            ActKind.WARN,
            ActKind.TRUST,
            ActKind.DISTRUST,
            ActKind.PERSON_NOTE,
        )
    },
    ActKind.TIMEOUT: st.builds(Act, kind=st.just(ActKind.TIMEOUT), user_id=person, seconds=seconds),
    ActKind.BAN: st.builds(Act, kind=st.just(ActKind.BAN), user_id=person, with_address=st.booleans()),
    ActKind.MODE: st.builds(
        Act,
        kind=st.just(ActKind.MODE),
        mode=st.sampled_from(ChatMode),
        value=st.integers(0, 1),
        seconds=st.one_of(st.none(), seconds),
    ),
    ActKind.SHIELD: st.builds(
        Act,
        kind=st.just(ActKind.SHIELD),
        modes=st.dictionaries(st.sampled_from(ChatMode), st.integers(0, 1), min_size=1),
        seconds=seconds,
    ),
    ActKind.PIN: st.builds(
        Act, kind=st.just(ActKind.PIN), message_ids=st.sampled_from(MESSAGES).map(lambda one: [one])
    ),
    ActKind.UNPIN: st.just(Act(kind=ActKind.UNPIN)),
    ActKind.ANNOUNCE: st.just(Act(kind=ActKind.ANNOUNCE, text="hear, hear")),
    ActKind.STAFF_NOTE: st.just(Act(kind=ActKind.STAFF_NOTE, text="psst")),
}


def test_every_kind_that_can_be_undone_is_tried():
    assert set(DOINGS) | {ActKind.UNDO} == {spec.kind for spec in ACTS.values() if spec.undoable}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted data folder, copied for every example."""
    folder = tmp_path_factory.mktemp("moderated") / "data"
    asyncio.run(plant_shop(settings_in(folder)))
    return folder


class World:
    """One shop's services on a real database, restarted at a test's word."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings_in(folder)
        self.runtime: Runtime

    async def start(self) -> None:
        await open_database(self.settings)
        self.runtime = create_runtime(self.settings, Keyring(KEY))

    async def restart(self) -> None:
        await close_database()
        await self.start()

    async def people_speak(self) -> None:
        for number, message_id in enumerate(MESSAGES):
            state = MessageState.HELD if message_id in HELD else MessageState.SHOWN
            await LiveStreamMessage.create(
                id=message_id,
                stream_id=STREAM,
                seq=await next_seq(STREAM),
                author_id=PEOPLE[number % 2],
                is_guest=False,
                username=PEOPLE[number % 2],
                message=f"line {number}",
                kind=MessageKind.CHAT,
                state=state,
                first_state=state,
                address_hash=f"addr_{PEOPLE[number % 2]}",
                sent_at=seams.now(),
            )
        await LiveStreamViewer.all().delete()

    async def act(self, actor: Actor, wish: Act) -> ActView | None:
        """What was done; None where there was nothing to do."""
        try:
            return await acts.perform(self.runtime, actor, ActClient.REST, STREAM, wish)
        except ProblemError as problem:
            if problem.code in (Code.UNCHANGED, Code.OUTRANKED):
                return None
            raise

    async def state(self) -> dict[str, Any]:
        """Everything that acts decide: what is shown, who may speak, how the chat is narrowed."""
        now, scope = seams.now(), (await self.runtime.snapshots.get(STREAM)).scope
        room = await self.runtime.rooms.get(scope)
        rows = await LiveStreamMessage.filter(stream_id=STREAM)
        return {
            "messages": {row.id: row.state for row in rows if row.state is not MessageState.REMOVED},
            "history": {line.id for line in (await self.runtime.snapshots.get(STREAM)).recent},
            "modes": dict(room.modes(now)),
            "pinned": room.pinned(now),
            **{
                name: (
                    room.ban(name, f"addr_{name}", now),
                    room.ban(None, f"addr_{name}", now),
                    room.timeout(name, now),
                    room.warning(name, now),
                    room.is_trusted(name, now),
                )
                for name in PEOPLE
            },
        }


doings = st.tuples(st.booleans(), st.one_of(*DOINGS.values()))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(doings, max_size=3),
    done=st.lists(doings, min_size=1, max_size=5),
    order=st.randoms(use_true_random=False),
    restarts=st.sets(st.integers(0, 6), max_size=2),
)
def test_acts_undone_in_any_order_leave_the_state_before(
    planted: Path, before: list[Any], done: list[Any], order: Any, restarts: set[int]
):
    asyncio.run(_undone_in_any_order(planted, before, done, order, restarts))


async def _undone_in_any_order(
    planted: Path, before: list[Any], done: list[Any], order: Any, restarts: set[int]
) -> None:
    with TemporaryDirectory() as folder:
        copy_shop(planted, Path(folder) / "data")
        world = World(Path(folder) / "data")
        await world.start()
        try:
            await world.people_speak()
            for by_host, wish in before:
                await world.act(HOST if by_host else MODERATOR, wish)
            start = await world.state()
            made = [await world.act(HOST if by_host else MODERATOR, wish) for by_host, wish in done]
            undoable = [one for one in made if one is not None]
            order.shuffle(undoable)
            for number, one in enumerate(undoable):
                if number in restarts:
                    await world.restart()
                undo = Act(kind=ActKind.UNDO, act_ids=[one.id])
                assert await acts.perform(world.runtime, HOST, ActClient.REST, STREAM, undo)
            assert await world.state() == start
            await world.restart()
            assert await world.state() == start
        finally:
            await close_database()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(done=st.lists(doings, min_size=1, max_size=5))
def test_an_undo_that_is_undone_brings_everything_back(planted: Path, done: list[Any]):
    asyncio.run(_undone_and_redone(planted, done))


async def _undone_and_redone(planted: Path, done: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        copy_shop(planted, Path(folder) / "data")
        world = World(Path(folder) / "data")
        await world.start()
        try:
            await world.people_speak()
            made = [await world.act(HOST if by_host else MODERATOR, wish) for by_host, wish in done]
            ids = [one.id for one in made if one is not None]
            if not ids:
                return
            after = await world.state()
            all_at_once = replace(Act(kind=ActKind.UNDO), act_ids=ids)
            undone = await acts.perform(world.runtime, HOST, ActClient.REST, STREAM, all_at_once)
            redo = Act(kind=ActKind.UNDO, act_ids=[undone.id])
            await acts.perform(world.runtime, HOST, ActClient.REST, STREAM, redo)
            assert await world.state() == after
        finally:
            await close_database()
