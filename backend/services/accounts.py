"""The people who sign in."""

from backend import seams
from backend.domain.actors import Actor, require
from backend.services import records
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import Account
from shared.commands import CreateAccount, PageQuery
from shared.roles import Permission
from shared.views import AccountView, Page


async def create_account(runtime: Runtime, actor: Actor, body: CreateAccount) -> AccountView:
    """Register a person who signs in."""
    require(actor, Permission.MANAGE_PEOPLE)
    row = Account(
        id=body.id or seams.new_id(),
        display_name=records.visible(body.display_name, "displayName"),
        role=body.role,
        created_at=seams.now(),
    )

    async def work(_: UnitOfWork) -> None:
        await records.require_new(Account, row.id, "account")
        await row.save(force_create=True)

    await commit(runtime.bus, work)
    return views.account(row)


async def list_accounts(actor: Actor, query: PageQuery) -> Page[AccountView]:
    """Accounts, oldest first."""
    require(actor, Permission.MANAGE_PEOPLE)
    rows, counts = await records.page(Account.all(), query)
    return Page(items=[views.account(row) for row in rows], **counts)


async def get_account(actor: Actor, account_id: str) -> AccountView:
    """An account."""
    require(actor, Permission.MANAGE_PEOPLE)
    return views.account(await records.get(Account, account_id, "account"))
