"""Secrets that mean nothing in themselves."""

import re

from backend.domain import opaque


def test_each_secret_is_new_long_and_says_what_it_is_for():
    made = [opaque.new(opaque.API_PREFIX) for _ in range(50)]
    assert len(set(made)) == 50
    assert all(re.fullmatch(r"lsk_[A-Za-z0-9_-]{43}", secret) for secret in made)


def test_a_digest_is_always_the_same_and_not_the_secret():
    secret = opaque.new(opaque.REFRESH_PREFIX)
    assert opaque.digest(secret) == opaque.digest(secret) != opaque.digest(secret + "x")
    assert re.fullmatch(r"[0-9a-f]{64}", opaque.digest(secret))
    assert opaque.digest("\udc80")
