"""The catalogue over REST."""

from backend.rest.binding import Call, serve
from backend.services import products
from shared import commands as c
from shared import endpoints
from shared import views as v


@serve(endpoints.CREATE_PRODUCT)
async def create_product(call: Call[c.CreateProduct, None]) -> v.ProductView:
    """Add a product."""
    return await products.create_product(call.runtime, call.actor, call.body)


@serve(endpoints.LIST_PRODUCTS)
async def list_products(call: Call[None, c.ProductsQuery]) -> v.Page[v.ProductView]:
    """The products."""
    return await products.list_products(call.query)


@serve(endpoints.GET_PRODUCT)
async def get_product(call: Call[None, None]) -> v.ProductView:
    """One product."""
    return await products.get_product(call.path["product_id"])


@serve(endpoints.UPDATE_PRODUCT)
async def update_product(call: Call[c.UpdateProduct, None]) -> v.ProductView:
    """Edit a product."""
    return await products.update_product(call.runtime, call.actor, call.path["product_id"], call.body)
