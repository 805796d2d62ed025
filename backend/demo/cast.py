"""Who is in the show and what is sold in it: the demo's people and goods, as data."""

from dataclasses import dataclass
from decimal import Decimal

from shared.roles import Role

PLATFORM_FEE = Decimal("2.5")
"""What the platform keeps of every sale, in percent."""
FEW = 4
"""Goods of which there are at most so many are sold out as soon as they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What shoppers ask about a product, and what the host replies."""

    asked: str
    replied: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A product, and what people say about it."""

    id: str
    name: str
    short: str
    """What people call it in chat."""
    price: Decimal
    special: Decimal | None = None
    """Its price in this show."""
    stock: int
    pitch: str
    """The host's line as it appears."""
    questions: tuple[Question, ...]
    remarks: tuple[str, ...]

    @property
    def is_rare(self) -> bool:
        """Whether there are only a few."""
        return self.stock <= FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A seller."""

    id: str
    name: str
    goods: tuple[Goods, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoter:
    """An affiliate, who sells a shop's goods."""

    id: str
    name: str
    username: str
    commission: Decimal
    """Percentage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One stream of the show: whose it is, and how its picture and sound differ from the others'."""

    title: str
    description: str
    category: str
    tags: tuple[str, ...]
    shop: Shop
    promoter: Promoter | None = None
    share: float
    """The part of the shoppers who come for this stream."""
    hue: float
    """Of the test card, in turns of the colour wheel."""
    pitch: int
    """Of the test tone, in hertz."""

    @property
    def role(self) -> Role:
        """What the host's token says."""
        return Role.AFFILIATE if self.promoter else Role.SELLER

    @property
    def host_id(self) -> str:
        """The host's id."""
        return self.promoter.id if self.promoter else self.shop.id

    @property
    def host_name(self) -> str:
        """The name on the picture and in progress lines."""
        return self.promoter.name if self.promoter else self.shop.name


KITCHEN = Shop(
    id="copper-and-clay",
    name="Copper & Clay",
    goods=(
        Goods(
            id="moka-pot-6",
            name="Stovetop Moka Pot, 6 cups",
            short="moka pot",
            price=Decimal("39.00"),
            special=Decimal("31.50"),
            stock=120,
            pitch="First up: our 6-cup moka pot. Listen to that lid click. Show price $31.50 while we're live!",
            questions=(
                Question(asked="does the moka pot work on induction?", replied="Yes! Steel base, induction is fine."),
                Question(
                    asked="is 6 cups like 6 real mugs or espresso cups",
                    replied="Espresso cups: about 300 ml all together.",
                ),
                Question(asked="can it go in the dishwasher?", replied="Please don't, rinse it by hand and it lasts."),
            ),
            remarks=(
                "had one of these for 9 years, still going",
                "the sound of it brewing 😍",
                "I can smell it already ☕",
            ),
        ),
        Goods(
            id="copper-pan-sample",
            name="Copper Sauté Pan, showroom piece",
            short="copper pan",
            price=Decimal("149.00"),
            special=Decimal("89.90"),
            stock=3,
            pitch="Only three of these: copper sauté pans from the showroom, tiny scratches, $89.90. Ready? Go!",
            questions=(
                Question(asked="where are the scratches?", replied="On the base, you only see them here. Look."),
            ),
            remarks=("three?? 😱", "my finger is on the button", "copper looks so warm on camera"),
        ),
        Goods(
            id="carbon-skillet-26",
            name="Carbon Steel Skillet, 26 cm",
            short="skillet",
            price=Decimal("64.00"),
            stock=45,
            pitch="Now the 26 cm carbon steel skillet. Lighter than cast iron, and it only gets better with use.",
            questions=(
                Question(
                    asked="does the skillet come pre-seasoned?",
                    replied="One coat from us, then two rounds in your oven.",
                ),
                Question(
                    asked="what's the weight of the 26 cm one?", replied="1.6 kg, so you can still toss with one hand."
                ),
            ),
            remarks=("eggs on that 🍳🍳", "my non-stick lasts one year, tired of it", "that sear!!"),
        ),
        Goods(
            id="ramen-bowls-2",
            name="Stoneware Ramen Bowls, set of 2",
            short="ramen bowls",
            price=Decimal("48.00"),
            special=Decimal("42.00"),
            stock=80,
            pitch="Hand-glazed ramen bowls, set of two. Every pair comes out a little different.",
            questions=(
                Question(asked="are the bowls microwave safe?", replied="Microwave and dishwasher, both fine."),
                Question(asked="which colours do the bowls come in?", replied="Ash, moss and the blue one in my hand."),
            ),
            remarks=("that blue glaze 💙", "need these for winter", "prettiest bowls I've seen on here"),
        ),
        Goods(
            id="apron-linen",
            name="Washed Linen Apron",
            short="apron",
            price=Decimal("36.00"),
            stock=200,
            pitch="Washed linen apron with the deep pocket. Yes, a phone fits. Yes, two phones fit.",
            questions=(
                Question(asked="one size? I'm 1.90 m", replied="One size with long ties; I'm 1.85 m and it's plenty."),
            ),
            remarks=("deep pockets sold me", "bought it last show, super soft"),
        ),
        Goods(
            id="pepper-mill",
            name="Walnut Pepper Mill",
            short="pepper mill",
            price=Decimal("52.00"),
            stock=30,
            pitch="Walnut pepper mill, ceramic grinder. Only thirty of these, the wood is from one tree.",
            questions=(
                Question(asked="can the mill do really coarse?", replied="Coarse, fine and everything between."),
            ),
            remarks=("from one tree, wow", "would make a great gift 🎁"),
        ),
    ),
)

