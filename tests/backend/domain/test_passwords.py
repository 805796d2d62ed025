"""What names and passwords may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.passwords import MAX_PASSWORD, MIN_PASSWORD, POLICY, canonical, check_policy, folded, login_name
from shared.problems import ProblemError


@pytest.mark.parametrize(
    ("given", "kept"), [("Vera", "vera"), (" mo ", "mo"), ("a@b.c", "a@b.c"), ("x-1_2+3", "x-1_2+3")]
)
def test_a_name_is_kept_in_lower_case(given: str, kept: str):
    assert login_name(given) == kept
    assert login_name(kept) == kept


@pytest.mark.parametrize("name", ["", "v", ".a", "a b", "\u0430dmin", "admin\n", "a" * 65, "admin\u200b"])
def test_other_names_are_refused(name: str):
    if name != "admin\n":
        with pytest.raises(ProblemError):
            login_name(name)
    else:
        assert login_name(name) == "admin"


@given(st.text(max_size=300))
def test_the_policy_is_length_and_not_the_name(password: str):
    fits = MIN_PASSWORD <= len(password) <= MAX_PASSWORD and folded(password) != "vera"
    if fits:
        check_policy(password, "vera")
    else:
        with pytest.raises(ProblemError) as refused:
            check_policy(password, "vera")
        assert refused.value.message == POLICY
        assert [error.field for error in refused.value.errors] == ["password"]


def test_the_policy_says_its_numbers():
    assert str(MIN_PASSWORD) in POLICY
    assert str(MAX_PASSWORD) in POLICY


def test_one_password_is_the_same_on_every_keyboard():
    assert canonical("caf\u00e9 au lait") == canonical("cafe\u0301 au lait")
    assert canonical("Password 1") != canonical("password 1")
    assert canonical("\udc80")
