"""Playing shows to the radar, and measuring it.

When a raid *begins to show* is defined without the radar: at its eighth line within 30 seconds and within 200 lines of
chat (five screens). That is what a moderator who reads along can take for a raid, and no longer for a few odd people.

A raid is *caught* when a proposal is made after its first line or join, and at most 3 s of the show's time after it
began to show. Raids that never reach that volume, as some drips and some raids in a fast chat, are caught when a
proposal is made while they last; they have no delay. A proposal before a raid's first event, or more than a minute
after its last line, is a *false alarm*, as is any in an hour without raids.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from backend.domain.raid.radar import Radar
from shared.views import RaidProposalView
from tests.raids.chat import Event, Kind, Show
from tests.raids.raiders import SHARES, STYLES, Raid, raided_show

SHOWS_BY = 8
SHOWS_WITHIN = 30.0
SHOWS_AMONG = 200
IN_TIME = 3.0
AFTERMATH = 60.0
ANSWERED_AFTER = 5.0
"""Seconds after which the moderators of these shows answer a proposal."""


@dataclass(slots=True)
class Outcome:
    """One raid, as it went."""

    raid: Raid
    seed: str
    shows_at: float | None
    """When it began to show; None where it never did."""
    proposed_at: float | None
    lines: int

    @property
    def delay(self) -> float | None:
        """Seconds from when it began to show; 0 where it was proposed before."""
        if self.shows_at is None or self.proposed_at is None:
            return None
        return max(0.0, self.proposed_at - self.shows_at)

    @property
    def caught(self) -> bool:
        if self.shows_at is None:
            return self.proposed_at is not None
        return self.delay is not None and self.delay <= IN_TIME


@dataclass(slots=True)
class FalseAlarm:
    seed: str
    at: float
    proposal: RaidProposalView


@dataclass(slots=True)
class Trial:
    """Many shows."""

    outcomes: list[Outcome] = field(default_factory=list)
    false_alarms: list[FalseAlarm] = field(default_factory=list)
    hours: float = 0.0
    events: int = 0

    @property
    def recall(self) -> float:
        return sum(each.caught for each in self.outcomes) / len(self.outcomes)

    @property
    def false_alarms_an_hour(self) -> float:
        return len(self.false_alarms) / self.hours

    def run_hour(self, seed: str, minutes: float = 60.0) -> None:
        """A show without a raid."""
        show = Show(seed, minutes)
        self.hours += show.minutes / 60
        self.events += len(show.events)
        self.false_alarms += [FalseAlarm(seed, at, each) for at, each in proposals(show.events)]

    def run_raid(self, seed: str, style: str, share: float) -> None:
        show, raid = raided_show(f"{seed} {style} {share}", style, share)
        of_raid = [event for event in show.events if event.is_raid]
        began = min(event.at for event in of_raid if not raid.slept or event.kind is Kind.MESSAGE)
        made = proposals(show.events, raid)
        during = [at for at, _ in made if began <= at <= raid.ends + AFTERMATH]
        while_it_lasts = [at for at in during if at <= raid.ends]
        self.outcomes.append(
            Outcome(
                raid,
                f"{seed} {style} {share}",
                begins_to_show(show.events),
                while_it_lasts[0] if while_it_lasts else None,
                sum(event.kind is Kind.MESSAGE for event in of_raid),
            )
        )
        self.hours += show.minutes / 60
        self.events += len(show.events)
        self.false_alarms += [FalseAlarm(f"{seed} {style} {share}", at, each) for at, each in made if at not in during]

    def run_raids(self, seeds: Iterable[str]) -> None:
        """Each style once a seed, the shares in turn."""
        for number, seed in enumerate(seeds):
            for place, style in enumerate(STYLES):
                self.run_raid(seed, style, SHARES[(number * 3 + place) % len(SHARES)])


def begins_to_show(events: list[Event]) -> float | None:
    """The moment of the eighth raid line within 30 seconds and 200 lines."""
    latest: deque[tuple[int, float]] = deque(maxlen=SHOWS_BY)
    for number, event in enumerate(event for event in events if event.kind is Kind.MESSAGE):
        if not event.is_raid:
            continue
        latest.append((number, event.at))
        first, since = latest[0]
        if len(latest) == SHOWS_BY and event.at - since <= SHOWS_WITHIN and number - first < SHOWS_AMONG:
            return event.at
    return None


def proposals(events: list[Event], raid: Raid | None = None) -> list[tuple[float, RaidProposalView]]:
    """What the radar proposes, each answered some seconds later, with a tick a second."""
    radar = Radar("show")
    made: list[tuple[float, RaidProposalView]] = []
    answer_at, tick_at = None, 1.0
    for event in events:
        while tick_at <= event.at:
            if (proposal := radar.tick(tick_at)) is not None:
                made.append((tick_at, proposal))
                answer_at = tick_at + ANSWERED_AFTER
            tick_at += 1.0
            if answer_at is not None and answer_at <= tick_at:
                radar.answer(answer_at, applied=raid is not None and raid.starts < answer_at < raid.ends + AFTERMATH)
                answer_at = None
        if (proposal := play(radar, event)) is not None:
            made.append((event.at, proposal))
            answer_at = event.at + ANSWERED_AFTER
    return made


def play(radar: Radar, event: Event) -> RaidProposalView | None:
    person = event.person
    if event.kind is Kind.MESSAGE:
        return radar.message(
            event.at, author=person.id, text=event.text, first_seen=person.first_seen, address=person.address
        )
    if event.kind is Kind.JOIN:
        radar.join(event.at, session=person.id, first_seen=person.first_seen, address=person.address)
    else:
        radar.reaction(event.at)
    return None
