"""The world in which the access matrix is walked: its people, its things, and what a thing is to each of them.

What anyone may is read from the shared table alone; the code that enforces it is asked only over the wire.
"""

import base64
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import jwt
from tortoise.connection import get_connection
from tortoise.models import Model

from backend import seams
from backend.domain import opaque
from backend.domain.moderation.registers import FacetKind
from backend.domain.tokens import ISSUER, Keyring
from backend.storage import models
from backend.storage.models import (
    Account,
    Affiliate,
    ApiToken,
    AppointmentRow,
    AuditEntry,
    LiveStream,
    LiveStreamMessage,
    LiveStreamProduct,
    LiveStreamViewer,
    ModerationAct,
    ModerationWrite,
    Order,
    OrderLine,
    Pin,
    Product,
    Seller,
    UnbanRequest,
)
from shared import moderation as acting
from shared.moderation import ActClient, ActKind, ChatMode
from shared.roles import Permission, Reach, Role, Target, reach
from shared.rooms import NAMESPACE
from shared.views import AffiliateStatus, HostType, OrderStatus, StreamStatus
from tests.shop import AFFILIATE, KEY, PRODUCT, SELLER, STREAM, Live, Shop
from tests.waiting import PATIENCE

KEYRING = Keyring(KEY)
HIDDEN = "linen-shirt"
"""A product that is in every stream, and not active."""
OTHER_SELLER, OTHER_AFFILIATE = "seller_2", "affiliate_2"
SESSION, SIGNED_SESSION = "session-of-a-guest", "session-of-a-signed-guest"

