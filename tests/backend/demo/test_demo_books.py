from collections import Counter
from datetime import timedelta
from decimal import Decimal

from demo_sales import NOON, flash, order, sale

from backend.demo.books import Books
from backend.demo.closing import deviations
from shared.problems import Code
from shared.views import OrderStatus


def test_the_specifications_example():
    lamp = sale({"lamp": "200.00"})
    lamp.paid = True
    assert (lamp.commission, lamp.earned) == (15, 15)
    assert lamp.fee == 5
    assert lamp.income == 180
    assert lamp.revenue == 200


def test_an_unpaid_order_earns_nobody_anything():
    lamp = sale({"lamp": "200.00"})
    assert lamp.earned == lamp.fee == lamp.income == lamp.revenue == 0


def test_commission_rounds_half_up_line_by_line_and_the_fee_down():
    two = sale({"cup": "0.20", "pot": "0.60"})
    two.paid = True
    assert two.commission == Decimal("0.07")
    assert two.fee == Decimal("0.02")
    assert two.income == Decimal("0.71")


def test_a_part_refunded_takes_its_part_of_everything():
    lamp = sale({"lamp": "99.99"})
    lamp.paid, lamp.refunded = True, Decimal("10.00")
    assert lamp.earned == Decimal("7.50") - Decimal("0.75")
    assert lamp.fee == Decimal("2.49") - Decimal("0.24")
    assert lamp.earned + lamp.fee + lamp.income == lamp.revenue == Decimal("89.99")


def test_all_refunded_leaves_nothing():
    lamp = sale({"lamp": "99.99"})
    lamp.paid, lamp.refunded = True, Decimal("99.99")
    assert lamp.earned == lamp.fee == lamp.income == lamp.revenue == 0


def test_a_flash_sale_lowers_everything():
    lamp = sale({"lamp": "200.00"})
    lamp.shelf.hear_flash_sale(flash("lamp", 30, NOON, NOON + timedelta(seconds=9)))
    assert (lamp.total, lamp.commission) == (140, Decimal("10.50"))


def test_nobody_earns_in_a_sellers_own_stream():
    lamp = sale({"lamp": "200.00"}, rate=None)
    lamp.paid = True
    assert (lamp.affiliate_id, lamp.rate, lamp.earned, lamp.income) == (None, None, 0, 195)


def test_only_what_was_delivered_becomes_available():
    books, kept, sent = Books(), sale({"lamp": "200.00"}), sale({"lamp": "100.00"})
    kept.paid = sent.paid = sent.delivered = True
    assert books.available([kept, sent]) == Decimal("7.50")
    assert books.pending([kept, sent]) == 15


def test_what_nobody_pays_is_cancelled_in_time():
    lamp = sale({"lamp": "200.00"})
    lamp.order = order({"lamp": "200.00"}, {"lamp": 1}, expires_at=NOON)
    assert lamp.status_at(NOON - timedelta(seconds=1)) is OrderStatus.PENDING
    assert lamp.status_at(NOON) is OrderStatus.CANCELLED
    lamp.status = OrderStatus.PAID
    assert lamp.status_at(NOON) is OrderStatus.PAID


def test_the_summary_adds_up():
    books = Books(
        refused=Counter({Code.OUT_OF_STOCK: 2, Code.PRODUCT_NOT_ACTIVE: 1}), repeated=3, paid_out=Decimal("7.50")
    )
    for id_, delivered in (("o1", True), ("o2", False)):
        books.sales[id_] = lamp = sale({"lamp": "200.00"})
        lamp.paid, lamp.delivered = True, delivered
    books.sales["o1"].refunded = Decimal("100.00")
    assert books.summary()[:4] == [
        "orders    2 placed (3 sent again, none doubled), 2 paid, 1 delivered, 1 refunded, 0 cancelled",
        "refused   3 as expected (2 sold out, 1 hidden)",
        "sales     300.00 USD net of 100.00 USD refunded, 7.50 USD of it fees",
        "earned    22.50 USD commission: 15.00 pending, 0.00 available, 7.50 paid out",
    ]


def test_an_order_as_expected_deviates_in_nothing():
    assert deviations(sale({"lamp": "200.00"}), order({"lamp": "200.00"}, {"lamp": 1})) == []


def test_every_deviation_is_named():
    found = order(
        {"lamp": "190.00"},
        {"lamp": 2},
        status=OrderStatus.PAID,
        affiliate_id="somebody-else",
        buyer_id="guest_2",
        commission_rate=Decimal(8),
    )
    sentences = deviations(sale({"lamp": "200.00"}), found)
    assert [sentence.partition(":")[0] for sentence in sentences] == [
        "status",
        "buyer",
        "affiliate",
        "commission rate",
        "quantities",
        "prices",
        "total",
    ]
    assert sentences[2] == "affiliate: somebody-else, not maya"
