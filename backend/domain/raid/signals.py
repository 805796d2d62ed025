"""The signals of a raid as a table: what each one measures, from where on it counts, and how it is said."""

from collections.abc import Callable
from dataclasses import dataclass, field

from backend.domain.raid.arrivals import RECENT, Arrivals
from backend.domain.raid.crowd import NEW_FOR, Crowd, Standing
from backend.domain.raid.evidence import JUST_NOW, MUCH, Evidence
from backend.domain.raid.pace import NOW, Level, Pace
from shared.views import RaidSignal

S = RaidSignal

SAMPLE = 24
"""Characters of a phrase that a reason quotes."""
A_FEW_WRITE = 40.0
"""Messages in ten seconds that a few people can add to the usual: the server slows down who writes more."""
AT_FIRST = 6.0
"""What the evidence of a show's first minutes usually is."""


ODDITIES = (S.COPIES, S.LINKS, S.WALLS, S.MONOLOGUES)
"""The signals in the messages themselves, measured in odds."""


@dataclass(slots=True)
class Scene:
    """What is known of one stream."""

    crowd: Crowd = field(default_factory=Crowd)
    evidence: Evidence = field(default_factory=Evidence)
    arrivals: Arrivals = field(default_factory=Arrivals)
    messages: Pace = field(default_factory=Pace)
    reactions: Pace = field(default_factory=Pace)
    levels: dict[RaidSignal, Level] = field(default_factory=lambda: {name: Level(AT_FIRST) for name in ODDITIES})
    """What the sums of odds usually are here."""

    def learn(self, at: float) -> None:
        """Take in what is usual; not to be called in a raid."""
        for name, level in self.levels.items():
            level.stands(at, BY_NAME[name].value(self))

    def is_odd(self) -> bool:
        """Whether something about the messages is odd enough for a proposal, whatever the circumstances."""
        return sum(BY_NAME[name].points(self) for name in self.levels) >= ODD


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal."""

    name: RaidSignal
    weight: int
    """Points from the threshold on."""
    value: Callable[[Scene], float]
    threshold: Callable[[Scene], float]
    reason: Callable[[Scene], str]

    def points(self, scene: Scene) -> float:
        """What it adds to the score: its weight from its threshold on, little far below it."""
        return self.weight * min(self.strength(scene), 1.0) ** 2

    def strength(self, scene: Scene) -> float:
        """Its value by its threshold, not below 0."""
        value = self.value(scene)
        return value / self.threshold(scene) if value > 0 else 0.0


def _odds(name: RaidSignal, least: float, times: float) -> Callable[[Scene], float]:
    return lambda scene: least + times * scene.levels[name].usual


def _eagerness(scene: Scene) -> float:
    """In any crowd some write much, and in a flood that the host asked for more than else."""
    flood = max(0.0, scene.messages.now - scene.messages.usual - A_FEW_WRITE)
    return 3.7 + 2.0 * scene.levels[S.MONOLOGUES].usual + 0.06 * len(scene.evidence.writers) + 0.05 * flood


def _burst(pace: Callable[[Scene], Pace], least: float, times: float) -> Callable[[Scene], float]:
    return lambda scene: least + times * pace(scene).usual


def _too_many(pace: Callable[[Scene], Pace], things: str) -> Callable[[Scene], str]:
    return lambda scene: f"{pace(scene).now} {things} in {NOW} s; usual are {pace(scene).usual:.0f}."


def _copies(scene: Scene) -> str:
    phrases = scene.evidence.phrases()
    if not phrases:
        return "No messages are the same."
    top, lines = phrases[0], scene.evidence.lines
    sample = top.sample if len(top.sample) <= SAMPLE else top.sample[: SAMPLE - 1] + "…"
    return (
        f"{top.tally.lines} of the last {lines} messages are almost the same: '{sample}'; "
        f"{top.tally.newcomers} of them by people who came less than {NEW_FOR / 60:.0f} minutes before."
    )


def _links(scene: Scene) -> str:
    return f"{scene.evidence.link_lines} of the last {scene.evidence.lines} messages hold a link."


def _walls(scene: Scene) -> str:
    walls, lines = scene.evidence.wall_lines, scene.evidence.lines
    return f"{walls} of the last {lines} messages are walls of emoji or of one character."


def _monologues(scene: Scene) -> str:
    talkers = scene.evidence.talkers()
    lines = sum(each.lines for each in talkers)
    return f"{len(talkers)} strangers wrote {lines} messages in {JUST_NOW:.0f} s, each of them {MUCH} or more."


def _address(scene: Scene) -> str:
    most, recent = scene.arrivals.most_from_one_address, scene.arrivals.recent
    return f"{most} of the {recent} sessions that are new since {RECENT:.0f} s come from one address."


def _newcomers(scene: Scene) -> str:
    newcomers, writers = scene.evidence.newcomers, len(scene.evidence.writers)
    return (
        f"{newcomers} of the {writers} people who wrote in the last {JUST_NOW:.0f} s came less than "
        f"{NEW_FOR / 60:.0f} minutes before."
    )


SIGNALS = (
    Signal(
        name=S.COPIES,
        weight=60,
        value=lambda scene: scene.evidence.copies,
        threshold=_odds(S.COPIES, 4.0, 1.25),
        reason=_copies,
    ),
    Signal(
        name=S.LINKS,
        weight=60,
        value=lambda scene: scene.evidence.links,
        threshold=_odds(S.LINKS, 6.0, 1.5),
        reason=_links,
    ),
    Signal(
        name=S.WALLS,
        weight=60,
        value=lambda scene: scene.evidence.walls,
        threshold=_odds(S.WALLS, 5.5, 1.5),
        reason=_walls,
    ),
    Signal(
        name=S.MONOLOGUES,
        weight=60,
        value=lambda scene: scene.evidence.monologues,
        threshold=_eagerness,
        reason=_monologues,
    ),
    Signal(
        name=S.ADDRESS,
        weight=15,
        value=lambda scene: scene.arrivals.most_from_one_address,
        threshold=lambda scene: max(5.0, 0.2 * scene.arrivals.recent),
        reason=_address,
    ),
    Signal(
        name=S.NEWCOMERS,
        weight=15,
        value=lambda scene: scene.evidence.newcomers / max(len(scene.evidence.writers), 5),
        threshold=lambda scene: min(max(0.4, 1.5 * scene.crowd.share(Standing.NEWCOMER)), 0.9),
        reason=_newcomers,
    ),
    Signal(
        name=S.JOINS,
        weight=10,
        value=lambda scene: scene.arrivals.pace.now,
        threshold=_burst(lambda scene: scene.arrivals.pace, 6.0, 4.0),
        reason=_too_many(lambda scene: scene.arrivals.pace, "new people came"),
    ),
    Signal(
        name=S.MESSAGES,
        weight=10,
        value=lambda scene: scene.messages.now,
        threshold=_burst(lambda scene: scene.messages, 8.0, 3.0),
        reason=_too_many(lambda scene: scene.messages, "messages were written"),
    ),
    Signal(
        name=S.REACTIONS,
        weight=5,
        value=lambda scene: scene.reactions.now,
        threshold=_burst(lambda scene: scene.reactions, 20.0, 5.0),
        reason=_too_many(lambda scene: scene.reactions, "reactions were sent"),
    ),
)
"""Every signal. Addresses, newcomers and bursts a raid shares with a push notification: all five together do not make
a proposal; something must be odd about the messages."""
BY_NAME = {signal.name: signal for signal in SIGNALS}
ALARM = 60.0
"""The score from which on an act is proposed."""
ODD = ALARM - sum(signal.weight for signal in SIGNALS if signal.weight < ALARM)
"""The points that the messages themselves must add, as the circumstances can't make up for them."""
