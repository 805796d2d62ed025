"""The moderators of this process's streams, kept in memory, since every act asks."""

from collections import defaultdict

from backend.domain.actors import Appointment
from backend.storage.models import AppointmentRow
from shared.moderation import Capability
from shared.roles import Role


class Roster:
    """Every appointment that holds, by account."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[Appointment, ...]] = {}

    def of(self, account_id: str | None) -> tuple[Appointment, ...]:
        """An account's appointments."""
        return self._of.get(account_id or "", ())

    def role_of(self, account_id: str, role: Role) -> Role:
        """What an account acts as: a viewer is a moderator while appointed."""
        return Role.MODERATOR if role is Role.VIEWER and self.of(account_id) else role

    async def load(self) -> None:
        """Read them anew, as they are stored."""
        found: defaultdict[str, list[Appointment]] = defaultdict(list)
        for row in await AppointmentRow.filter(ended_at=None):
            found[row.account_id].append(as_appointment(row))
        self._of = {account_id: tuple(held) for account_id, held in found.items()}


def as_appointment(row: AppointmentRow) -> Appointment:
    """A stored appointment, as the rules know it."""
    return Appointment(
        stream_id=row.stream_id,
        seller_id=row.seller_id,
        capabilities=frozenset(Capability(one) for one in row.capabilities),
        rank=row.rank,
    )
