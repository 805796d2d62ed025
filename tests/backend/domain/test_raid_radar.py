"""The raid radar: what it tells apart, how often it speaks, and that it is bounded, cheap and the same each time."""

import random
import time
from collections.abc import Iterator

import pytest

from backend.domain.raid import arrivals, crowd, evidence, phrases
from backend.domain.raid.arrivals import Arrivals
from backend.domain.raid.folding import Folded, alike, fold
from backend.domain.raid.pace import NOW, Pace
from backend.domain.raid.presets import CALM, LINKS_OFF, LOCKDOWN, PRESETS, preset_for
from backend.domain.raid.radar import CALM_FOR, Radar
from backend.domain.raid.signals import ALARM, ODDITIES, SIGNALS
from shared.views import RaidProposalView, RaidSignal
from tests.raids.chat import Kind, Show
from tests.raids.trial import play

SENTENCE = "Get your free phones at our new store, everybody!"
SETTLED = 900.0


def _words(chance: random.Random) -> str:
    return " ".join("".join(chance.choices("abcdefghijklmnoprstuvwyz", k=chance.randint(2, 7))) for _ in range(6))


def _settled_radar() -> Radar:
    """A quarter of an hour of forty people's ordinary chat, a line every two seconds."""
    radar, chance = Radar("show"), random.Random(1)
    for second in range(0, int(SETTLED), 2):
        radar.tick(second)
        radar.message(second, author=f"person{chance.randrange(40)}", text=_words(chance), first_seen=-300.0)
    return radar


def _raid(
    radar: Radar, start: float, lines: int, every: float = 0.5, who: str = "raider"
) -> Iterator[RaidProposalView]:
    for number in range(lines):
        at = start + number * every
        radar.join(at, session=f"{who}{number}", first_seen=at, address="one")
        proposal = radar.message(at, author=f"{who}{number}", text=SENTENCE, first_seen=at, address="one")
        if proposal is not None:
            yield proposal


def _silence(radar: Radar, start: float, seconds: int) -> list[RaidProposalView]:
    return [each for second in range(seconds) if (each := radar.tick(start + second)) is not None]


@pytest.mark.parametrize(
    "copy",
    [
        SENTENCE.upper(),
        "G3t y0ur fr33 ph0n3s @t 0ur n3w st0r3, 3v3ryb0dy!",
        "Get your fr\u200bee pho\u200cnes at our new sto\u2060re, everybody!",
        SENTENCE.translate(str.maketrans("eoa", "\u0435\u043e\u0430")),
        "Ğét ÿòûr frèè phönes at öur new störe, ěverybody!",
        "G e t  y o u r  f r e e  phones at our new store , everybody !!!!",
        SENTENCE + " x7k2q9",
        "omg " + SENTENCE,
    ],
)
def test_tricks_of_spelling_do_not_hide_a_copy(copy: str):
    assert alike(frozenset(fold(SENTENCE).sketch), fold(copy).sketch) >= 0.45


@pytest.mark.parametrize(
    "other", ["how much is the blue one?", "Get your phones out and cheer", "does it come in green"]
)
def test_other_sentences_are_no_copies(other: str):
    assert alike(frozenset(fold(SENTENCE).sketch), fold(other).sketch) < 0.45


@pytest.mark.parametrize(
    "text",
    [
        "see https://a.example/b",
        "at shop.xyz/12",
        "join t.me/abc now",
        "free at win dot com",
        "www.anything",
        "(got.top)",
    ],
)
def test_links_are_seen_however_they_are_written(text: str):
    assert fold(text).has_link


@pytest.mark.parametrize("text", ["only 4.50?", "wait...what", "e.g. this", "a dotted line", "ok.thanks", "v1.2.3"])
def test_what_only_looks_like_a_link_is_none(text: str):
    assert not fold(text).has_link


def test_walls_are_seen_and_emphasis_is_none():
    assert fold("💀🤡" * 4).is_wall
    assert fold("a" * 12).is_wall
    assert not fold("❤️❤️❤️").is_wall
    assert not fold("sooooo good").is_wall


