"""Those who show a seller's products for a commission."""

from backend import seams
from backend.domain.actors import Actor, Owned, reach_of, require, require_on
from backend.services import people, records
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit
from backend.storage import views
from backend.storage.models import Affiliate
from shared.commands import CreateAffiliate, PageQuery, UpdateAffiliate
from shared.money import basis_points
from shared.problems import Code, ProblemError
from shared.roles import Permission, Reach, Role, Target
from shared.views import AffiliateStatus, AffiliateView, Page


async def create_affiliate(runtime: Runtime, actor: Actor, body: CreateAffiliate) -> AffiliateView:
    """Register an affiliate, pending until approved."""
    require(actor, Permission.MANAGE_PEOPLE)
    now = seams.now()
    row_id = body.id or seams.new_id()
    name = records.visible(body.name, "name")
    row = Affiliate(
        id=row_id,
        name=name,
        username=records.visible(body.username or row_id, "username", most=64),
        display_name=records.visible(body.display_name, "displayName") if body.display_name else name,
        profile_image=body.profile_image,
        status=AffiliateStatus.PENDING,
        commission_rate=basis_points(body.commission_rate) if body.commission_rate is not None else 0,
        created_at=now,
        updated_at=now,
    )

    async def work(_: UnitOfWork) -> None:
        await people.require_free_id(row.id)
        await _require_free_username(row.username, row.id)
        await row.save(force_create=True)

    await commit(runtime.bus, work)
    return views.affiliate(row)


async def _require_free_username(username: str, affiliate_id: str) -> None:
    if await Affiliate.filter(username=username).exclude(id=affiliate_id).exists():
        raise ProblemError(Code.ALREADY_EXISTS, f"The username {username!r} is taken.")


async def list_affiliates(actor: Actor, query: PageQuery) -> Page[AffiliateView]:
    """Affiliates, oldest first: all for ops and admins, itself for an affiliate."""
    require(actor, Permission.READ_AFFILIATES)
    everyone = Reach.ALL in reach_of(actor, Permission.READ_AFFILIATES)
    rows = Affiliate.all() if everyone else Affiliate.filter(id=actor.subject)
    found, counts = await records.page(rows, query)
    return Page(items=[views.affiliate(row) for row in found], **counts)


async def get_affiliate(actor: Actor, affiliate_id: str) -> AffiliateView:
    """An affiliate: itself, ops or an admin."""
    require_on(actor, Permission.READ_AFFILIATES, Owned(Target.AFFILIATE, affiliate_id))
    return views.affiliate(await records.get(Affiliate, affiliate_id, "affiliate"))


async def update_affiliate(runtime: Runtime, actor: Actor, affiliate_id: str, body: UpdateAffiliate) -> AffiliateView:
    """Edit an affiliate; the commission rate is an admin's to set."""
    itself = Owned(Target.AFFILIATE, affiliate_id)
    require_on(actor, Permission.EDIT_PROFILE, itself)
    if body.commission_rate is not None:
        require_on(actor, Permission.MANAGE_PEOPLE, itself)
    changes = {
        "name": records.visible(body.name, "name") if body.name else None,
        "username": records.visible(body.username, "username", most=64) if body.username else None,
        "display_name": records.visible(body.display_name, "displayName") if body.display_name else None,
        "profile_image": body.profile_image,
        "commission_rate": None if body.commission_rate is None else basis_points(body.commission_rate),
    }

    async def work(_: UnitOfWork) -> Affiliate:
        row = await records.get(Affiliate, affiliate_id, "affiliate")
        if changes["username"]:
            await _require_free_username(str(changes["username"]), affiliate_id)
        return await records.save_changes(row, changes)

    row = await commit(runtime.bus, work)
    runtime.snapshots.forget_host(affiliate_id)
    runtime.identity.forget_name(Role.AFFILIATE, affiliate_id)
    return views.affiliate(row)


async def set_affiliate_status(
    runtime: Runtime, actor: Actor, affiliate_id: str, status: AffiliateStatus
) -> AffiliateView:
    """Approve or suspend an affiliate."""
    require(actor, Permission.MANAGE_PEOPLE)

    async def work(_: UnitOfWork) -> Affiliate:
        return await records.save_changes(await records.get(Affiliate, affiliate_id, "affiliate"), {"status": status})

    return views.affiliate(await commit(runtime.bus, work))
