"""How a sale is shared: the affiliate's commission, the platform's fee, and the seller, who owns the remainder.

All amounts are integer minor units of one currency; rates are basis points (7.5 % is 750).
"""

from collections.abc import Sequence
from dataclasses import dataclass

BASIS = 10_000
"""Basis points in a whole."""


def half_up(numerator: int, denominator: int) -> int:
    """The quotient of two non-negative integers, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShare:
    """What one order line earns its affiliate."""

    base: int
    """The line's goods after its part of the discount, without shipping and tax."""
    rate: int
    commission: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A buyer's payment, shared without a remainder: `seller + affiliate + platform` is all of it."""

    seller: int
    affiliate: int
    platform: int

    @property
    def total(self) -> int:
        """The whole payment."""
        return self.seller + self.affiliate + self.platform

    def minus(self, other: "Split") -> "Split":
        """What of these shares is left after others."""
        return Split(
            seller=self.seller - other.seller,
            affiliate=self.affiliate - other.affiliate,
            platform=self.platform - other.platform,
        )


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Spread `amount` over weights in proportion, exactly: the largest fractions get the last units, earlier first."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda index: -(amount * weights[index] % whole))
    for index in by_fraction[: amount - sum(parts)]:
        parts[index] += 1
    return parts


def share_line(goods: int, discount: int, rate: int) -> LineShare:
    """One line's commission: its goods after its discount times its rate, rounded half up."""
    base = goods - discount
    return LineShare(base=base, rate=rate, commission=half_up(base * rate, BASIS))


def order_rate(lines: Sequence[LineShare]) -> int:
    """The order's rate: its lines' if they are equal, else commission by base, to two decimals of a percent."""
    rates = {line.rate for line in lines}
    if len(rates) == 1:
        return rates.pop()
    base = sum(line.base for line in lines)
    return half_up(sum(line.commission for line in lines) * BASIS, base) if base else 0


def split(*, base: int, shipping: int, commission: int, fee_rate: int) -> Split:
    """Share a payment of goods and shipping; the platform's fee is floored."""
    fee = base * fee_rate // BASIS
    return Split(seller=base + shipping - commission - fee, affiliate=commission, platform=fee)


def reversed_by(paid: Split, *, base: int, shipping: int, refunded: int) -> Split:
    """What a cumulative refund takes back of a payment's shares.

    The refund eats the goods before the shipping. The commission goes back as `round(commission x refunded goods /
    base)`, the fee floored likewise, and the seller bears the remainder; so a full refund takes back exactly all.
    """
    goods = min(refunded, base)
    affiliate = half_up(paid.affiliate * goods, base) if base else 0
    platform = paid.platform * goods // base if base else 0
    if refunded == base + shipping:
        return paid
    return Split(seller=refunded - affiliate - platform, affiliate=affiliate, platform=platform)