VICTIM_SELLER, VICTIM_AFFILIATE, VICTIM, VICTIM_SESSION = (
    "victim-seller",
    "victim-affiliate",
    "victim-account",
    "victim-session",
)
CHATTER = "guest_x"
"""Who wrote the message of every stream."""
APPOINTED, UNAPPOINTED, PROGRAM_OWNER, APPOINTEE = "appointed", "unappointed", "program-owner", "appointee"
PROGRAM_SECRET = f"{opaque.API_PREFIX}a-program-of-an-admin"
PROGRAM_SCOPES = frozenset({Permission.READ_STATS, Permission.MODERATE, Permission.READ_ORDERS})
REVOKED = "a-revoked-token"
"""The id of a token that is right in all but that."""
VICTIM_GUEST = KEYRING.guest_id(VICTIM_SESSION)
VICTIMS = (VICTIM_SELLER, VICTIM_AFFILIATE, VICTIM, VICTIM_SESSION, VICTIM_GUEST)
"""People whom everyone claims to be, on every route and event."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What is acted on, and whom it concerns."""

    kind: Target | None
    name: str
    id: str = ""
    stream_id: str = STREAM
    host: tuple[Role, str] | None = None
    message_id: str = ""
    product_id: str = PRODUCT
    seller_id: str = SELLER
    affiliate_id: str = AFFILIATE
    account_id: str = VICTIM
    order_id: str = ""
    buyer: str | None = None
    """The name of the person who placed the order."""

    def path(self, template: str) -> str:
        """A path with this thing's ids; what a cell prepares for it has its own."""
        ids = {name: value for name, value in vars(self).items() if name.endswith("_id")}
        prepared = dict.fromkeys(("act_id", "request_id", "appointment_id"), self.id)
        return template.format(**ids, **prepared, user_id=CHATTER, streamer_id=SELLER, token_id="some-token")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who asks, by the token or session that they show."""

    name: str
    role: Role
    subject: str | None = None
    scope: dict[str, str] = field(default_factory=dict)
    session: str | None = None
    known: bool = True
    """Whether the seller or affiliate has a row."""
    account: Role | None = None
    """Of whom an account makes a moderator: the role that its own token says."""
    scopes: frozenset[Permission] | None = None
    """What a program's token is narrowed to."""

    @property
    def token(self) -> str | None:
        if self.subject is None:
            return None
        if self.scopes is not None:
            return PROGRAM_SECRET
        said = {} if self.account else self.scope
        return KEYRING.issue(self.account or self.role, self.subject, lifetime=timedelta(days=1), **said)

    @property
    def is_nobody(self) -> bool:
        """Whether not even a session is known."""
        return self.subject is None and self.session is None

    @property
    def public_id(self) -> str | None:
        """How others see them."""
        if self.role is not Role.GUEST:
            return self.subject
        session = self.subject or self.session
        return KEYRING.guest_id(session) if session else None

    @property
    def headers(self) -> dict[str, str]:
        """How they show who they are by REST; a session beside a token is a claim that must not count."""
        if token := self.token:
            return {"Authorization": f"Bearer {token}", "X-Session-Id": VICTIM_SESSION}
        return {"X-Session-Id": self.session} if self.session else {}

    @property
    def claims(self) -> dict[str, str]:
        """Who they say they are in a payload; for a guest without a token the session is no claim but the proof."""
        said = {"userId": VICTIM, "hostId": VICTIM_SELLER, "sellerId": VICTIM_SELLER, "affiliateId": VICTIM_AFFILIATE}
        said |= {"buyerId": VICTIM_GUEST, "actorId": VICTIM, "subject": VICTIM, "guestId": VICTIM_GUEST}
        if self.is_nobody:
            return said
        return said | {"sessionId": VICTIM_SESSION if self.subject else self.session or ""}

    def standing(self, thing: Thing, kind: Target | None) -> Reach:
        """What the thing, taken as one of a kind, is to them."""
        me = (self.role, self.subject)
        found = Reach.NOTHING
        if kind is Target.STREAM:
            found |= Reach.OWN if me == thing.host else Reach.NOTHING
            covers = all(getattr(thing, f"{name}_id") == value for name, value in self.scope.items())
            found |= Reach.MODERATED if self.role is Role.MODERATOR and covers else Reach.NOTHING
        elif kind in (Target.SELLER, Target.PRODUCT):
            found |= Reach.OWN if me == (Role.SELLER, thing.seller_id) else Reach.NOTHING
        elif kind is Target.AFFILIATE:
            found |= Reach.OWN if me == (Role.AFFILIATE, thing.affiliate_id) else Reach.NOTHING
        elif kind is Target.ORDER:
            found |= Reach.OWN if me == (Role.SELLER, thing.seller_id) else Reach.NOTHING
            found |= Reach.BOUGHT if self.name == thing.buyer else Reach.NOTHING
        return found

    def reach(self, needs: Permission, kind: Target | None = None) -> Reach:
        """What the table says of them, narrowed by their token."""
        return reach(self.role, needs, kind) if self.scopes is None or needs in self.scopes else Reach.NOTHING

    def may(self, needs: Permission, thing: Thing, kind: Target | None) -> bool:
        """What the table says of them and this very thing."""
        return bool(self.reach(needs) & (self.standing(thing, kind) | Reach.ALL))


def cast(thing: Thing) -> list[Person]:
    """Everybody who could ask about a thing: whom it concerns, their like, and strangers."""
    moderators: dict[str, dict[str, str]] = {
        "a moderator of all streams": {},
        "a moderator of this stream": {"stream": thing.stream_id},
        "a moderator of this seller": {"seller": thing.seller_id},
        "a moderator of another stream": {"stream": "another-stream"},
        "a moderator of another seller": {"seller": OTHER_SELLER},
        "a moderator of another stream of this seller": {"stream": "another", "seller": thing.seller_id},
    }
    return [
        Person(name="a guest without a session", role=Role.GUEST),
        Person(name="a guest", role=Role.GUEST, session=SESSION),
        Person(name="a signed guest", role=Role.GUEST, subject=SIGNED_SESSION),
        Person(name="a viewer", role=Role.VIEWER, subject="vera"),
        Person(name="a viewer named like the seller", role=Role.VIEWER, subject=thing.seller_id),
        Person(name="a viewer named like the guest", role=Role.VIEWER, subject=KEYRING.guest_id(SESSION)),
        Person(name="the seller", role=Role.SELLER, subject=thing.seller_id),
        Person(name="another seller", role=Role.SELLER, subject=OTHER_SELLER),
        Person(name="a seller without a row", role=Role.SELLER, subject="nobody", known=False),
        Person(name="the affiliate", role=Role.AFFILIATE, subject=thing.affiliate_id),
        Person(name="another affiliate", role=Role.AFFILIATE, subject=OTHER_AFFILIATE),
        Person(name="an affiliate named like the seller", role=Role.AFFILIATE, subject=thing.seller_id, known=False),
        *(
            Person(name=name, role=Role.MODERATOR, subject=f"mo-{number}", scope=scope)
            for number, (name, scope) in enumerate(moderators.items())
        ),
        Person(
            name="a viewer who is appointed for the seller",
            role=Role.MODERATOR,
            subject=APPOINTED,
            scope={"seller": SELLER},
            account=Role.VIEWER,
        ),
        Person(
            name="a moderator whom nobody has appointed",
            role=Role.MODERATOR,
            subject=UNAPPOINTED,
            scope={"stream": "none"},
            account=Role.MODERATOR,
        ),
        Person(name="a program of an admin", role=Role.ADMIN, subject=PROGRAM_OWNER, scopes=PROGRAM_SCOPES),
        Person(name="ops", role=Role.OPS, subject="olga"),
        Person(name="an admin", role=Role.ADMIN, subject="root"),
    ]


