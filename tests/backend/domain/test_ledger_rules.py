"""What each event posts, and that the chain covers every part of it."""

from dataclasses import replace

import pytest

from backend.domain import ledger
from backend.domain.commission import Split, share_line
from backend.domain.ledger import Account, Entry, Journal, JournalKind, Posting, SoldLine, chain_hash, is_balanced

SHARES = Split(seller=18000, affiliate=1500, platform=500)


def sold() -> Journal:
    return ledger.sale(
        currency="USD",
        order_id="o1",
        stream_id="stream_789",
        seller_id="seller_123",
        affiliate_id="affiliate_456",
        lines=[
            SoldLine(
                product_id="product_456", share=share_line(20000, 0, 750), featured_id="shown", flash_sale_id="sale"
            )
        ],
        shares=SHARES,
        fee_rate=250,
    )


def test_a_sale_is_the_payment_on_one_side_and_everyones_share_on_the_other():
    journal = sold()
    assert [(entry.account, entry.owner_id, entry.amount) for entry in journal.entries] == [
        (Account.BUYERS, "", -20000),
        (Account.SELLER, "seller_123", 18500),
        (Account.AFFILIATE_PENDING, "affiliate_456", 1500),
        (Account.SELLER, "seller_123", -500),
        (Account.PLATFORM, "", 500),
    ]
    assert is_balanced(journal)
    seller = sum(entry.amount for entry in journal.entries if entry.account is Account.SELLER)
    assert seller == SHARES.seller


def test_a_sales_entries_say_how_each_amount_came_about():
    _, line, commission, fee, platform = sold().entries
    moment = ("product_456", "shown", "sale")
    assert (line.product_id, line.featured_id, line.flash_sale_id, line.rate, line.base) == (*moment, None, 20000)
    assert (commission.product_id, commission.featured_id, commission.flash_sale_id) == moment
    assert (commission.rate, commission.base) == (750, 20000)
    assert (fee.rate, fee.base) == (platform.rate, platform.base) == (250, 20000)


def test_shipping_is_the_sellers_and_belongs_to_no_product():
    journal = ledger.sale(
        currency="USD",
        order_id="o1",
        stream_id=None,
        seller_id="s",
        affiliate_id=None,
        lines=[
            SoldLine(product_id="a", share=share_line(300, 0, 0)),
            SoldLine(product_id="b", share=share_line(9, 0, 0)),
        ],
        shares=Split(seller=808, affiliate=0, platform=0),
        fee_rate=0,
    )
    assert [(entry.account, entry.product_id, entry.amount) for entry in journal.entries] == [
        (Account.BUYERS, None, -808),
        (Account.SELLER, "a", 300),
        (Account.SELLER, "b", 9),
        (Account.SELLER, None, 499),
    ]


def test_a_sale_of_nothing_shows_the_rate_at_which_nothing_was_earned():
    gift = [SoldLine(product_id="p", share=share_line(0, 0, 750))]
    nothing = Split(seller=0, affiliate=0, platform=0)
    common = {"currency": "USD", "order_id": "o", "stream_id": None, "seller_id": "s", "lines": gift, "shares": nothing}
    assert [entry.rate for entry in ledger.sale(affiliate_id="a", fee_rate=0, **common).entries] == [750]
    assert ledger.sale(affiliate_id=None, fee_rate=0, **common).entries == ()


@pytest.mark.parametrize(
    ("settled", "account"), [(False, Account.AFFILIATE_PENDING), (True, Account.AFFILIATE_AVAILABLE)]
)
def test_a_refund_takes_the_commission_from_where_it_lies(settled: bool, account: Account):
    journal = ledger.refund(sold(), "j1", SHARES, seller_id="s", affiliate_id="a", settled=settled)
    assert is_balanced(journal)
    assert (journal.reverses, journal.order_id, journal.stream_id) == ("j1", "o1", "stream_789")
    assert [entry.amount for entry in journal.entries if entry.account is account] == [-1500]


def test_settlement_and_payout_move_the_commission_on():
    settled = ledger.settlement(currency="USD", order_id="o1", stream_id=None, affiliate_id="a", amount=1500)
    paid = ledger.payout(currency="USD", affiliate_id="a", amount=1500)
    assert [(entry.account, entry.amount) for entry in (*settled.entries, *paid.entries)] == [
        (Account.AFFILIATE_PENDING, -1500),
        (Account.AFFILIATE_AVAILABLE, 1500),
        (Account.AFFILIATE_AVAILABLE, -1500),
        (Account.PAYOUTS, 1500),
    ]


POSTING = Posting(
    number=1, journal_id="j1", entry_ids=("e1", "e2"), source_id="o1", posted_at="2026-11-27T12:00:00.000000+00:00"
)
JOURNAL = Journal(
    kind=JournalKind.SALE,
    currency="USD",
    order_id="o1",
    stream_id="s1",
    reverses="j0",
    entries=(
        Entry(account=Account.BUYERS, amount=-1, product_id="p", featured_id="f", flash_sale_id="s", rate=1, base=1),
        Entry(account=Account.SELLER, owner_id="s", amount=1),
    ),
)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2},
        {"journal_id": "j2"},
        {"entry_ids": ("e2", "e1")},
        {"source_id": "o2"},
        {"posted_at": "2026-11-27T12:00:00.000001+00:00"},
    ],
    ids=str,
)
def test_the_hash_covers_where_a_journal_stands(change: dict):
    changed = replace(POSTING, **change)
    assert chain_hash(ledger.GENESIS, POSTING, JOURNAL) != chain_hash(ledger.GENESIS, changed, JOURNAL)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": JournalKind.REFUND},
        {"currency": "EUR"},
        {"order_id": None},
        {"stream_id": "s2"},
        {"reverses": None},
        {"entries": JOURNAL.entries[::-1]},
        *(
            {"entries": (replace(JOURNAL.entries[0], **change), JOURNAL.entries[1])}
            for change in (
                {"account": Account.PLATFORM},
                {"owner_id": "x"},
                {"amount": -2},
                {"product_id": None},
                {"featured_id": "g"},
                {"flash_sale_id": None},
                {"rate": 2},
                {"base": None},
            )
        ),
    ],
    ids=str,
)
def test_the_hash_covers_what_a_journal_says(change: dict):
    changed = replace(JOURNAL, **change)
    assert chain_hash(ledger.GENESIS, POSTING, JOURNAL) != chain_hash(ledger.GENESIS, POSTING, changed)


def test_the_hash_covers_the_journal_before():
    assert chain_hash(ledger.GENESIS, POSTING, JOURNAL) != chain_hash("1" * 64, POSTING, JOURNAL)
