"""Purchases and the ledger: what the state makes of them, and the operator's ways through the screens."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from console_books import BALANCES, REGISTERED, affiliate, balance, bought, entry, keep_books, on_sale, pinned
from console_desk import StandingClock, answering, desk
from console_pilot import press, screen_text, settled, shows, until
from console_shows import NOON, batch, house, snapshot, stream
from test_console_state import after
from textual.widgets import Button, Input

from console.app import ControlRoom
from console.client import ledger as reader
from console.client.scripted import Call, ScriptedClient
from console.core import events as e
from console.core import feed as feeds
from console.core import ledger_rows, selectors
from console.core import payout as payouts
from console.core.accounts import Account, Holder, HolderKind
from console.core.actions import BY_ID, offered
from console.core.feed import Feed
from console.core.payout import PayOut, Payout
from console.core.reading import Stage
from console.core.reducer import reduce
from console.core.selectors import Cell, Tone
from console.core.state import Progress, State
from console.screens.confirm_payout import ConfirmPayout
from console.screens.entries import Entries
from console.screens.ledger import Ledger
from console.screens.streams import Streams
from console.widgets.accounts import AccountTable, EntryTable
from console.widgets.purchases import PurchaseTable
from shared import endpoints, events
from shared.problems import Code, ProblemError
from shared.roles import Role
from shared.views import AffiliateStatus, FiguresView, Page

pytestmark = pytest.mark.usefixtures("clock", "hasty")


# ----------------------------------------------------------------------------------------------- purchases


def test_a_feed_is_ordered_without_doubles_and_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("console.core.feed.CAPACITY", 3)
    feed = Feed()
    for seq in (2, 4, 3, 4, 2):
        feed = feeds.buy(feed, bought(seq))
    assert [purchase.seq for purchase in feed.purchases] == [2, 3, 4]
    feed = feeds.buy(feeds.interrupt(feed), bought(5))
    assert ([purchase.seq for purchase in feed.purchases], feed.gaps) == ([3, 4, 5], {4})
    for seq in (6, 7):
        feed = feeds.buy(feed, bought(seq))
    assert feed.gaps == frozenset()


def test_a_purchase_says_what_who_how_much_and_what_an_affiliate_earns():
    unearned = bought(12, "Cap", affiliate_id=None, commission_amount=Decimal(0), currency="JPY", amount="1200")
    state = after(snapshot(stream()), batch(1, bought(11, quantity=2), unearned))
    texts = [[cell.text for cell in row.cells] for row in selectors.purchase_rows(state, "s1")]
    assert texts[0][1:7] == ["Silk scarf, hand-rolled", "2", "Z***", "$149.00", "$14.90", "affiliate_456"]
    assert texts[1][1:7] == ["Cap", "1", "A***", "1,200 JPY", "", ""]
    assert state.streams["s1"].view.seq == 12


def test_where_purchases_may_be_missing_is_marked_only_if_something_happened():
    state = after(snapshot(stream()), batch(1, bought(11)), snapshot(stream(seq=11)))
    assert len(selectors.purchase_rows(state, "s1")) == 1
    state = after(snapshot(stream(seq=14)), batch(1, bought(15)), state=state)
    rows = selectors.purchase_rows(state, "s1")
    assert [row.key for row in rows] == ["11", "11+", "15"]
    assert rows[1].cells[1].text == "some may be missing here"


def test_hostile_names_in_purchases_and_accounts_are_made_safe():
    evil = bought(1, "\x1b]0;pwned\x07Hat\u202e", buyer_name="\x9bE***", affiliate_id="[b]x")
    state = after(snapshot(stream()), batch(1, evil), e.LedgerOpened(), e.LedgerAsked())
    account = Account(holder=Holder(HolderKind.AFFILIATE, "a"), name="\x1b[2J\u202eEve", since=NOON)
    state = reduce(state, e.LedgerArrived(ticket=1, accounts=[account], whole=True, at=NOON))
    shown = [*selectors.purchase_rows(state, "s1")[0].cells, *ledger_rows.account_rows(state)[0].cells]
    assert [shown[1].text, shown[3].text, shown[8].text] == ["]0;pwnedHat", "E***", "[2JEve"]


def test_flash_sales_and_the_pin_show_until_their_end_whether_or_not_it_is_told():
    state = after(snapshot(stream()), batch(1, pinned(seconds=60), on_sale(seconds=90)))

    def cells(seconds: int, of: State = state) -> list[list[str]]:
        rows = selectors.product_rows(of, "s1", NOON + timedelta(seconds=seconds))
        return [[cell.text for cell in row.cells[1:5]] for row in rows[:2]]

    assert cells(0) == [
        ["⚑ Silk scarf, hand-rolled", "$149.00", "$200.00", "pin 01:00"],
        ["Linen shirt", "↯$71.20", "$89.00", "-20% 01:30"],
    ]
    assert cells(61)[0][0] == "Silk scarf, hand-rolled"
    assert cells(91)[1] == ["Linen shirt", "$89.00", "", ""]
    ended = events.FlashSaleEnded(stream_id="s1", product_id="p2", end_time=NOON, seq=102)
    unpinned = events.ProductUnpinned(stream_id="s1", product_id="p1", timestamp=NOON, seq=103)
    over = reduce(state, batch(2, ended, unpinned))
    assert cells(0, over) == [
        ["Silk scarf, hand-rolled", "$149.00", "$200.00", ""],
        ["Linen shirt", "$89.00", "", ""],
    ]
    other = events.ProductUnpinned(stream_id="s1", product_id="p9", timestamp=NOON, seq=104)
    assert cells(0, reduce(state, batch(2, other)))[0][0].startswith("⚑")


def test_a_snapshot_forgets_what_it_is_told_anew():
    state = after(snapshot(stream()), batch(1, pinned(), on_sale(), bought(102)), snapshot(stream(seq=102)))
    kept = state.streams["s1"]
    assert (kept.pin, dict(kept.flash_sales), len(kept.feed.purchases)) == (None, {}, 1)
    edited = events.ControlStreamUpdate(stream_id="s1", stream=stream(title="New title"))
    state = after(batch(1, pinned()), batch(2, edited), state=state)
    assert state.streams["s1"].pin is not None


def test_sales_stand_in_the_figures_and_in_the_list():
    sold = FiguresView(total_orders=14, total_sales=Decimal("2189.5"), conversion_rate=0.0213, currency="EUR")
    state = after(snapshot(stream(figures=sold), stream("s2")))
    facts = {fact.name: fact.value.text for fact in selectors.figures(state, state.streams["s1"], NOON)}
    assert (facts["Orders"], facts["Sales"], facts["Conversion"]) == ("14", "€2,189.50", "2.13 %")
    assert [row.cells[6].text for row in selectors.stream_rows(state, NOON)] == ["€2,189.50", "·"]


# ------------------------------------------------------------------------------------------------- ledger


def account_of(found: Any) -> Account:
    return Account(
        holder=Holder(HolderKind.AFFILIATE, "affiliate_456"),
        name="Mia Lind",
        since=REGISTERED,
        status=AffiliateStatus.APPROVED,
        balance=found,
    )


def owed(available: str) -> Account:
    return account_of(balance("60", available))


def ledger_of(*balances: Any) -> State:
    """A state in which the ledger of one affiliate has been read."""
    accounts = [account_of(found) for found in balances]
    arrived = e.LedgerArrived(ticket=1, accounts=accounts, whole=True, at=NOON)
    return after(snapshot(stream(), role=Role.ADMIN), e.LedgerOpened(), e.LedgerAsked(), arrived)


KEY = "affiliate:affiliate_456:USD"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (balance("0", "0"), "Nothing is available for Mia Lind."),
        (balance("5", "0"), "Pending commission follows after delivery"),
        (balance("0", "-3"), "paid more than is left after refunds"),
    ],
)
def test_what_cant_be_paid_out_is_said_instead_of_asked(found: Any, said: str):
    state = reduce(ledger_of(found), e.PayoutBegun(key=KEY, payout_id="q1"))
    assert state.ledger is not None
    assert state.notice is not None
    assert state.ledger.payout is None
    assert said in state.notice.text


def payout_of(state: State) -> Payout:
    assert state.ledger is not None
    assert state.ledger.payout is not None
    return state.ledger.payout


def act_of(state: State) -> PayOut:
    act = payouts.wish(payout_of(state))
    assert act is not None
    return act


def asked_for(currency: str = "USD", available: str = "135", *typed: str, payout_id: str = "q1") -> State:
    """A state in which a payout is asked about, with an amount and a reference if they are given."""
    state = ledger_of(balance("60", available, currency=currency))
    state = reduce(state, e.PayoutBegun(key=f"affiliate:affiliate_456:{currency}", payout_id=payout_id))
    return reduce(state, typing(*typed)) if typed else state


def typing(amount: str, reference: str = "") -> e.PayoutEdited:
    return e.PayoutEdited(amount=amount, reference=reference)


def test_a_payout_is_of_the_whole_balance_of_one_currency_unless_another_amount_is_typed():
    state = asked_for("KWD", "12.345")
    act = act_of(state)
    assert (act.affiliate_id, act.currency, act.amount, act.reference) == (
        "affiliate_456",
        "KWD",
        Decimal("12.345"),
        None,
    )
    part = act_of(reduce(state, typing(" 2.5 ", "  SEPA 0042\u202e ")))
    assert (str(part.amount), part.reference) == ("2.500", "SEPA 0042")


def test_a_payout_stays_asked_about_when_it_fails_and_is_told_when_it_is_made():
    state = asked_for("KWD", "12.345")
    act = act_of(state)
    sent = reduce(state, e.ActSent(act=act, at=NOON))
    assert ledger_rows.is_paying(sent)
    failed = reduce(sent, e.ActRefused(act=act, reason="Timed out.", at=NOON, unsure=True))
    assert act_of(failed) == act
    assert payout_of(failed).problem == "It is not known whether Mia Lind was paid. Timed out."
    assert failed.ledger is not None
    assert failed.ledger.reading.stage is Stage.WANTED
    done = reduce(failed, e.ActDone(act=act, at=NOON))
    assert done.ledger is not None
    assert done.notice is not None
    assert (done.ledger.payout, done.notice.text) == (None, "12.345 KWD paid out to Mia Lind.")
    assert done.marks[act].progress is Progress.DONE


@pytest.mark.parametrize(
    ("currency", "available", "amount", "said"),
    [
        ("USD", "135", "135", ""),
        ("USD", "135", "0.01", ""),
        ("USD", "135", ".5", ""),
        ("USD", "135", "135.01", "At most $135.00 is available."),
        ("USD", "135", "9" * 5000, "At most $135.00 is available."),
        ("USD", "135", "1.005", "USD has at most 2 decimals."),
        ("USD", "135", "0.00", "The amount must be more than 0."),
        *(
            ("USD", "135", amount, "Write the amount in digits, with a point before the decimals, such as 1250.00.")
            for amount in ("", ".", "-5", "1,50", "1e2", "$5", "1.2.3", "١٢", "5 0", "NaN")
        ),
        ("JPY", "1200", "1200", ""),
        ("JPY", "1200", "1200.0", "JPY has no decimals."),
        ("JPY", "1200", "all", "Write the amount in digits, such as 1250."),
        ("KWD", "12.345", "12.345", ""),
        ("KWD", "12.345", "12.3456", "KWD has at most 3 decimals."),
    ],
)
def test_an_amount_is_judged_as_it_is_typed(currency: str, available: str, amount: str, said: str):
    payout = payout_of(asked_for(currency, available, amount))
    assert payouts.fault(payout) == said
    assert ledger_rows.payout_status(payout, sending=False).text == said
    assert ledger_rows.payout_question(payout).startswith("How much" if said else "Pay Mia Lind")


def test_a_reference_has_its_length():
    long = payout_of(asked_for("USD", "135", "5", "x" * 201))
    assert payouts.fault(long) == "The reference has 201 characters; it may have 200."
    assert payouts.fault(payout_of(asked_for("USD", "135", "5", f" {'x' * 200} "))) == ""


def test_the_key_is_the_wishs_own_and_a_plain_retrys_too():
    whole = act_of(asked_for())
    retyped = [act_of(asked_for("USD", "135", *typed)) for typed in (("135",), ("0135.0", " "), ("135.", ""))]
    assert [act.key for act in retyped] == [whole.key] * 3
    others = [act_of(asked_for("USD", "135", *typed)) for typed in (("13.50",), ("135", "a"), ("135", "b"))]
    assert len({act.key for act in (whole, *others)}) == 4
    assert act_of(asked_for(payout_id="q2")).key != whole.key


def test_what_was_refused_is_forgotten_once_something_else_is_typed():
    state = asked_for()
    conflict = e.ActRefused(act=act_of(state), reason="120.00 USD are available for a payout.", at=NOON)
    refused = reduce(state, conflict)
    read_again = e.LedgerArrived(ticket=2, accounts=[owed("120")], whole=True, at=NOON)
    refused = after(e.LedgerAsked(), read_again, state=refused)
    assert payouts.fault(payout_of(refused)) == "At most $120.00 is available."
    assert ledger_rows.payout_limit(payout_of(refused)) == "of $120.00 available"
    mended = payout_of(reduce(refused, typing("120")))
    assert (payouts.fault(mended), mended.problem, payouts.caution(mended)) == ("", "", "")


def test_after_a_lost_answer_the_same_may_be_sent_again_and_another_amount_is_warned_about():
    state = asked_for()
    lost = reduce(state, e.ActRefused(act=act_of(state), reason="Timed out.", at=NOON, unsure=True))
    # It had been paid: nothing is available any more, and only asking again tells that it was.
    read_again = e.LedgerArrived(ticket=2, accounts=[owed("0")], whole=True, at=NOON)
    lost = after(e.LedgerAsked(), read_again, state=lost)
    assert payouts.fault(payout_of(lost)) == ""
    other = payout_of(reduce(lost, typing("50")))
    assert payouts.fault(other) == "Nothing is available any more."
    assert payouts.caution(other) == "It is not known whether $135.00 was paid; this would be another payout."
    back = payout_of(after(typing("50"), typing("135.00"), state=lost))
    assert (payouts.fault(back), payouts.caution(back)) == ("", "It may have been paid; trying again can't pay twice.")
    sure = e.ActRefused(act=act_of(lost), reason="Nothing is available for a payout.", at=NOON)
    assert payouts.fault(payout_of(reduce(lost, sure))) == "Nothing is available any more."


def test_answers_that_nobody_waits_for_any_more_are_ignored():
    state = ledger_of(balance("60", "135"), balance("0", "1", currency="EUR"))
    state = after(e.EntriesOpened(key=KEY), e.EntriesAsked(), state=state)
    page = Page(items=[entry(1)], total=1, page=1, total_pages=1)
    other = e.EntriesArrived(ticket=1, key="affiliate:affiliate_456:EUR", page=page, at=NOON)
    assert reduce(state, other) is state
    assert reduce(state, e.EntriesFailed(ticket=7, key=KEY, reason="No.")) is state
    assert reduce(state, e.LedgerFailed(ticket=1, reason="No.")) is state
    closed = after(e.LedgerClosed(), state=state)
    for late in (e.LedgerFailed(ticket=1, reason="No."), other, e.LedgerWanted(), e.PageTurned(page=2)):
        assert reduce(closed, late) is closed


def test_pages_end_where_the_entries_end():
    state = after(e.EntriesOpened(key=KEY), e.EntriesAsked(), state=ledger_of(balance("60", "135")))
    page = Page(items=[entry(1)], total=3, page=1, total_pages=2)
    state = reduce(state, e.EntriesArrived(ticket=1, key=KEY, page=page, at=NOON))
    for wanted, got in ((0, 1), (2, 2), (3, 2)):
        turned = reduce(state, e.PageTurned(page=wanted))
        assert turned.ledger is not None
        assert turned.ledger.entries is not None
        assert turned.ledger.entries.page == got


def test_a_new_snapshot_reads_an_open_ledger_again():
    state = after(snapshot(stream(), role=Role.ADMIN), state=ledger_of(balance("60", "135")))
    assert state.ledger is not None
    assert state.ledger.reading.stage is Stage.WANTED


def test_ledger_actions_are_offered_by_right_and_reading_also_to_who_merely_looks():
    def offers(role: Role, *, read_only: bool = False) -> tuple[bool, bool]:
        state = replace(after(snapshot(stream(), role=role)), read_only=read_only)
        return offered(BY_ID["open_ledger"], state), offered(BY_ID["pay_out"], state)

    assert offers(Role.ADMIN) == (True, True)
    assert offers(Role.ADMIN, read_only=True) == (True, False)
    assert offers(Role.OPS) == offers(Role.SELLER) == offers(Role.AFFILIATE) == (True, False)
    assert offers(Role.MODERATOR) == (False, False)


def entry_cells(*items: Any) -> list[tuple[Cell, ...]]:
    state = after(e.EntriesOpened(key=KEY), e.EntriesAsked(), state=ledger_of(balance("60", "135")))
    page = Page(items=list(items), total=len(items), page=1, total_pages=1)
    state = reduce(state, e.EntriesArrived(ticket=1, key=KEY, page=page, at=NOON))
    assert state.ledger is not None
    assert state.ledger.entries is not None
    return [row.cells for row in ledger_rows.entry_rows(state.ledger.entries)]


def test_an_entry_says_what_moved_and_why():
    back, sale = entry_cells(entry(3, kind="refund", amount="-7.50", commission_base=None), entry(2))
    shown = ["sale", "pending", "Headphones", "", "7.5 %", "$200.00", "$15.00", "$30.00", "…00000002"]
    assert [cell.text for cell in sale[1:]] == shown
    assert (back[3].text, back[7]) == ("", Cell("-$7.50", Tone.BAD))


def test_an_entrys_product_has_its_name_else_its_id_and_a_mark_where_a_flash_sale_made_the_price():
    rows = entry_cells(
        entry(3, flash_sale_id="sale-1"),
        entry(2, product_name=None, flash_sale_id="sale-1"),
        entry(1, product_name="[b]\x1b[2JHat"),
    )
    assert [[cell.text for cell in row[3:5]] for row in rows] == [
        ["↯ Headphones", "flash sale"],
        ["↯ product_456", "flash sale"],
        ["[b][2JHat", ""],
    ]


async def test_long_lists_are_read_page_by_page_and_say_when_they_are_not_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader, "_PAGES", 2)
    client = ScriptedClient()
    keep_books(client)

    async def page(call: Call) -> Any:
        number = call.query.page
        return Page(items=[affiliate("new", f"Page {number}")], total=3, page=number, total_pages=3)

    client.answer(endpoints.LIST_AFFILIATES, page)
    operator = snapshot(role=Role.OPS).snapshot.operator
    accounts, whole = await reader.accounts(client, operator)
    assert ([account.name for account in accounts], whole) == (["Page 1", "Page 2", "Atelier Nord"], False)


# ------------------------------------------------------------------------------------------------- screens


def books(role: Role = Role.ADMIN, **settings: Any) -> tuple[ControlRoom, ScriptedClient]:
    """A control room of somebody, whose server keeps books."""
    app, client = desk(snapshot(*house(), role=role), **settings)
    keep_books(client)
    return app, client


TO_PAY = ("tab", "tab", "tab")
"""From the amount to the button that pays."""


def payouts_of(client: ScriptedClient) -> list[Call]:
    return [call for call in client.calls if call.endpoint == "makePayout"]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_from_the_streams_to_an_accounts_entries_and_back(size: tuple[int, int]):
    app, client = books()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await shows(pilot, "12.345 KWD")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, Entries))
        await shows(pilot, "120 entries")
        asked = [call for call in client.calls if call.endpoint == "listCommissions"][-1]
        assert (asked.parameters, asked.query.currency) == ({"affiliate_id": "affiliate_456"}, "USD")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Streams))
        assert app.state.ledger is None


async def test_entries_are_turned_by_keys_and_by_going_on():
    app, _ = books()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "L", "enter")
        await shows(pilot, "page 1 of 3")
        table = app.screen.query_one(EntryTable)
        await press(pilot, "G", "j")
        await shows(pilot, "page 2 of 3")
        assert table.selected == "2:0"
        await press(pilot, "k")
        await shows(pilot, "page 1 of 3")
        await until(pilot, lambda: table.selected == "1:49")
        await press(pilot, "n")
        await shows(pilot, "page 2 of 3")
        await press(pilot, "n")
        await shows(pilot, "page 3 of 3")
        await press(pilot, "n", "p")
        await shows(pilot, "page 2 of 3")


async def test_a_payout_is_asked_for_confirmed_sent_once_and_said():
    app, client = books()
    agreed, owed = asyncio.Event(), dict(BALANCES)
    at_hand = client._answers["makePayout"]

    async def agree(call: Call) -> Any:
        await agreed.wait()
        owed["affiliate_456"] = [balance("60.00", "0", "555.00")]
        return await at_hand(call)

    async def balances(call: Call) -> Any:
        return owed[call.parameters["affiliate_id"]]

    client.answer(endpoints.MAKE_PAYOUT, agree)
    client.answer(endpoints.GET_AFFILIATE_BALANCE, balances)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "p")
        await shows(pilot, "Pay Mia Lind $135.00?")
        assert app.focused is app.screen.query_one("#payout-amount", Input)
        await press(pilot, *TO_PAY, "enter")
        await shows(pilot, "Sending")
        await press(pilot, "enter", "escape")
        assert isinstance(app.screen, ConfirmPayout)
        [call] = payouts_of(client)
        assert call.parameters == {"affiliate_id": "affiliate_456"}
        assert (call.body.amount, call.body.currency) == (Decimal("135.00"), "USD")
        assert call.idempotency_key
        agreed.set()
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        await shows(pilot, "$135.00 paid out to Mia Lind.")
        await shows(pilot, "$555.00")


@pytest.mark.parametrize("keys", [["enter", "enter", "enter"], ["escape"], ["tab", "tab", "enter"]])
async def test_enter_alone_leads_to_cancel_and_cancel_pays_nothing(keys: list[str]):
    app, client = books()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "p")
        await shows(pilot, "Pay Mia Lind $135.00?")
        await press(pilot, *keys)
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        assert payouts_of(client) == []
        await press(pilot, "p")
        await shows(pilot, "Pay Mia Lind $135.00?")


async def test_a_part_is_paid_under_a_reference_and_nonsense_is_not():
    app, client = books()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "p", *"135.5")
        await shows(pilot, "At most $135.00 is available.")
        await shows(pilot, "How much is Mia Lind to be paid?")
        assert app.screen.query_one("#pay", Button).disabled
        await press(pilot, "backspace", "backspace", "backspace", "enter", *"SEPA q?h")
        await shows(pilot, "Pay Mia Lind $13.00?")
        await press(pilot, "down", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        [call] = payouts_of(client)
        assert (call.body.amount, call.body.reference) == (Decimal("13.00"), "SEPA q?h")


async def test_the_mouse_pays_too():
    app, client = books()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "p")
        await shows(pilot, "Pay Mia Lind $135.00?")
        await pilot.click("#payout-reference")
        await press(pilot, *"no.7")
        await pilot.click("#pay")
        await until(pilot, lambda: len(payouts_of(client)) == 1)
        assert payouts_of(client)[0].body.reference == "no.7"


async def test_another_amount_after_a_failed_try_goes_under_another_key():
    app, client = books()
    refusals = [
        ProblemError(Code.OFFLINE, "The server can't be reached."),
        ProblemError(Code.CONFLICT, "120.00 USD are available for a payout."),
    ]
    at_hand = client._answers["makePayout"]

    async def refuse(call: Call) -> Any:
        if refusals:
            raise refusals.pop(0)
        return await at_hand(call)

    client.answer(endpoints.MAKE_PAYOUT, refuse)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "p", *TO_PAY, "enter")
        await shows(pilot, "It is not known whether Mia Lind was paid.")
        await press(pilot, "right", "enter")
        await shows(pilot, "120.00 USD are available")
        await press(pilot, "up", "up", *"120", *TO_PAY, "enter")
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        first, again, other = payouts_of(client)
        assert first.idempotency_key == again.idempotency_key != other.idempotency_key
        assert (again.body.amount, other.body.amount) == (Decimal("135.00"), Decimal("120.00"))


async def test_a_refused_payout_says_why_and_trying_again_is_the_same_payout():
    app, client = books()
    at_hand = client._answers["makePayout"]
    refusals = [
        ProblemError(Code.CONFLICT, "120.00 USD are available for a payout."),
        ProblemError(Code.OFFLINE, "The server can't be reached."),
    ]

    async def refuse(call: Call) -> Any:
        if refusals:
            raise refusals.pop(0)
        return await at_hand(call)

    client.answer(endpoints.MAKE_PAYOUT, refuse)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "p", *TO_PAY, "enter")
        await shows(pilot, "Mia Lind was not paid. 120.00 USD are available")
        assert app.focused is app.screen.query_one("#cancel", Button)
        await press(pilot, "right", "enter")
        await shows(pilot, "It is not known whether Mia Lind was paid.")
        await press(pilot, "right", "enter")
        await until(pilot, lambda: isinstance(app.screen, Ledger))
        assert len({call.idempotency_key for call in payouts_of(client)}) == 1
        await press(pilot, "p", *TO_PAY, "enter")
        await until(pilot, lambda: len(payouts_of(client)) == 4)
        assert len({call.idempotency_key for call in payouts_of(client)}) == 2


async def test_offline_no_payout_is_sent():
    app, client = books()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        client.say(e.ConnectionLost(reason="Gone.", retry_at=NOON + timedelta(seconds=4)))
        await press(pilot, "p", *TO_PAY, "enter")
        await shows(pilot, "nothing was sent")
        assert payouts_of(client) == []


@pytest.mark.parametrize(("role", "read_only"), [(Role.OPS, False), (Role.ADMIN, True)])
async def test_without_the_right_or_read_only_the_ledger_is_only_read(role: Role, read_only: bool):
    app, client = books(role, read_only=read_only)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "Mia Lind")
        assert "Pay out" not in screen_text(app)
        await press(pilot, "p")
        assert isinstance(app.screen, Ledger)
        assert app.state.ledger is not None
        assert app.state.ledger.payout is None
        assert payouts_of(client) == []


async def test_without_the_right_to_read_there_is_no_ledger():
    app, _ = books(Role.MODERATOR)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        assert isinstance(app.screen, Streams)
        assert "Ledger" not in screen_text(app)


async def test_a_seller_sees_its_own_account_and_no_other():
    app, client = books(Role.SELLER)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$2,405.00")
        assert [row.key for row in app.screen.query_one(AccountTable).rows] == ["seller:atelier:USD"]
        assert "listAffiliates" not in {call.endpoint for call in client.calls}
        await press(pilot, "enter")
        await shows(pilot, "120 entries")
        assert client.calls[-1].endpoint == "listSellerEntries"


async def test_empty_books_say_what_to_do_next():
    app, client = books(Role.AFFILIATE)
    nobody: Page[Any] = Page(items=[], total=0, page=1, total_pages=0)
    client.answer(endpoints.LIST_AFFILIATES, answering(nobody))
    client.answer(endpoints.LIST_COMMISSIONS, answering(nobody))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "liveshop seed")
        new = Page(items=[affiliate("new", "Just Joined")], total=1, page=1, total_pages=1)
        client.answer(endpoints.LIST_AFFILIATES, answering(new))
        await press(pilot, "r")
        await shows(pilot, "Just Joined")
        await press(pilot, "enter")
        await shows(pilot, "No entries yet.")


async def test_a_ledger_that_cant_be_read_says_so_and_is_read_again_when_asked(clock: StandingClock):
    app, client = books()
    at_hand = client._answers["listSellers"]

    async def refuse(call: Call) -> Any:
        raise ProblemError(Code.UNAVAILABLE, "The database is [away].")

    client.answer(endpoints.LIST_SELLERS, refuse)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "could not be read: The database is [away].")
        await shows(pilot, "r tries again")
        client.answer(endpoints.LIST_SELLERS, at_hand)
        await press(pilot, "r")
        await shows(pilot, "Atelier Nord")
        await shows(pilot, "r refreshes")


async def test_signing_out_closes_the_question_too():
    app, client = books()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "p")
        client.say(e.SignInRefused(reason="This token is wrong, expired or revoked."))
        await shows(pilot, "expired or revoked")
        assert not any(isinstance(screen, ConfirmPayout) for screen in app.screen_stack)


async def test_the_purchases_follow_pause_and_follow_again():
    app, client = desk(stream_id="s1")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "4")
        await shows(pilot, "No purchases yet.")
        client.say(batch(1, *(bought(seq) for seq in range(100, 140))))
        table = app.screen.query_one(PurchaseTable)
        await until(pilot, lambda: table.selected == "139")
        await shows(pilot, "following")
        await press(pilot, "k", "k")
        client.say(batch(2, bought(140, "[b]Hat[/b]")))
        await shows(pilot, "3 below")
        assert table.selected == "137"
        await press(pilot, "G")
        await shows(pilot, "following")
        await shows(pilot, "[b]Hat[/b]")


async def test_a_wide_screen_shows_every_pane_and_a_narrow_one_the_wanted():
    app, client = desk(stream_id="s1")
    async with app.run_test(size=(200, 50)) as pilot:
        await settled(pilot)
        client.say(batch(1, bought(100), pinned(), on_sale()))
        for text in ("hi everyone", "⚑ Silk scarf", "-20%", "every 2.0 s", "$14.90"):
            await shows(pilot, text)
        await pilot.resize_terminal(80, 24)
        await press(pilot, "2")
        await shows(pilot, "-20% 04:00")
        assert "$14.90" not in screen_text(app)
        await press(pilot, "4")
        await shows(pilot, "$14.90")
        assert "-20%" not in screen_text(app)
