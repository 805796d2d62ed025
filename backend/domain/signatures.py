"""How payment events are signed.

The header `Liveshop-Signature` is `t=<unix seconds>,v1=<hex>`, where the hex is HMAC-SHA256 with the webhook secret
over `<unix seconds>.<raw body>`. Several `v1` may stand there while a secret is being replaced.
"""

import hashlib
import hmac

from shared.problems import Code, ProblemError

TOLERANCE = 300
"""Seconds by which an event may be older or newer than our clock."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The header for a body sent at a time, in unix seconds."""
    return f"t={timestamp},v1={_digest(secret, timestamp, body)}"


def verify(secret: str, header: str, body: bytes, *, now: float) -> None:
    """Refuse a body that its header does not prove, or that is too old to be anything but a replay.

    Raises:
        ProblemError: `bad_signature`.
    """
    parts = [part.strip().partition("=") for part in header.split(",")[:10]]
    stamps = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit() or len(stamps[0]) > 12 or not given:
        raise ProblemError(Code.BAD_SIGNATURE, "Send Liveshop-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256>.")
    timestamp = int(stamps[0])
    if abs(now - timestamp) > TOLERANCE:
        raise ProblemError(Code.BAD_SIGNATURE, f"The event is more than {TOLERANCE} s off our clock; sign it anew.")
    expected = _digest(secret, timestamp, body).encode()
    if not any(hmac.compare_digest(expected, value.encode()) for value in given):
        raise ProblemError(Code.BAD_SIGNATURE, "The signature does not match the body.")


def _digest(secret: str, timestamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
