"""Signed identities: JWTs (RFC 7519, HS256) that the server makes and reads, and guests' keyed hashes."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from backend import seams
from backend.domain.actors import Actor
from backend.settings import OWN_ISSUER
from shared.problems import Code, ProblemError
from shared.roles import Role

ISSUER = OWN_ISSUER
_REQUIRED = ["exp", "iat", "jti", "iss", "role"]
ACTING_ROLES = frozenset({Role.SELLER, Role.AFFILIATE})
"""Roles whose subject is not an account, but what an account may act for."""
ADDRESS_PREFIX = "addr_"
"""What tells an address hash from a person's id."""
MIN_KEY_LENGTH = 32
"""Characters of a signing key, at least."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The installation's signing key and what derives from it."""

    key: str

    def issue(
        self,
        role: Role,
        subject: str | None,
        *,
        lifetime: timedelta,
        stream: str | None = None,
        seller: str | None = None,
        account: str | None = None,
        sign_in: str | None = None,
    ) -> str:
        """A token for a role and subject; a guest's subject is its secret session.

        `account` is who acts where the subject is what they act for, `sign_in` the sign-in that the token ends with.
        """
        now = seams.now()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "role": role.value,
            "iat": now,
            "exp": now + lifetime,
            "jti": seams.new_id(),
        }
        optional = {"sub": subject, "stream": stream, "seller": seller, "account": account, "sid": sign_in}
        claims |= {name: value for name, value in optional.items() if value is not None}
        return jwt.encode(claims, self._derived("token"), algorithm="HS256")

    def read(self, token: str) -> Actor:
        """The identity that a token proves.

        Raises:
            ProblemError: `unauthorized` when it is malformed, forged or expired, or lacks a subject.
        """
        actor = self.read_stale(token)
        if actor.expires_at is None or actor.expires_at <= seams.now():
            raise ProblemError(Code.UNAUTHORIZED, "The token has expired; get a new one.")
        return actor

    def read_stale(self, token: str) -> Actor:
        """Whom a token names, although it may have expired: no proof of anything now.

        Raises:
            ProblemError: `unauthorized` when it is malformed or forged, or lacks a subject.
        """
        try:
            claims = jwt.decode(
                token,
                self._derived("token"),
                algorithms=["HS256"],
                issuer=ISSUER,
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
            role = Role(claims["role"])
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError) as error:
            raise ProblemError(Code.UNAUTHORIZED, "The token is not one of this server's.") from error
        return self._actor(role, claims, expires_at)

    def _actor(self, role: Role, claims: Mapping[str, Any], expires_at: datetime) -> Actor:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise ProblemError(Code.UNAUTHORIZED, "The token names no subject.")
        if role is Role.GUEST:
            return Actor(role=role, guest_id=self.guest_id(subject), expires_at=expires_at, token_id=claims["jti"])
        return Actor(
            role=role,
            subject=subject,
            only_stream=claims.get("stream"),
            only_seller=claims.get("seller"),
            expires_at=expires_at,
            token_id=claims["jti"],
            sign_in=claims.get("sid"),
            account_id=claims.get("account") or (None if role in ACTING_ROLES else subject),
        )

    def guest_id(self, session_id: str) -> str:
        """How others see a guest: the same for the same session, and no way back to it."""
        digest = hmac.new(self._derived("guest"), session_id.encode(), hashlib.sha256).hexdigest()
        return f"guest_{digest[:20]}"

    def address_hash(self, address: str) -> str:
        """An address as it may be stored: comparable, and no way back to it without the key."""
        digest = hmac.new(self._derived("address"), address.encode(), hashlib.sha256).hexdigest()
        return f"{ADDRESS_PREFIX}{digest[:32]}"

    def _derived(self, purpose: str) -> bytes:
        return hmac.new(self.key.encode(), purpose.encode(), hashlib.sha256).digest()
