"""Who may do what: roles as sets of permissions. The server enforces it, the console hides by it."""

from enum import StrEnum


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
    """One coarse right. Ownership of the stream at hand is checked on top of it."""

    WATCH = "watch"
    CHAT = "chat"
    HOST_SELLER_STREAM = "host_seller_stream"
    HOST_AFFILIATE_STREAM = "host_affiliate_stream"
    RUN_STREAM = "run_stream"
    EDIT_PRODUCTS = "edit_products"
    TOGGLE_PRODUCTS = "toggle_products"
    MODERATE = "moderate"
    APPOINT = "appoint"
    """Make others moderators."""
    READ_AUDIT = "read_audit"
    READ_STATS = "read_stats"
    CONTROL = "control"
    READ_AFFILIATES = "read_affiliates"
    BUY = "buy"
    MANAGE_ORDERS = "manage_orders"
    READ_LEDGER = "read_ledger"
    PAY_OUT = "pay_out"
    OVERSEE = "oversee"
    """Hear of every stream's purchases and figures."""
    MANAGE_PEOPLE = "manage_people"
    MANAGE_CATALOGUE = "manage_catalogue"


P = Permission
_PUBLIC = frozenset({P.WATCH, P.CHAT, P.BUY})
_HOST = _PUBLIC | {
    P.RUN_STREAM,
    P.EDIT_PRODUCTS,
    P.TOGGLE_PRODUCTS,
    P.MODERATE,
    P.APPOINT,
    P.READ_AUDIT,
    P.READ_STATS,
    P.CONTROL,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.GUEST: _PUBLIC,
    Role.VIEWER: _PUBLIC,
    Role.SELLER: _HOST | {P.HOST_SELLER_STREAM, P.MANAGE_CATALOGUE, P.MANAGE_ORDERS, P.READ_LEDGER},
    Role.AFFILIATE: _HOST | {P.HOST_AFFILIATE_STREAM, P.READ_AFFILIATES, P.READ_LEDGER},
    Role.MODERATOR: _PUBLIC | {P.TOGGLE_PRODUCTS, P.MODERATE, P.READ_AUDIT, P.READ_STATS, P.CONTROL},
    Role.OPS: _PUBLIC | {P.READ_AUDIT, P.READ_STATS, P.CONTROL, P.READ_AFFILIATES, P.READ_LEDGER, P.OVERSEE},
    Role.ADMIN: frozenset(P),
}
"""Every role's permissions. A host's, and a moderator's, hold only for their own streams."""


def allows(role: Role, permission: Permission) -> bool:
    """Whether a role has a permission at all."""
    return permission in PERMISSIONS[role]