BUYERS = (
    "a guest",
    "a signed guest",
    "a viewer",
    "another seller",
    "the affiliate",
    "a moderator of all streams",
    "ops",
    "an admin",
)
"""Of whom an order of each is made. An order keeps its buyer's id, not the role: one id must be one person's."""
SOME_BUYERS = BUYERS[:3]
"""Of whom, where it does not matter who the buyer is."""


class World:
    """A running shop, and things made in it at the tests' word."""

    def __init__(self, shop: Shop, client: httpx.AsyncClient) -> None:
        self.shop = shop
        self.client = client
        self._sockets: dict[tuple[Any, ...], Live] = {}
        self._untouched: dict[tuple[Any, ...], list[Thing]] = {}

    async def untouched(self, kind: Target | None, state: str, *, buyers: tuple[str, ...] = BUYERS) -> list[Thing]:
        """Such things, shared by all who change none of them."""
        wanted = (kind, state, buyers)
        if wanted not in self._untouched:
            self._untouched[wanted] = await self.things(kind, state, buyers=buyers)
        return self._untouched[wanted]

    async def things(self, kind: Target | None, state: str, *, buyers: tuple[str, ...] = BUYERS) -> list[Thing]:
        """One new thing of each sort of a kind."""
        match kind:
            case None:
                return [Thing(kind=None, name="nothing in particular", host=(Role.AFFILIATE, AFFILIATE))]
            case Target.STREAM:
                return [await self.stream(host, state) for host in HostType]
            case Target.ORDER:
                return [await self.order(buyer, state) for buyer in buyers]
            case Target.SELLER:
                return [await self.seller()]
            case Target.AFFILIATE:
                return [await self.affiliate()]
            case Target.PRODUCT:
                return [await self.product()]
            case Target.ACCOUNT:
                return [Thing(kind=kind, name="an account", id=VICTIM, account_id=VICTIM)]

    async def again(self, thing: Thing, state: str) -> Thing:
        """Another such stream or order, for an act that can be done once; anything else as it is."""
        match thing.kind:
            case Target.STREAM:
                return await self.stream(
                    HostType.SELLER if thing.host == (Role.SELLER, SELLER) else HostType.AFFILIATE, state
                )
            case Target.ORDER:
                return await self.order(thing.buyer or "", state)
        return thing

    async def stream(self, host_type: HostType, state: str) -> Thing:
        """A stream of the specification's seller's goods, with a hidden product, a pin and a message."""
        now, stream_id, message_id = seams.now(), seams.new_id(), seams.new_id()
        hosted = host_type is HostType.SELLER
        status = StreamStatus(state or "scheduled")
        await LiveStream.create(
            id=stream_id,
            seq=1,
            title="A show",
            status=status,
            host_type=host_type,
            seller_id=SELLER,
            affiliate_id=None if hosted else AFFILIATE,
            stream_key=seams.new_stream_key(),
            playback_id=seams.new_secret(12),
            started_at=now if status is StreamStatus.LIVE else None,
            created_at=now,
            updated_at=now,
        )
        for position, product_id in enumerate((PRODUCT, HIDDEN)):
            await LiveStreamProduct.create(
                id=seams.new_id(),
                stream_id=stream_id,
                product_id=product_id,
                is_active=product_id == PRODUCT,
                position=position,
                added_at=now,
            )
        await LiveStreamMessage.create(
            id=message_id,
            stream_id=stream_id,
            seq=1,
            author_id=CHATTER,
            is_guest=True,
            username="X",
            message="Hi",
            sent_at=now,
        )
        await Pin.create(stream_id=stream_id, product_id=PRODUCT, pinned_by="root", pinned_at=now)
        return Thing(
            kind=Target.STREAM,
            name=f"a stream of a {host_type}",
            id=stream_id,
            stream_id=stream_id,
            message_id=message_id,
            host=(Role.SELLER, SELLER) if hosted else (Role.AFFILIATE, AFFILIATE),
        )

    async def order(self, buyer: str, state: str) -> Thing:
        """An order for the specification's seller's goods."""
        placed = Thing(kind=Target.ORDER, name=f"an order of {buyer}", id=seams.new_id(), buyer=buyer)
        placed = Thing(**(vars(placed) | {"order_id": placed.id}))
        by = next(person for person in cast(placed) if person.name == buyer)
        await self.order_row(placed.id, by.public_id or "", is_guest=by.role is Role.GUEST)
        admin = {"Authorization": f"Bearer {self.shop.token(Role.ADMIN, 'root')}"}
        for step in {"": (), "paid": ("pay",), "shipped": ("pay", "ship")}[state]:
            taken = await self.client.post(f"/api/v1/orders/{placed.id}/{step}", headers=admin)
            assert taken.status_code == 200, taken.text
        return placed

    async def order_row(self, order_id: str, buyer_id: str, *, is_guest: bool, stream_id: str | None = None) -> None:
        """A pending order of one product."""
        now = seams.now()
        await Order.create(
            id=order_id,
            number=seams.new_order_number(),
            status=OrderStatus.PENDING,
            seller_id=SELLER,
            stream_id=stream_id,
            buyer_id=buyer_id,
            is_guest_order=is_guest,
            currency="USD",
            goods_minor=20_000,
            discount_minor=0,
            shipping_minor=0,
            commission_minor=0,
            fee_rate=0,
            placed_at=now,
            expires_at=now + timedelta(hours=1),
        )
        await OrderLine.create(
            id=seams.new_id(),
            order_id=order_id,
            position=0,
            product_id=PRODUCT,
            name="Thing",
            quantity=1,
            unit_price_minor=20_000,
            discount_minor=0,
            net_minor=20_000,
            commission_minor=0,
        )

    async def seller(self, seller_id: str | None = None) -> Thing:
        """A new seller."""
        now, row_id = seams.now(), seller_id or seams.new_id()
        await Seller.create(id=row_id, business_name="A shop", currency="USD", created_at=now, updated_at=now)
        return Thing(kind=Target.SELLER, name="a seller", id=row_id, seller_id=row_id)

    async def affiliate(self, affiliate_id: str | None = None) -> Thing:
        """A new approved affiliate."""
        now, row_id = seams.now(), affiliate_id or seams.new_id()
        await Affiliate.create(
            id=row_id,
            name="Bo",
            username=row_id,
            display_name="Bo",
            status=AffiliateStatus.APPROVED,
            commission_rate=500,
            created_at=now,
            updated_at=now,
        )
        return Thing(kind=Target.AFFILIATE, name="an affiliate", id=row_id, affiliate_id=row_id)

    async def product(self) -> Thing:
        """A new product of the specification's seller."""
        now, row_id = seams.now(), seams.new_id()
        await Product.create(
            id=row_id,
            seller_id=SELLER,
            name="Thing",
            price_minor=100,
            currency="USD",
            stock=1,
            created_at=now,
            updated_at=now,
        )
        return Thing(kind=Target.PRODUCT, name="a product", id=row_id, product_id=row_id)

    async def populate(self) -> None:
        """Those who are nobody's target: others of each role, and the people whom everyone claims to be."""
        for seller_id in (OTHER_SELLER, VICTIM_SELLER):
            await self.seller(seller_id)
        for affiliate_id in (OTHER_AFFILIATE, VICTIM_AFFILIATE):
            await self.affiliate(affiliate_id)
        await Account.create(id=VICTIM, display_name="Vic", role=Role.VIEWER, created_at=seams.now())
        await self.order_row("victims-order", VICTIM_GUEST, is_guest=True)
        await self.accounts()

    async def accounts(self) -> None:
        """Accounts with what was given to them, and a token that was revoked."""
        now = seams.now()
        for account_id, role in (
            (APPOINTED, Role.VIEWER),
            (APPOINTEE, Role.VIEWER),
            (UNAPPOINTED, Role.MODERATOR),
            (PROGRAM_OWNER, Role.ADMIN),
        ):
            await Account.create(id=account_id, display_name=account_id, role=role, created_at=now)
        await ApiToken.create(
            id=seams.new_id(),
            account_id=PROGRAM_OWNER,
            name="Program",
            hash=opaque.digest(PROGRAM_SECRET),
            scopes=sorted(PROGRAM_SCOPES),
            created_at=now,
            expires_at=now + timedelta(days=1),
        )
        for done in (
            await self.shop.admin.post("/moderators", json={"accountId": APPOINTED, "sellerId": SELLER}),
            await self.shop.admin.delete(f"/tokens/{REVOKED}"),
        ):
            assert done.is_success, done.text

    async def unban_request(self, thing: Thing) -> None:
        """Somebody asks to be let in again; as with what follows, its id is the stream's."""
        row = UnbanRequest(
            id=thing.id, stream_id=thing.id, person_id=CHATTER, person_name="X", text="Please", made_at=seams.now()
        )
        await UnbanRequest.bulk_create([row], ignore_conflicts=True)

    async def appointment(self, thing: Thing) -> None:
        """Somebody is a moderator of a stream."""
        row = AppointmentRow(
            id=thing.id,
            account_id=APPOINTEE,
            stream_id=thing.id,
            rank=1,
            appointed_by="root",
            appointed_at=seams.now(),
        )
        await AppointmentRow.bulk_create([row], ignore_conflicts=True)

    async def act(self, thing: Thing) -> None:
        """A moderator slowed a stream's chat down."""
        row = ModerationAct(
            id=thing.id,
            stream_id=thing.id,
            seq=1,
            kind=ActKind.MODE,
            reach=acting.Reach.STREAM,
            actor_id="somebody",
            actor_name="Somebody",
            actor_rank=0,
            client=ActClient.REST,
            details={"mode": ChatMode.SLOW.value, "value": 5},
            made_at=seams.now(),
        )
        write = ModerationWrite(
            id=thing.id, act_id=thing.id, place=thing.id, facet=FacetKind.MODE, key=ChatMode.SLOW.value, value="5"
        )
        await ModerationAct.bulk_create([row], ignore_conflicts=True)
        await ModerationWrite.bulk_create([write], ignore_conflicts=True)

    async def audit_entry(self, thing: Thing) -> None:
        """Something that happened in a stream is remembered."""
        row = AuditEntry(
            id=thing.id, what="a_test", actor_role="admin", stream_id=thing.id, details={}, happened_at=seams.now()
        )
        await AuditEntry.bulk_create([row], ignore_conflicts=True)

    async def socket(self, person: Person) -> Live:
        """A person's socket; those without a session get a new one each time, which has joined nothing."""
        who = (person.role, person.subject, person.session, *sorted(person.scope.items()))
        if person.is_nobody or who not in self._sockets:
            self._sockets[who] = await self._connected(person)
        return self._sockets[who]

    async def _connected(self, person: Person) -> Live:
        live = Live()
        self.shop.on_close(live.close)
        auth = person.claims | {"role": Role.ADMIN.value} | ({"token": person.token} if person.token else {})
        await live.client.connect(
            self.shop.url, namespaces=[NAMESPACE], transports=["websocket"], auth=auth, wait_timeout=PATIENCE
        )
        if person.session and not person.token:
            await live.join(STREAM, sessionId=person.session)
        return live


