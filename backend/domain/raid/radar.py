"""The raid radar of one stream: events in, an explained score out, and one proposal a raid.

Times are Unix seconds. The same events give the same results; an event that comes late counts as if it came now.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from backend.domain.raid.crowd import NEW_FOR
from backend.domain.raid.folding import fold
from backend.domain.raid.presets import preset_for
from backend.domain.raid.signals import ALARM, BY_NAME, ODDITIES, SIGNALS, Scene, Signal
from shared.views import RaidProposalView, RaidSignal, RaidSignalView, RaidView

CALM = 40.0
"""The score below which a raid may be over."""
CALM_FOR = 20.0
"""Seconds below `CALM` after which it is over."""
MUCH_WORSE = 2.0
"""How many times its threshold, and how many times what it was when the proposal was answered, something odd about the
messages must be for the raid to be proposed again."""
SAID = 3.0
"""Points from which on a signal is named among the reasons."""


@dataclass(slots=True)
class Raid:
    """A raid that goes on."""

    proposal: RaidProposalView | None
    calm_since: float | None = None
    answered: dict[RaidSignal, float] = field(default_factory=dict)
    """How strong what is odd about the messages was when its proposal was last answered."""


@dataclass(slots=True)
class Radar:
    """What is known of one stream, in bounded memory; each event costs a few tens of microseconds at most."""

    stream_id: str
    _scene: Scene = field(default_factory=Scene)
    _raid: Raid | None = None
    _proposals: int = 0
    _now: float = 0.0

    def message(
        self,
        at: float,
        *,
        author: str,
        text: str,
        first_seen: float,
        address: str | None = None,
        known: bool = False,
    ) -> RaidProposalView | None:
        """Somebody other than the stream's staff wrote; a proposal when this makes one.

        `author` is a session or an account, `first_seen` when it first came to this stream, `address` a keyed hash,
        `known` whether it bought here, follows the host or chatted in earlier shows.
        """
        at = self._pass(at)
        scene = self._scene
        scene.messages.happened(at)
        if at - first_seen < NEW_FOR:
            scene.arrivals.seen(at, author, address)
        standing = scene.crowd.standing(at, author, first_seen=first_seen, known=known)
        scene.evidence.said(at, author, text, fold(text), standing, scene.crowd.odds(standing))
        return self._judge(at)

    def join(self, at: float, *, session: str, first_seen: float, address: str | None = None) -> None:
        """Somebody joined or came back."""
        at = self._pass(at)
        if at - first_seen < NEW_FOR:
            self._scene.arrivals.seen(at, session, address)

    def reaction(self, at: float) -> None:
        """Somebody reacted."""
        self._scene.reactions.happened(self._pass(at))

    def tick(self, at: float) -> RaidProposalView | None:
        """Time passed: call it about once a second, so that a raid ends in silence too."""
        return self._judge(self._pass(at))

    def answer(self, at: float, *, applied: bool) -> None:
        """The proposal was applied or dismissed: it does not come back for this raid, unless that gets much worse."""
        self._pass(at)
        if self._raid is None or self._raid.proposal is None:
            return
        self._raid.proposal = None
        self._raid.answered = self._oddities()
        if applied:
            self._scene.evidence.condemn(self._now)

    @property
    def score(self) -> int:
        """How much the chat looks like being raided, 0 to 100."""
        return min(100, int(self._points()))

    def view(self) -> RaidView:
        """The score, its signals in words, and the proposal while it stands."""
        signals = [_explained(signal, self._scene) for signal in SIGNALS]
        return RaidView(
            stream_id=self.stream_id,
            score=self.score,
            signals=sorted((each for each in signals if each.points), key=lambda each: -each.points),
            proposal=self._raid.proposal if self._raid else None,
        )

    def _pass(self, at: float) -> float:
        before = self._now or at
        self._now = now = max(at, before)
        scene = self._scene
        for line in scene.evidence.passed(now):
            if self._raid is None:
                scene.crowd.learn(line.standing)
        scene.arrivals.passed(now)
        if (seconds := int(now) - int(before)) > 0:
            scene.crowd.passed(seconds)
            scene.messages.passed(now)
            scene.reactions.passed(now)
            if self._raid is None:
                scene.learn(now)
        return now

    def _judge(self, at: float) -> RaidProposalView | None:
        raid = self._raid
        if raid is None and not self._scene.is_odd():
            return None
        points = self._points()
        if raid is None:
            if points < ALARM:
                return None
            self._raid = Raid(self._propose(at, points))
            return self._raid.proposal
        if points >= CALM:
            raid.calm_since = None
        elif raid.calm_since is None:
            raid.calm_since = at
        elif at - raid.calm_since >= CALM_FOR:
            self._raid = None
            return None
        if raid.proposal is not None or points < ALARM or not self._is_much_worse(raid):
            return None
        raid.proposal = self._propose(at, points)
        return raid.proposal

    def _points(self) -> float:
        return sum(signal.points(self._scene) for signal in SIGNALS)

    def _oddities(self) -> dict[RaidSignal, float]:
        return {name: BY_NAME[name].strength(self._scene) for name in ODDITIES}

    def _is_much_worse(self, raid: Raid) -> bool:
        """Strengths, unlike points, tell bad from worse where the score is full."""
        return any(now >= MUCH_WORSE * max(raid.answered[name], 1.0) for name, now in self._oddities().items())

    def _propose(self, at: float, points: float) -> RaidProposalView:
        self._proposals += 1
        signals = self.view().signals
        return RaidProposalView(
            id=self._proposals,
            made_at=datetime.fromtimestamp(at, UTC),
            score=min(100, int(points)),
            reasons=[each.reason for each in signals if each.points >= SAID],
            preset=preset_for({each.name: each.points for each in signals}),
        )


def _explained(signal: Signal, scene: Scene) -> RaidSignalView:
    return RaidSignalView(
        name=signal.name,
        value=round(signal.value(scene), 2),
        threshold=round(signal.threshold(scene), 2),
        weight=signal.weight,
        points=round(signal.points(scene), 1),
        reason=signal.reason(scene),
    )
