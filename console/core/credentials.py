"""What an operator proves who they are with; never shown in words."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Token:
    """A token that somebody made for them."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Password:
    """Their account's name and password."""

    name: str
    password: str = field(repr=False)


Credentials = Token | Password
