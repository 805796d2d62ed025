"""Tokens: what this server signed, and nothing else."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import seams
from backend.domain.tokens import ISSUER, Keyring
from shared.problems import Code, ProblemError
from shared.roles import Role

KEYRING = Keyring("a signing key of this very installation")
DAY = timedelta(days=1)


class StoppedClock:
    """A clock that stands at one moment."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def _refused(token: str) -> str:
    with pytest.raises(ProblemError) as refusal:
        KEYRING.read(token)
    assert refusal.value.code is Code.UNAUTHORIZED
    return refusal.value.message


def _signed(key: str | bytes | None = None, algorithm: str = "HS256", **changes: object) -> str:
    now = datetime.now(UTC)
    claims = {"iss": ISSUER, "role": "seller", "sub": "s1", "iat": now, "exp": now + DAY, "jti": "1"} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, KEYRING._derived("token") if key is None else key, algorithm=algorithm)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GUEST])
def test_an_issued_token_proves_its_role_and_subject(role: Role):
    actor = KEYRING.read(KEYRING.issue(role, "me", lifetime=DAY))

    assert (actor.role, actor.subject, actor.public_id, actor.is_guest) == (role, "me", "me", False)
    assert actor.token_id
    assert actor.expires_at is not None


def test_every_token_has_an_id_of_its_own():
    tokens = [KEYRING.read(KEYRING.issue(Role.ADMIN, "root", lifetime=DAY)).token_id for _ in range(20)]
    assert len(set(tokens)) == 20


def test_a_moderators_token_carries_its_scope():
    actor = KEYRING.read(KEYRING.issue(Role.MODERATOR, "mo", lifetime=DAY, stream="st1"))
    assert (actor.only_stream, actor.only_seller) == ("st1", None)


def test_a_signed_guest_is_known_by_a_hash_of_its_secret_session():
    actor = KEYRING.read(KEYRING.issue(Role.GUEST, "secret session", lifetime=DAY))

    assert actor.is_guest
    assert actor.subject is None
    assert actor.public_id == KEYRING.guest_id("secret session")
    assert "secret" not in (actor.public_id or "")


def test_another_installation_gives_the_same_session_another_name():
    assert Keyring("another installation's signing key").guest_id("s") != KEYRING.guest_id("s")


def test_a_token_expires():
    token = KEYRING.issue(Role.ADMIN, "root", lifetime=timedelta(minutes=5))
    with seams.use_clock(StoppedClock(datetime.now(UTC) + timedelta(minutes=4))):
        assert KEYRING.read(token).role is Role.ADMIN
    with seams.use_clock(StoppedClock(datetime.now(UTC) + timedelta(minutes=6))):
        assert "expired" in _refused(token)


@pytest.mark.parametrize("missing", ["iss", "role", "sub", "iat", "exp", "jti"])
def test_a_token_without_a_required_claim_is_refused(missing: str):
    _refused(_signed(**{missing: None}))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody else"},
        {"role": "emperor"},
        {"role": ["admin"]},
        {"sub": ""},
        {"sub": 7},
        {"sub": ["root"]},
        {"exp": "soon"},
        {"exp": 10**18},
        {"exp": float("inf")},
        {"exp": [1]},
    ],
)
def test_a_token_with_a_senseless_claim_is_refused(claims: dict[str, object]):
    _refused(_signed(**claims))


def test_a_token_of_another_key_is_refused():
    _refused(_signed(key="x" * 40))
    _refused(_signed(key=KEYRING.key))
    _refused(Keyring("another installation's signing key").issue(Role.ADMIN, "root", lifetime=DAY))


def test_a_token_without_a_signature_is_refused():
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    payload = _signed(role="admin").split(".")[1]
    for unsigned in (f"{header}.{payload}.", f"{header}.{payload}", f"{header}.{payload}.x"):
        _refused(unsigned)


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_a_token_of_another_algorithm_is_refused():
    _refused(_signed(algorithm="HS512"))


def test_changed_claims_break_the_signature():
    header, payload, signature = _signed().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"role": "admin"}).encode()).rstrip(b"=").decode()
    _refused(f"{header}.{forged}.{signature}")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "ü.ü.ü", "x" * 100_000, "e30." * 1000, "\x00"])
def test_garbage_is_refused(token: str):
    _refused(token)


@given(st.text(max_size=200))
def test_any_text_is_refused_and_never_crashes(token: str):
    _refused(token)


def test_a_sign_ins_token_names_its_account_and_sign_in():
    actor = KEYRING.read(KEYRING.issue(Role.SELLER, "s1", lifetime=DAY, account="sal", sign_in="i1"))
    assert (actor.subject, actor.account_id, actor.sign_in) == ("s1", "sal", "i1")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GUEST])
def test_a_token_made_by_hand_stands_for_the_account_that_it_names(role: Role):
    actor = KEYRING.read(KEYRING.issue(role, "me", lifetime=DAY))
    assert actor.account_id == (None if role in (Role.SELLER, Role.AFFILIATE) else "me")
    assert actor.sign_in is None


def test_a_token_that_has_expired_still_says_its_id_but_a_forged_one_does_not():
    token = KEYRING.issue(Role.ADMIN, "root", lifetime=-DAY)
    assert KEYRING.read_stale(token).token_id
    assert "expired" in _refused(token)
    with pytest.raises(ProblemError):
        KEYRING.read_stale(_signed(key="another key than this installation's"))
