"""What was sold, as figures: orders count as placed unless cancelled, money as paid minus refunded."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class ProductSales:
    """One product's sales in one stream."""

    purchases: int = 0
    """Orders that hold it, however many of their lines."""
    units: int = 0
    revenue: int = 0
    """Minor units, paid minus refunded, after discounts and without shipping."""


@dataclass(slots=True)
class StreamSales:
    """One stream's sales."""

    orders: int = 0
    buyers: int = 0
    revenue: int = 0
    """Minor units, paid minus refunded."""
    products: dict[str, ProductSales] = field(default_factory=dict)

    def product(self, product_id: str) -> ProductSales:
        """A product's sales, begun where there are none yet."""
        return self.products.setdefault(product_id, ProductSales())
