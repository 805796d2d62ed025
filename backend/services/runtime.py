"""The parts of one running API process that use cases work with, put together in `backend.app`."""

from dataclasses import dataclass

from backend.domain.tokens import Keyring
from backend.services.attendance import Attendance
from backend.services.bus import Bus
from backend.services.chat_writer import ChatWriter
from backend.services.figures import Figures
from backend.services.identity import Identity
from backend.services.ingest_board import IngestBoard
from backend.services.moderation.rooms import Rooms
from backend.services.moderation.roster import Roster
from backend.services.passwords import Passwords
from backend.services.purchase_counts import PurchaseCounts
from backend.services.rate_limits import RateLimits
from backend.services.revocations import Revocations
from backend.services.snapshots import Snapshots
from backend.settings import Settings
from backend.storage.views import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Everything of this process that a use case may need."""

    settings: Settings
    addresses: Addresses
    keyring: Keyring
    bus: Bus
    identity: Identity
    revocations: Revocations
    passwords: Passwords
    snapshots: Snapshots
    attendance: Attendance
    chat: ChatWriter
    ingest: IngestBoard
    figures: Figures
    purchase_counts: PurchaseCounts
    limits: RateLimits
    rooms: Rooms
    roster: Roster
