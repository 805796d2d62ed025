"""Tokens that accounts make for programs of their own: made, listed, believed and revoked."""

from datetime import timedelta

from backend import seams
from backend.domain import opaque
from backend.domain.actors import Actor, require_person
from backend.domain.tokens import Keyring
from backend.services import audit, auth, records, revocations
from backend.services.bus import Bus
from backend.services.revocations import Revocations
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import ApiToken
from shared.commands import ApiTokensQuery, CreateApiToken
from shared.ids import is_id
from shared.problems import Code, ProblemError
from shared.roles import PERMISSIONS, Permission, Role
from shared.views import ApiTokenView, NewApiTokenView, Page


async def create(runtime: Runtime, actor: Actor, body: CreateApiToken) -> NewApiTokenView:
    """A token that acts as the caller's account, within some of its permissions; its secret is shown only now."""
    require_person(actor)
    account = await auth.own_account(actor)
    role = runtime.roster.role_of(account.id, account.role)
    _require_whole(actor, role)
    lacking = [scope for scope in body.scopes if scope not in PERMISSIONS[role]]
    if lacking:
        raise ProblemError.of_field("scopes", "not_yours", f"A {role} has not: {', '.join(lacking)}.")
    now = seams.now()
    secret = opaque.new(opaque.API_PREFIX)
    row = ApiToken(
        id=seams.new_id(),
        account_id=account.id,
        name=records.visible(body.name, "name"),
        hash=opaque.digest(secret),
        scopes=sorted(set(body.scopes)),
        created_at=now,
        expires_at=now + timedelta(days=body.days),
    )

    async def work(_: UnitOfWork) -> None:
        await row.save(force_create=True)
        await audit.note("api_token_made", actor, subject_id=row.id, details={"scopes": row.scopes})

    await commit(runtime.bus, work)
    return NewApiTokenView(**views.api_token_fields(row), token=secret)


def _require_whole(actor: Actor, role: Role) -> None:
    """Refuse a signed token that is less than its account: an API token would give it the rest."""
    if actor.role is not role or actor.only_stream is not None or actor.only_seller is not None:
        raise ProblemError(Code.FORBIDDEN, "This token may do less than its account; sign in to make API tokens.")


async def list_tokens(actor: Actor, query: ApiTokensQuery) -> Page[ApiTokenView]:
    """One account's API tokens, newest first: the caller's own, any for admins."""
    if actor.is_guest:
        raise auth.sign_in_first()
    owner = query.account_id or actor.account_id
    if owner != actor.account_id and Permission.MANAGE_PEOPLE not in actor.permissions:
        raise ProblemError(Code.FORBIDDEN, "Only admins see the tokens of others.")
    rows, counts = await records.page(ApiToken.filter(account_id=owner), query, order_by=("-id",))
    return Page(items=[views.api_token(row) for row in rows], **counts)


async def revoke(runtime: Runtime, actor: Actor, token_id: str) -> None:
    """Revoke an API token, one's own or, for admins, any; for admins also a signed token by its jti.

    Raises:
        ProblemError: `not_found` for what is not the caller's to revoke.
    """
    if actor.is_guest:
        raise auth.sign_in_first()

    async def work(unit: UnitOfWork) -> bool:
        row = await ApiToken.get_or_none(id=token_id)
        owns = row is not None and row.account_id == actor.account_id
        if not owns and Permission.MANAGE_PEOPLE not in actor.permissions:
            return False
        await _revoke(unit, runtime.revocations, token_id, row)
        await audit.note("token_revoked", actor, subject_id=token_id)
        return True

    if not await commit(runtime.bus, work):
        raise ProblemError(Code.NOT_FOUND, "You have no API token of this id.")


async def _revoke(unit: UnitOfWork, held: Revocations, token_id: str, row: ApiToken | None) -> None:
    if row is not None and row.revoked_at is None:
        row.revoked_at = seams.now()
        await row.save(update_fields=["revoked_at"])
    forget_at = row.expires_at if row else None
    await revocations.store([token_id], forget_at)
    unit.then(lambda: held.revoked([token_id], forget_at))


async def revoke_by_hand(keyring: Keyring, text: str) -> str:
    """Revoke what an operator holds: an API token or a signed one, or the id of either; that id.

    A running server takes it in when it looks again.

    Raises:
        ProblemError: it is none of these, or not this server's.
    """

    async def work(unit: UnitOfWork) -> str:
        token_id, row = await _meant(keyring, text)
        if token_id is None:
            raise ProblemError(Code.NOT_FOUND, "This is neither a token of this server nor the id of one.")
        await _revoke(unit, Revocations(), token_id, row)
        return token_id

    return await commit(Bus(), work)


async def _meant(keyring: Keyring, text: str) -> tuple[str | None, ApiToken | None]:
    """The id of the token that a text is or names, and the row of an API token."""
    if text.startswith(opaque.API_PREFIX):
        row = await ApiToken.get_or_none(hash=opaque.digest(text))
        return (row.id if row else None), row
    if is_id(text):
        return text, await ApiToken.get_or_none(id=text)
    return keyring.read_stale(text).token_id, None
