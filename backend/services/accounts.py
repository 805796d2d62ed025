"""The people who sign in."""

from tortoise.exceptions import IntegrityError

from backend import seams
from backend.domain.actors import Actor, require, require_person
from backend.domain.passwords import check_policy, login_name
from backend.domain.tokens import ACTING_ROLES
from backend.services import audit, people, records, sign_ins
from backend.services.bus import Bus
from backend.services.passwords import Passwords
from backend.services.revocations import Revocations
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import Account, Affiliate, Seller
from shared.commands import CreateAccount, PageQuery, SetPassword
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role
from shared.views import AccountView, Page

_ACTED_FOR = {Role.SELLER: Seller, Role.AFFILIATE: Affiliate}


async def create_account(runtime: Runtime, actor: Actor, body: CreateAccount) -> AccountView:
    """Register a person who signs in."""
    require(actor, Permission.MANAGE_PEOPLE)
    if body.password is not None:
        require_person(actor)
    return views.account(await register(runtime.bus, runtime.passwords, body))


async def register(bus: Bus, passwords: Passwords, body: CreateAccount) -> Account:
    """A new account, whoever asked for it.

    Raises:
        ProblemError: its id or name is taken, or its parts do not go together.
    """
    if body.role is Role.GUEST:
        raise ProblemError.of_field("role", "unknown_value", "A guest has no account.")
    if (body.name is None) != (body.password is None):
        raise ProblemError.of_field("password", "missing", "Send a name and a password, or neither.")
    if (body.role in ACTING_ROLES) != (body.acts_for is not None):
        raise ProblemError.of_field(
            "actsFor", "wrong_role", "Accounts of sellers and affiliates, and only they, need it."
        )
    name, hashed = await credentials(passwords, body.name, body.password)
    row = Account(
        id=body.id or seams.new_id(),
        display_name=records.visible(body.display_name, "displayName"),
        role=body.role,
        acts_for=body.acts_for,
        name=name,
        password_hash=hashed,
        created_at=seams.now(),
    )

    async def work(_: UnitOfWork) -> None:
        await people.require_free_id(row.id)
        if row.acts_for is not None:
            await records.get(_ACTED_FOR[row.role], row.acts_for, row.role.value)
        if row.name is not None:
            await require_free_name(row.name, row.id)
        await row.save(force_create=True)

    try:
        await commit(bus, work)
    except IntegrityError as error:
        raise _taken() from error
    return row


async def credentials(passwords: Passwords, name: str | None, password: str | None) -> tuple[str | None, str | None]:
    """A name and a password as they are kept; before any transaction, since hashing takes long.

    Raises:
        ProblemError: `validation_failed`.
    """
    if name is None or password is None:
        return None, None
    kept = login_name(name)
    check_policy(password, kept)
    return kept, await passwords.hash(password)


async def require_free_name(name: str, account_id: str) -> None:
    """Refuse a name that another account signs in by.

    Raises:
        ProblemError: `already_exists`.
    """
    if await Account.filter(name=name).exclude(id=account_id).exists():
        raise _taken()


def _taken() -> ProblemError:
    return ProblemError(Code.ALREADY_EXISTS, "This name is taken; choose another.")


async def list_accounts(actor: Actor, query: PageQuery) -> Page[AccountView]:
    """Accounts, oldest first."""
    require(actor, Permission.MANAGE_PEOPLE)
    rows, counts = await records.page(Account.all(), query)
    return Page(items=[views.account(row) for row in rows], **counts)


async def get_account(actor: Actor, account_id: str) -> AccountView:
    """An account."""
    require(actor, Permission.MANAGE_PEOPLE)
    return views.account(await records.get(Account, account_id, "account"))


async def disable_account(runtime: Runtime, actor: Actor, account_id: str) -> AccountView:
    """Shut an account out: its tokens, its sign-ins, its open sockets."""
    require(actor, Permission.MANAGE_PEOPLE)
    if actor.account_id == account_id:
        raise ProblemError(Code.CONFLICT, "You would shut yourself out; let another admin do it.")

    async def work(unit: UnitOfWork) -> Account:
        row = await records.get(Account, account_id, "account")
        await disable(unit, runtime.revocations, row)
        await audit.note("account_disabled", actor, subject_id=account_id)
        return row

    return views.account(await commit(runtime.bus, work))


async def disable(unit: UnitOfWork, revocations: Revocations, row: Account) -> None:
    """Disable an account and end its sign-ins, within the caller's transaction."""
    row.disabled_at = row.disabled_at or seams.now()
    await row.save(update_fields=["disabled_at"])
    unit.then(lambda: revocations.disabled(row.id))
    await sign_ins.end_all(unit, revocations, row.id)


async def enable_account(runtime: Runtime, actor: Actor, account_id: str) -> AccountView:
    """Let an account in again; its sign-ins have ended."""
    require(actor, Permission.MANAGE_PEOPLE)

    async def work(unit: UnitOfWork) -> Account:
        row = await records.get(Account, account_id, "account")
        await enable(unit, runtime.revocations, row)
        await audit.note("account_enabled", actor, subject_id=account_id)
        return row

    return views.account(await commit(runtime.bus, work))


async def enable(unit: UnitOfWork, revocations: Revocations, row: Account) -> None:
    """Enable an account, within the caller's transaction."""
    row.disabled_at = None
    await row.save(update_fields=["disabled_at"])
    unit.then(lambda: revocations.enabled(row.id))


async def set_password(runtime: Runtime, actor: Actor, account_id: str, body: SetPassword) -> AccountView:
    """Give an account a new password, at an admin's word."""
    require(actor, Permission.MANAGE_PEOPLE)
    require_person(actor)
    row = await records.get(Account, account_id, "account")
    changed = await give_password(runtime.bus, runtime.passwords, runtime.revocations, row, body)
    await audit.note("password_set", actor, subject_id=account_id)
    return views.account(changed)


async def give_password(
    bus: Bus, passwords: Passwords, revocations: Revocations, row: Account, body: SetPassword
) -> Account:
    """Give an account a new password, and a name where it has none; every sign-in of it ends."""
    if body.name is None and row.name is None:
        raise ProblemError(Code.CONFLICT, "This account has no name to sign in by; send one.")
    name, hashed = await credentials(passwords, body.name or row.name, body.password)

    async def work(unit: UnitOfWork) -> Account:
        current = await records.get(Account, row.id, "account")
        await require_free_name(name or "", row.id)
        current.name, current.password_hash = name, hashed
        await current.save(update_fields=["name", "password_hash"])
        await sign_ins.end_all(unit, revocations, row.id)
        return current

    try:
        return await commit(bus, work)
    except IntegrityError as error:
        raise _taken() from error
