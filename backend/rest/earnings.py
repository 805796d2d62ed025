"""What affiliates and sellers earned, over REST."""

from backend.rest.binding import Call, serve
from backend.services import affiliate_rates, earnings
from shared import commands as c
from shared import endpoints
from shared import views as v
from shared.roles import Role


@serve(endpoints.SET_RATE)
async def set_rate(call: Call[c.SetRate, None]) -> v.RateView:
    """An affiliate's rate from now on."""
    return await affiliate_rates.set_rate(call.runtime, call.actor, call.path["affiliate_id"], call.body)


@serve(endpoints.LIST_COMMISSIONS)
async def list_commissions(call: Call[None, c.LedgerQuery]) -> v.Page[v.LedgerEntryView]:
    """An affiliate's entries."""
    return await earnings.entries(call.actor, Role.AFFILIATE, call.path["affiliate_id"], call.query)


@serve(endpoints.GET_AFFILIATE_BALANCE)
async def get_affiliate_balance(call: Call[None, None]) -> list[v.BalanceView]:
    """What an affiliate is owed."""
    return await earnings.balance(call.actor, Role.AFFILIATE, call.path["affiliate_id"])


@serve(endpoints.GET_AFFILIATE_STATEMENT)
async def get_affiliate_statement(call: Call[None, c.StatementQuery]) -> v.StatementView:
    """An affiliate's month."""
    return await earnings.statement(call.runtime, call.actor, Role.AFFILIATE, call.path["affiliate_id"], call.query)


@serve(endpoints.MAKE_PAYOUT)
async def make_payout(call: Call[c.MakePayout, None]) -> v.PayoutView:
    """Pay an affiliate."""
    return await earnings.pay_out(call.runtime, call.actor, call.path["affiliate_id"], call.body, call.key)


@serve(endpoints.LIST_PAYOUTS)
async def list_payouts(call: Call[None, c.PageQuery]) -> v.Page[v.PayoutView]:
    """What an affiliate was paid."""
    return await earnings.payouts(call.actor, call.path["affiliate_id"], call.query)


@serve(endpoints.LIST_SELLER_ENTRIES)
async def list_seller_entries(call: Call[None, c.LedgerQuery]) -> v.Page[v.LedgerEntryView]:
    """A seller's entries."""
    return await earnings.entries(call.actor, Role.SELLER, call.path["seller_id"], call.query)


@serve(endpoints.GET_SELLER_BALANCE)
async def get_seller_balance(call: Call[None, None]) -> list[v.BalanceView]:
    """What a seller is owed."""
    return await earnings.balance(call.actor, Role.SELLER, call.path["seller_id"])


@serve(endpoints.GET_SELLER_STATEMENT)
async def get_seller_statement(call: Call[None, c.StatementQuery]) -> v.StatementView:
    """A seller's month."""
    return await earnings.statement(call.runtime, call.actor, Role.SELLER, call.path["seller_id"], call.query)
