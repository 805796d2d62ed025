"""Sales and refunds worked out by hand: what each share must be, to the minor unit, and why.

Amounts are minor units, rates basis points. Nothing here is computed by the product.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One order: its lines as (goods, rate), what is added, and what every part must come to."""

    why: str
    lines: tuple[tuple[int, int], ...]
    discount: int = 0
    shipping: int = 0
    fee_rate: int = 0
    currency: str = "USD"
    discounts: tuple[int, ...] = ()
    """The discount of each line; all zero when left out."""
    commissions: tuple[int, ...]
    rate: int
    """The order's, in basis points."""
    seller: int
    affiliate: int
    platform: int = 0
    refunds: tuple[tuple[int, int, int, int], ...] = field(default=())
    """One after the other: the amount, and what seller, affiliate and platform each give back of it."""


SALES = (
    # --- the specification and plain cases ---
    Sale(
        why="the specification's example: 7.5 % of 200.00 is 15.00",
        lines=((20000, 750),),
        commissions=(1500,),
        rate=750,
        seller=18500,
        affiliate=1500,
    ),
    Sale(why="10 % of 1.00", lines=((100, 1000),), commissions=(10,), rate=1000, seller=90, affiliate=10),
    Sale(
        why="three pieces are one line: 7.5 % of 600.00",
        lines=((60000, 750),),
        commissions=(4500,),
        rate=750,
        seller=55500,
        affiliate=4500,
    ),
    Sale(
        why="the smallest rate, 0.01 % of 100.00, is one cent",
        lines=((10000, 1),),
        commissions=(1,),
        rate=1,
        seller=9999,
        affiliate=1,
    ),
    # --- rounding at half units ---
    Sale(
        why="half a cent rounds up: 10 % of 0.05",
        lines=((5, 1000),),
        commissions=(1,),
        rate=1000,
        seller=4,
        affiliate=1,
    ),
    Sale(
        why="just below half rounds down: 10 % of 0.04",
        lines=((4, 1000),),
        commissions=(0,),
        rate=1000,
        seller=4,
        affiliate=0,
    ),
    Sale(
        why="7.5 % of 0.20 is 1.5 cents: 2",
        lines=((20, 750),),
        commissions=(2,),
        rate=750,
        seller=18,
        affiliate=2,
    ),
    Sale(
        why="7.5 % of 0.60 is 4.5 cents: 5, where a banker's rounding would give 4",
        lines=((60, 750),),
        commissions=(5,),
        rate=750,
        seller=55,
        affiliate=5,
    ),
    Sale(
        why="2.5 % of 1.00 is 2.5 cents: 3, where a banker's rounding would give 2",
        lines=((100, 250),),
        commissions=(3,),
        rate=250,
        seller=97,
        affiliate=3,
    ),
    Sale(
        why="12.49 % of 0.04 is 0.4996 cents: 0",
        lines=((4, 1249),),
        commissions=(0,),
        rate=1249,
        seller=4,
        affiliate=0,
    ),
    Sale(
        why="12.50 % of 0.04 is 0.5 cents: 1",
        lines=((4, 1250),),
        commissions=(1,),
        rate=1250,
        seller=3,
        affiliate=1,
    ),
    Sale(
        why="it rounds by line, not by order: twice 10 % of 0.05 is 2, once 10 % of 0.10 would be 1",
        lines=((5, 1000), (5, 1000)),
        commissions=(1, 1),
        rate=1000,
        seller=8,
        affiliate=2,
    ),
    Sale(
        why="0.15 % of 3.33 is 0.4995 cents: 0",
        lines=((333, 15),),
        commissions=(0,),
        rate=15,
        seller=333,
        affiliate=0,
    ),
    # --- 0 % and 100 % ---
    Sale(why="0 % earns nothing", lines=((20000, 0),), commissions=(0,), rate=0, seller=20000, affiliate=0),
    Sale(why="100 % earns all", lines=((20000, 10000),), commissions=(20000,), rate=10000, seller=0, affiliate=20000),
    Sale(
        why="100 % and a fee of 10 %: the seller owns the remainder, and owes 20.00",
        lines=((20000, 10000),),
        fee_rate=1000,
        commissions=(20000,),
        rate=10000,
        seller=-2000,
        affiliate=20000,
        platform=2000,
        refunds=((10000, -1000, 10000, 1000), (10000, -1000, 10000, 1000)),
    ),
    Sale(
        why="0 % and a fee of 100 %: all is the platform's",
        lines=((500, 0),),
        fee_rate=10000,
        commissions=(0,),
        rate=0,
        seller=0,
        affiliate=0,
        platform=500,
    ),
    # --- zero-priced items ---
    Sale(why="a gift: nothing is shared", lines=((0, 750),), commissions=(0,), rate=750, seller=0, affiliate=0),
    Sale(
        why="a gift beside goods earns nothing and changes no rate",
        lines=((0, 750), (10000, 750)),
        commissions=(0, 750),
        rate=750,
        seller=9250,
        affiliate=750,
    ),
    Sale(
        why="gifts at two rates: nothing by nothing is 0 %",
        lines=((0, 750), (0, 1000)),
        commissions=(0, 0),
        rate=0,
        seller=0,
        affiliate=0,
    ),
    Sale(
        why="a gift with paid shipping: shipping earns nothing and is the seller's",
        lines=((0, 750),),
        shipping=499,
        fee_rate=500,
        commissions=(0,),
        rate=750,
        seller=499,
        affiliate=0,
        refunds=((99, 99, 0, 0), (400, 400, 0, 0)),
    ),
    # --- currencies ---
    Sale(
        why="JPY has no minor unit: 7.5 % of 1000 yen is 75 yen",
        lines=((1000, 750),),
        currency="JPY",
        commissions=(75,),
        rate=750,
        seller=925,
        affiliate=75,
    ),
    Sale(
        why="JPY at half a yen: 7.5 % of 980 is 73.5, so 74",
        lines=((980, 750),),
        currency="JPY",
        commissions=(74,),
        rate=750,
        seller=906,
        affiliate=74,
        refunds=((100, 92, 8, 0), (880, 814, 66, 0)),
    ),
    Sale(
        why="JPY: 7.5 % of 6 yen is 0.45, so nothing",
        lines=((6, 750),),
        currency="JPY",
        commissions=(0,),
        rate=750,
        seller=6,
        affiliate=0,
    ),
    Sale(
        why="KWD has three decimals: 7.5 % of 1.234 is 0.09255, so 0.093",
        lines=((1234, 750),),
        currency="KWD",
        commissions=(93,),
        rate=750,
        seller=1141,
        affiliate=93,
        refunds=((617, 570, 47, 0), (617, 571, 46, 0)),
    ),
    Sale(
        why="KWD at half a fils: 2.5 % of 0.020 is 0.0005, so 0.001",
        lines=((20, 250),),
        currency="KWD",
        commissions=(1,),
        rate=250,
        seller=19,
        affiliate=1,
    ),
    # --- the platform's fee is floored ---
    Sale(
        why="2.9 % of 0.99 is 2.871 cents: the fee is 2, not 3",
        lines=((99, 0),),
        fee_rate=290,
        commissions=(0,),
        rate=0,
        seller=97,
        affiliate=0,
        platform=2,
    ),
    Sale(
        why="5 % of 0.19 is 0.95 cents: no fee at all",
        lines=((19, 0),),
        fee_rate=500,
        commissions=(0,),
        rate=0,
        seller=19,
        affiliate=0,
        platform=0,
    ),
    Sale(
        why="the fee counts the goods after the discount, without shipping: 10 % of 90.00",
        lines=((10000, 1000),),
        discount=1000,
        discounts=(1000,),
        shipping=500,
        fee_rate=1000,
        commissions=(900,),
        rate=1000,
        seller=7700,
        affiliate=900,
        platform=900,
    ),
    # --- discounts over lines, the largest remainder first ---
    Sale(
        why="1.00 off three equal lines: 34, 33, 33; the first gets the odd cent",
        lines=((1000, 1000), (1000, 1000), (1000, 1000)),
        discount=100,
        discounts=(34, 33, 33),
        commissions=(97, 97, 97),
        rate=1000,
        seller=2609,
        affiliate=291,
    ),
    Sale(
        why="0.10 off 1.00 and 2.00: 3.33 and 6.67, so 3 and 7",
        lines=((100, 1000), (200, 1000)),
        discount=10,
        discounts=(3, 7),
        commissions=(10, 19),
        rate=1000,
        seller=261,
        affiliate=29,
    ),
    Sale(
        why="0.01 off 1.00 and 9.99: the larger fraction, 0.909, gets the cent",
        lines=((100, 0), (999, 0)),
        discount=1,
        discounts=(0, 1),
        commissions=(0, 0),
        rate=0,
        seller=1098,
        affiliate=0,
    ),
    Sale(
        why="all is taken off: nothing to share but shipping",
        lines=((3990, 750), (1850, 750)),
        discount=5840,
        discounts=(3990, 1850),
        shipping=700,
        commissions=(0, 0),
        rate=750,
        seller=700,
        affiliate=0,
    ),
    Sale(
        why="a gift bears no discount",
        lines=((0, 750), (1000, 750)),
        discount=333,
        discounts=(0, 333),
        commissions=(0, 50),
        rate=750,
        seller=617,
        affiliate=50,
    ),
    # --- several rates in one order ---
    Sale(
        why="10 % of 100.00 and 5 % of 100.00: 15.00 of 200.00 is 7.5 %",
        lines=((10000, 1000), (10000, 500)),
        commissions=(1000, 500),
        rate=750,
        seller=18500,
        affiliate=1500,
    ),
    Sale(
        why="20 % of 10.00 and 0 % of 20.00: 2.00 of 30.00 is 6.666 %, so 6.67",
        lines=((1000, 2000), (2000, 0)),
        commissions=(200, 0),
        rate=667,
        seller=2800,
        affiliate=200,
    ),
    Sale(
        why="10 % of 10.00 and 0 % of 20.00: 1.00 of 30.00 is 3.333 %, so 3.33",
        lines=((1000, 1000), (2000, 0)),
        commissions=(100, 0),
        rate=333,
        seller=2900,
        affiliate=100,
    ),
    Sale(
        why="equal rates stay what they are, though rounding made 2 of 10, which would be 20 %",
        lines=((5, 1000), (5, 1000)),
        commissions=(1, 1),
        rate=1000,
        seller=8,
        affiliate=2,
    ),
    # --- refunds that do not divide evenly ---
    Sale(
        why="a third of 10.00 three times: 0.75 goes back as 25, 25, 25",
        lines=((1000, 750),),
        commissions=(75,),
        rate=750,
        seller=925,
        affiliate=75,
        refunds=((333, 308, 25, 0), (333, 308, 25, 0), (334, 309, 25, 0)),
    ),
    Sale(
        why="cents of 0.07 at 50 %: 4 earned; back after each cent 1, 1, 2, 2, 3, 3, 4 in all",
        lines=((7, 5000),),
        commissions=(4,),
        rate=5000,
        seller=3,
        affiliate=4,
        refunds=(
            (1, 0, 1, 0),  # 4/7 = 0.57: 1
            (1, 1, 0, 0),  # 8/7 = 1.14: 1
            (1, 0, 1, 0),  # 12/7 = 1.71: 2
            (1, 1, 0, 0),  # 16/7 = 2.29: 2
            (1, 0, 1, 0),  # 20/7 = 2.86: 3
            (1, 1, 0, 0),  # 24/7 = 3.43: 3
            (1, 0, 1, 0),  # 28/7 = 4
        ),
    ),
    Sale(
        why="half back of an odd commission: 15 x 50/100 = 7.5, so 8, then the other 7",
        lines=((100, 1500),),
        commissions=(15,),
        rate=1500,
        seller=85,
        affiliate=15,
        refunds=((50, 42, 8, 0), (50, 43, 7, 0)),
    ),
    Sale(
        why="a refund too small to take a cent of commission: 15 x 1/200 = 0.075",
        lines=((200, 750),),
        commissions=(15,),
        rate=750,
        seller=185,
        affiliate=15,
        refunds=((1, 1, 0, 0), (199, 184, 15, 0)),
    ),
    Sale(
        why="the fee comes back floored: 2 x 50/99 = 1.01, so 1, then the other 1",
        lines=((99, 1000),),
        fee_rate=290,
        commissions=(10,),
        rate=1000,
        seller=87,
        affiliate=10,
        platform=2,
        refunds=((50, 44, 5, 1), (49, 43, 5, 1)),
    ),
    Sale(
        why="the goods go back before the shipping: the commission is all back when the goods are",
        lines=((1000, 1000),),
        shipping=500,
        fee_rate=1000,
        commissions=(100,),
        rate=1000,
        seller=1300,
        affiliate=100,
        platform=100,
        refunds=((1000, 800, 100, 100), (200, 200, 0, 0), (300, 300, 0, 0)),
    ),
    Sale(
        why="one refund reaches from the goods into the shipping",
        lines=((1000, 1000),),
        shipping=500,
        commissions=(100,),
        rate=1000,
        seller=1400,
        affiliate=100,
        refunds=((999, 899, 100, 0), (2, 2, 0, 0), (499, 499, 0, 0)),
    ),
    Sale(
        why="a full refund at once takes back exactly what each got",
        lines=((3333, 777), (6667, 1234)),
        shipping=490,
        fee_rate=275,
        commissions=(259, 823),
        rate=1082,
        seller=9133,
        affiliate=1082,
        platform=275,
        refunds=((10490, 9133, 1082, 275),),
    ),
    Sale(
        why="100 % back in two halves",
        lines=((101, 10000),),
        commissions=(101,),
        rate=10000,
        seller=0,
        affiliate=101,
        refunds=((50, 0, 50, 0), (51, 0, 51, 0)),
    ),
    # --- large amounts stay exact ---
    Sale(
        why="7.5 % of 999,999,999,999.99 is 74,999,999,999.99925: rounded up to 75,000,000,000.00",
        lines=((99999999999999, 750),),
        commissions=(7500000000000,),
        rate=750,
        seller=92499999999999,
        affiliate=7500000000000,
    ),
)
