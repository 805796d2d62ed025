"""What consoles hear: a snapshot, then everything that their token may see, gathered into numbered batches."""

from dataclasses import dataclass, field
from typing import Any

from backend import seams
from backend.domain.actors import Actor, StreamScope
from backend.domain.lifecycle import OVER
from backend.realtime.outbound import Outbound
from backend.services import moments, streams
from backend.services.bus import Announcement, Bus
from backend.services.moments import Moment
from backend.services.runtime import Runtime
from shared.commands import SubscribeControl
from shared.events import Audience, ControlBatch, ControlItem, ControlSnapshot, payload_of, spec_of
from shared.views import ControlStreamView, OperatorView

GATHER = 0.05
"""Seconds for which events are gathered into one batch."""
KEEP_ALIVE = 5.0
"""Seconds after which an empty batch says that nothing has happened."""

_HEARD = (Audience.ROOM, Audience.CONTROL)


@dataclass(slots=True)
class Subscription:
    """One console: what it may see, and what waits for its next batch."""

    actor: Actor
    only: frozenset[str] | None
    seq: int = 0
    ready: bool = False
    """Whether its snapshot is on its way, so that batches may follow."""
    sent_at: float = field(default_factory=seams.monotonic)
    waiting: dict[Any, Any] = field(default_factory=dict)
    """Events by what they replace; those that replace nothing by a key of their own."""

    def sees(self, stream: StreamScope) -> bool:
        """Whether this console hears of a stream."""
        return (self.only is None or stream.id in self.only) and self.actor.is_staff_of(stream)

    def put(self, stream_id: str, event: Any) -> None:
        """Keep an event for the next batch; of those that state a newest value, the last one, in its place."""
        spec = spec_of(event)
        key: Any = (spec.name, stream_id) if spec.latest else object()
        self.waiting.pop(key, None)
        self.waiting[key] = event


class Control:
    """The consoles of this process."""

    def __init__(self, bus: Bus, outbound: Outbound) -> None:
        self._outbound = outbound
        self._origin = seams.new_id()
        self._subscriptions: dict[str, Subscription] = {}
        bus.subscribe(self._hear)

    def _hear(self, announcement: Announcement) -> None:
        event = announcement.for_staff
        if not self._subscriptions or spec_of(event).audience not in _HEARD:
            return
        for subscription in self._subscriptions.values():
            if subscription.sees(announcement.stream):
                subscription.put(announcement.stream.id, event)

    async def subscribe(self, runtime: Runtime, sid: str, actor: Actor, command: SubscribeControl) -> None:
        """Send a snapshot now and batches from then on; a second time starts anew."""
        only = None if command.stream_ids is None else frozenset(command.stream_ids)
        # Listening starts before the rows are read: an event may come twice, never not at all.
        subscription = self._subscriptions[sid] = Subscription(actor=actor, only=only)
        try:
            shown = await streams.list_control(runtime, actor, command.stream_ids)
            holding = [moment for view in shown for moment in await _moments(view)]
        except BaseException:
            self.unsubscribe(sid)
            raise
        # Before what was announced meanwhile, which may have ended them.
        subscription.waiting = {object(): moment for moment in holding} | subscription.waiting
        self._outbound.send(sid, self._snapshot(actor, shown))
        subscription.ready = True

    def _snapshot(self, actor: Actor, shown: list[ControlStreamView]) -> ControlSnapshot:
        operator = OperatorView(id=actor.subject or "", role=actor.role, permissions=sorted(actor.permissions))
        return ControlSnapshot(origin=self._origin, seq=0, operator=operator, streams=shown, timestamp=seams.now())

    def unsubscribe(self, sid: str) -> None:
        """The console is gone."""
        self._subscriptions.pop(sid, None)

    async def flush(self) -> None:
        """Send each console what waits for it, or a sign of life."""
        now = seams.monotonic()
        encoded: dict[int, ControlItem] = {}
        for sid, subscription in self._subscriptions.items():
            if subscription.ready and (subscription.waiting or now - subscription.sent_at >= KEEP_ALIVE):
                items = [_item(event, encoded) for event in subscription.waiting.values()]
                subscription.waiting = {}
                subscription.seq += 1
                subscription.sent_at = now
                batch = ControlBatch(origin=self._origin, seq=subscription.seq, events=items)
                self._outbound.send(sid, batch)


async def _moments(view: ControlStreamView) -> list[Moment]:
    """The pin and the flash sales that hold in a stream, told once more to a console that begins."""
    return [] if view.status in OVER else await moments.current(view.id, view.seq)


def _item(event: Any, encoded: dict[int, ControlItem]) -> ControlItem:
    """An event's form inside a batch, made once for all consoles."""
    item = encoded.get(id(event))
    if item is None:
        item = encoded[id(event)] = ControlItem(event=spec_of(event).name, payload=payload_of(event))
    return item
