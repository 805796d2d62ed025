"""Who acts: an identity that was proved once, by its token, and the one decision on what it may do to what."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from shared.moderation import Capability
from shared.problems import Code, ProblemError
from shared.roles import PERMISSIONS, STANDINGS, Permission, Reach, Role, Target, reach
from shared.views import Badge, HostType


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamScope:
    """The facts of a stream that decide who may act on it; they never change."""

    kind: ClassVar[Target] = Target.STREAM

    id: str
    host_type: HostType
    seller_id: str
    affiliate_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """What makes an account a moderator: of one stream, of a seller's streams, or of all."""

    stream_id: str | None = None
    seller_id: str | None = None
    capabilities: frozenset[Capability]
    rank: int

    def covers(self, stream: StreamScope) -> bool:
        """Whether it holds in a stream."""
        if self.stream_id is not None:
            return self.stream_id == stream.id
        return self.seller_id is None or self.seller_id == stream.seller_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderScope:
    """The facts of an order that decide who may act on it; they never change."""

    kind: ClassVar[Target] = Target.ORDER

    seller_id: str
    buyer_id: str
    by_guest: bool


@dataclass(frozen=True, slots=True)
class Owned:
    """A seller, an affiliate or an account, which is its own, or a product, which is its seller's."""

    kind: Target
    owner_id: str


Scope = StreamScope | OrderScope | Owned
"""The facts of a thing that decide who may act on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or program that asks for something."""

    role: Role
    subject: str | None = None
    """The account, seller or affiliate that the token names; None for a guest."""
    guest_id: str | None = None
    """A guest's public id: `guest_` and a keyed hash of the session. None before a session is known."""
    only_stream: str | None = None
    """A moderator's only stream."""
    only_seller: str | None = None
    """The only seller whose streams a moderator may moderate."""
    appointments: tuple[Appointment, ...] | None = None
    """What a moderator was appointed to; None where the token itself says it."""
    address_hash: str | None = None
    """A keyed hash of where they come from; never shown."""
    expires_at: datetime | None = None
    token_id: str | None = None
    sign_in: str | None = None
    """The sign-in that its token came from."""
    account_id: str | None = None
    """The account behind it, where it has one: the subject, unless that is the seller or affiliate it acts for."""
    scopes: frozenset[Permission] | None = None
    """What the token is narrowed to; None where it carries all that its role may."""

    @property
    def credentials(self) -> tuple[str, ...]:
        """What it stands on, each of which may be revoked: its token, its sign-in, its account."""
        account = None if self.account_id is None else account_credential(self.account_id)
        return tuple(one for one in (self.token_id, self.sign_in, account) if one is not None)

    @property
    def public_id(self) -> str | None:
        """How others see this actor; None for a guest without a session."""
        return self.subject or self.guest_id

    @property
    def is_guest(self) -> bool:
        """Whether no account stands behind it."""
        return self.role is Role.GUEST

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it may do at all: its role's permissions, narrowed by its token."""
        granted = PERMISSIONS[self.role]
        return granted if self.scopes is None else granted & self.scopes

    def with_guest_id(self, guest_id: str) -> "Actor":
        """The same guest, now with a session."""
        return replace(self, guest_id=guest_id)

    def coming_from(self, address_hash: str) -> "Actor":
        """The same actor, seen to come from an address."""
        return replace(self, address_hash=address_hash)

    def hosts(self, stream: StreamScope) -> bool:
        """Whether this is the stream's own seller or affiliate."""
        if self.subject is None:
            return False
        if stream.host_type is HostType.SELLER:
            return self.role is Role.SELLER and self.subject == stream.seller_id
        return self.role is Role.AFFILIATE and self.subject == stream.affiliate_id

    def moderates(self, stream: StreamScope) -> bool:
        """Whether this moderator's token covers the stream."""
        if self.role is not Role.MODERATOR:
            return False
        if self.appointments is not None:
            return any(one.covers(stream) for one in self.appointments)
        if self.only_stream is not None:
            return self.only_stream == stream.id
        return self.only_seller is None or self.only_seller == stream.seller_id

    def moderates_all_of(self, seller_id: str) -> bool:
        """Whether this moderator covers every stream of a seller."""
        if self.role is not Role.MODERATOR:
            return False
        if self.appointments is not None:
            return any(one.stream_id is None and one.seller_id in (None, seller_id) for one in self.appointments)
        return self.only_stream is None and self.only_seller in (None, seller_id)

    def is_staff_of(self, stream: StreamScope) -> bool:
        """Whether this actor works on the stream, and so is no viewer of it, whatever its token is narrowed to."""
        return _covers(reach(self.role, Permission.READ_STATS), self, stream)

    def badge_in(self, stream: StreamScope) -> Badge | None:
        """What its chat lines carry in this stream."""
        if self.hosts(stream):
            return Badge.SELLER if stream.host_type is HostType.SELLER else Badge.AFFILIATE
        return Badge.MODERATOR if _covers(reach(self.role, Permission.MODERATE), self, stream) else None


