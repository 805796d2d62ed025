"""The raid radar against labelled raids in recorded-looking chat, on seeds that were never tuned on.

What counts as caught, and when a raid begins to show, is said in `tests.raids.trial`; `python -m tests.raids` prints
the table by style. The seeds `tuning/...` were for tuning, `proof/...` and `testing/...` are for judging only.
"""

import pytest

from tests.raids.chat import Kind
from tests.raids.raiders import SHARES, STYLES, raided_show
from tests.raids.trial import Trial

RAIDS_A_STYLE = 6
HOURS = 4


@pytest.fixture(scope="module")
def raids() -> Trial:
    trial = Trial()
    trial.run_raids(f"proof/{number}" for number in range(RAIDS_A_STYLE))
    return trial


@pytest.fixture(scope="module")
def quiet_hours() -> Trial:
    trial = Trial()
    for number in range(HOURS):
        trial.run_hour(f"proof/{number}")
    return trial


def test_nineteen_of_twenty_raids_are_proposed_within_three_seconds(raids: Trial):
    assert len(raids.outcomes) >= 40
    assert {each.raid.style for each in raids.outcomes} == set(STYLES)
    assert {each.raid.share for each in raids.outcomes} == set(SHARES)
    assert raids.recall >= 0.95, [(each.seed, each.delay) for each in raids.outcomes if not each.caught]


def test_at_most_one_false_alarm_an_hour(raids: Trial, quiet_hours: Trial):
    alarms = raids.false_alarms + quiet_hours.false_alarms
    hours = raids.hours + quiet_hours.hours
    assert hours >= 12
    assert len(alarms) / hours <= 1.0, [(each.seed, each.at, each.proposal.reasons) for each in alarms]


def test_a_share_is_what_it_says():
    for share in (0.05, 0.5, 0.95):
        show, raid = raided_show("share", "copypasta", share)
        during = [event for event in show.events if event.kind is Kind.MESSAGE and raid.starts <= event.at <= raid.ends]
        assert 0.3 * share < sum(event.is_raid for event in during) / len(during) < min(1.0, 3 * share)


def test_the_same_seed_gives_the_same_show():
    one, other = raided_show("same", "mixed", 0.2), raided_show("same", "mixed", 0.2)
    assert one[1] == other[1]
    assert one[0].events == other[0].events
