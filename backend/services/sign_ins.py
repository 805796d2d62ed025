"""Sign-ins: tokens for an account that has proved itself, new ones for old ones, and their end.

A sign-in is a family of refresh tokens, each good for one use. One that comes a second time was stolen, or its thief
was first: then the whole sign-in ends, and its owner signs in again.
"""

from datetime import timedelta

from backend import seams
from backend.domain import opaque
from backend.domain.actors import Actor
from backend.domain.tokens import ACTING_ROLES
from backend.services import revocations
from backend.services.revocations import Revocations
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import Account, RefreshToken, SignInRow
from shared.commands import RefreshSignIn, SignOut
from shared.problems import Code, ProblemError
from shared.views import SignedInView

KEPT = timedelta(days=1)
"""How long the rows of a sign-in that is over stay."""


async def begin(runtime: Runtime, account: Account) -> SignedInView:
    """A new sign-in of an account, within the caller's transaction."""
    now = seams.now()
    row = SignInRow(id=seams.new_id(), account_id=account.id, created_at=now, expires_at=now, access_until=now)
    await row.save(force_create=True)
    return await _issue(runtime, account, row)


async def _issue(runtime: Runtime, account: Account, row: SignInRow) -> SignedInView:
    """The sign-in's next pair of tokens."""
    now, settings = seams.now(), runtime.settings
    lifetime = timedelta(seconds=settings.access_lifetime)
    row.expires_at = now + timedelta(seconds=settings.refresh_lifetime)
    row.access_until = max(row.access_until, now + lifetime)
    await row.save(update_fields=["expires_at", "access_until"])
    secret = opaque.new(opaque.REFRESH_PREFIX)
    await RefreshToken.create(hash=opaque.digest(secret), sign_in_id=row.id, expires_at=row.expires_at)
    access = runtime.keyring.issue(
        account.role,
        account.acts_for if account.role in ACTING_ROLES else account.id,
        lifetime=lifetime,
        account=account.id,
        sign_in=row.id,
    )
    return SignedInView(
        access_token=access, refresh_token=secret, expires_at=now + lifetime, account=views.account(account)
    )


async def refresh(runtime: Runtime, body: RefreshSignIn) -> SignedInView:
    """A new pair of tokens for a refresh token, once.

    Raises:
        ProblemError: `unauthorized` when it is unknown, expired, of a sign-in that is over, or comes a second time.
    """
    digest = opaque.digest(body.refresh_token)

    async def work(unit: UnitOfWork) -> SignedInView | None:
        token = await RefreshToken.get_or_none(hash=digest)
        if token is None:
            return None
        # All that happens to one sign-in happens in turn.
        row = await SignInRow.select_for_update().get(id=token.sign_in_id)
        if not await RefreshToken.filter(hash=digest, used_at=None).update(used_at=seams.now()):
            await _end(unit, runtime.revocations, [row])
            return None
        account = await Account.get(id=row.account_id)
        if row.ended_at is not None or account.disabled_at is not None or token.expires_at <= seams.now():
            return None
        return await _issue(runtime, account, row)

    signed_in = await commit(runtime.bus, work)
    if signed_in is None:
        # Said after the commit: the end of a stolen sign-in must hold.
        raise ProblemError(Code.UNAUTHORIZED, "This refresh token counts no more; sign in again.")
    return signed_in


async def sign_out(runtime: Runtime, actor: Actor, body: SignOut) -> None:
    """End the sign-in of a refresh token, else that of the actor.

    Raises:
        ProblemError: `unauthorized` for a guest, `conflict` for a token that came from no sign-in.
    """

    async def work(unit: UnitOfWork) -> bool:
        if body.refresh_token is None:
            sign_in = actor.sign_in
        else:
            token = await RefreshToken.get_or_none(hash=opaque.digest(body.refresh_token))
            sign_in = token.sign_in_id if token else None
        rows = await SignInRow.select_for_update().filter(id=sign_in)
        await _end(unit, runtime.revocations, rows)
        return bool(rows)

    if not await commit(runtime.bus, work):
        if actor.is_guest:
            raise ProblemError(Code.UNAUTHORIZED, "Send the refresh token, or an access token of the sign-in.")
        raise ProblemError(Code.CONFLICT, "This token came from no sign-in; revoke it instead.")


async def end_all(unit: UnitOfWork, held: Revocations, account_id: str, *, but: str | None = None) -> None:
    """End every sign-in of an account, perhaps but one, within the caller's transaction."""
    rows = await SignInRow.select_for_update().filter(account_id=account_id, ended_at=None).order_by("id")
    await _end(unit, held, [row for row in rows if row.id != but])


async def _end(unit: UnitOfWork, held: Revocations, rows: list[SignInRow]) -> None:
    """End sign-ins, whose rows are locked, with the access tokens that were issued in them."""
    now = seams.now()
    standing = [row for row in rows if row.ended_at is None]
    if not standing:
        return
    ids = [row.id for row in standing]
    forget_at = max(row.access_until for row in standing)
    await SignInRow.filter(id__in=ids).update(ended_at=now)
    await revocations.store(ids, forget_at)
    unit.then(lambda: held.revoked(ids, forget_at))


async def forget_old() -> None:
    """Delete what is left of sign-ins that were over long ago."""
    old = await SignInRow.filter(expires_at__lt=seams.now() - KEPT).limit(500).values_list("id", flat=True)
    await RefreshToken.filter(sign_in_id__in=old).delete()
    await SignInRow.filter(id__in=old).delete()
