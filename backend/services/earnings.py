"""What affiliates and sellers earned, are owed and were paid: entries, balances, statements, payouts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tortoise.functions import Sum

from backend import seams
from backend.domain import ledger as books
from backend.domain.actors import Actor, Owned, require, require_on
from backend.domain.ledger import Account, JournalKind
from backend.services import audit, idempotency, ledger, records
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork
from backend.storage.models import Affiliate, LedgerEntry, Payout, Product, Seller
from shared.commands import LedgerQuery, MakePayout, PageQuery, StatementQuery
from shared.money import Money, percentage
from shared.problems import Code, ProblemError
from shared.roles import Permission, Role, Target
from shared.views import BalanceView, LedgerEntryView, Page, PayoutView, StatementLine, StatementView

AFFILIATE_ACCOUNTS = (Account.AFFILIATE_PENDING, Account.AFFILIATE_AVAILABLE)
SELLER_ACCOUNTS = (Account.SELLER,)


async def _require_reader(actor: Actor, role: Role, owner_id: str) -> None:
    """An owner reads their own account; ops and admins all."""
    kind = Target.SELLER if role is Role.SELLER else Target.AFFILIATE
    require_on(actor, Permission.READ_LEDGER, Owned(kind, owner_id))
    if role is Role.SELLER:
        await records.get(Seller, owner_id, "seller")
    else:
        await records.get(Affiliate, owner_id, "affiliate")


def _accounts(role: Role) -> tuple[Account, ...]:
    return SELLER_ACCOUNTS if role is Role.SELLER else AFFILIATE_ACCOUNTS


async def entries(actor: Actor, role: Role, owner_id: str, query: LedgerQuery) -> Page[LedgerEntryView]:
    """An owner's entries, newest first, each with the balance of its account after it."""
    await _require_reader(actor, role, owner_id)
    chosen = LedgerEntry.filter(owner_id=owner_id, account__in=_accounts(role))
    if query.currency is not None:
        chosen = chosen.filter(currency=query.currency)
    rows, counts = await records.page(chosen.prefetch_related("journal"), query, order_by=("-number", "-position"))
    after, names = await _balances_after(owner_id, rows), await _product_names(rows)
    return Page(items=[_entry(row, after[row.id], names) for row in rows], **counts)


async def _balances_after(owner_id: str, rows: Collection[LedgerEntry]) -> dict[str, int]:
    """The running balance at each entry of a page: one sum up to its oldest, then added up."""
    found: dict[str, int] = {}
    running: defaultdict[tuple[Account, str], int] = defaultdict(int)
    started: set[tuple[Account, str]] = set()
    for row in sorted(rows, key=lambda row: (row.number, row.position)):
        account = (row.account, row.currency)
        if account not in started:
            started.add(account)
            running[account] = await _sum_before(owner_id, row)
        running[account] += row.amount_minor
        found[row.id] = running[account]
    return found


async def _sum_before(owner_id: str, row: LedgerEntry) -> int:
    same = LedgerEntry.filter(owner_id=owner_id, account=row.account, currency=row.currency)
    earlier = await _total(same.filter(number__lt=row.number))
    return earlier + await _total(same.filter(number=row.number, position__lt=row.position))


async def _total(chosen: object) -> int:
    rows = await chosen.annotate(total=Sum("amount_minor")).values_list("total", flat=True)  # type: ignore[attr-defined]
    return int(rows[0] or 0) if rows else 0


async def _product_names(rows: Collection[LedgerEntry]) -> Mapping[str | None, str]:
    """What the catalogue calls the products of a page, by id."""
    sold = {row.product_id for row in rows if row.product_id is not None}
    return {product.id: product.name for product in await Product.filter(id__in=sold)}


def _entry(row: LedgerEntry, balance: int, names: Mapping[str | None, str]) -> LedgerEntryView:
    journal = row.journal
    return LedgerEntryView(
        journal_id=journal.id,
        number=row.number,
        kind=journal.kind,
        posted_at=datetime.fromisoformat(journal.posted_at),
        account=row.account,
        amount=Money(row.amount_minor, row.currency).amount,
        currency=row.currency,
        balance=Money(balance, row.currency).amount,
        order_id=journal.order_id,
        stream_id=journal.stream_id,
        product_id=row.product_id,
        product_name=names.get(row.product_id),
        featured_id=row.featured_id,
        flash_sale_id=row.flash_sale_id,
        commission_rate=None if row.rate is None else percentage(row.rate),
        commission_base=None if row.base_minor is None else Money(row.base_minor, row.currency).amount,
        reverses=journal.reverses,
    )


async def balance(actor: Actor, role: Role, owner_id: str) -> list[BalanceView]:
    """What an owner is owed, a row a currency."""
    await _require_reader(actor, role, owner_id)
    return await _balance(role, owner_id)


async def _balance(role: Role, owner_id: str) -> list[BalanceView]:
    sums: defaultdict[str, dict[Account, int]] = defaultdict(dict)
    for found in await ledger.balances(owner_id=owner_id, account__in=[*_accounts(role), Account.PAYOUTS]):
        sums[found.currency][found.account] = found.minor
    available = Account.SELLER if role is Role.SELLER else Account.AFFILIATE_AVAILABLE
    return [
        BalanceView(
            currency=currency,
            pending=Money(of.get(Account.AFFILIATE_PENDING, 0), currency).amount,
            available=Money(of.get(available, 0), currency).amount,
            paid_out=Money(of.get(Account.PAYOUTS, 0) if role is Role.AFFILIATE else 0, currency).amount,
        )
        for currency, of in sorted(sums.items())
    ]


