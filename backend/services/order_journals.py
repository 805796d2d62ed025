"""What an order's rows call for in the ledger: the same answer when it is posted and when it is verified."""

from backend.domain import commission
from backend.domain import ledger as books
from backend.domain.commission import LineShare, Split
from backend.storage.models import Order, OrderLine


def total_of(row: Order) -> int:
    """What the buyer pays, in minor units."""
    total: int = _goods_of(row) + row.shipping_minor
    return total


def _goods_of(row: Order) -> int:
    """The goods after discounts, in minor units."""
    goods: int = row.goods_minor - row.discount_minor
    return goods


def left_of(row: Order) -> int:
    """What of the payment was not given back yet, in minor units."""
    left: int = total_of(row) - row.refunded_minor
    return left


def share_of(line: OrderLine) -> LineShare:
    """A stored line's share."""
    return LineShare(base=line.net_minor, rate=line.commission_rate or 0, commission=line.commission_minor)


def split_of(row: Order) -> Split:
    """How an order's whole payment is shared."""
    return commission.split(
        base=_goods_of(row),
        shipping=row.shipping_minor,
        commission=row.commission_minor,
        fee_rate=row.fee_rate,
    )


def taken_back(row: Order, shares: Split, refunded: int) -> Split:
    """What refunds of so much in all take back of an order's shares."""
    return commission.reversed_by(shares, base=_goods_of(row), shipping=row.shipping_minor, refunded=refunded)


def sale_of(row: Order) -> books.Journal:
    """The journal of an order's sale, from its stored lines alone."""
    return books.sale(
        currency=row.currency,
        order_id=row.id,
        stream_id=row.stream_id,
        seller_id=row.seller_id,
        affiliate_id=row.affiliate_id,
        lines=[_sold(line) for line in sorted(row.lines, key=lambda line: line.position)],
        shares=split_of(row),
        fee_rate=row.fee_rate,
    )


def _sold(line: OrderLine) -> books.SoldLine:
    return books.SoldLine(
        product_id=line.product_id,
        share=share_of(line),
        featured_id=line.featured_id,
        flash_sale_id=line.flash_sale_id,
    )


def refund_of(row: Order, sale_id: str, before: int, amount: int, *, settled: bool) -> books.Journal:
    """The journal of one refund: what all refunds so far take back, minus what those before took."""
    shares = split_of(row)
    return books.refund(
        sale_of(row),
        sale_id,
        taken_back(row, shares, before + amount).minus(taken_back(row, shares, before)),
        seller_id=row.seller_id,
        affiliate_id=row.affiliate_id,
        settled=settled,
    )


def settlement_of(row: Order, refunded: int) -> books.Journal:
    """The journal of an order's settlement: its commission, less what refunds before it took back."""
    shares = split_of(row)
    return books.settlement(
        currency=row.currency,
        order_id=row.id,
        stream_id=row.stream_id,
        affiliate_id=row.affiliate_id or "",
        amount=shares.minus(taken_back(row, shares, refunded)).affiliate,
    )
