"""Statements: which month is told, what its figures are, and the operator's ways through the months."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from console_books import MONTHS, REGISTERED, line, statement
from console_desk import StandingClock
from console_pilot import press, screen_text, settled, shows, until
from console_shows import NOON, snapshot, stream
from test_console_ledger import KEY, balance, books, ledger_of
from test_console_state import after

from console.client.scripted import Call, ScriptedClient
from console.core import events as e
from console.core import statement as statements
from console.core import statement_rows
from console.core.accounts import Holder, HolderKind
from console.core.reading import Stage
from console.core.reducer import reduce
from console.core.selectors import Cell, Tone
from console.core.state import State
from console.core.statement import Statement
from console.screens.entries import Entries
from console.screens.ledger import Ledger
from console.screens.statement import Statement as StatementScreen
from shared import endpoints
from shared.problems import Code, ProblemError
from shared.roles import Role

pytestmark = pytest.mark.usefixtures("clock", "hasty")

MIA = Holder(HolderKind.AFFILIATE, "affiliate_456")


def opened(at: datetime = NOON, state: State | None = None) -> State:
    """A state in which a statement was opened and is being read."""
    state = state or ledger_of(balance("60", "135"))
    return after(e.StatementOpened(key=KEY, at=at), e.StatementAsked(), state=state)


def arrived(month: str, ticket: int = 1, *, at: datetime = NOON, time_zone: str = "UTC") -> e.StatementArrived:
    return e.StatementArrived(ticket=ticket, holder=MIA, statement=statement(month, time_zone=time_zone), at=at)


def of(state: State) -> Statement:
    assert state.ledger is not None
    assert state.ledger.statement is not None
    return state.ledger.statement


@pytest.mark.parametrize(
    ("month", "months", "then"),
    [("2026-11", 1, "2026-12"), ("2026-12", 1, "2027-01"), ("2026-01", -1, "2025-12"), ("2026-11", -23, "2024-12")],
)
def test_months_are_counted_over_the_turn_of_years(month: str, months: int, then: str):
    assert statements.stepped(month, months) == then


def test_a_moment_has_the_month_of_the_place():
    last_night = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    months = [statements.month_of(last_night, zone) for zone in ("UTC", "Asia/Tokyo", "America/Lima")]
    assert months == ["2026-11", "2026-12", "2026-11"]
    for unknown in ("Mars/Olympus", "", "../../etc/passwd", "\0"):
        assert statements.month_of(last_night, unknown) == "2026-11"


def test_a_statement_opens_at_the_servers_current_month():
    assert of(opened()).month == "2026-11"
    ahead = replace(ledger_of(balance("60", "135")), skew=timedelta(days=9))
    assert of(opened(state=ahead)).month == "2026-12"


@pytest.mark.parametrize(
    ("at", "time_zone", "asked", "current"),
    [
        (datetime(2026, 10, 31, 20, tzinfo=UTC), "Asia/Tokyo", "2026-10", "2026-11"),
        (datetime(2026, 11, 1, 2, tzinfo=UTC), "America/Lima", "2026-11", "2026-10"),
    ],
)
def test_the_first_answer_says_which_month_is_current_there(at: datetime, time_zone: str, asked: str, current: str):
    state = reduce(opened(at), arrived(asked, at=at, time_zone=time_zone))
    assert (of(state).month, of(state).last, of(state).told) == (current, current, None)
    assert of(state).reading.stage is Stage.WANTED
    state = after(e.StatementAsked(), arrived(current, 2, at=at, time_zone=time_zone), state=state)
    assert of(state).told is not None
    assert of(state).reading.stage is Stage.HERE


def test_months_end_at_the_current_one_and_begin_with_the_registration():
    state = opened()
    for months in (1, -1):
        assert of(reduce(state, e.MonthTurned(months=months))).month == "2026-11"
    state = reduce(state, arrived("2026-11"))
    assert (of(state).first, of(state).last) == ("2026-08", "2026-11")
    assert of(reduce(state, e.MonthTurned(months=1))) is of(state)
    for _ in range(9):
        state = reduce(state, e.MonthTurned(months=-1))
    assert of(state).month == "2026-08" == statements.month_of(REGISTERED, "UTC")
    assert of(state).reading.stage is Stage.WANTED


def test_a_month_that_ends_meanwhile_stays_on_the_screen_and_has_a_next_one():
    december = NOON + timedelta(days=10)
    state = after(arrived("2026-11"), e.StatementWanted(), e.StatementAsked(), state=opened())
    state = reduce(state, arrived("2026-11", 2, at=december))
    assert (of(state).month, of(state).last) == ("2026-11", "2026-12")
    assert of(reduce(state, e.MonthTurned(months=1))).month == "2026-12"


def test_answers_that_nobody_waits_for_any_more_change_nothing():
    state = opened()
    seller = Holder(HolderKind.SELLER, MIA.id)
    for late in (
        arrived("2026-11", 2),
        arrived("2026-10"),
        replace(arrived("2026-11"), holder=seller),
        e.StatementFailed(ticket=1, holder=MIA, month="2026-10", reason="No."),
    ):
        assert reduce(state, late) is state
    closed = reduce(state, e.StatementClosed())
    for late in (arrived("2026-11"), e.MonthTurned(months=-1), e.StatementWanted(), e.StatementAsked()):
        assert reduce(closed, late) is closed
    assert reduce(closed, e.StatementOpened(key="nobody", at=NOON)) is closed


def test_a_turned_month_is_not_told_with_another_ones_figures():
    state = after(arrived("2026-11"), e.MonthTurned(months=-1), e.StatementAsked(), state=opened())
    assert statement_rows.sums(of(state)) == []
    assert statement_rows.placeholder(of(state)) == "Reading the statement of October 2026 …"


def test_a_new_snapshot_reads_an_open_statement_again():
    state = after(arrived("2026-11"), snapshot(stream(), role=Role.ADMIN), state=opened())
    assert of(state).reading.stage is Stage.WANTED


def test_the_figures_add_up_to_what_is_owed():
    [dinars, dollars] = statement_rows.sums(of(reduce(opened(), arrived("2026-11"))))
    assert (dinars.title, dinars.total.value.text) == ("KWD", "12.345 KWD")
    assert [(fact.name, fact.value) for fact in (*dollars.parts, dollars.total)] == [
        ("Opening 1 Nov", Cell("$180.00")),
        ("Earned", Cell("$450.00", Tone.GOOD)),
        ("Reversed", Cell("-$15.00", Tone.WARN)),
        ("Paid out", Cell("-$420.00", Tone.ACCENT)),
        ("So far", Cell("$195.00", Tone.STRONG)),
    ]
    assert dinars.parts[0].value == Cell("0.000 KWD", Tone.DIM)


def test_a_past_month_has_a_closing_and_debts_are_told_as_such(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(MONTHS, "2026-09", [line("USD", "-5", reversed="10")])
    state = after(arrived("2026-11"), e.MonthTurned(months=-2), e.StatementAsked(), state=opened())
    [owing] = statement_rows.sums(of(reduce(state, arrived("2026-09", 2))))
    assert owing.parts[0].value == Cell("-$5.00", Tone.BAD)
    assert (owing.total.name, owing.total.value) == ("Closing 30 Sep", Cell("-$15.00", Tone.BAD))


# ------------------------------------------------------------------------------------------------- screens


def months_of(client: ScriptedClient) -> list[str]:
    return [call.query.month for call in client.calls if call.endpoint.endswith("Statement")]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_through_the_months_and_back(size: tuple[int, int]):
    app, client = books()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "s")
        for text in ("November 2026", "the current month", "time zone UTC", "$195.00", "12.345 KWD", "-$420.00"):
            await shows(pilot, text)
        await press(pilot, "p")
        for text in ("October 2026", "November 2026 ▸", "Closing 31 Oct", "$180.00"):
            await shows(pilot, text)
        await press(pilot, "left", "p", "p", "p")
        await shows(pilot, "No entries up to the end of August 2026. n shows the month after.")
        await shows(pilot, "the first month")
        await press(pilot, "right")
        await shows(pilot, "$125.00")
        await press(pilot, "n", "n", "n", "n")
        await shows(pilot, "$195.00")
        assert set(months_of(client)) == {"2026-08", "2026-09", "2026-10", "2026-11"}
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Ledger))


async def test_from_the_entries_and_back_to_them():
    app, _ = books()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "enter")
        await shows(pilot, "120 entries")
        await press(pilot, "s")
        await shows(pilot, "Mia Lind ▸ Statement")
        await shows(pilot, "$195.00")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Entries))


async def test_keys_faster_than_the_server_read_the_last_month_only(clock: StandingClock):
    app, client = books()
    agreed, at_hand = asyncio.Event(), client._answers["getAffiliateStatement"]

    async def slow(call: Call) -> Any:
        if call.query.month != "2026-11":
            await agreed.wait()
        return await at_hand(call)

    client.answer(endpoints.GET_AFFILIATE_STATEMENT, slow)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "s")
        await shows(pilot, "$195.00")
        await press(pilot, "p", "p")
        await shows(pilot, "Reading the statement of September 2026 …")
        agreed.set()
        await shows(pilot, "Closing 30 Sep")
        assert months_of(client)[-1] == "2026-09"


async def test_the_mouse_turns_to_the_months_beside():
    app, _ = books()
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "s")
        await shows(pilot, "◂ October 2026")
        await pilot.click("#month-before")
        await shows(pilot, "Closing 31 Oct")
        await pilot.click("#month")
        await pilot.click("#month-after")
        await shows(pilot, "So far")


async def test_many_currencies_are_scrolled(monkeypatch: pytest.MonkeyPatch):
    codes = ["AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "KWD", "SEK", "USD"]
    monkeypatch.setitem(MONTHS, "2026-11", [line(code, "5") for code in codes])
    app, _ = books()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "s")
        await shows(pilot, "AUD")
        assert "USD" not in screen_text(app)
        await press(pilot, "G")
        await shows(pilot, "Balances are what is pending")
        assert "AUD" not in screen_text(app)
        await press(pilot, "pageup", "pagedown", "g", "j", "k")
        await shows(pilot, "AUD")


async def test_a_statement_that_cant_be_read_says_so_and_is_read_again_when_asked():
    app, client = books()
    at_hand = client._answers["getAffiliateStatement"]

    async def refuse(call: Call) -> Any:
        raise ProblemError(Code.UNAVAILABLE, "The database is [away].")

    client.answer(endpoints.GET_AFFILIATE_STATEMENT, refuse)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$135.00")
        await press(pilot, "s")
        await shows(pilot, "The statement of November 2026 could not be read: The database is [away].")
        await shows(pilot, "r tries again.")
        client.answer(endpoints.GET_AFFILIATE_STATEMENT, at_hand)
        before = [call.endpoint for call in client.calls].count("listAffiliates")
        await press(pilot, "r")
        await shows(pilot, "$195.00")
        await shows(pilot, "r refreshes")
        # Only what is on the screen.
        assert [call.endpoint for call in client.calls].count("listAffiliates") == before


async def test_a_new_sellers_statement_says_what_is_to_come(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(MONTHS, "2026-11", [])
    app, client = books(Role.SELLER)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "$2,405.00")
        await press(pilot, "s")
        await shows(pilot, "No entries yet. They appear as orders are paid: r looks again.")
        [call] = [call for call in client.calls if call.endpoint == "getSellerStatement"]
        assert call.parameters == {"seller_id": "atelier"}


async def test_the_keys_are_the_registrys():
    app, _ = books()
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "L")
        await shows(pilot, "s Statement")
        await press(pilot, "ctrl+p", *"statem")
        await shows(pilot, "Statement: Show the month's statement")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, StatementScreen))
        await shows(pilot, "p Previous month")
        await press(pilot, "question_mark")
        await shows(pilot, "Turn to the month before")
        assert "Show the month's statement" not in screen_text(app)