TABLES: tuple[type[Model], ...] = tuple(
    table
    for table in vars(models).values()
    if isinstance(table, type) and issubclass(table, Model) and table is not Model
)
BY_ITSELF = {"live_streams": {"peak_viewers"}}
"""Columns that the server writes by itself, of viewers who joined earlier."""


async def contents(*, without: tuple[type[Model], ...] = ()) -> dict[str, list[str]]:
    """The whole database but the audit trail, a text for each row."""
    found = {}
    for table in TABLES:
        if table is not models.AuditEntry and table not in without:
            name, key = table._meta.db_table, table._meta.db_pk_column
            rows = await get_connection("default").execute_query_dict(f"SELECT * FROM {name} ORDER BY {key}")
            found[name] = [str({k: v for k, v in row.items() if k not in BY_ITSELF.get(name, ())}) for row in rows]
    return found


@asynccontextmanager
async def nothing_written() -> AsyncIterator[None]:
    """No row of the database changes within the block, but for the audit trail and earlier viewers' visits."""
    before = await contents(without=(LiveStreamViewer,))
    yield
    after = await contents(without=(LiveStreamViewer,))
    for name, rows in before.items():
        assert after[name] == rows, name


async def mentions() -> dict[str, int]:
    """How often each of those whom everyone claims to be is named in the database."""
    everything = "\n".join(row for rows in (await contents()).values() for row in rows)
    return {victim: everything.count(victim) for victim in VICTIMS}