@pytest.mark.parametrize("text", ["", " ", "\ud800", "a", "❤️", "\u200b", "." * 4000, "a." * 2000, "a dot com " * 400])
def test_any_text_folds(text: str):
    assert isinstance(fold(text), Folded)


def test_a_pace_knows_now_from_usual():
    pace = Pace()
    for second in range(100):
        pace.happened(second, 2)
    assert pace.now == 2 * NOW
    assert pace.usual == pytest.approx(2 * NOW)
    pace.happened(100, 500)
    assert pace.usual == pytest.approx(2 * NOW)
    pace.passed(10_000)
    assert pace.now == 0
    assert pace.usual < 0.01


def test_a_busy_second_in_the_past_is_learnt_slowly():
    pace = Pace()
    for second in range(600):
        pace.happened(second)
    pace.happened(600, 300)
    pace.passed(620)
    assert 10 < pace.usual < 25


def test_sessions_from_one_address_are_counted_once_and_forgotten():
    counted = Arrivals()
    for number in range(10):
        counted.seen(number, f"session{number}", "one")
        counted.seen(number, f"session{number}", "one")
        counted.seen(number, f"other{number}", f"home{number}")
    assert (counted.recent, counted.most_from_one_address) == (20, 10)
    counted.passed(64.5)
    assert (counted.recent, counted.most_from_one_address) == (10, 5)
    counted.passed(1000)
    assert (counted.recent, counted.most_from_one_address) == (0, 0)


def test_a_raid_is_proposed_once_with_its_reasons():
    radar = _settled_radar()

    (proposal,) = _raid(radar, SETTLED, 60)

    assert proposal.id == 1
    assert proposal.made_at.timestamp() < SETTLED + 5
    assert "messages are almost the same: 'Get your free phones at…'" in proposal.reasons[0]
    assert proposal.preset.name in PRESETS
    view = radar.view()
    assert view.proposal == proposal
    assert view.score >= ALARM
    assert view.signals[0].name is RaidSignal.COPIES
    assert "60 of the last" in view.signals[0].reason


def test_the_proposal_fades_when_the_raid_is_over_and_the_next_raid_has_its_own():
    radar = _settled_radar()
    list(_raid(radar, SETTLED, 30))
    over = SETTLED + 15

    assert _silence(radar, over, int(evidence.IN_SIGHT + CALM_FOR) + 2) == []
    assert radar.view().proposal is None
    assert radar.score < ALARM / 2

    (second,) = _raid(radar, over + 300, 30, who="another")
    assert second.id == 2


@pytest.mark.parametrize("applied", [True, False])
def test_an_answered_proposal_does_not_come_back_for_the_same_raid(applied: bool):
    radar = _settled_radar()
    (proposal,) = _raid(radar, SETTLED, 14)

    radar.answer(SETTLED + 7, applied=applied)

    assert radar.view().proposal is None
    assert list(_raid(radar, SETTLED + 7, 8, who="more")) == []
    assert proposal.id == 1


def test_a_dismissed_proposal_comes_back_when_the_raid_gets_much_worse():
    radar = _settled_radar()
    list(_raid(radar, SETTLED, 6))
    radar.answer(SETTLED + 3, applied=False)

    (again,) = _raid(radar, SETTLED + 3, 80, every=0.05, who="horde")

    assert again.id == 2


def test_an_answer_without_a_proposal_changes_nothing():
    radar = _settled_radar()
    radar.answer(SETTLED, applied=True)
    assert len(list(_raid(radar, SETTLED, 20))) == 1


def test_regulars_who_all_write_the_same_are_no_raid():
    radar = _settled_radar()
    proposals = [
        radar.message(
            SETTLED + number / 8, author=f"person{number % 40}", text="I want the copper pan please", first_seen=-300.0
        )
        for number in range(80)
    ]
    assert not any(proposals)


def test_people_whom_the_shop_knows_are_no_strangers():
    radar = _settled_radar()
    proposals = [
        radar.message(SETTLED + number / 4, author=f"buyer{number}", text=SENTENCE, first_seen=SETTLED, known=True)
        for number in range(40)
    ]
    assert not any(proposals)


