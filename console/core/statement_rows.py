"""What the statement's screen shows, computed from the state."""

import calendar
from dataclasses import dataclass
from decimal import Decimal

from console.core import wording
from console.core.accounts import HolderKind
from console.core.ledger_rows import age
from console.core.reading import Stage
from console.core.selectors import Cell, Fact, Tone
from console.core.statement import Statement, stepped
from shared.views import StatementLine

_TOGETHER = "Balances are what is pending and what is available together."


@dataclass(frozen=True, slots=True)
class Sum:
    """Figures that add up."""

    title: str
    parts: tuple[Fact, ...]
    total: Fact


def headline(statement: Statement) -> list[Cell]:
    """Whose statement it is, and whose months it goes by."""
    cells = [Cell(statement.account.name, Tone.STRONG), Cell(statement.account.holder.kind, Tone.DIM)]
    return [*cells, Cell(f"time zone {statement.view.time_zone}", Tone.DIM)] if statement.view else cells


def months(statement: Statement) -> tuple[Cell, Cell, Cell]:
    """The month before, this one, the month after; at the ends, that it is one."""
    month = statement.month
    earlier = Cell(f"◂ {wording.month(stepped(month, -1))}", Tone.ACCENT)
    later = Cell(f"{wording.month(stepped(month, 1))} ▸", Tone.ACCENT)
    known = statement.view is not None
    return (
        earlier if month > statement.first else Cell("the first month" if known else "", Tone.DIM),
        Cell(wording.month(month), Tone.STRONG),
        later if month < statement.last else Cell("the current month" if known else "", Tone.DIM),
    )


def sums(statement: Statement) -> list[Sum]:
    """A sum a currency: what there was, what moved, what there is."""
    return [_sum(statement, line) for line in statement.told.currencies] if statement.told else []


def _sum(statement: Statement, line: StatementLine) -> Sum:
    def fact(name: str, amount: Decimal, tone: Tone = Tone.PLAIN) -> Fact:
        return Fact(name, Cell(wording.money(amount, line.currency), tone if amount else Tone.DIM))

    year, number = (int(part) for part in statement.month.split("-"))
    name, days = calendar.month_abbr[number], calendar.monthrange(year, number)[1]
    owed = Tone.BAD if line.closing < 0 else Tone.STRONG
    return Sum(
        line.currency,
        (
            fact(f"Opening 1 {name}", line.opening, Tone.BAD if line.opening < 0 else Tone.PLAIN),
            fact("Earned", line.earned, Tone.GOOD),
            fact("Reversed", -line.reversed, Tone.WARN),
            fact("Paid out", -line.paid_out, Tone.ACCENT),
        ),
        fact("So far" if statement.month == statement.last else f"Closing {days} {name}", line.closing, owed),
    )


def note(statement: Statement) -> str:
    """What the figures do not say of themselves."""
    return _TOGETHER if statement.account.holder.kind is HolderKind.AFFILIATE else ""


def status(statement: Statement) -> list[Cell]:
    """How old it is."""
    return age(statement.reading)


def placeholder(statement: Statement) -> str:
    """What stands in place of the figures while there are none."""
    month = wording.month(statement.month)
    if statement.told is not None:
        if statement.month == statement.last:
            return "No entries yet. They appear as orders are paid: r looks again."
        return f"No entries up to the end of {month}. n shows the month after."
    if statement.reading.stage is Stage.FAILED:
        return f"The statement of {month} could not be read: {statement.reading.problem}\nr tries again."
    return f"Reading the statement of {month} …"