def _signed(**changes: Any) -> Callable[[Role], str]:
    """Tokens with claims changed or, where None, taken away, under the server's own key."""

    def make(role: Role) -> str:
        return jwt.encode(_claims(role, **changes), KEYRING._derived("token"), algorithm="HS256")

    return make


def _claims(role: Role, /, **changes: Any) -> dict[str, Any]:
    now = seams.now()
    claims = {"iss": ISSUER, "role": role.value, "sub": SELLER, "jti": "1", "iat": now, "exp": now + timedelta(days=1)}
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _relabelled(role: Role) -> str:
    """A guest's good token, its claims exchanged for better ones."""
    header, _, signature = KEYRING.issue(Role.GUEST, SESSION, lifetime=timedelta(days=1)).split(".")
    _, claims, _ = _signed()(role).split(".")
    return f"{header}.{claims}.{signature}"


def _of_another_algorithm(role: Role) -> str:
    """Rightly signed, but by HS512: made by hand, since the library warns of so short a key."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS512","typ":"JWT"}').rstrip(b"=").decode()
    signed = f"{header}.{_signed()(role).split('.')[1]}"
    signature = hmac.digest(KEYRING._derived("token"), signed.encode(), "sha512")
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


BAD_TOKENS: dict[str, Callable[[Role], str]] = {
    "expired": lambda role: KEYRING.issue(role, SELLER, lifetime=timedelta(seconds=-1)),
    "signed with another key": lambda role: Keyring("x" * 40).issue(role, SELLER, lifetime=timedelta(days=1)),
    "signed with the bare key": lambda role: jwt.encode(_claims(role), KEY, algorithm="HS256"),
    "of another algorithm": _of_another_algorithm,
    "not signed": lambda role: jwt.encode(_claims(role), None, algorithm="none"),
    "with exchanged claims": _relabelled,
    "of another issuer": _signed(iss="elsewhere"),
    "that was revoked": _signed(jti=REVOKED),
    "without a subject": _signed(sub=None),
    "with an empty subject": _signed(sub=""),
    "without an id": _signed(jti=None),
    "without a time": _signed(iat=None),
    "that never expires": _signed(exp=None),
    "of an unknown role": lambda role: _signed(role=f"{role}s")(role),
    "that is no token": lambda role: role.value,
}
"""Tokens that prove nothing, by what is wrong with them; each names a role and somebody who has it."""
