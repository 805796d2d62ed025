"""Rows by id, in pages, and changed in part: what every catalogue does alike."""

from typing import Any, TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from backend import seams
from backend.domain.actors import Actor
from backend.domain.text import sanitise
from shared.commands import PageQuery
from shared.problems import Code, ProblemError
from shared.roles import Role

M = TypeVar("M", bound=Model)


def visible(text: str, field: str, *, most: int = 200) -> str:
    """Sanitised text of at most so many characters: normalising can lengthen what was short enough on the wire.

    Raises:
        ProblemError: nothing visible is left of it, or too much.
    """
    clean = sanitise(text)
    if not clean:
        raise ProblemError.of_field(field, "empty", f"{field} has no visible characters.")
    if len(clean) > most:
        raise ProblemError.of_field(field, "too_long", f"{field} has more than {most} characters when normalised.")
    return clean


def visible_optional(text: str | None, field: str, *, most: int) -> str | None:
    """`visible`, where nothing, or nothing left, is None."""
    return visible(text, field, most=most) if text is not None and sanitise(text) else None


async def require_new(model: type[M], row_id: str, what: str) -> None:
    """Refuse to make what is there already; `what` is its name in words."""
    if await model.exists(id=row_id):
        raise ProblemError(Code.ALREADY_EXISTS, f"There is a {what} {row_id!r} already.")


async def get(model: type[M], row_id: str, what: str) -> M:
    """A row by its id.

    Raises:
        ProblemError: `not_found`.
    """
    row = await model.get_or_none(id=row_id)
    if row is None:
        raise ProblemError(Code.NOT_FOUND, f"There is no {what} {row_id!r}.")
    return row


async def page(
    rows: QuerySet[M], query: PageQuery, *, order_by: tuple[str, ...] = ("created_at", "id")
) -> tuple[list[M], dict[str, int]]:
    """One page, and the counts that describe it."""
    total = await rows.count()
    found = await rows.order_by(*order_by).offset((query.page - 1) * query.limit).limit(query.limit)
    return found, {"total": total, "page": query.page, "total_pages": -(-total // query.limit)}


def owner_of(actor: Actor, role: Role, named: str | None) -> str:
    """Whose something new is to be: the seller or affiliate that the body names, else the one that the token is for.

    Raises:
        ProblemError: neither names one.
    """
    owner_id = actor.subject if named is None and actor.role is role else named
    if owner_id is None:
        raise ProblemError.of_field(f"{role}Id", "required", f"Say whose it is: {role}Id.")
    return owner_id


async def save_changes(row: M, changes: dict[str, Any]) -> M:
    """Write what was given; None means: leave as it is."""
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    given["updated_at"] = seams.now()
    await row.update_from_dict(given).save(update_fields=list(given))
    return row
