"""The README says what is true."""

from tests.readme import README, current


def test_the_reference_tables_are_those_of_the_code():
    text = README.read_text(encoding="utf-8")
    assert current(text) == text, "run `python -m tests.readme`"
