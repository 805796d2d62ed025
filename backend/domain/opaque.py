"""Tokens that mean nothing in themselves: random text, of which the server keeps the digest only."""

import hashlib

from backend import seams

API_PREFIX = "lsk_"
REFRESH_PREFIX = "lsr_"
_BYTES = 32


def new(prefix: str) -> str:
    """A new secret that says what it is for; 256 bits of chance."""
    return prefix + seams.new_secret(_BYTES)


def digest(secret: str) -> str:
    """What is kept of a secret (SHA-256 in hexadecimal): a random one needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
