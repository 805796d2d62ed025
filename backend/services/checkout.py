"""Placing an order: the server's price, conditional stock, attribution and commission in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from backend import seams
from backend.domain.actors import Actor, Owned, StreamScope, may, require
from backend.domain.attribution import Attribution, Claim, Rates, attribute
from backend.domain.commission import LineShare, allocate, order_rate, share_line
from backend.domain.orders import anonymised
from backend.domain.text import sanitise
from backend.services import (
    affiliate_rates,
    audit,
    flash_sales,
    idempotency,
    moments,
    order_views,
    orders,
    purchase_attempts,
    records,
    stock,
)
from backend.services.moderation import admission
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, next_seq
from backend.storage import views
from backend.storage.models import Affiliate, LiveStream, LiveStreamProduct, Order, OrderLine, Product
from shared.commands import OrderItem, PlaceOrder, PurchaseMade
from shared.events import (
    ControlPurchase,
    LivePurchaseNotification,
    NewPurchase,
    PurchaseAnimation,
    StreamPurchased,
)
from shared.money import Money
from shared.problems import Code, FieldError, ProblemError
from shared.roles import Permission, Target
from shared.views import AffiliateStatus, OrderStatus, OrderView, StreamStatus

MAX_GOODS = 10**15
"""Minor units of one order's goods, at most: sums over very many orders still fit 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """One wanted product at the price of this moment."""

    item: OrderItem
    product: Product
    unit_price: Money
    featured_id: str | None = None
    """The row of the stream that showed it,"""
    flash_sale_id: str | None = None
    """and the flash sale that set the price."""

    @property
    def product_id(self) -> str:
        """The product's id."""
        return self.item.product_id

    @property
    def quantity(self) -> int:
        """How many of it."""
        return self.item.quantity

    @property
    def goods(self) -> int:
        """Minor units, before discounts."""
        return self.unit_price.minor * self.item.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an entitled caller may add to the goods, in minor units."""

    discount: int
    shipping: int


async def place(runtime: Runtime, actor: Actor, body: PlaceOrder, key: str | None) -> OrderView:
    """Place an order for the actor's session or account; nothing is written when it is refused.

    Raises:
        ProblemError: the stream is not live, a product not sold in it or out of stock, or the request wrong.
    """
    require(actor, Permission.BUY)
    try:
        return await _place(runtime, actor, body, key)
    except ProblemError as problem:
        await purchase_attempts.note_refusal(runtime, actor, problem, body)
        raise


async def _place(runtime: Runtime, actor: Actor, body: PlaceOrder, key: str | None) -> OrderView:
    if actor.public_id is None:
        raise ProblemError.of_field("sessionId", "required", "A guest needs a session: send sessionId.")
    purchase = _purchase(body)
    buyer_name = None if actor.is_guest else await runtime.identity.display_name(actor)
    checkout = Checkout(runtime, actor, purchase, buyer_name)
    return await idempotency.once(
        runtime.bus,
        checkout.run,
        answer_type=OrderView,
        scope=f"order {actor.public_id}",
        key=key,
        body=purchase,
    )


def _purchase(body: PlaceOrder) -> PlaceOrder:
    """What is bought, in harmless text, and not who asks: a session is the same in a header, a body or a socket."""
    items = [
        replace(item, variant=records.visible_optional(item.variant, f"items[{index}].variant", most=100))
        for index, item in enumerate(body.items)
    ]
    address = body.shipping_address and {sanitise(name): sanitise(line) for name, line in body.shipping_address.items()}
    return replace(body, items=items, shipping_address=address, session_id=None, is_guest_order=False)


class Checkout:
    """One order on its way into the database."""

    def __init__(self, runtime: Runtime, actor: Actor, body: PlaceOrder, buyer_name: str | None) -> None:
        self._runtime = runtime
        self._actor = actor
        self._body = body
        self._buyer_name = buyer_name
        self._now: datetime = seams.now()

    async def run(self, unit: UnitOfWork) -> OrderView:
        """Everything, within the caller's transaction."""
        stream = await self._live_stream()
        # After the wait for the stream: a sale that ended meanwhile has ended.
        self._now = seams.now()
        lines = await self._priced_lines(stream)
        seller_id, currency = lines[0].product.seller_id, lines[0].product.currency
        goods = sum(line.goods for line in lines)
        if goods > MAX_GOODS:
            raise ProblemError.of_field("items", "out_of_range", "An order cannot cost that much; split it.")
        terms = await self._terms(seller_id, currency, goods)
        attribution = await self._attribution(stream, seller_id)
        shares = await self._shares(attribution, seller_id, lines, terms.discount)
        await stock.reserve(lines)
        order = await self._write(stream, lines, terms, attribution, shares)
        if stream is not None:
            await self._announce(unit, stream, order)
        return order_views.order(order)

    async def _live_stream(self) -> LiveStream | None:
        if self._body.live_session_id is None:
            return None
        # Locked first: what is shown, what it costs and whether the show is on stay so until the order is placed.
        stream = await LiveStream.select_for_update(no_key=True).get_or_none(id=self._body.live_session_id)
        if stream is None:
            raise ProblemError(Code.NOT_FOUND, "There is no such stream.")
        await admission.require_admitted(self._runtime, self._actor, views.scope(stream))
        if stream.status is not StreamStatus.LIVE:
            raise ProblemError(Code.STREAM_NOT_LIVE, f"The stream is {stream.status}; nothing can be bought in it.")
        return stream

    async def _priced_lines(self, stream: LiveStream | None) -> list[PricedLine]:
        ids = {item.product_id for item in self._body.items}
        products = {product.id: product for product in await Product.filter(id__in=ids)}
        _require_known(self._body.items, products)
        if len({(product.seller_id, product.currency) for product in products.values()}) > 1:
            raise ProblemError.of_field("items", "mixed_sellers", "An order has one seller; split it.")
        if stream is None:
            return [
                PricedLine(
                    item=item,
                    product=products[item.product_id],
                    unit_price=Money(products[item.product_id].price_minor, products[item.product_id].currency),
                )
                for item in self._body.items
            ]
        return await self._stream_prices(stream, products)

    async def _stream_prices(self, stream: LiveStream, products: dict[str, Product]) -> list[PricedLine]:
        featured = {
            row.product_id: row
            for row in await LiveStreamProduct.filter(stream_id=stream.id, product_id__in=list(products))
        }
        sales = await flash_sales.running(stream.id, list(products), self._now)
        lines = []
        for item in self._body.items:
            row, product = featured.get(item.product_id), products[item.product_id]
            if row is None:
                raise ProblemError(Code.PRODUCT_NOT_IN_STREAM, f"The product {product.id!r} is not in this stream.")
            if not row.is_active:
                raise ProblemError(Code.PRODUCT_NOT_ACTIVE, f"The product {product.id!r} is not on sale now.")
            sale = sales.get(product.id)
            lines.append(
                PricedLine(
                    item=item,
                    product=product,
                    unit_price=moments.price_of(product, row, sale, self._now),
                    featured_id=row.id,
                    flash_sale_id=sale.id if sale else None,
                )
            )
        return lines

    async def _terms(self, seller_id: str, currency: str, goods: int) -> Terms:
        """Discount and shipping, where the caller may set them; elsewhere they are ignored, and remembered."""
        discount, shipping = self._body.discount_amount, self._body.shipping_amount
        if not self._may_set_terms(seller_id):
            if discount or shipping:
                claims = {"discountAmount": discount, "shippingAmount": shipping}
                details = {name: str(claim) for name, claim in claims.items() if claim}
                await audit.note(
                    "order_terms_ignored", self._actor, stream_id=self._body.live_session_id, details=details
                )
            return Terms(discount=0, shipping=0)
        taken = Money.of(discount or Decimal(0), currency, field="discountAmount").minor
        if taken > goods:
            raise ProblemError.of_field("discountAmount", "out_of_range", "The discount is more than the goods cost.")
        return Terms(discount=taken, shipping=Money.of(shipping or Decimal(0), currency, field="shippingAmount").minor)

    def _may_set_terms(self, seller_id: str) -> bool:
        return may(self._actor, Permission.MANAGE_ORDERS, Owned(Target.SELLER, seller_id))

    async def _attribution(self, stream: LiveStream | None, seller_id: str) -> Attribution:
        claimed = self._body.affiliate_id
        entitled = claimed is not None and self._may_set_terms(seller_id) and await _is_approved(claimed)
        host = stream.affiliate_id if stream else None
        host_is_approved = host is not None and await _is_approved(host)
        attribution = attribute(
            host_type=stream.host_type if stream else None,
            host_affiliate_id=host,
            host_is_approved=host_is_approved,
            claim=Claim(affiliate_id=claimed, may_name_one=entitled),
        )
        if stream is not None and host is not None and not host_is_approved:
            await audit.note("host_not_approved", self._actor, stream_id=stream.id, subject_id=host)
        if attribution.claim_ignored:
            await audit.note(
                "affiliate_claim_ignored",
                self._actor,
                stream_id=stream.id if stream else None,
                subject_id=claimed,
                details={"attributedTo": attribution.affiliate_id},
            )
        return attribution

    async def _shares(
        self, attribution: Attribution, seller_id: str, lines: Sequence[PricedLine], discount: int
    ) -> list[LineShare]:
        discounts = allocate(discount, [line.goods for line in lines])
        rates = await self._rates(attribution, lines)
        return [
            share_line(line.goods, off, rates.for_line(seller_id=seller_id, product_id=line.product.id) if rates else 0)
            for line, off in zip(lines, discounts, strict=True)
        ]

    async def _rates(self, attribution: Attribution, lines: Sequence[PricedLine]) -> Rates | None:
        if attribution.affiliate_id is None:
            return None
        affiliate = await Affiliate.get(id=attribution.affiliate_id)
        return await affiliate_rates.in_force(affiliate, {line.product.id for line in lines})

    async def _write(
        self,
        stream: LiveStream | None,
        lines: Sequence[PricedLine],
        terms: Terms,
        attribution: Attribution,
        shares: Sequence[LineShare],
    ) -> Order:
        earns = attribution.affiliate_id is not None
        order = await Order.create(
            id=seams.new_id(),
            number=seams.new_order_number(),
            status=OrderStatus.PENDING,
            seller_id=lines[0].product.seller_id,
            stream_id=stream.id if stream else None,
            affiliate_id=attribution.affiliate_id,
            buyer_id=self._actor.public_id,
            buyer_name=self._buyer_name,
            is_guest_order=self._actor.is_guest,
            currency=lines[0].product.currency,
            goods_minor=sum(line.goods for line in lines),
            discount_minor=terms.discount,
            shipping_minor=terms.shipping,
            commission_rate=order_rate(shares) if earns else None,
            commission_minor=sum(share.commission for share in shares),
            fee_rate=self._runtime.settings.platform_fee,
            shipping_address=self._body.shipping_address,
            placed_at=self._now,
            expires_at=self._now + timedelta(seconds=self._runtime.settings.order_expiry),
        )
        rows = [
            OrderLine(
                id=seams.new_id(),
                order_id=order.id,
                position=position,
                product_id=line.product.id,
                featured_id=line.featured_id,
                flash_sale_id=line.flash_sale_id,
                name=line.product.name,
                variant=line.item.variant,
                quantity=line.item.quantity,
                unit_price_minor=line.unit_price.minor,
                discount_minor=line.goods - share.base,
                net_minor=share.base,
                commission_rate=share.rate if earns else None,
                commission_minor=share.commission,
            )
            for position, (line, share) in enumerate(zip(lines, shares, strict=True))
        ]
        await OrderLine.bulk_create(rows)
        await order.fetch_related(*order_views.NEEDED)
        return order

    async def _announce(self, unit: UnitOfWork, stream: LiveStream, order: Order) -> None:
        scope, buyer = views.scope(stream), anonymised(self._buyer_name)
        lines = sorted(order.lines, key=lambda row: row.position)
        seq = await next_seq(scope.id, len(lines))
        purchases = await self._runtime.purchase_counts.with_order(unit, scope.id, lines)
        for number, line in enumerate(lines):
            _announce_line(unit, scope, order, line, buyer, seq + number, purchases[line.product_id])
        first = lines[0]
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        total = Money(order.goods_minor - order.discount_minor + order.shipping_minor, order.currency)
        unit.tell(
            scope,
            LivePurchaseNotification(
                order_id=order.id,
                stream_id=stream.id,
                stream_title=stream.title,
                product_name=first.name + more,
                amount=total.amount,
                currency=order.currency,
                buyer_name=buyer,
                timestamp=self._now,
            ),
        )


