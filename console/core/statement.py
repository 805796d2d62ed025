"""The open statement: one calendar month of an account's owner, in each of their currencies."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from console.core.accounts import Account
from console.core.reading import Reading
from shared.views import StatementView


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Statement:
    """What an owner had, earned and was paid in a month."""

    account: Account
    """The one that it was opened from."""
    month: str
    """The wanted one, as `2026-11`."""
    first: str
    """The month in which the owner was registered; before it nothing can have moved."""
    last: str
    """The current month, where the books are kept."""
    view: StatementView | None = None
    """What was last read, be it another month's."""
    reading: Reading = field(default_factory=Reading)

    @property
    def told(self) -> StatementView | None:
        """The wanted month, if it is here."""
        return self.view if self.view and self.view.month == self.month else None


def opened(account: Account, there: datetime) -> Statement:
    """The current month's, to be read; until the server says in which time zone, it is UTC's."""
    month = month_of(there, "UTC")
    return Statement(account=account, month=month, first=month, last=month)


def turned(statement: Statement, months: int) -> Statement:
    """Want a later month, or (by a negative number) an earlier one; beyond the first and the last there is none."""
    month = max(statement.first, min(stepped(statement.month, months), statement.last))
    return statement if month == statement.month else replace(statement, month=month, reading=_again(statement))


def arrived(statement: Statement, view: StatementView, *, at: datetime, there: datetime) -> Statement:
    """A month is here; the first to arrive also says where the books are kept, and so which month is current."""
    last = month_of(there, view.time_zone)
    first = min(month_of(statement.account.since, view.time_zone), last)
    known = replace(statement, first=first, last=last, view=view, reading=statement.reading.arrived(at))
    if statement.view is None and view.month != last:
        return replace(known, month=last, reading=_again(known))
    return known


def _again(statement: Statement) -> Reading:
    return statement.reading.wanted()


def month_of(moment: datetime, zone: str) -> str:
    """The calendar month of a moment somewhere, as `2026-11`."""
    return moment.astimezone(_place(zone)).strftime("%Y-%m")


def _place(zone: str) -> tzinfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        # This machine does not know it; a month then seems to begin some hours early or late.
        return UTC


def stepped(month: str, months: int) -> str:
    """The month so many months later."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year:04}-{number + 1:02}"