def account_credential(account_id: str) -> str:
    """An account among credentials: no token's id has a space."""
    return f"account {account_id}"


def standing(actor: Actor, thing: Scope) -> Reach:
    """What a thing is to an actor."""
    match thing:
        case StreamScope():
            hosted = Reach.OWN if actor.hosts(thing) else Reach.NOTHING
            return hosted | (Reach.MODERATED if actor.moderates(thing) else Reach.NOTHING)
        case OrderScope():
            sold = actor.role is Role.SELLER and actor.subject == thing.seller_id
            bought = actor.public_id == thing.buyer_id and actor.is_guest == thing.by_guest
            return (Reach.OWN if sold else Reach.NOTHING) | (Reach.BOUGHT if bought else Reach.NOTHING)
        case Owned():
            known = STANDINGS[thing.kind].get(actor.role, Reach.NOTHING)
            return known if actor.subject == thing.owner_id else Reach.NOTHING


def _covers(granted: Reach, actor: Actor, thing: Scope) -> bool:
    return bool(granted & (standing(actor, thing) | Reach.ALL))


def reach_of(actor: Actor, permission: Permission, kind: Target | None = None) -> Reach:
    """Over what an actor has a permission: its role's reach, narrowed by its token."""
    return reach(actor.role, permission, kind) if permission in actor.permissions else Reach.NOTHING


def may(actor: Actor, permission: Permission, thing: Scope) -> bool:
    """The decision: whether an actor has a permission over this very thing."""
    return _covers(reach_of(actor, permission), actor, thing)


def require(actor: Actor, permission: Permission, kind: Target | None = None) -> None:
    """The gate before the thing is known: whether the actor has the permission over anything at all of its kind.

    Raises:
        ProblemError: `unauthorized` for a guest who would need to sign in, else `forbidden`.
    """
    if reach_of(actor, permission, kind):
        return
    if actor.is_guest:
        raise ProblemError(
            Code.UNAUTHORIZED, "Sign in first: send a token (Authorization: Bearer, or auth: {token} on a socket)."
        )
    if permission not in actor.permissions and permission in PERMISSIONS[actor.role]:
        raise ProblemError(Code.FORBIDDEN, f"This token's scopes leave out {permission}.")
    raise ProblemError(Code.FORBIDDEN, f"The role {actor.role} may not do this.")


def require_person(actor: Actor) -> None:
    """Refuse API tokens where credentials are made or changed: none may make itself a stronger one.

    Raises:
        ProblemError: `forbidden`.
    """
    if actor.scopes is not None:
        raise ProblemError(Code.FORBIDDEN, "An API token may not change passwords or make tokens; sign in for that.")


def require_on(actor: Actor, permission: Permission, thing: Scope) -> None:
    """The gate to one thing, whose facts are loaded.

    Raises:
        ProblemError: `unauthorized` or `forbidden`; `not_found` for an order of others, whose existence is theirs.
    """
    require(actor, permission, thing.kind)
    if may(actor, permission, thing):
        return
    if thing.kind is Target.ORDER and not standing(actor, thing):
        raise ProblemError(Code.NOT_FOUND, "There is no such order.")
    raise ProblemError(Code.FORBIDDEN, f"This {thing.kind} is somebody else's.")
