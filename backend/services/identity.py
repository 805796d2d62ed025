"""Who is asking: tokens become actors, and the people behind them are known."""

from dataclasses import replace
from datetime import timedelta

from backend import seams
from backend.domain import opaque
from backend.domain.actors import Actor
from backend.domain.tokens import ACTING_ROLES, Keyring
from backend.services.moderation.roster import Roster
from backend.services.outside_identity import OutsideProvider
from backend.services.revocations import Revocations
from backend.storage.models import Account, Affiliate, ApiToken, Seller
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role
from shared.views import GuestView

GUEST_LIFETIME = timedelta(days=30)


class Identity:
    """Resolves identities once per request or connection."""

    def __init__(
        self, keyring: Keyring, revocations: Revocations, roster: Roster, outside: OutsideProvider | None
    ) -> None:
        self._keyring = keyring
        self._roster = roster
        self._revocations = revocations
        self._outside = outside
        self._known: set[tuple[Role, str]] = set()
        self._names: dict[tuple[Role, str], str] = {}

    async def read(self, token: str | None, session_id: str | None = None) -> Actor:
        """The actor of a token, or a guest with a session where there is no token.

        Raises:
            ProblemError: `unauthorized` for a token that is bad, expired or revoked; never a silent guest.
        """
        if token is not None:
            actor = await self._appointed(await self._proved(token))
            # Last, and without waiting after it: who goes on from here has not been revoked.
            self._revocations.require_valid(actor)
            return actor
        guest = Actor(role=Role.GUEST)
        return guest.with_guest_id(self._keyring.guest_id(session_id)) if session_id else guest

    async def _proved(self, token: str) -> Actor:
        if token.startswith(opaque.API_PREFIX):
            return await _of_api_token(token)
        if self._outside is not None and self._outside.issued(token):
            return await self._outside.read(token)
        return self._keyring.read(token)

    async def _appointed(self, actor: Actor) -> Actor:
        """An account's actor with what it was appointed to, which alone makes it a moderator."""
        if actor.role is Role.MODERATOR and not await _stands_for_account(actor):
            return actor
        held = self._roster.of(actor.account_id)
        if actor.role is Role.MODERATOR or (actor.role is Role.VIEWER and held):
            return replace(actor, role=Role.MODERATOR, appointments=held)
        return actor

    def as_guest(self, actor: Actor, session_id: str) -> Actor:
        """A guest who now shows a session; anyone else, and a signed guest, stays who they are."""
        if actor.is_guest and actor.guest_id is None:
            return actor.with_guest_id(self._keyring.guest_id(session_id))
        return actor

    def new_guest(self) -> GuestView:
        """A signed guest identity with a session of its own."""
        session_id = seams.new_secret()
        token = self._keyring.issue(Role.GUEST, session_id, lifetime=GUEST_LIFETIME)
        return GuestView(
            token=token,
            user_id=self._keyring.guest_id(session_id),
            expires_at=seams.now() + GUEST_LIFETIME,
        )

    async def require_known(self, actor: Actor) -> None:
        """Refuse a seller's or affiliate's token whose subject has no row.

        Raises:
            ProblemError: `unknown_subject`.
        """
        table = {Role.SELLER: Seller, Role.AFFILIATE: Affiliate}.get(actor.role)
        if table is None or (actor.role, actor.subject or "") in self._known:
            return
        if not await table.exists(id=actor.subject):
            raise ProblemError(Code.UNKNOWN_SUBJECT, f"There is no {actor.role} {actor.subject!r} on this server.")
        self._known.add((actor.role, actor.subject or ""))

    async def display_name(self, actor: Actor) -> str:
        """The name that chat shows where the client gives none."""
        if actor.subject is None:
            return "Guest"
        who = (actor.role, actor.subject)
        if who not in self._names:
            self._names[who] = await _stored_name(actor) or actor.subject
        return self._names[who]

    def forget_name(self, role: Role, subject: str) -> None:
        """Look the name up again: it has changed."""
        self._names.pop((role, subject), None)


async def _stands_for_account(actor: Actor) -> bool:
    """Whether a moderator is one by appointment: a signed token may say its own scope, or name nobody with a row."""
    if actor.only_stream is not None or actor.only_seller is not None:
        return False
    signed_in = actor.sign_in is not None or actor.scopes is not None
    return signed_in or await Account.exists(id=actor.account_id)


async def _of_api_token(secret: str) -> Actor:
    row = await ApiToken.get_or_none(hash=opaque.digest(secret)).select_related("account")
    if row is None or row.revoked_at is not None or row.account.disabled_at is not None:
        raise ProblemError(Code.UNAUTHORIZED, "This API token is unknown or revoked.")
    if row.expires_at <= seams.now():
        raise ProblemError(Code.UNAUTHORIZED, "This API token has expired; make a new one.")
    account = row.account
    return Actor(
        role=account.role,
        subject=account.acts_for if account.role in ACTING_ROLES else account.id,
        expires_at=row.expires_at,
        token_id=row.id,
        account_id=account.id,
        scopes=frozenset(Permission(scope) for scope in row.scopes),
    )


async def _stored_name(actor: Actor) -> str | None:
    if actor.role is Role.SELLER:
        seller = await Seller.get_or_none(id=actor.subject)
        return seller.business_name if seller else None
    if actor.role is Role.AFFILIATE:
        affiliate = await Affiliate.get_or_none(id=actor.subject)
        return affiliate.display_name if affiliate else None
    account = await Account.get_or_none(id=actor.subject)
    return account.display_name if account else None
