"""The products featured in a stream: added, shown, hidden."""

from backend import seams
from backend.domain.actors import Actor, StreamScope, may, require_on
from backend.domain.lifecycle import require_not_over
from backend.services import moments, product_news, products, sales
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import LiveStream, LiveStreamProduct, Product
from shared.commands import AddStreamProduct
from shared.money import Money
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.views import StreamProductView


async def list_products(runtime: Runtime, actor: Actor, stream_id: str) -> list[StreamProductView]:
    """A stream's products by position: the active ones, for its staff all."""
    snapshot = await runtime.snapshots.get(stream_id)
    shown = snapshot.stream if may(actor, Permission.READ_STATS, snapshot.scope) else snapshot.public
    return shown.products


async def add(runtime: Runtime, actor: Actor, stream_id: str, body: AddStreamProduct) -> StreamProductView:
    """Feature a product of the stream's seller, known or new, at the end of the list."""
    scope = await scope_for(runtime, actor, Permission.EDIT_PRODUCTS, stream_id)
    if (body.product_id is None) == (body.product is None):
        raise ProblemError.of_field("productId", "one_of", "Send either productId or product.")

    async def work(unit: UnitOfWork) -> StreamProductView:
        stream = await LiveStream.select_for_update(no_key=True).get(id=stream_id)
        require_not_over(stream.status)
        if body.product is not None:
            product = await products.insert(scope.seller_id, body.product)
        else:
            product = await _sellers_product(scope.seller_id, body.product_id or "")
        featured_id = await _feature(stream_id, product, body)
        await product_news.tell(unit, scope)
        return await _view(featured_id)

    return await commit(runtime.bus, work)


async def _sellers_product(seller_id: str, product_id: str) -> Product:
    product = await Product.get_or_none(id=product_id)
    if product is None or product.seller_id != seller_id:
        raise ProblemError.of_field(
            "productId", "unknown", f"The stream's seller has no product {product_id!r}; send it as product."
        )
    return product


async def _feature(stream_id: str, product: Product, body: AddStreamProduct) -> str:
    if await LiveStreamProduct.exists(stream_id=stream_id, product_id=product.id):
        raise ProblemError(Code.ALREADY_EXISTS, f"The product {product.id!r} is in this stream already.")
    special = body.special_price
    last = await LiveStreamProduct.filter(stream_id=stream_id).order_by("-position").first()
    row = await LiveStreamProduct.create(
        id=seams.new_id(),
        stream_id=stream_id,
        product_id=product.id,
        special_price_minor=None
        if special is None
        else Money.of(special, product.currency, field="specialPrice").minor,
        is_active=body.is_active,
        position=last.position + 1 if last else 0,
        added_at=seams.now(),
    )
    return row.id


async def toggle(
    runtime: Runtime, actor: Actor, stream_id: str, product_id: str, is_active: bool | None
) -> StreamProductView:
    """Show or hide a product: flips it, or sets it, so that two operators cannot undo each other.

    A hidden one is pinned no longer, nor in a flash sale.
    """
    scope = await scope_for(runtime, actor, Permission.TOGGLE_PRODUCTS, stream_id)

    async def work(unit: UnitOfWork) -> StreamProductView:
        await LiveStream.select_for_update(no_key=True).get(id=stream_id)
        row = await featured(stream_id, product_id)
        row.is_active = (not row.is_active) if is_active is None else is_active
        await row.save(update_fields=["is_active"])
        if not row.is_active:
            await moments.end_all_of(unit, scope, product_id)
        await product_news.tell(unit, scope)
        return await _view(row.id)

    return await commit(runtime.bus, work)


async def state(runtime: Runtime, actor: Actor, stream_id: str) -> list[StreamProductView]:
    """Tell everyone in the stream its products as they stand; the whole list."""
    scope = await scope_for(runtime, actor, Permission.EDIT_PRODUCTS, stream_id)

    async def work(unit: UnitOfWork) -> list[StreamProductView]:
        return await product_news.tell(unit, scope)

    return await commit(runtime.bus, work)


async def scope_for(runtime: Runtime, actor: Actor, permission: Permission, stream_id: str) -> StreamScope:
    """The stream that this actor may act on so.

    Raises:
        ProblemError: `not_found`, `unauthorized` or `forbidden`.
    """
    scope = (await runtime.snapshots.get(stream_id)).scope
    require_on(actor, permission, scope)
    return scope


async def featured(stream_id: str, product_id: str) -> LiveStreamProduct:
    """A stream's featured product with its product.

    Raises:
        ProblemError: `product_not_in_stream`.
    """
    row = await LiveStreamProduct.get_or_none(stream_id=stream_id, product_id=product_id).prefetch_related("product")
    if row is None:
        raise ProblemError(Code.PRODUCT_NOT_IN_STREAM, f"The product {product_id!r} is not in this stream.")
    return row


async def on_sale(stream_id: str, product_id: str) -> LiveStreamProduct:
    """A stream's featured product that viewers see, with its product.

    Raises:
        ProblemError: `product_not_in_stream` or `product_not_active`.
    """
    row = await featured(stream_id, product_id)
    if not row.is_active:
        raise ProblemError(Code.PRODUCT_NOT_ACTIVE, f"The product {product_id!r} is hidden; show it first.")
    return row


async def _view(featured_id: str) -> StreamProductView:
    row = await LiveStreamProduct.get(id=featured_id).prefetch_related("product")
    return views.stream_product(row, (await sales.by_stream([row.stream_id]))[row.stream_id])
