"""Guests, accounts, sellers and affiliates over REST."""

from backend.rest.binding import Call, serve
from backend.services import accounts, affiliates, sellers
from shared import commands as c
from shared import endpoints
from shared import views as v


@serve(endpoints.CREATE_GUEST)
async def create_guest(call: Call[None, None]) -> v.GuestView:
    """A signed guest identity."""
    return call.runtime.identity.new_guest()


@serve(endpoints.CREATE_ACCOUNT)
async def create_account(call: Call[c.CreateAccount, None]) -> v.AccountView:
    """Register a person."""
    return await accounts.create_account(call.runtime, call.actor, call.body)


@serve(endpoints.LIST_ACCOUNTS)
async def list_accounts(call: Call[None, c.PageQuery]) -> v.Page[v.AccountView]:
    """The people who sign in."""
    return await accounts.list_accounts(call.actor, call.query)


@serve(endpoints.GET_ACCOUNT)
async def get_account(call: Call[None, None]) -> v.AccountView:
    """One of them."""
    return await accounts.get_account(call.actor, call.path["account_id"])


@serve(endpoints.DISABLE_ACCOUNT)
async def disable_account(call: Call[None, None]) -> v.AccountView:
    """Shut an account out."""
    return await accounts.disable_account(call.runtime, call.actor, call.path["account_id"])


@serve(endpoints.ENABLE_ACCOUNT)
async def enable_account(call: Call[None, None]) -> v.AccountView:
    """Let it in again."""
    return await accounts.enable_account(call.runtime, call.actor, call.path["account_id"])


@serve(endpoints.SET_PASSWORD)
async def set_password(call: Call[c.SetPassword, None]) -> v.AccountView:
    """Give it a password."""
    return await accounts.set_password(call.runtime, call.actor, call.path["account_id"], call.body)


@serve(endpoints.CREATE_SELLER)
async def create_seller(call: Call[c.CreateSeller, None]) -> v.SellerView:
    """Register a seller."""
    return await sellers.create_seller(call.runtime, call.actor, call.body)


@serve(endpoints.LIST_SELLERS)
async def list_sellers(call: Call[None, c.PageQuery]) -> v.Page[v.SellerView]:
    """The sellers."""
    return await sellers.list_sellers(call.query)


@serve(endpoints.GET_SELLER)
async def get_seller(call: Call[None, None]) -> v.SellerView:
    """One seller."""
    return await sellers.get_seller(call.path["seller_id"])


@serve(endpoints.UPDATE_SELLER)
async def update_seller(call: Call[c.UpdateSeller, None]) -> v.SellerView:
    """Edit a seller."""
    return await sellers.update_seller(call.runtime, call.actor, call.path["seller_id"], call.body)


@serve(endpoints.CREATE_AFFILIATE)
async def create_affiliate(call: Call[c.CreateAffiliate, None]) -> v.AffiliateView:
    """Register an affiliate."""
    return await affiliates.create_affiliate(call.runtime, call.actor, call.body)


@serve(endpoints.LIST_AFFILIATES)
async def list_affiliates(call: Call[None, c.PageQuery]) -> v.Page[v.AffiliateView]:
    """The affiliates."""
    return await affiliates.list_affiliates(call.actor, call.query)


@serve(endpoints.GET_AFFILIATE)
async def get_affiliate(call: Call[None, None]) -> v.AffiliateView:
    """One affiliate."""
    return await affiliates.get_affiliate(call.actor, call.path["affiliate_id"])


@serve(endpoints.UPDATE_AFFILIATE)
async def update_affiliate(call: Call[c.UpdateAffiliate, None]) -> v.AffiliateView:
    """Edit an affiliate."""
    return await affiliates.update_affiliate(call.runtime, call.actor, call.path["affiliate_id"], call.body)


@serve(endpoints.APPROVE_AFFILIATE)
async def approve_affiliate(call: Call[None, None]) -> v.AffiliateView:
    """Let an affiliate host."""
    return await affiliates.set_affiliate_status(
        call.runtime, call.actor, call.path["affiliate_id"], v.AffiliateStatus.APPROVED
    )


@serve(endpoints.SUSPEND_AFFILIATE)
async def suspend_affiliate(call: Call[None, None]) -> v.AffiliateView:
    """Stop an affiliate from hosting."""
    return await affiliates.set_affiliate_status(
        call.runtime, call.actor, call.path["affiliate_id"], v.AffiliateStatus.SUSPENDED
    )
