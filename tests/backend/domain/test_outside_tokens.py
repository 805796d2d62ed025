"""Tokens of an outside identity provider: what its keys signed for us, and nothing else."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from backend import seams
from backend.domain.outside_tokens import Key, Provider, UnknownKeyError, issuer_of, keys_of, verify
from shared.problems import Code, ProblemError
from shared.roles import Role
from tests.market import Clock

SECRET = "what only the provider and this server know"
PROVIDER = Provider(issuer="https://id.example", audience="liveshop")
BY_SECRET = replace(PROVIDER, secret=SECRET)
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
PRIVATE = {"RS256": RSA, "ES256": EC, "EdDSA": ED}


def _jwk(private: Any, kid: str, **more: Any) -> dict[str, Any]:
    algorithm: Any = {RSA: RSAAlgorithm, EC: ECAlgorithm, ED: OKPAlgorithm}[private]
    return {**json.loads(algorithm.to_jwk(private.public_key())), "kid": kid, **more}


JWKS = {"keys": [_jwk(private, algorithm) for algorithm, private in PRIVATE.items()]}
KEYS = keys_of(JWKS)


def _claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    claims = {"iss": PROVIDER.issuer, "aud": "liveshop", "sub": "u1", "iat": now, "exp": now + timedelta(minutes=5)}
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _signed(algorithm: str = "RS256", *, kid: str | None = None, key: Any = None, **changes: Any) -> str:
    headers = {"kid": algorithm if kid is None else kid}
    return jwt.encode(_claims(**changes), key or PRIVATE[algorithm], algorithm=algorithm, headers=headers)


def _by_secret(**changes: Any) -> str:
    return jwt.encode(_claims(**changes), SECRET, algorithm="HS256")


def _refused(token: str, provider: Provider = PROVIDER, keys: Any = KEYS) -> str:
    with pytest.raises(ProblemError) as refusal:
        verify(token, provider, keys)
    assert refusal.value.code is Code.UNAUTHORIZED
    return refusal.value.message


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_token_of_a_published_key_names_its_subject(algorithm: str):
    who = verify(_signed(algorithm, name="Una", jti="j1"), PROVIDER, KEYS)
    assert (who.issuer, who.subject, who.role, who.acts_for) == (PROVIDER.issuer, "u1", Role.VIEWER, None)
    assert (who.display_name, who.token_id) == ("Una", "j1")


def test_a_token_of_the_shared_secret_names_its_subject():
    assert verify(_by_secret(role="moderator"), BY_SECRET, {}).role is Role.MODERATOR


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_public_key_never_verifies_a_shared_secrets_signature(algorithm: str):
    public = PRIVATE[algorithm].public_key()
    for encoding, form in (
        (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ):
        forged = _handmade({"alg": "HS256", "kid": algorithm}, public.public_bytes(encoding, form))
        _refused(forged)


def _handmade(header: dict[str, Any], key: bytes) -> str:
    import hashlib
    import hmac

    def part(value: Any) -> str:
        return (
            base64.urlsafe_b64encode(json.dumps(value, default=lambda m: int(m.timestamp())).encode())
            .rstrip(b"=")
            .decode()
        )

    signed = f"{part({'typ': 'JWT', **header})}.{part(_claims())}"
    mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, "HS256", "HS512", "RS512", "PS256"])
def test_the_tokens_own_word_for_its_algorithm_counts_for_nothing(alg: str | None):
    header = {"alg": alg, "kid": "RS256"}
    for token in (_handmade(header, b""), _handmade(header, b"x" * 40), _handmade(header, b"").rsplit(".", 1)[0] + "."):
        _refused(token)
        _refused(token, BY_SECRET, {})


@pytest.mark.parametrize("signer", PRIVATE)
@pytest.mark.parametrize("claimed", PRIVATE)
def test_a_key_verifies_nothing_that_another_signed(signer: str, claimed: str):
    if signer == claimed:
        return
    _refused(_signed(signer, kid=claimed))


def test_a_signature_by_a_stranger_is_refused():
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    _refused(_signed("RS256", key=stranger))
    _refused(jwt.encode(_claims(), "another secret of the same length, at least", algorithm="HS256"), BY_SECRET, {})


def test_a_key_that_nobody_has_published_is_said_to_be_unknown():
    for kid in ("another", ""):
        with pytest.raises(UnknownKeyError):
            verify(_signed("RS256", kid=kid), PROVIDER, KEYS)


def test_a_token_without_a_key_id_goes_by_the_only_key():
    token = jwt.encode(_claims(), RSA, algorithm="RS256")
    assert verify(token, PROVIDER, {"one": KEYS["RS256"]}).subject == "u1"
    with pytest.raises(UnknownKeyError):
        verify(token, PROVIDER, KEYS)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.example.evil"},
        {"iss": None},
        {"aud": "another shop"},
        {"aud": ["another", "shop"]},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "u\x001"},
        {"sub": "\ud800"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"role": "emperor"},
        {"role": "guest"},
        {"role": ["admin"]},
        {"role": "admin"},
        {"role": "seller"},
        {"role": "seller", "acts_for": "has space"},
        {"role": "affiliate", "acts_for": 7},
        {"nbf": datetime.now(UTC) + timedelta(minutes=4)},
        {"iat": datetime.now(UTC) + timedelta(minutes=4)},
        {"exp": datetime.now(UTC) - timedelta(seconds=31)},
    ],
)
def test_a_token_that_says_too_little_or_too_much_is_refused(changes: dict[str, Any]):
    _refused(_signed(**changes))
    _refused(_by_secret(**changes), BY_SECRET, {})


def test_the_leeway_is_given_and_no_more():
    token = _signed(exp=datetime.now(UTC) - timedelta(seconds=20))
    assert verify(token, PROVIDER, KEYS).expires_at > datetime.now(UTC)
    _refused(token, replace(PROVIDER, leeway=10))
    clock = Clock()
    with seams.use_clock(clock):
        later = _signed()
        clock.forward(minutes=5, seconds=29)
        verify(later, PROVIDER, KEYS)
        clock.forward(seconds=2)
        assert "expired" in _refused(later)


def test_admins_come_from_outside_only_where_a_setting_says_so():
    assert verify(_signed(role="admin"), replace(PROVIDER, admins=True), KEYS).role is Role.ADMIN


def test_the_claims_of_role_and_seller_have_the_names_of_the_settings():
    provider = replace(PROVIDER, role_claim="https://shop/role", acts_for_claim="store")
    token = _signed(**{"https://shop/role": "seller", "store": "seller_123", "role": "admin"})
    who = verify(token, provider, KEYS)
    assert (who.role, who.acts_for) == (Role.SELLER, "seller_123")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\ud7ff", "lsk_x", "...", "e30.e30.e30"])
def test_what_is_no_token_has_no_issuer_and_is_refused(text: str):
    assert issuer_of(text) is None
    _refused(text)
    _refused(text, BY_SECRET, {})


def test_the_issuer_of_a_token_is_read_without_believing_it():
    assert issuer_of(_signed(exp=datetime(2001, 1, 1, tzinfo=UTC))) == PROVIDER.issuer
    assert issuer_of(_signed(iss=None)) is None


def test_a_key_set_gives_public_signing_keys_only():
    odd = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "lying", "alg": "RS256"},
        _jwk(RSA, "for encryption", use="enc"),
        _jwk(RSA, "for another algorithm", alg="HS256"),
        _jwk(RSA, "for RS512", alg="RS512"),
        {"kty": "RSA", "kid": "broken", "n": "", "e": "AQAB"},
        {"kty": "EC", "crv": "P-521", "kid": "another curve"},
        {**_jwk(RSA, "x"), "kid": 7},
        "no key",
        None,
    ]
    good = _jwk(RSA, "good", use="sig", alg="RS256")
    assert keys_of({"keys": [*odd, good]}).keys() == {"good"}
    for empty in ({"keys": odd}, {"keys": {}}, {}, [], None):
        with pytest.raises(ValueError, match="no key"):
            keys_of(empty)


def test_no_secret_shows_in_words():
    assert SECRET not in repr(BY_SECRET)
    assert "key=" not in repr(Key("secret", "HS256"))
