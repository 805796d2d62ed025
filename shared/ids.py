"""Names of things on the wire: opaque text from a small alphabet."""

import re
from typing import Annotated

from msgspec import Meta

# `$(?!\n)`: Python's `$` alone would also match before a trailing newline.
_ALPHABET = "[A-Za-z0-9_.:-]"

_ID = rf"^{_ALPHABET}{{1,64}}$(?!\n)"
_SESSION_ID = rf"^{_ALPHABET}{{1,128}}$(?!\n)"
_CURRENCY = r"^[A-Z]{3}$(?!\n)"
_URL = r"^(https?://|/)\S+$(?!\n)"
_HOST = r"^([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]$(?!\n)"

_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$(?!\n)"

FORMATS = {
    _ID: "1 to 64 characters from A-Z a-z 0-9 _ . : -",
    _SESSION_ID: "1 to 128 characters from A-Z a-z 0-9 _ . : -",
    _CURRENCY: "an ISO 4217 code such as USD",
    _HOST: "a host's name such as shop.example, without http:// and path",
    _MONTH: "a month such as 2026-11",
    _URL: "an http(s) address, or a path that starts with /",
}
"""Every pattern of the wire in words, for the messages of refused fields."""

ID_IN_WORDS = FORMATS[_ID]


def is_id(text: str) -> bool:
    """Whether a text can be a thing's id."""
    return re.search(_ID, text) is not None


Id = Annotated[str, Meta(pattern=_ID, description=FORMATS[_ID])]
"""Any thing's id: given by its owner (sellers, affiliates, products), else a UUIDv7 in text."""

SessionId = Annotated[str, Meta(pattern=_SESSION_ID, description=FORMATS[_SESSION_ID])]
"""A guest's session: a secret that the client makes, or that the server makes for it."""

CurrencyCode = Annotated[str, Meta(pattern=_CURRENCY, description=FORMATS[_CURRENCY])]
"""A currency by its ISO 4217 code."""

Url = Annotated[str, Meta(max_length=2000, pattern=_URL, description=FORMATS[_URL])]
"""A web address, or a path on this server."""

HostName = Annotated[str, Meta(max_length=253, pattern=_HOST, description=FORMATS[_HOST])]
"""A host on the web by its full name."""

Month = Annotated[str, Meta(pattern=_MONTH, description=FORMATS[_MONTH])]
"""A calendar month."""
