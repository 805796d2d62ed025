"""Those who sell."""

from backend import seams
from backend.domain.actors import Actor, Owned, require, require_on
from backend.services import people, records
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import Product, Seller
from shared.commands import CreateSeller, PageQuery, UpdateSeller
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role, Target
from shared.views import Page, SellerView


async def create_seller(runtime: Runtime, actor: Actor, body: CreateSeller) -> SellerView:
    """Register a seller."""
    require(actor, Permission.MANAGE_PEOPLE)
    now = seams.now()
    row = Seller(
        id=body.id or seams.new_id(),
        business_name=records.visible(body.business_name, "businessName"),
        logo=body.logo,
        currency=body.currency or runtime.settings.currency,
        created_at=now,
        updated_at=now,
    )

    async def work(_: UnitOfWork) -> None:
        await people.require_free_id(row.id)
        await row.save(force_create=True)

    await commit(runtime.bus, work)
    return views.seller(row)


async def list_sellers(query: PageQuery) -> Page[SellerView]:
    """Sellers, oldest first."""
    rows, counts = await records.page(Seller.all(), query)
    return Page(items=[views.seller(row) for row in rows], **counts)


async def get_seller(seller_id: str) -> SellerView:
    """A seller."""
    return views.seller(await records.get(Seller, seller_id, "seller"))


async def update_seller(runtime: Runtime, actor: Actor, seller_id: str, body: UpdateSeller) -> SellerView:
    """Edit a seller; its currency only before its first product."""
    require_on(actor, Permission.EDIT_PROFILE, Owned(Target.SELLER, seller_id))

    async def work(_: UnitOfWork) -> Seller:
        row = await records.get(Seller, seller_id, "seller")
        if body.currency not in (None, row.currency) and await Product.exists(seller_id=seller_id):
            raise ProblemError(Code.CONFLICT, f"The currency is fixed at {row.currency} by the first product.")
        changes = {
            "business_name": records.visible(body.business_name, "businessName") if body.business_name else None,
            "logo": body.logo,
            "currency": body.currency,
        }
        return await records.save_changes(row, changes)

    row = await commit(runtime.bus, work)
    runtime.snapshots.forget_host(seller_id)
    runtime.identity.forget_name(Role.SELLER, seller_id)
    return views.seller(row)
