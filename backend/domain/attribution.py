"""Whose sale it is, and at which rate: the server decides, a client's claim is only a hint."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.views import HostType


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an order says about its affiliate, and whether whoever says so may name one."""

    affiliate_id: str | None
    may_name_one: bool
    """The seller's or an admin's token, with an approved affiliate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who earns from an order; nobody where `affiliate_id` is None."""

    affiliate_id: str | None
    claim_ignored: bool
    """The order named another affiliate, who earns nothing; the audit trail gets it."""


def attribute(
    *, host_type: HostType | None, host_affiliate_id: str | None, host_is_approved: bool, claim: Claim
) -> Attribution:
    """In an approved affiliate's stream the sale is that affiliate's; elsewhere only an entitled claim earns."""
    if host_type is HostType.AFFILIATE:
        ignored = claim.affiliate_id not in (None, host_affiliate_id)
        return Attribution(affiliate_id=host_affiliate_id if host_is_approved else None, claim_ignored=ignored)
    if claim.affiliate_id is not None and claim.may_name_one:
        return Attribution(affiliate_id=claim.affiliate_id, claim_ignored=False)
    return Attribution(affiliate_id=None, claim_ignored=claim.affiliate_id is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """An affiliate's rates in force, in basis points."""

    default: int
    by_seller: Mapping[str, int]
    by_product: Mapping[str, int]

    def for_line(self, *, seller_id: str, product_id: str) -> int:
        """The most specific rate: the product's, else the seller's, else the default."""
        if product_id in self.by_product:
            return self.by_product[product_id]
        return self.by_seller.get(seller_id, self.default)
