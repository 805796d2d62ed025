"""Shows out whoever is banned while they are here: the act is done, now their sockets are cut."""

from backend import seams
from backend.realtime.outbound import Outbound
from backend.realtime.sockets import LiveSocket, Sockets
from backend.services.bus import Announcement, Bus
from backend.services.moderation.rooms import Rooms
from shared.events import BannedFromStream, ControlAct
from shared.moderation import ActKind

_MAY_SHUT_OUT = (ActKind.BAN, ActKind.UNDO)
"""The acts after which somebody may be banned who was not: undoing an unban bans again."""


class Bouncer:
    """Looks at every socket of this process after an act that may shut somebody out."""

    def __init__(self, bus: Bus, rooms: Rooms, sockets: Sockets, outbound: Outbound) -> None:
        self._rooms, self._sockets, self._outbound = rooms, sockets, outbound
        bus.subscribe(self._hear)

    def _hear(self, announcement: Announcement) -> None:
        event = announcement.event
        if isinstance(event, ControlAct) and event.act.kind in _MAY_SHUT_OUT:
            for socket in self._sockets:
                self._check(socket)

    def _check(self, socket: LiveSocket) -> None:
        actor, now = socket.actor, seams.now()
        for stream in socket.joined.values():
            room = self._rooms.known(stream)
            if room is None or actor.is_staff_of(stream):
                continue
            ban = room.ban(actor.public_id, actor.address_hash, now)
            if ban is not None:
                last_word = BannedFromStream(stream_id=stream.id, reason=ban.reason, until=ban.until)
                self._outbound.expel(socket.sid, last_word)
                return