OUTDOOR = Shop(
    id="northbound-gear",
    name="Northbound Gear",
    goods=(
        Goods(
            id="trail-pack-28",
            name="Trail Backpack 28 L",
            short="backpack",
            price=Decimal("119.00"),
            special=Decimal("99.00"),
            stock=60,
            pitch="The 28 litre trail pack I carried for 400 km. $99 tonight, I checked three times.",
            questions=(
                Question(asked="is the rain cover included?", replied="It is, in the bottom pocket."),
                Question(asked="fits a 15 inch laptop?", replied="Yes, in the bladder sleeve. Ask me how I know 😅"),
            ),
            remarks=("400 km 😳 respect", "the green one please", "my old pack just died, perfect timing"),
        ),
        Goods(
            id="tarp-prototype",
            name="Ultralight Tarp, hand-sewn prototype",
            short="tarp",
            price=Decimal("79.00"),
            stock=2,
            pitch="Two prototypes of the tarp exist, both on this table, and both can be yours now.",
            questions=(
                Question(asked="will the tarp be made in series?", replied="In spring, if you two like yours."),
            ),
            remarks=("two in the whole world 👀", "hand-sewn, love it", "good luck everyone 😄"),
        ),
        Goods(
            id="headlamp-600",
            name="Headlamp 600 lm, USB-C",
            short="headlamp",
            price=Decimal("45.00"),
            stock=150,
            pitch="600 lumens, USB-C, and a red mode so your tent mates stay your friends.",
            questions=(
                Question(asked="how long does the battery last?", replied="8 hours on medium, 2 on full beam."),
                Question(asked="waterproof?", replied="IPX6: heavy rain yes, diving no."),
            ),
            remarks=("red mode is a must", "USB-C finally 🙌", "got two for the kids"),
        ),
        Goods(
            id="merino-tee",
            name="Merino T-Shirt 150",
            short="merino tee",
            price=Decimal("69.00"),
            special=Decimal("59.00"),
            stock=90,
            pitch="Merino 150. Five days, one shirt, still invited to dinner.",
            questions=(
                Question(asked="does it run small?", replied="True to size. Between two? Take the bigger one."),
                Question(asked="itchy or not?", replied="18.5 micron, so not at all for me."),
            ),
            remarks=("5 days lol", "merino is worth every cent", "love the rust colour"),
        ),
        Goods(
            id="camp-stove",
            name="Folding Camp Stove",
            short="stove",
            price=Decimal("58.00"),
            stock=40,
            pitch="This folds into its own pot. Boils half a litre in about three minutes, watch.",
            questions=(
                Question(asked="which gas does the stove take?", replied="Standard screw-on cartridges (EN 417)."),
            ),
            remarks=("it folds INTO the pot 🤯", "boiling already??", "instant noodles on a summit >>>"),
        ),
        Goods(
            id="bottle-750",
            name="Insulated Bottle 750 ml",
            short="bottle",
            price=Decimal("34.00"),
            stock=300,
            pitch="And the bottle everyone asks about. Ice from this morning, still rattling.",
            questions=(Question(asked="does it fit a bike cage?", replied="It does, 73 mm wide."),),
            remarks=("ok the ice thing convinced me", "have it in sand, 10/10"),
        ),
    ),
)

ACTS = (
    Act(
        title="Sunday Kitchen Live: steel, clay & coffee",
        description="Tools for a lifetime of breakfasts, cooked with on camera.",
        category="Home & Kitchen",
        tags=("kitchen", "coffee", "handmade"),
        shop=KITCHEN,
        share=0.6,
        hue=0.02,
        pitch=220,
    ),
    Act(
        title="Maya packs for the Alps",
        description="Everything in my pack, and what stayed at home.",
        category="Outdoor",
        tags=("hiking", "gear"),
        shop=OUTDOOR,
        promoter=Promoter(id="maya-okafor", name="Maya Okafor", username="maya.outside", commission=Decimal("7.5")),
        share=0.4,
        hue=0.45,
        pitch=330,
    ),
)

