"""What affiliates earn: rates by product, by seller, by default."""

from collections.abc import Collection

from backend import seams
from backend.domain.actors import Actor, require
from backend.domain.attribution import Rates
from backend.services import audit
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage.models import Affiliate, AffiliateRate, Product, Seller
from shared.commands import SetRate
from shared.money import basis_points, percentage
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import RateView


async def in_force(affiliate: Affiliate, product_ids: Collection[str]) -> Rates:
    """An affiliate's rates that may apply to products."""
    rows = await AffiliateRate.filter(affiliate_id=affiliate.id)
    return Rates(
        default=affiliate.commission_rate,
        by_seller={row.seller_id: row.rate for row in rows if row.seller_id},
        by_product={row.product_id: row.rate for row in rows if row.product_id and row.product_id in product_ids},
    )


async def set_rate(runtime: Runtime, actor: Actor, affiliate_id: str, body: SetRate) -> RateView:
    """Set a rate for sales from now on; recorded sales keep theirs."""
    require(actor, Permission.MANAGE_PEOPLE)
    if body.seller_id and body.product_id:
        raise ProblemError.of_field("productId", "one_of", "Send sellerId or productId, not both.")
    specific = body.seller_id is not None or body.product_id is not None
    if body.rate is None and not specific:
        raise ProblemError.of_field("rate", "required", "The default rate cannot be taken away; set it to 0.")
    points = None if body.rate is None else basis_points(body.rate, field="rate")

    async def work(_: UnitOfWork) -> RateView:
        # Locked: of two that set the same rate at once, the later one's holds, and there is only one.
        affiliate = await Affiliate.select_for_update(no_key=True).get_or_none(id=affiliate_id)
        if affiliate is None:
            raise ProblemError(Code.NOT_FOUND, f"There is no affiliate {affiliate_id!r}.")
        if specific:
            await _set_specific(affiliate_id, body, points)
        elif points is not None:
            affiliate.commission_rate = points
            affiliate.updated_at = seams.now()
            await affiliate.save(update_fields=["commission_rate", "updated_at"])
        details = {"sellerId": body.seller_id, "productId": body.product_id, "basisPoints": points}
        await audit.note("rate_set", actor, subject_id=affiliate_id, details=details)
        shown = affiliate.commission_rate if points is None else points
        return RateView(
            affiliate_id=affiliate_id,
            seller_id=body.seller_id,
            product_id=body.product_id,
            rate=percentage(shown),
        )

    return await commit(runtime.bus, work)


async def _set_specific(affiliate_id: str, body: SetRate, points: int | None) -> None:
    if body.seller_id is not None and not await Seller.exists(id=body.seller_id):
        raise ProblemError.of_field("sellerId", "unknown", f"There is no seller {body.seller_id!r}.")
    if body.product_id is not None and not await Product.exists(id=body.product_id):
        raise ProblemError.of_field("productId", "unknown", f"There is no product {body.product_id!r}.")
    same = AffiliateRate.filter(affiliate_id=affiliate_id, seller_id=body.seller_id, product_id=body.product_id)
    await same.delete()
    if points is not None:
        await AffiliateRate.create(
            id=seams.new_id(),
            affiliate_id=affiliate_id,
            seller_id=body.seller_id,
            product_id=body.product_id,
            rate=points,
            updated_at=seams.now(),
        )
