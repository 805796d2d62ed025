"""The catalogue: what sellers sell."""

from backend import seams
from backend.domain.actors import Actor, Owned, require_on
from backend.domain.text import sanitise_optional
from backend.services import product_news, records
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import LiveStream, LiveStreamProduct, Product, Seller
from shared.commands import CreateProduct, NewProduct, ProductsQuery, UpdateProduct
from shared.money import Money
from shared.problems import ProblemError
from shared.roles import Permission, Role, Target
from shared.views import Page, ProductView


async def create_product(runtime: Runtime, actor: Actor, body: CreateProduct) -> ProductView:
    """Add a product to the catalogue of the token's seller, or for an admin of the one that the body names."""
    seller_id = records.owner_of(actor, Role.SELLER, body.seller_id)
    require_on(actor, Permission.MANAGE_CATALOGUE, Owned(Target.SELLER, seller_id))

    async def work(_: UnitOfWork) -> Product:
        return await insert(seller_id, body)

    return views.product(await commit(runtime.bus, work))


async def insert(seller_id: str, body: NewProduct) -> Product:
    """A new row in the seller's currency, within the caller's transaction."""
    seller = await Seller.get_or_none(id=seller_id)
    if seller is None:
        raise ProblemError.of_field("sellerId", "unknown", f"There is no seller {seller_id!r}.")
    now = seams.now()
    row = Product(
        id=body.id or seams.new_id(),
        seller_id=seller_id,
        name=records.visible(body.name, "name"),
        description=sanitise_optional(body.description),
        price_minor=Money.of(body.price, seller.currency, field="price").minor,
        currency=seller.currency,
        stock=body.stock,
        images=body.images,
        created_at=now,
        updated_at=now,
    )
    await records.require_new(Product, row.id, "product")
    await row.save(force_create=True)
    return row


async def list_products(query: ProductsQuery) -> Page[ProductView]:
    """The catalogue, oldest first."""
    rows = Product.filter(seller_id=query.seller_id) if query.seller_id else Product.all()
    found, counts = await records.page(rows, query)
    return Page(items=[views.product(row) for row in found], **counts)


async def _lock_streams_of(product_id: str) -> None:
    """Streams before products, as checkouts lock them: no two transactions wait in a circle."""
    ids = await LiveStreamProduct.filter(product_id=product_id).values_list("stream_id", flat=True)
    await LiveStream.filter(id__in=list(ids)).order_by("id").select_for_update(no_key=True)


async def get_product(product_id: str) -> ProductView:
    """A product."""
    return views.product(await records.get(Product, product_id, "product"))


async def update_product(runtime: Runtime, actor: Actor, product_id: str, body: UpdateProduct) -> ProductView:
    """Edit a product; every stream that features it is told."""

    async def work(unit: UnitOfWork) -> Product:
        await _lock_streams_of(product_id)
        row = await records.get(Product, product_id, "product")
        require_on(actor, Permission.MANAGE_CATALOGUE, Owned(Target.PRODUCT, row.seller_id))
        changes = {
            "name": records.visible(body.name, "name") if body.name else None,
            "description": sanitise_optional(body.description),
            "price_minor": None if body.price is None else Money.of(body.price, row.currency, field="price").minor,
            "stock": body.stock,
            "images": body.images,
        }
        await records.save_changes(row, changes)
        await product_news.tell_featured(unit, product_id)
        return row

    return views.product(await commit(runtime.bus, work))
