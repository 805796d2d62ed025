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

_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)"
_PRINTABLE = r"^[!-~]([ -~]*[!-~])?$(?!\n)"

MAX_KEY = 255
"""Characters of an idempotency key, at most."""

FORMATS = {
    _ID: "1 to 64 characters from A-Z a-z 0-9 _ . : -",
    _SESSION_ID: "1 to 128 characters from A-Z a-z 0-9 _ . : -",
    _CURRENCY: "an ISO 4217 code such as USD",
    _MONTH: "a month such as 2026-11",
    _PRINTABLE: "printable ASCII characters, spaces only between them",
    _URL: "an http(s) address, or a path that starts with /",
}
"""Every pattern of the wire in words, for the messages of refused fields."""

ID_IN_WORDS = FORMATS[_ID]
PRINTABLE_IN_WORDS = FORMATS[_PRINTABLE]


def is_id(text: str) -> bool:
    """Whether a text can be a thing's id."""
    return re.search(_ID, text) is not None


def is_printable(text: str) -> bool:
    """Whether a text can be a key or a reference."""
    return re.search(_PRINTABLE, text) is not None


Id = Annotated[str, Meta(pattern=_ID, description=FORMATS[_ID])]
"""Any thing's id: given by its owner (sellers, affiliates, products), else a UUIDv7 in text."""

SessionId = Annotated[str, Meta(pattern=_SESSION_ID, description=FORMATS[_SESSION_ID])]
"""A guest's session: a secret that the client makes, or that the server makes for it."""

CurrencyCode = Annotated[str, Meta(pattern=_CURRENCY, description=FORMATS[_CURRENCY])]
"""A currency by its ISO 4217 code."""

Url = Annotated[str, Meta(max_length=2000, pattern=_URL, description=FORMATS[_URL])]
"""A web address, or a path on this server."""

Month = Annotated[str, Meta(pattern=_MONTH, description=FORMATS[_MONTH])]
"""A calendar month."""

IdempotencyKey = Annotated[str, Meta(max_length=MAX_KEY, pattern=_PRINTABLE, description=FORMATS[_PRINTABLE])]
"""What a client knows a request by, however often it is sent."""

Reference = Annotated[str, Meta(max_length=200, pattern=_PRINTABLE, description=FORMATS[_PRINTABLE])]
"""What another system knows a payment, refund or transfer by."""
