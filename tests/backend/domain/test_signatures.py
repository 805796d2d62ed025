"""Signed payment events."""

import hashlib
import hmac

import pytest

from backend.domain.signatures import TOLERANCE, sign, verify
from shared.problems import Code, ProblemError

SECRET, BODY, NOW = "shared secret", b'{"id":"evt_1"}', 1_790_000_000


def refused(header: str, body: bytes = BODY, now: float = NOW, secret: str = SECRET) -> bool:
    try:
        verify(secret, header, body, now=now)
    except ProblemError as problem:
        return problem.code is Code.BAD_SIGNATURE
    return False


def test_the_scheme_is_what_its_documentation_says():
    expected = hmac.new(SECRET.encode(), f"{NOW}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert sign(SECRET, NOW, BODY) == f"t={NOW},v1={expected}"
    assert not refused(sign(SECRET, NOW, BODY))


def test_an_event_is_good_for_the_tolerance_in_both_directions():
    header = sign(SECRET, NOW, BODY)
    assert not refused(header, now=NOW + TOLERANCE)
    assert not refused(header, now=NOW - TOLERANCE)
    assert refused(header, now=NOW + TOLERANCE + 1)
    assert refused(header, now=NOW - TOLERANCE - 1)


def test_another_body_secret_or_time_is_refused():
    header = sign(SECRET, NOW, BODY)
    assert refused(header, body=BODY + b" ")
    assert refused(header, secret="another")
    assert refused(header.replace(f"t={NOW}", f"t={NOW + 1}"))


def test_one_good_signature_of_several_is_enough_while_a_secret_is_replaced():
    old, new = sign("old", NOW, BODY), sign(SECRET, NOW, BODY)
    assert not refused(f"{old},{new.partition(',')[2]}")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=00",
        "t=,v1=00",
        "t=-5,v1=00",
        "t=1e9,v1=00",
        "t=1,t=1,v1=00",
        "t=\u0661,v1=00",
        "t=9999999999999,v1=0",
    ],
)
def test_a_header_of_another_form_is_refused(header: str):
    assert refused(header)


def test_a_signature_that_is_no_ascii_is_refused_and_breaks_nothing():
    assert refused(f"t={NOW},v1=\u00e9")
