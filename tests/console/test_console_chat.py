"""However history, news, repeats and interruptions interleave, the chat ends as the server has it."""

from dataclasses import dataclass, field

from console_shows import NOON, batch, message, said, snapshot, stream
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core import chat as chats
from console.core.chat import Chat
from console.core.events import BatchArrived, HistoryArrived, HistoryAsked, RoomOpened
from console.core.reducer import reduce
from console.core.state import History, State
from shared import events
from shared.views import ChatMessageView

LIMIT = 4
"""Small, so that histories often do not reach back to the last line known."""


@dataclass
class Server:
    """A stream's true chat, and what its batches would carry."""

    seq: int = 0
    batches: int = 0
    standing: list[ChatMessageView] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    unsent: list[object] = field(default_factory=list)

    def say(self) -> None:
        self.seq += 1
        self.standing.append(message(self.seq))
        self.unsent.append(said(self.standing[-1]))

    def delete(self, which: int) -> None:
        if self.standing:
            self.seq += 1
            taken = self.standing.pop(which % len(self.standing))
            self.gone.append(taken.id)
            self.unsent.append(
                events.MessageDeleted(stream_id="s1", message_id=taken.id, deleted_by="mod", seq=self.seq)
            )

    def other(self) -> None:
        self.seq += 1
        self.unsent.append(events.StreamProductsUpdate(stream_id="s1", products=[], timestamp=NOON, seq=self.seq))

    def batch(self) -> BatchArrived:
        self.batches += 1
        news, self.unsent = self.unsent, []
        return batch(self.batches, *news)


@dataclass
class Console:
    """The real reducer, and a history request that may be under way."""

    server: Server
    state: State = field(default_factory=lambda: State(url="http://test"))
    ticket: int = 0
    as_of: int = 0
    answer: list[ChatMessageView] | None = None

    def reconnect(self) -> None:
        self.server.batches += bool(self.server.unsent)
        self.server.unsent = []
        view = stream(seq=self.server.seq)
        self.state = reduce(self.state, snapshot(view, seq=self.server.batches))
        self.state = reduce(self.state, RoomOpened(stream_id="s1"))

    def deliver(self, repeats: int) -> None:
        news = self.server.batch()
        for _ in range(repeats):
            self.state = reduce(self.state, news)

    def lose(self) -> None:
        self.server.batch()

    def ask(self) -> None:
        if self.state.rooms["s1"].history is History.WANTED:
            self.state = reduce(self.state, HistoryAsked(stream_id="s1"))
            self.ticket = self.state.rooms["s1"].ticket
            self.as_of = self.state.streams["s1"].view.seq
            self.answer = None

    def compute(self) -> None:
        if self.ticket:
            self.answer = self.server.standing[-LIMIT:]

    def arrive(self) -> None:
        if self.answer is not None:
            event = HistoryArrived(
                stream_id="s1",
                ticket=self.ticket,
                as_of=self.as_of,
                messages=self.answer,
                whole=len(self.answer) < LIMIT,
            )
            self.state = reduce(self.state, event)

    @property
    def chat(self) -> Chat:
        return self.state.rooms["s1"].chat


STEPS = st.one_of(
    st.just(("say",)),
    st.just(("say",)),
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.just(("other",)),
    st.tuples(st.just("deliver"), st.integers(1, 3)),
    st.just(("lose",)),
    st.just(("reconnect",)),
    st.just(("ask",)),
    st.just(("compute",)),
    st.just(("arrive",)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_the_chat_ends_without_gaps_and_doubles(steps: list[tuple[object, ...]]):
    server = Server()
    console = Console(server)
    console.reconnect()
    for name, *arguments in steps:
        owner = server if name in ("say", "delete", "other") else console
        getattr(owner, str(name))(*arguments)
    console.reconnect()
    for finish in (console.ask, console.compute, console.arrive):
        finish()
    server.say()
    console.deliver(1)

    lines = console.chat.lines
    seqs = [line.message.seq for line in lines]
    assert seqs == sorted(set(seqs))
    standing = [line.message.id for line in lines if line.removed_by is None]
    since = lines[0].message.seq if lines else 0
    assert standing == [known.id for known in server.standing if known.seq >= since]
    assert len(standing) >= min(LIMIT, len(server.standing))
    assert {line.message.id for line in lines if line.removed_by is not None} <= set(server.gone)
    if console.chat.whole:
        assert len(standing) == len(server.standing)


def test_a_deletion_may_come_before_its_message():
    chat = chats.delete(Chat(), "m1", "mod")
    chat = chats.say(chat, [message(1)])
    assert chat.lines[0].removed_by == "mod"


def test_the_chat_is_bounded():
    chat = chats.say(Chat(whole=True), [message(seq) for seq in range(1, chats.CAPACITY + 11)])
    assert len(chat.lines) == chats.CAPACITY
    assert chat.lines[0].message.seq == 11
    assert not chat.whole


def test_a_line_missing_from_the_history_was_removed_meanwhile():
    chat = chats.say(Chat(), [message(1), message(2), message(3)])
    chat = chats.mend(chats.interrupt(chat, 3), [message(1), message(3)], as_of=4, whole=True)
    assert [line.removed_by for line in chat.lines] == [None, chats.MEANWHILE, None]


def test_lines_before_a_gap_that_the_history_does_not_close_are_dropped():
    chat = chats.say(Chat(), [message(1), message(2)])
    chat = chats.mend(chats.interrupt(chat, 2), [message(8), message(9)], as_of=9, whole=False)
    assert [line.message.seq for line in chat.lines] == [8, 9]
