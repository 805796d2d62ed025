"""What the console can hear: from its client, from its clock and from its operator.

A list of these reproduces everything that was on the screen. Those of the server itself (`shared.events`)
come inside `BatchArrived` and `SnapshotArrived`.
"""

from dataclasses import dataclass
from datetime import datetime

from console.core.accounts import Account, Holder
from console.core.state import Act, Pane
from shared.events import ControlBatch, ControlSnapshot
from shared.views import ChatMessageView, LedgerEntryView, Page, StatementView


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything that may change the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInStarted(Event):
    """A token was given; the client is connecting for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefused(Event):
    """The server does not accept the token (any more)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting(Event):
    """An attempt to reach the server begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLost(Event):
    """The server is out of reach; the next attempt is at `retry_at`."""

    reason: str
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotArrived(Event):
    """The truth, now."""

    at: datetime
    snapshot: ControlSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchArrived(Event):
    """News; an empty batch says that there are none."""

    at: datetime
    batch: ControlBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Misunderstood(Event):
    """The server said something that this console cannot read."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAsked(Event):
    """A room's chat history is being fetched."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryArrived(Event):
    """A room's newest messages, oldest first."""

    stream_id: str
    ticket: int
    as_of: int
    """The stream's `seq` when they were asked for."""
    messages: list[ChatMessageView]
    whole: bool
    """There are no older ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFailed(Event):
    """A room's chat history could not be fetched; it is tried again at `retry_at`."""

    stream_id: str
    ticket: int
    reason: str
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActSent(Event):
    """A request is on its way."""

    act: Act
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActDone(Event):
    """The server agreed; the change itself comes as an event."""

    act: Act
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(Event):
    """The act did not happen."""

    act: Act
    reason: str
    at: datetime
    unsure: bool = False
    """The answer was lost, so it may have happened all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked(Event):
    """A second has passed."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSelected(Event):
    """The cursor is on a stream."""

    stream_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsFiltered(Event):
    """Only streams with this text are to be listed."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOpened(Event):
    """The operator entered a stream's room."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomClosed(Event):
    """The operator went back to the list of streams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSelected(Event):
    """The cursor is on a chat line; following pauses."""

    stream_id: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBack(Event):
    """The operator scrolled up; following pauses."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(Event):
    """The operator wants to see the newest line, and the cursor gone."""

    stream_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFiltered(Event):
    """Only lines with this text are to be shown."""

    stream_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseSelected(Event):
    """The cursor is on a purchase, or (None) stays on the newest."""

    stream_id: str
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneFocused(Event):
    """A pane of the room has the keys."""

    pane: Pane


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoomToggled(Event):
    """The focused pane takes the whole screen, or gives it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerOpened(Event):
    """The operator went to the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerClosed(Event):
    """The operator went back to the list of streams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerWanted(Event):
    """What the ledger's screens show is to be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAsked(Event):
    """Accounts and balances are being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerArrived(Event):
    """Every account that the operator may see."""

    ticket: int
    accounts: list[Account]
    whole: bool
    """There are no more."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFailed(Event):
    """Accounts and balances could not be read."""

    ticket: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSelected(Event):
    """The cursor is on an account."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesOpened(Event):
    """The operator wants to see what moved on an account."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesClosed(Event):
    """The operator went back to the accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTurned(Event):
    """The operator wants another page of entries."""

    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesAsked(Event):
    """A page of entries is being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesArrived(Event):
    """A page of an account's entries."""

    ticket: int
    key: str
    """The account's."""
    page: Page[LedgerEntryView]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesFailed(Event):
    """A page of an account's entries could not be read."""

    ticket: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOpened(Event):
    """The operator wants to see the current month of an account's owner."""

    key: str
    """The account's."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementClosed(Event):
    """The operator went back to where the statement was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTurned(Event):
    """The operator wants the statement of a month so many months later; negative means earlier."""

    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWanted(Event):
    """The statement on the screen is to be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAsked(Event):
    """A statement is being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementArrived(Event):
    """A month of an account's owner."""

    ticket: int
    holder: Holder
    statement: StatementView
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFailed(Event):
    """A month of an account's owner could not be read."""

    ticket: int
    holder: Holder
    month: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutBegun(Event):
    """The operator wants to pay an account out and is to be asked whether that is meant."""

    key: str
    """The account's."""
    payout_id: str
    """The question's own, which no other has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutEdited(Event):
    """The operator typed an amount or a reference; both are told whole."""

    amount: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutDropped(Event):
    """The operator does not want to pay after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """There is something to tell the operator."""

    text: str
    loud: bool = True
