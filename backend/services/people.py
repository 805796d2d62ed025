"""One id space for everybody: an account's, a seller's and an affiliate's id name one person."""

from backend.storage.database import one_at_a_time
from backend.storage.models import Account, Affiliate, Seller
from shared.problems import Code, ProblemError

_TABLES = {"account": Account, "seller": Seller, "affiliate": Affiliate}
GUESTS = "guest_"
"""What the ids of guests begin with, and no others."""


async def require_free_id(row_id: str) -> None:
    """Refuse an id that somebody has already, within the transaction that gives it to somebody else.

    Raises:
        ProblemError: `already_exists`.
    """
    await one_at_a_time("ids of people")
    if row_id.startswith(GUESTS):
        raise ProblemError(Code.ALREADY_EXISTS, f"Ids that begin with {GUESTS} are guests'.")
    for what, table in _TABLES.items():
        if await table.exists(id=row_id):
            raise ProblemError(
                Code.ALREADY_EXISTS, f"There is a{'n' if what[0] == 'a' else ''} {what} {row_id!r} already."
            )
