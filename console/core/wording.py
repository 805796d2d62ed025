"""Figures as an operator reads them: short, of one width where they stand in a column."""

import calendar
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from shared.money import exponent

_BARS = "▁▂▃▄▅▆▇█"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, such as `1:02:03` or `02:03`; negative counts as 0."""
    whole = max(int(seconds), 0)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes:02}:{whole % 60:02}"


def span(seconds: float) -> str:
    """A length of time in its largest unit, such as `40 s`, `12 min`, `3 h`, `2 d`."""
    whole = max(int(seconds), 0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def clock(moment: datetime) -> str:
    """The time of day on this machine, such as `14:03:22`."""
    return moment.astimezone().strftime("%H:%M:%S")


def minute(moment: datetime) -> str:
    """Day and time on this machine, such as `2026-11-22 14:03`."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def month(name: str) -> str:
    """A calendar month in words: `2026-11` is `November 2026`."""
    return f"{calendar.month_name[int(name[5:])]} {name[:4]}"


def money(amount: Decimal, currency: str) -> str:
    """An amount with its currency, such as `$200.00`, `-$5.00` or `200.00 CHF`."""
    sign = "-" if amount < 0 else ""
    figure = f"{abs(amount):,.{exponent(currency)}f}"
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {currency}"


def plain(amount: Decimal, currency: str) -> str:
    """An amount as it is typed, such as `1250.00`."""
    return f"{amount:.{exponent(currency)}f}"


def percent(share: float | Decimal) -> str:
    """A percentage with up to two decimals, such as `7.5 %`."""
    figure = f"{share:.2f}".rstrip("0").rstrip(".")
    return f"{figure} %"


def bitrate(kbps: float) -> str:
    """Kilobit a second as `850k` or `2.4M`."""
    return f"{kbps / 1000:.1f}M" if kbps >= 1000 else f"{kbps:.0f}k"


def count(number: int) -> str:
    """A whole number that stays narrow: `9,999`, `12.3k`, `4.5M`."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1_000_000:.1f}M" if number >= 1_000_000 else f"{number / 1000:.1f}k"


def plural(number: int, thing: str, things: str | None = None) -> str:
    """A number and its noun, such as `1 viewer` or `3 viewers`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def sparkline(values: Sequence[int], width: int) -> str:
    """The last `width` values as bars from zero to their highest, right-aligned."""
    shown = values[-width:]
    top = max(shown, default=0)
    bars = "".join(_BARS[value * (len(_BARS) - 1) // top] if top else _BARS[0] for value in shown)
    return bars.rjust(width)
