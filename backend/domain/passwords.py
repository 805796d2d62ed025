"""What names and passwords of accounts may be."""

import re
import unicodedata

from shared.problems import ProblemError

MIN_PASSWORD, MAX_PASSWORD = 10, 200
"""Characters of a password."""
POLICY = f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters and is not the name."
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_NAME_IN_WORDS = "A name has 2 to 64 characters from a-z 0-9 . _ @ + - and starts with a letter or digit."


def login_name(text: str) -> str:
    """A name as it is kept and compared: in lower case, without spaces around it.

    Raises:
        ProblemError: `validation_failed` for one that no account can have.
    """
    name = folded(text)
    if not is_login_name(name):
        raise ProblemError.of_field("name", "wrong_format", _NAME_IN_WORDS)
    return name


def is_login_name(text: str) -> bool:
    """Whether an account can have this name, in lower case as it is."""
    return _NAME.fullmatch(text) is not None


def folded(text: str) -> str:
    """What somebody typed as a name, as far as it can be compared with one."""
    return text.strip().lower()


def check_policy(password: str, name: str, field: str = "password") -> None:
    """Refuse what is too easily guessed.

    Raises:
        ProblemError: `validation_failed`, saying the whole policy.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or folded(password) == name:
        raise ProblemError.of_field(field, "against_the_policy", POLICY)


def canonical(password: str) -> bytes:
    """The bytes of a password that are hashed: the same however a keyboard composes its letters (NFKC, RFC 8265)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