def _require_known(items: Sequence[OrderItem], products: dict[str, Product]) -> None:
    errors = [
        FieldError(
            field=f"items[{index}].productId", code="unknown", message=f"There is no product {item.product_id!r}."
        )
        for index, item in enumerate(items)
        if item.product_id not in products
    ]
    if errors:
        raise ProblemError(Code.VALIDATION_FAILED, " ".join(error.message for error in errors), errors=errors)


async def _is_approved(affiliate_id: str) -> bool:
    return await Affiliate.exists(id=affiliate_id, status=AffiliateStatus.APPROVED)


def _announce_line(
    unit: UnitOfWork, scope: StreamScope, order: Order, line: OrderLine, buyer: str, seq: int, purchases: int
) -> None:
    paid = Money(line.net_minor, order.currency).amount
    unit.tell(
        scope,
        NewPurchase(
            stream_id=scope.id,
            product_id=line.product_id,
            product_name=line.name,
            quantity=line.quantity,
            buyer_name=buyer,
            timestamp=order.placed_at,
            purchase_count=purchases,
            seq=seq,
        ),
        to_staff=ControlPurchase(
            stream_id=scope.id,
            order_id=order.id,
            order_number=order.number,
            product_name=line.name,
            quantity=line.quantity,
            buyer_name=buyer,
            amount=paid,
            currency=order.currency,
            affiliate_id=order.affiliate_id,
            commission_amount=Money(line.commission_minor, order.currency).amount,
            timestamp=order.placed_at,
            seq=seq,
        ),
    )
    unit.tell(
        scope,
        PurchaseAnimation(
            stream_id=scope.id,
            product_id=line.product_id,
            product_name=line.name,
            buyer_name=buyer,
            quantity=line.quantity,
            timestamp=order.placed_at,
        ),
    )
    unit.tell(
        scope,
        StreamPurchased(
            stream_id=scope.id,
            product_name=line.name,
            buyer_name=buyer,
            amount=paid,
            currency=order.currency,
            timestamp=order.placed_at,
        ),
    )


async def hint(actor: Actor, command: PurchaseMade) -> None:
    """Take a client's word of its REST checkout; the order itself was announced when it was placed.

    Raises:
        ProblemError: no order of this buyer and product in this stream backs it.
    """
    backing = Order.filter(
        orders.bought_by(actor), stream_id=command.stream_id, lines__product_id=command.product_id
    ).exclude(status=OrderStatus.CANCELLED)
    if not await backing.exists():
        raise ProblemError(Code.NOT_FOUND, "No order of yours in this stream backs this purchase.")