FIRST_NAMES = (
    "Anna", "Mateo", "Yuki", "Lena", "Omar", "Chloé", "Priya", "Tom", "Ines", "Jonas", "Amara", "Luca", "Sofia",
    "Kenji", "Nora", "Diego", "Fatima", "Milan", "Zoë", "Ravi", "Elif", "Hugo", "Mei", "Oskar", "Camila", "Samir",
    "Freya", "Leon", "Aiko", "Paulo", "Greta", "Nadia", "Björn", "Carla", "Kofi", "Lucía", "Emma", "Tariq", "Ida",
    "Noah", "Wanjiru", "Pavel",
)  # fmt: skip
CITIES = (
    "Lisbon",
    "Leipzig",
    "Nairobi",
    "Torino",
    "Porto",
    "Wien",
    "Oslo",
    "Santiago",
    "Osaka",
    "İzmir",
    "Accra",
    "Lyon",
)
HANDLES = ("cooks", "outdoors", "b", "xo", "_92", "and_co", ".k", "mtl", "berlin", "reads", "2go", "home", "_")

GREETINGS = (
    "hi everyone 👋", "hello from Lisbon!", "just got here, what did I miss?", "hey hey", "good evening from Nairobi",
    "Hallo aus Leipzig!", "¡hola a todos!", "bonsoir 😊", "こんばんは〜", "oi gente, boa noite", "first time here, hi!",
    "made it in time for once", "ciao 👋 da Torino", "selam 🙂",
)  # fmt: skip
CHATTER = (
    "is shipping to Norway possible?", "sound is great today", "love these shows", "can we see it closer please 🙏",
    "how long does delivery take usually?", "wie lange dauert der Versand nach Österreich?",
    "¿hacen envíos a Chile?", "c'est en stock en noir ?", "すごく可愛い", "quanto custa o frete pro Porto?",
    "my sister told me to watch this haha", "❤️❤️❤️", "😂😂", "🔥🔥", "wait say that again?", "adding to my list",
    "what was the code for newsletter people?", "you two should do a show together", "same here!", "+1",
    "so calm and no shouting, thank you", "video is smooth on 4G btw", "brb dinner, don't sell out 🏃",
    "do you ship gifts with a card?", "any chance of a black friday thing", "agree with the one above 👆",
    "ordered last month, arrived in 3 days", "greetings to the camera person", "is this recorded? have to leave soon",
)  # fmt: skip
ABOUT_GOODS = (
    "how much is the {name} again?", "${price} for the {short}? not bad", "ok I want the {short}",
    "is the {short} still available?", "can you show the {short} one more time?", "only {stock} of the {short}? 😬",
    "der {short} sieht gut aus 👍", "me encanta el {short} 😍", "getting the {short} for my dad",
    "thinking about the {short}…", "someone here who owns the {short}? worth it?",
)  # fmt: skip
FAREWELLS = ("gotta go, bye all!", "good night everyone 🌙", "off to bed, thanks!", "ciao ciao", "bis nächste Woche!")
UNWELCOME = (
    "CHEAP FOLLOWERS!!! www.followers-4-u.example >>> 1000 for $2",
    "what a ridiculous scam, only idiots buy this",
    "💰💰 earn 500/day from home, DM me 💰💰",
    "shut up and show something good for once",
    "same thing on bargain-hole.example for half, dont buy here",
)
HOST_ASIDES = (
    "Welcome everyone who just came in 💛", "Questions in the chat, I read all of them!",
    "Shipping is 2-4 days, worldwide.", "Let me turn the camera a bit… better?", "Thank you, that means a lot!",
    "We're here for a while, no rush.",
)  # fmt: skip
BOUGHT = (
    "got the {short}! 🎉", "just ordered the {short} 🙌", "ok I did it, the {short} is mine", "{short} ordered, yay",
    "my wallet is crying but hello {short}", "bestellt 👍", "¡comprado! 😍", "one {short} for me, one for my sister 😇",
    "that was quick, order confirmed already", "couldn't resist", "c'est commandé ✨", "done, birthday present sorted",
)  # fmt: skip
MISSED = (
    "nooo the {short} is gone 😭", "sold out while I was typing my address, really?", "will the {short} come back?",
    "too slow again 🐌", "whoever got the last {short}: enjoy it, I'm only a little jealous",
)  # fmt: skip
TOO_EARLY = (
    "can't put the {short} in my basket?", "my page has no button for the {short}", "did I miss the {short}?",
    "the app says not now for the {short} 🤔", "please show the {short} again 🙏",
)  # fmt: skip
DECLINED = (
    "my card was declined, trying the other one 🙈", "payment failed?? one moment", "ugh, my bank wants a code now",
)  # fmt: skip
THANKS = (
    "Thank you! The {short} goes out tomorrow 📦", "I see the orders coming in, thank you 💛",
    "Another {short} leaves the shelf, enjoy it!", "You'll love the {short}, write to me when it's there!",
    "Thank you all, my packing table is getting full 😄",
)  # fmt: skip
FLASH_SALES = (
    "Flash sale! {percent} % off the {short} for {seconds} seconds. Go go go!",
    "Okay, for the next {seconds} seconds: {percent} % off the {short}. Timer is running ⏱️",
    "Because you're so nice today: {short}, minus {percent} %, {seconds} seconds. Now!",
)
