"""Who acts: an identity that was proved once, by its token, and what it may do to a stream."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.problems import Code, ProblemError
from shared.roles import PERMISSIONS, Permission, Role
from shared.views import Badge, HostType


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamScope:
    """The facts of a stream that decide who may act on it; they never change."""

    id: str
    host_type: HostType
    seller_id: str
    affiliate_id: str | None


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
    def permissions(self) -> frozenset[Permission]:
        """What it may do at all: its role's permissions, narrowed by its token."""
        granted = PERMISSIONS[self.role]
        return granted if self.scopes is None else granted & self.scopes

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
        if self.only_stream is not None:
            return self.only_stream == stream.id
        return self.only_seller is None or self.only_seller == stream.seller_id

    def is_staff_of(self, stream: StreamScope) -> bool:
        """Whether this actor works on the stream, and so is no viewer of it."""
        return self.role in (Role.ADMIN, Role.OPS) or self.hosts(stream) or self.moderates(stream)

    def sees_all_of(self, stream: StreamScope) -> bool:
        """Whether it is shown hidden products and figures, too."""
        return Permission.READ_STATS in self.permissions and self.is_staff_of(stream)

    def sees_key_of(self, stream: StreamScope) -> bool:
        """Whether the stream key may be shown: to its host and to admins."""
        return Permission.RUN_STREAM in self.permissions and (self.role is Role.ADMIN or self.hosts(stream))

    def badge_in(self, stream: StreamScope) -> Badge | None:
        """What its chat lines carry in this stream."""
        if self.hosts(stream):
            return Badge.SELLER if stream.host_type is HostType.SELLER else Badge.AFFILIATE
        return Badge.MODERATOR if self.moderates(stream) or self.role is Role.ADMIN else None


def account_credential(account_id: str) -> str:
    """An account among credentials: no token's id has a space."""
    return f"account {account_id}"


def require(actor: Actor, permission: Permission) -> None:
    """The coarse gate.

    Raises:
        ProblemError: `unauthorized` for a guest who would need to sign in, else `forbidden`.
    """
    if permission in actor.permissions:
        return
    if actor.is_guest:
        raise ProblemError(
            Code.UNAUTHORIZED, "Sign in first: send a token (Authorization: Bearer, or auth: {token} on a socket)."
        )
    if permission in PERMISSIONS[actor.role]:
        raise ProblemError(Code.FORBIDDEN, f"This token's scopes leave out {permission}.")
    raise ProblemError(Code.FORBIDDEN, f"The role {actor.role} may not do this.")


def require_person(actor: Actor) -> None:
    """Refuse API tokens where credentials are made or changed: none may make itself a stronger one.

    Raises:
        ProblemError: `forbidden`.
    """
    if actor.scopes is not None:
        raise ProblemError(Code.FORBIDDEN, "An API token may not change passwords or make tokens; sign in for that.")


def require_on(actor: Actor, permission: Permission, stream: StreamScope) -> None:
    """The gate for one stream: the permission, and being this stream's host, moderator, or an all-seeing role.

    Raises:
        ProblemError: `unauthorized` or `forbidden`.
    """
    require(actor, permission)
    if not actor.is_staff_of(stream):
        raise ProblemError(Code.FORBIDDEN, "This stream belongs to somebody else.")
