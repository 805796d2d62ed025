"""Who may do what, and over what: one table. The server decides by it, the console hides by it, the README shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, StrEnum, auto


class Role(StrEnum):
    """What a token says its bearer is."""

    GUEST = "guest"
    VIEWER = "viewer"
    SELLER = "seller"
    AFFILIATE = "affiliate"
    MODERATOR = "moderator"
    OPS = "ops"
    ADMIN = "admin"


class Permission(StrEnum):
    """One right. `GRANTS` says who has it, and over what."""

    WATCH = "watch"
    CHAT = "chat"
    HOST_SELLER_STREAM = "host_seller_stream"
    HOST_AFFILIATE_STREAM = "host_affiliate_stream"
    RUN_STREAM = "run_stream"
    """Start and end a stream, and see its key."""
    EDIT_PRODUCTS = "edit_products"
    TOGGLE_PRODUCTS = "toggle_products"
    MODERATE = "moderate"
    APPOINT = "appoint"
    """Make others moderators."""
    READ_AUDIT = "read_audit"
    """See what was done to whom, and what was refused."""
    READ_STATS = "read_stats"
    """See a stream's figures and its hidden products."""
    CONTROL = "control"
    READ_AFFILIATES = "read_affiliates"
    BUY = "buy"
    READ_ORDERS = "read_orders"
    CANCEL_ORDERS = "cancel_orders"
    """Call off an order before it is paid."""
    MANAGE_ORDERS = "manage_orders"
    """Take the steps of orders for goods, and set their terms."""
    READ_LEDGER = "read_ledger"
    PAY_OUT = "pay_out"
    OVERSEE = "oversee"
    """Hear of every stream's purchases and figures."""
    MANAGE_PEOPLE = "manage_people"
    EDIT_PROFILE = "edit_profile"
    MANAGE_CATALOGUE = "manage_catalogue"


class Target(StrEnum):
    """What kind of thing an operation acts on."""

    STREAM = "stream"
    PRODUCT = "product"
    ORDER = "order"
    SELLER = "seller"
    AFFILIATE = "affiliate"
    ACCOUNT = "account"


class Reach(Flag):
    """Over what a permission holds: what a thing may be to the one who acts."""

    NOTHING = 0
    OWN = auto()
    """Who they are, the streams that they host, the products that they sell and the orders for those."""
    MODERATED = auto()
    """The streams that they moderate."""
    BOUGHT = auto()
    """The orders that they placed."""
    ALL = auto()
    """Whatever there is."""


P, R = Permission, Reach
_ADMIN = {Role.ADMIN: R.ALL}
_EVERYONE = dict.fromkeys(Role, R.ALL)
_BUYERS = dict.fromkeys(Role, R.BOUGHT)
_HOSTS = {Role.SELLER: R.OWN, Role.AFFILIATE: R.OWN} | _ADMIN
_CREW = _HOSTS | {Role.MODERATOR: R.MODERATED}
_STAFF = _CREW | {Role.OPS: R.ALL}

GRANTS: Mapping[Permission, Mapping[Role, Reach]] = {
    P.WATCH: _EVERYONE,
    P.CHAT: _EVERYONE,
    P.HOST_SELLER_STREAM: {Role.SELLER: R.OWN} | _ADMIN,
    P.HOST_AFFILIATE_STREAM: {Role.AFFILIATE: R.OWN} | _ADMIN,
    P.RUN_STREAM: _HOSTS,
    P.EDIT_PRODUCTS: _HOSTS,
    P.TOGGLE_PRODUCTS: _CREW,
    P.MODERATE: _CREW,
    P.APPOINT: _HOSTS,
    P.READ_AUDIT: _STAFF,
    P.READ_STATS: _STAFF,
    P.CONTROL: _STAFF,
    P.READ_AFFILIATES: {Role.AFFILIATE: R.OWN, Role.OPS: R.ALL} | _ADMIN,
    P.BUY: _EVERYONE,
    P.READ_ORDERS: _BUYERS | {Role.SELLER: R.OWN | R.BOUGHT} | _ADMIN,
    P.CANCEL_ORDERS: _BUYERS | {Role.SELLER: R.OWN | R.BOUGHT} | _ADMIN,
    P.MANAGE_ORDERS: {Role.SELLER: R.OWN} | _ADMIN,
    P.READ_LEDGER: {Role.SELLER: R.OWN, Role.AFFILIATE: R.OWN, Role.OPS: R.ALL} | _ADMIN,
    P.PAY_OUT: _ADMIN,
    P.OVERSEE: {Role.OPS: R.ALL} | _ADMIN,
    P.MANAGE_PEOPLE: _ADMIN,
    P.EDIT_PROFILE: {Role.SELLER: R.OWN, Role.AFFILIATE: R.OWN} | _ADMIN,
    P.MANAGE_CATALOGUE: {Role.SELLER: R.OWN} | _ADMIN,
}
"""The one table: over what each role has each permission. A role that is left out has it not at all."""

STANDINGS: Mapping[Target, Mapping[Role, Reach]] = {
    Target.STREAM: {Role.SELLER: R.OWN, Role.AFFILIATE: R.OWN, Role.MODERATOR: R.MODERATED},
    Target.PRODUCT: {Role.SELLER: R.OWN},
    Target.ORDER: _BUYERS | {Role.SELLER: R.OWN | R.BOUGHT},
    Target.SELLER: {Role.SELLER: R.OWN},
    Target.AFFILIATE: {Role.AFFILIATE: R.OWN},
    Target.ACCOUNT: dict.fromkeys((Role.VIEWER, Role.MODERATOR, Role.OPS, Role.ADMIN), R.OWN),
}
"""What a thing of each kind can be to each role at best; the facts of the very thing decide whether it is."""

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    role: frozenset(permission for permission in P if GRANTS[permission].get(role)) for role in Role
}
"""Every role's permissions, whatever their reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What an operation shows or does besides, for those who may; others get the rest of it."""

    needs: Permission
    target: Target
    what: str


def reach(role: Role, permission: Permission, target: Target | None = None) -> Reach:
    """Over what a role has a permission: at all, or among things of one kind."""
    granted = GRANTS[permission].get(role, R.NOTHING)
    return granted if target is None else granted & (STANDINGS[target].get(role, R.NOTHING) | R.ALL)


def allows(role: Role, permission: Permission) -> bool:
    """Whether a role has a permission at all."""
    return permission in PERMISSIONS[role]
