"""What holds in one stream's chat: the registers of the stream, its seller and the installation, read together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.domain.moderation.plans import PIN
from backend.domain.moderation.registers import Facet, FacetKind, Registers
from shared.moderation import ChatMode
from shared.problems import Code, ProblemError

EVERYWHERE = "*"
"""The place of acts that hold in every stream."""


def place_of_seller(seller_id: str) -> str:
    """The place of acts that hold in every stream of a seller."""
    return f"seller:{seller_id}"


@dataclass(frozen=True, slots=True)
class Sanction:
    """A ban or a timeout that holds."""

    reason: str | None
    until: datetime | None
    """None where it has no end."""

    def seconds_left(self, now: datetime) -> float | None:
        """How long it still holds."""
        return None if self.until is None else max(0.1, round((self.until - now).total_seconds(), 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Somebody who wants to say something, with what chat modes ask of them."""

    id: str
    address_hash: str | None
    is_guest: bool
    followed_since: datetime | None = None
    has_bought: bool = False


class Room:
    """One stream's chat as its acts have left it."""

    def __init__(self, places: Iterable[Registers]) -> None:
        self._places = tuple(places)

    def ban(self, person: str | None, address_hash: str | None, now: datetime) -> Sanction | None:
        """Whether somebody is shut out: themselves, or everyone at their address."""
        for key in (person, address_hash):
            if key is not None and (found := self._sanction(FacetKind.BAN, key, now)):
                return found
        return None

    def timeout(self, person: str, now: datetime) -> Sanction | None:
        """Whether somebody is silenced for a time."""
        return self._sanction(FacetKind.TIMEOUT, person, now)

    def _sanction(self, kind: FacetKind, key: str, now: datetime) -> Sanction | None:
        for registers in self._places:
            value = registers.value(Facet(kind, key), now)
            if value is None:
                continue
            until = None if value["until"] is None else datetime.fromisoformat(value["until"])
            if until is None or until > now:
                return Sanction(value["reason"], until)
        return None

    def warning(self, person: str, now: datetime) -> str | None:
        """The warning that somebody has yet to acknowledge."""
        value = self._value(FacetKind.WARNING, person, now)
        return None if value is None else str(value["reason"])

    def is_trusted(self, person: str, now: datetime) -> bool:
        """Whether somebody's messages pass what would hold them."""
        return bool(self._value(FacetKind.TRUST, person, now))

    def mode(self, mode: ChatMode, now: datetime) -> int:
        """A chat mode's value; 0 where it is off."""
        return int(self._value(FacetKind.MODE, mode.value, now) or 0)

    def modes(self, now: datetime) -> Mapping[ChatMode, int]:
        """The chat modes that are on."""
        return {mode: value for mode in ChatMode if (value := self.mode(mode, now))}

    def end_of_mode(self, mode: ChatMode, now: datetime) -> datetime | None:
        """When a chat mode ends by itself; None where it does not."""
        for registers in self._places:
            write = registers.holding(Facet(FacetKind.MODE, mode.value), now)
            if write is not None and write.value is not None:
                return write.lapses_at
        return None

    def pinned(self, now: datetime) -> str | None:
        """The id of the pinned message."""
        value = self._value(PIN.kind, PIN.key, now)
        return None if value is None else str(value)

    def _value(self, kind: FacetKind, key: str, now: datetime) -> Any:
        for registers in self._places:
            if (value := registers.value(Facet(kind, key), now)) is not None:
                return value
        return None


def require_admitted(room: Room, person: str | None, address_hash: str | None, now: datetime) -> None:
    """Refuse whoever is shut out of the stream.

    Raises:
        ProblemError: `banned`, with the reason and, where it has an end, the seconds until then.
    """
    ban = room.ban(person, address_hash, now)
    if ban is not None:
        sentence = _sentence("You are banned from this stream", ban)
        raise ProblemError(Code.BANNED, sentence, retry_after=ban.seconds_left(now))


def require_may_speak(room: Room, speaker: Speaker, now: datetime) -> None:
    """Refuse what a sanction or the chat's modes forbid; staff is never asked.

    Raises:
        ProblemError: why, and when the speaker may write again where that is known.
    """
    require_admitted(room, speaker.id, speaker.address_hash, now)
    if (warning := room.warning(speaker.id, now)) is not None:
        raise ProblemError(Code.WARNED, f"You were warned: {warning} Acknowledge it to write again.")
    if (timeout := room.timeout(speaker.id, now)) is not None:
        left = timeout.seconds_left(now)
        raise ProblemError(Code.TIMED_OUT, _sentence("You are timed out", timeout), retry_after=left)
    _require_modes(room, speaker, now)


def _require_modes(room: Room, speaker: Speaker, now: datetime) -> None:
    if room.mode(ChatMode.OFF, now):
        raise ProblemError(Code.CHAT_CLOSED, "The chat is off for now.")
    if room.mode(ChatMode.REGISTERED, now) and speaker.is_guest:
        raise ProblemError(Code.CHAT_RESTRICTED, "Only people with an account write here now. Sign in to write.")
    if room.mode(ChatMode.BUYERS, now) and not speaker.has_bought:
        raise ProblemError(Code.CHAT_RESTRICTED, "Only people who have bought in this stream write here now.")
    if minutes := room.mode(ChatMode.FOLLOWERS, now):
        _require_followed(speaker, timedelta(minutes=minutes), now)


def _require_followed(speaker: Speaker, needed: timedelta, now: datetime) -> None:
    since = speaker.followed_since
    if since is None:
        raise ProblemError(Code.CHAT_RESTRICTED, "Only followers write here now. Follow the host to write.")
    left = (since + needed - now).total_seconds()
    if left > 0:
        raise ProblemError(
            Code.CHAT_RESTRICTED,
            "Only those who have followed for some time write here now.",
            retry_after=round(left, 1),
        )


def _sentence(what: str, sanction: Sanction) -> str:
    until = f" until {sanction.until.isoformat(timespec='seconds')}" if sanction.until else ""
    reason = f": {sanction.reason}" if sanction.reason else ""
    return f"{what}{until}{reason}."
