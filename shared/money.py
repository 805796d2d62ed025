"""Exact money: integer minor units inside, an exact JSON number on the wire."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from shared.problems import Code, FieldError, ProblemError


@dataclass(frozen=True, slots=True)
class Number:
    """Marks a decimal as a JSON number within bounds; the codec reads it."""

    ge: float | None = None
    le: float | None = None


Amount = Annotated[Decimal, Number(ge=0, le=10**12)]
"""An amount of money in a request: never negative, at most the currency's decimals."""

Rate = Annotated[Decimal, Number(ge=0, le=100)]
"""A percentage with up to two decimals, such as 7.5."""

# ISO 4217 minor units that are not 2.
_EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),  # noqa: SIM905
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


def exponent(currency: str) -> int:
    """How many decimals a currency has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount as an integer number of the currency's minor units."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @classmethod
    def of(cls, amount: Decimal, currency: str, *, field: str = "amount") -> "Money":
        """Read an amount in major units.

        Raises:
            ProblemError: `validation_failed`, naming `field`, when it has more decimals than the currency.
        """
        scaled = amount.scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            raise ProblemError(
                Code.VALIDATION_FAILED,
                f"{field} has more decimals than {currency} allows ({exponent(currency)}).",
                errors=[
                    FieldError(field=field, code="too_precise", message=f"Use at most {exponent(currency)} decimals.")
                ],
            )
        return cls(int(scaled), currency)


def basis_points(rate: Decimal, *, field: str = "commissionRate") -> int:
    """A percentage as an integer of hundredths of a percent: 7.5 is 750.

    Raises:
        ProblemError: `validation_failed`, naming `field`, when it has more than two decimals.
    """
    scaled = rate.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise ProblemError(
            Code.VALIDATION_FAILED,
            f"{field} has more than two decimals.",
            errors=[FieldError(field=field, code="too_precise", message="Use at most two decimals.")],
        )
    return int(scaled)


def percentage(points: int) -> Decimal:
    """Basis points as the wire's percentage, without trailing zeros: 750 is 7.5."""
    whole = Decimal(points).scaleb(-2).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return whole.normalize() if whole % 1 else whole.quantize(Decimal(1))