async def statement(runtime: Runtime, actor: Actor, role: Role, owner_id: str, query: StatementQuery) -> StatementView:
    """An owner's calendar month, in UTC or the installation's time zone."""
    await _require_reader(actor, role, owner_id)
    zone = runtime.settings.time_zone
    starts_at, ends_at = _month(query.month, zone)
    start, end = (moment.isoformat(timespec="microseconds") for moment in (starts_at, ends_at))
    chosen = LedgerEntry.filter(owner_id=owner_id, account__in=_accounts(role))
    openings = dict(await _sums(chosen.filter(journal__posted_at__lt=start), "currency"))
    moved: defaultdict[str, dict[JournalKind, int]] = defaultdict(dict)
    within = chosen.filter(journal__posted_at__gte=start, journal__posted_at__lt=end)
    for currency, kind, total in await _sums(within, "currency", "journal__kind"):
        moved[currency][JournalKind(kind)] = total
    return StatementView(
        owner_id=owner_id,
        month=query.month,
        time_zone=zone,
        starts_at=starts_at,
        ends_at=ends_at,
        currencies=[
            _statement_line(currency, openings.get(currency, 0), moved[currency])
            for currency in sorted({*openings, *moved})
        ],
    )


async def _sums(chosen: object, *by: str) -> list[tuple[Any, ...]]:
    """The sums of the chosen entries by some of their columns, each after its columns' values."""
    rows = (
        await chosen.annotate(total=Sum("amount_minor"))  # type: ignore[attr-defined]
        .group_by(*by)
        .values_list(*by, "total")
    )
    return [(*columns, int(total)) for *columns, total in rows]


def _month(month: str, zone: str) -> tuple[datetime, datetime]:
    year, number = (int(part) for part in month.split("-"))
    if not 1970 <= year <= 9998:
        raise ProblemError.of_field("month", "out_of_range", "The year is between 1970 and 9998.")
    place = ZoneInfo(zone)
    following = (year, number + 1) if number < 12 else (year + 1, 1)
    return (
        datetime(year, number, 1, tzinfo=place).astimezone(UTC),
        datetime(*following, 1, tzinfo=place).astimezone(UTC),
    )


def _statement_line(currency: str, opening: int, moved: dict[JournalKind, int]) -> StatementLine:
    earned, back, paid = (moved.get(kind, 0) for kind in (JournalKind.SALE, JournalKind.REFUND, JournalKind.PAYOUT))
    return StatementLine(
        currency=currency,
        opening=Money(opening, currency).amount,
        earned=Money(earned, currency).amount,
        reversed=Money(-back, currency).amount,
        paid_out=Money(-paid, currency).amount,
        closing=Money(opening + earned + back + paid, currency).amount,
    )


async def pay_out(runtime: Runtime, actor: Actor, affiliate_id: str, body: MakePayout, key: str | None) -> PayoutView:
    """Pay an affiliate what is available, or a part of it; a negative balance nets itself first."""
    require(actor, Permission.PAY_OUT)
    await records.get(Affiliate, affiliate_id, "affiliate")

    async def work(_: UnitOfWork) -> PayoutView:
        # A refund that comes now waits: what is read as available is still there when it is paid out.
        await ledger.locked_head()
        currency, available = await _available(affiliate_id, body.currency)
        amount = available if body.amount is None else Money.of(body.amount, currency).minor
        if not 0 < amount <= available:
            shown = Money(available, currency).amount
            raise ProblemError(Code.CONFLICT, f"{shown} {currency} are available for a payout.")
        row = await Payout.create(
            id=seams.new_id(),
            affiliate_id=affiliate_id,
            amount_minor=amount,
            currency=currency,
            reference=body.reference,
            created_by=actor.subject or "",
            created_at=seams.now(),
        )
        await ledger.post(payout_of(row), source_id=row.id)
        await audit.note("payout", actor, subject_id=affiliate_id, details={"payoutId": row.id})
        return _payout(row)

    return await idempotency.once(
        runtime.bus,
        work,
        answer_type=PayoutView,
        scope=f"payout {actor.subject} {affiliate_id}",
        key=key,
        body=body,
    )


async def _available(affiliate_id: str, currency: str | None) -> tuple[str, int]:
    found = {
        balance.currency: balance.minor
        for balance in await ledger.balances(owner_id=affiliate_id, account=Account.AFFILIATE_AVAILABLE)
        if balance.minor
    }
    if currency is None and len(found) > 1:
        raise ProblemError.of_field("currency", "required", f"Say which: {', '.join(sorted(found))}.")
    chosen = currency or next(iter(found), None)
    if chosen is None:
        raise ProblemError(Code.CONFLICT, "Nothing is available for a payout.")
    return chosen, found.get(chosen, 0)


def payout_of(row: Payout) -> books.Journal:
    """The journal of a payout."""
    return books.payout(currency=row.currency, affiliate_id=row.affiliate_id, amount=row.amount_minor)


def _payout(row: Payout) -> PayoutView:
    return PayoutView(
        id=row.id,
        affiliate_id=row.affiliate_id,
        amount=Money(row.amount_minor, row.currency).amount,
        currency=row.currency,
        reference=row.reference,
        created_by=row.created_by,
        created_at=row.created_at,
    )


async def payouts(actor: Actor, affiliate_id: str, query: PageQuery) -> Page[PayoutView]:
    """An affiliate's payouts, newest first."""
    await _require_reader(actor, Role.AFFILIATE, affiliate_id)
    rows, counts = await records.page(Payout.filter(affiliate_id=affiliate_id), query, order_by=("-id",))
    return Page(items=[_payout(row) for row in rows], **counts)
