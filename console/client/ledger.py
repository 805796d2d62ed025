"""How the ledger is read: whose accounts the operator may see, their balances, one account's entries, one month."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from console.client.protocol import Client
from console.core.accounts import Account, Holder, HolderKind
from shared import commands, endpoints
from shared.endpoints import Endpoint
from shared.roles import Role
from shared.views import AffiliateView, BalanceView, LedgerEntryView, OperatorView, Page, SellerView, StatementView

T = TypeVar("T")

ENTRIES_LIMIT = 50
"""Entries on a page."""
_LIMIT = 200
"""The most that the server lists at once."""
_PAGES = 3
"""Pages of holders that are read; beyond them the list says that it is not whole."""
_AT_ONCE = 6
"""Balances asked for at the same time."""


async def accounts(client: Client, operator: OperatorView) -> tuple[list[Account], bool]:
    """Every account that the operator may see, and whether these are all.

    Raises:
        ProblemError: when they can't be had.
    """
    holders, whole = await _holders(client, operator)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(bare: Account) -> list[Account]:
        async with gate:
            return _with_balances(bare, await _balances(client, bare.holder))

    found = await asyncio.gather(*map(in_turn, holders))
    return [account for several in found for account in several], whole


async def _holders(client: Client, operator: OperatorView) -> tuple[list[Account], bool]:
    """Accounts without balances: a seller's own, an affiliate's own, everybody's for ops and admins."""
    if operator.role is Role.SELLER:
        return [_of_seller(await client.call(endpoints.GET_SELLER, seller_id=operator.id))], True
    affiliates, all_affiliates = await _every(client, endpoints.LIST_AFFILIATES)
    found = [_of_affiliate(view) for view in affiliates]
    if operator.role is Role.AFFILIATE:
        return found, all_affiliates
    sellers, all_sellers = await _every(client, endpoints.LIST_SELLERS)
    return [*found, *map(_of_seller, sellers)], all_affiliates and all_sellers


async def _every(client: Client, endpoint: Endpoint[Page[T]]) -> tuple[list[T], bool]:
    found: list[T] = []
    for number in range(1, _PAGES + 1):
        page = await client.call(endpoint, query=commands.PageQuery(page=number, limit=_LIMIT))
        found += page.items
        if number >= page.total_pages:
            return found, True
    return found, False


def _of_affiliate(view: AffiliateView) -> Account:
    return Account(
        holder=Holder(HolderKind.AFFILIATE, view.id),
        name=view.display_name,
        since=view.created_at,
        status=view.status,
        rate=view.commission_rate,
    )


def _of_seller(view: SellerView) -> Account:
    return Account(holder=Holder(HolderKind.SELLER, view.id), name=view.business_name, since=view.created_at)


def _with_balances(bare: Account, balances: Iterable[BalanceView]) -> list[Account]:
    """An account a currency; one without a balance where nothing has moved yet."""
    return [replace(bare, balance=balance) for balance in balances] or [bare]


async def _balances(client: Client, holder: Holder) -> list[BalanceView]:
    if holder.kind is HolderKind.SELLER:
        return await client.call(endpoints.GET_SELLER_BALANCE, seller_id=holder.id)
    return await client.call(endpoints.GET_AFFILIATE_BALANCE, affiliate_id=holder.id)


async def entries(client: Client, account: Account, page: int) -> Page[LedgerEntryView]:
    """A page of an account's entries, newest first.

    Raises:
        ProblemError: when they can't be had.
    """
    query = commands.LedgerQuery(page=page, limit=ENTRIES_LIMIT, currency=account.currency)
    if account.holder.kind is HolderKind.SELLER:
        return await client.call(endpoints.LIST_SELLER_ENTRIES, seller_id=account.holder.id, query=query)
    return await client.call(endpoints.LIST_COMMISSIONS, affiliate_id=account.holder.id, query=query)


async def statement(client: Client, holder: Holder, month: str) -> StatementView:
    """A calendar month of an owner.

    Raises:
        ProblemError: when it can't be had.
    """
    query = commands.StatementQuery(month=month)
    if holder.kind is HolderKind.SELLER:
        return await client.call(endpoints.GET_SELLER_STATEMENT, seller_id=holder.id, query=query)
    return await client.call(endpoints.GET_AFFILIATE_STATEMENT, affiliate_id=holder.id, query=query)
