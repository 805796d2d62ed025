"""Whose sale it is, and at which rate."""

import pytest

from backend.domain.attribution import Attribution, Claim, Rates, attribute
from shared.views import HostType


@pytest.mark.parametrize(
    ("host_type", "claimed", "entitled", "earner", "ignored"),
    [
        (HostType.AFFILIATE, None, False, "host", False),
        (HostType.AFFILIATE, "host", False, "host", False),
        (HostType.AFFILIATE, "thief", False, "host", True),
        (HostType.AFFILIATE, "friend", True, "host", True),
        (HostType.SELLER, None, False, None, False),
        (HostType.SELLER, "thief", False, None, True),
        (HostType.SELLER, "friend", True, "friend", False),
        (None, None, False, None, False),
        (None, "thief", False, None, True),
        (None, "friend", True, "friend", False),
    ],
)
def test_a_sale_belongs_to_whom_the_contract_says(
    host_type: HostType | None, claimed: str | None, entitled: bool, earner: str | None, ignored: bool
):
    found = attribute(
        host_type=host_type,
        host_affiliate_id="host" if host_type is HostType.AFFILIATE else None,
        host_is_approved=True,
        claim=Claim(affiliate_id=claimed, may_name_one=entitled),
    )
    assert found == Attribution(affiliate_id=earner, claim_ignored=ignored)


@pytest.mark.parametrize(("claimed", "ignored"), [(None, False), ("host", False), ("friend", True)])
def test_a_host_who_is_not_approved_earns_nothing_and_nobody_else_does(claimed: str | None, ignored: bool):
    found = attribute(
        host_type=HostType.AFFILIATE,
        host_affiliate_id="host",
        host_is_approved=False,
        claim=Claim(affiliate_id=claimed, may_name_one=True),
    )
    assert found == Attribution(affiliate_id=None, claim_ignored=ignored)


def test_the_most_specific_rate_wins():
    rates = Rates(default=750, by_seller={"s": 500}, by_product={"p": 0})
    assert rates.for_line(seller_id="s", product_id="p") == 0
    assert rates.for_line(seller_id="s", product_id="q") == 500
    assert rates.for_line(seller_id="t", product_id="q") == 750
