"""Who acts: an identity that was proved once, by its token, and what it may do to a stream."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.moderation import Capability
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role, allows
from shared.views import Badge, HostType


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamScope:
    """The facts of a stream that decide who may act on it; they never change."""

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

    @property
    def public_id(self) -> str | None:
        """How others see this actor; None for a guest without a session."""
        return self.subject or self.guest_id

    @property
    def is_guest(self) -> bool:
        """Whether no account stands behind it."""
        return self.role is Role.GUEST

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
        """Whether this actor works on the stream, and so is no viewer of it."""
        return self.role in (Role.ADMIN, Role.OPS) or self.hosts(stream) or self.moderates(stream)

    def sees_key_of(self, stream: StreamScope) -> bool:
        """Whether the stream key may be shown: to its host and to admins."""
        return self.role is Role.ADMIN or self.hosts(stream)

    def badge_in(self, stream: StreamScope) -> Badge | None:
        """What its chat lines carry in this stream."""
        if self.hosts(stream):
            return Badge.SELLER if stream.host_type is HostType.SELLER else Badge.AFFILIATE
        return Badge.MODERATOR if self.moderates(stream) or self.role is Role.ADMIN else None


def require(actor: Actor, permission: Permission) -> None:
    """The coarse gate.

    Raises:
        ProblemError: `unauthorized` for a guest who would need to sign in, else `forbidden`.
    """
    if allows(actor.role, permission):
        return
    if actor.is_guest:
        raise ProblemError(
            Code.UNAUTHORIZED, "Sign in first: send a token (Authorization: Bearer, or auth: {token} on a socket)."
        )
    raise ProblemError(Code.FORBIDDEN, f"The role {actor.role} may not do this.")


def require_on(actor: Actor, permission: Permission, stream: StreamScope) -> None:
    """The gate for one stream: the permission, and being this stream's host, moderator, or an all-seeing role.

    Raises:
        ProblemError: `unauthorized` or `forbidden`.
    """
    require(actor, permission)
    if not actor.is_staff_of(stream):
        raise ProblemError(Code.FORBIDDEN, "This stream belongs to somebody else.")