def test_circumstances_alone_never_make_a_proposal():
    radar, chance = _settled_radar(), random.Random(2)
    for number in range(600):
        at = SETTLED + number / 20
        radar.join(at, session=f"new{number}", first_seen=at, address="one")
        radar.reaction(at)
        assert radar.message(at, author=f"new{number}", text=_words(chance), first_seen=at, address="one") is None
    named = {each.name for each in radar.view().signals if each.value >= each.threshold}
    assert named == {each.name for each in SIGNALS} - set(ODDITIES)


def test_links_of_strangers_are_answered_by_turning_links_off():
    radar = _settled_radar()
    made = [
        radar.message(
            SETTLED + number, author=f"spam{number}", text=f"{number} win{number}.xyz {number}", first_seen=SETTLED
        )
        for number in range(8)
    ]
    (proposal,) = [each for each in made if each is not None]
    assert proposal.preset == LINKS_OFF
    assert "hold a link" in proposal.reasons[0]


def test_the_preset_is_the_mildest_that_answers():
    assert preset_for({RaidSignal.COPIES: 60}) == CALM
    assert preset_for({RaidSignal.LINKS: 60, RaidSignal.COPIES: 20}) == LINKS_OFF
    assert (
        preset_for({RaidSignal.COPIES: 60, RaidSignal.LINKS: 60, RaidSignal.ADDRESS: 15, RaidSignal.WALLS: 60})
        == LOCKDOWN
    )


def test_late_events_count_as_if_they_came_now():
    radar = _settled_radar()
    radar.message(0.0, author="late", text="late", first_seen=0.0)
    radar.tick(-5.0)
    assert radar.score < ALARM


def test_the_same_events_give_the_same_results():
    show = Show("the same", 6, pace=1.0)
    one, other = Radar("show"), Radar("show")
    for event in show.events:
        assert play(one, event) == play(other, event)
    assert one.view() == other.view()


def test_everything_in_sight_passes_without_a_rest():
    radar = _settled_radar()
    list(_raid(radar, SETTLED, 100))
    _silence(radar, SETTLED + 50, 120)

    seen = radar._scene.evidence
    assert (seen.lines, seen.copies, seen.links, seen.monologues, seen.newcomers) == (0, 0, 0, 0, 0)
    assert seen.writers == {}
    assert radar._scene.arrivals.recent == 0


def test_a_flood_of_new_people_and_texts_stays_within_its_bounds(monkeypatch: pytest.MonkeyPatch):
    for module, name in (
        (evidence, "MAX_LINES"),
        (phrases, "MAX_RESTING"),
        (phrases, "MAX_HEARD"),
        (crowd, "MAX_KNOWN"),
        (arrivals, "MAX_RECENT"),
    ):
        monkeypatch.setattr(module, name, 50)
    radar, chance = Radar("show"), random.Random(3)
    for number in range(3000):
        at = number / 10
        text = _words(chance)[: chance.randint(3, 40)]
        radar.message(at, author=f"a{number}", text=text, first_seen=at, address=f"h{number}")
    scene = radar._scene
    said = scene.evidence._phrases
    assert scene.evidence.lines <= 50
    assert len(scene.evidence.writers) <= 50
    assert len(said._doors) <= (50 + 50) * phrases.DOORS
    assert len(said._heard) <= 50
    assert len(scene.crowd._first_wrote) <= 50
    assert scene.arrivals.recent <= 50
    assert len(scene.arrivals._by_address) <= 50


def test_a_message_is_cheap_however_full_the_window_is():
    """A busy chat costs no more a message than a quiet one: nothing rescans the window."""

    def cost(pace: float) -> float:
        messages = [event for event in Show("cost", 4, pace=pace).events if event.kind is Kind.MESSAGE]
        radar = Radar("show")
        began = time.process_time()
        for event in messages:
            play(radar, event)
        return (time.process_time() - began) / len(messages)

    quiet, busy = min(cost(1.0) for _ in range(3)), cost(12.0)
    assert busy < 3 * quiet
