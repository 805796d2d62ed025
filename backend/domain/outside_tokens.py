"""Tokens of an outside identity provider: JWTs that its keys, and only its keys, can have signed.

The algorithm follows from the key, never from the token: a public key verifies no HS256, and `none` is no algorithm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt import PyJWK

from backend import seams
from shared.ids import is_id
from shared.problems import Code, ProblemError
from shared.roles import Role

MAX_SUBJECT = 255
"""Characters of an outside subject, at most (OpenID Connect Core, 2)."""
_ALGORITHMS: dict[tuple[Any, Any], str] = {
    ("RSA", None): "RS256",
    ("EC", "P-256"): "ES256",
    ("OKP", "Ed25519"): "EdDSA",
}
"""The one algorithm of each kind of key, by its `kty` and `crv` (RFC 7517, 7518, 8037)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is asked of a provider's tokens."""

    issuer: str
    audience: str
    secret: str | None = field(default=None, repr=False)
    leeway: float = 30.0
    """Seconds that its clock may differ from ours."""
    role_claim: str = "role"
    acts_for_claim: str = "acts_for"
    admins: bool = False
    """Whether it may name admins."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the one algorithm that it verifies."""

    key: Any = field(repr=False)
    algorithm: str


Keys = Mapping[str | None, Key]
"""A provider's keys by their id; None for one without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideIdentity:
    """Whom an outside token names."""

    issuer: str
    subject: str
    role: Role
    acts_for: str | None
    display_name: str | None
    expires_at: datetime
    """Its own end and the leeway after it."""
    token_id: str | None


class UnknownKeyError(ProblemError):
    """No key of that id is known; a newer set may have it."""

    def __init__(self) -> None:
        super().__init__(Code.UNAUTHORIZED, "The token is signed with a key that its issuer has not published.")


def issuer_of(token: str) -> str | None:
    """Who a token says it is from, unproved; None where it is no JWT."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError):
        return None
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else None


def keys_of(document: Any) -> dict[str | None, Key]:
    """The usable keys of a JWK Set (RFC 7517); those of other kinds or for other uses are left out.

    Raises:
        ValueError: it has none, or is no such set.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    found: dict[str | None, Key] = {}
    for jwk in listed if isinstance(listed, list) else []:
        algorithm = _algorithm_of(jwk)
        if algorithm is not None:
            try:
                found[jwk.get("kid")] = Key(PyJWK(jwk, algorithm).key, algorithm)
            except (jwt.PyJWKError, jwt.InvalidKeyError, ValueError, TypeError):
                continue
    if not found:
        raise ValueError("it has no key for RS256, ES256 or EdDSA")
    return found


def _algorithm_of(jwk: Any) -> str | None:
    """The algorithm of a public key that signs; None for anything else, shared secrets above all."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or not isinstance(jwk.get("kid"), str | None):
        return None
    kty = jwk.get("kty")
    algorithm = _ALGORITHMS.get((kty, jwk.get("crv") if kty != "RSA" else None))
    return algorithm if jwk.get("alg", algorithm) == algorithm else None


def verify(token: str, provider: Provider, keys: Keys) -> OutsideIdentity:
    """The identity that a provider's token proves.

    Raises:
        UnknownKeyError: none of `keys` is the one that it names.
        ProblemError: `unauthorized`, saying what is wrong with it.
    """
    key = _key_for(token, provider, keys)
    try:
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm],
            issuer=provider.issuer,
            audience=provider.audience,
            # Times are compared with our own clock, below.
            options={
                "require": ["iss", "aud", "exp", "sub"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        expires_at = _moment(claims["exp"]) + timedelta(seconds=provider.leeway)
        starts = [_moment(claims[name]) for name in ("nbf", "iat") if name in claims]
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, ValueError, TypeError, OverflowError, OSError) as error:
        raise _refused("The token is not one of its issuer's for this server.") from error
    now = seams.now()
    if expires_at <= now:
        raise _refused("The token has expired; get a new one.")
    if any(start - timedelta(seconds=provider.leeway) > now for start in starts):
        raise _refused("The token is not valid yet; compare the clocks.")
    return _identity(claims, provider, expires_at)


def _key_for(token: str, provider: Provider, keys: Keys) -> Key:
    if provider.secret is not None:
        return Key(provider.secret, "HS256")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except (jwt.InvalidTokenError, ValueError) as error:
        raise _refused("The token cannot be read.") from error
    if kid is None and len(keys) == 1:
        return next(iter(keys.values()))
    if kid not in keys:
        raise UnknownKeyError
    return keys[kid]


def _moment(value: Any) -> datetime:
    if isinstance(value, bool):
        raise TypeError("a time is a number")
    return datetime.fromtimestamp(float(value), UTC)


def _identity(claims: Mapping[str, Any], provider: Provider, expires_at: datetime) -> OutsideIdentity:
    subject = claims["sub"]
    if not subject or len(subject) > MAX_SUBJECT or not subject.isprintable():
        raise _refused(f"The token's subject is not 1 to {MAX_SUBJECT} printable characters.")
    role = _role(claims, provider)
    acts_for = claims.get(provider.acts_for_claim) if role in (Role.SELLER, Role.AFFILIATE) else None
    if role in (Role.SELLER, Role.AFFILIATE) and not (isinstance(acts_for, str) and is_id(acts_for)):
        raise _refused(f"The token names no {role}: it needs the claim {provider.acts_for_claim!r}.")
    name, jti = claims.get("name"), claims.get("jti")
    return OutsideIdentity(
        issuer=provider.issuer,
        subject=subject,
        role=role,
        acts_for=acts_for,
        display_name=name if isinstance(name, str) else None,
        expires_at=expires_at,
        token_id=jti if isinstance(jti, str) and is_id(jti) else None,
    )


def _role(claims: Mapping[str, Any], provider: Provider) -> Role:
    claimed = claims.get(provider.role_claim, Role.VIEWER.value)
    known = {role.value: role for role in Role if role is not Role.GUEST}
    role = known.get(claimed) if isinstance(claimed, str) else None
    if role is None:
        raise _refused(f"The token's {provider.role_claim!r} is none of {', '.join(known)}.")
    if role is Role.ADMIN and not provider.admins:
        raise _refused("This server takes no admins from outside.")
    return role


def _refused(message: str) -> ProblemError:
    return ProblemError(Code.UNAUTHORIZED, message)
