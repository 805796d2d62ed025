"""Who somebody is, by name and password: signing up, signing in, and changing the password."""

from backend.domain import opaque
from backend.domain.actors import Actor, require_person
from backend.domain.addresses import household
from backend.domain.passwords import check_policy, folded, is_login_name
from backend.services import accounts, audit, sign_ins
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import Account
from shared.commands import ChangePassword, CreateAccount, SignIn, SignUp
from shared.problems import Code, ProblemError
from shared.roles import Role
from shared.views import IdentityView, SignedInView


async def sign_up(runtime: Runtime, address: str, body: SignUp) -> SignedInView:
    """A viewer makes an account, and is signed in.

    Raises:
        ProblemError: `forbidden` where the installation makes them itself, `already_exists`, `rate_limited`.
    """
    if runtime.settings.sign_up != "open":
        raise ProblemError(Code.FORBIDDEN, "This installation makes its accounts itself; ask its admins for one.")
    await _throttle_address(runtime, address)
    new = CreateAccount(
        display_name=body.display_name or body.name, role=Role.VIEWER, name=body.name, password=body.password
    )
    account = await accounts.register(runtime.bus, runtime.passwords, new)

    async def work(_: UnitOfWork) -> SignedInView:
        return await sign_ins.begin(runtime, account)

    return await commit(runtime.bus, work)


async def sign_in(runtime: Runtime, address: str, body: SignIn) -> SignedInView:
    """Tokens for a name and its password.

    Raises:
        ProblemError: `unauthorized`, the same for an unknown name as for a wrong password; `rate_limited`.
    """
    name = folded(body.name)
    await _throttle_address(runtime, address)
    await _throttle_name(runtime, name)
    found = await Account.get_or_none(name=name) if is_login_name(name) else None
    stored = found.password_hash if found else None
    if not await runtime.passwords.matches(stored, body.password) or found is None or stored is None:
        raise ProblemError(Code.UNAUTHORIZED, "The name or the password is wrong.")
    renewed = await runtime.passwords.hash(body.password) if runtime.passwords.is_stale(stored) else stored

    async def work(_: UnitOfWork) -> SignedInView:
        # Once more, and locked: it may have been disabled, or given another password, while this one was compared.
        account = await Account.select_for_update().get(id=found.id)
        if account.disabled_at is not None or account.password_hash != stored:
            raise ProblemError(Code.UNAUTHORIZED, "This account is disabled, or its password has just changed.")
        if renewed != stored:
            account.password_hash = renewed
            await account.save(update_fields=["password_hash"])
        return await sign_ins.begin(runtime, account)

    return await commit(runtime.bus, work)


async def change_password(runtime: Runtime, actor: Actor, body: ChangePassword) -> None:
    """Another password for one's own account; its other sign-ins end.

    Raises:
        ProblemError: `unauthorized` when the current one is wrong, `conflict` where there is none.
    """
    require_person(actor)
    account = await own_account(actor)
    if account.name is None or account.password_hash is None:
        raise ProblemError(Code.CONFLICT, "This account has no password; an admin can give it one.")
    stored = account.password_hash
    await _throttle_name(runtime, account.name)
    if not await runtime.passwords.matches(stored, body.current):
        raise ProblemError.of_field("current", "wrong", "The current password is wrong.")
    check_policy(body.new, account.name, "new")
    hashed = await runtime.passwords.hash(body.new)

    async def work(unit: UnitOfWork) -> None:
        changed = await Account.filter(id=account.id, password_hash=stored).update(password_hash=hashed)
        if not changed:
            raise ProblemError(Code.CONFLICT, "The password has just been changed by somebody else.")
        await sign_ins.end_all(unit, runtime.revocations, account.id, but=actor.sign_in)
        await audit.note("password_changed", actor, subject_id=account.id)

    await commit(runtime.bus, work)


async def identity(actor: Actor) -> IdentityView:
    """Whom the actor's token names, and what it may do."""
    if actor.is_guest:
        raise sign_in_first()
    account = await Account.get_or_none(id=actor.account_id) if actor.account_id else None
    return IdentityView(
        id=actor.public_id or "",
        role=actor.role,
        permissions=sorted(actor.permissions),
        expires_at=actor.expires_at,
        account=views.account(account) if account else None,
    )


async def own_account(actor: Actor) -> Account:
    """The account behind an actor.

    Raises:
        ProblemError: `unauthorized` for a guest, `conflict` for a signed token that stands for no account.
    """
    if actor.is_guest:
        raise sign_in_first()
    account = await Account.get_or_none(id=actor.account_id) if actor.account_id else None
    if account is None:
        raise ProblemError(Code.CONFLICT, "There is no account behind this token; sign in with one.")
    return account


def sign_in_first() -> ProblemError:
    """What a guest is told where an account is needed."""
    return ProblemError(Code.UNAUTHORIZED, "Sign in first: POST /auth/sign-in with a name and a password.")


async def _throttle_address(runtime: Runtime, address: str) -> None:
    await runtime.limits.check("sign-in-address", household(address), runtime.settings.sign_in_address_rate)


async def _throttle_name(runtime: Runtime, name: str) -> None:
    # By its digest: people type passwords where names belong, and limits may be kept in Redis.
    await runtime.limits.check("sign-in-name", opaque.digest(name), runtime.settings.sign_in_rate)
