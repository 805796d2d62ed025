"""Print how well the radar does: `python -m tests.raids [HOURS RAIDS_A_STYLE SEED]`."""

import sys
import time

from tests.raids.raiders import STYLES
from tests.raids.trial import Outcome, Trial

HOURS, RAIDS_A_STYLE, SEED = 40, 24, "testing"


def main(hours: int = HOURS, raids_a_style: int = RAIDS_A_STYLE, seed: str = SEED) -> None:
    began = time.process_time()
    raids, quiet = Trial(), Trial()
    raids.run_raids(f"{seed}/{number}" for number in range(raids_a_style))
    for number in range(hours):
        quiet.run_hour(f"{seed}/{number}")
    print(f"{'style':12}{'raids':>6}{'caught':>8}{'p50 s':>7}{'p95 s':>7}{'never showed':>14}")
    for style in STYLES:
        _row(style, [each for each in raids.outcomes if each.raid.style == style])
    _row("all", raids.outcomes)
    _row("slept", [each for each in raids.outcomes if each.raid.slept])
    _row("share <= 10 %", [each for each in raids.outcomes if each.raid.share <= 0.1])
    print(f"false alarms an hour: {quiet.false_alarms_an_hour:.2f} in {quiet.hours:.0f} h without raids, ", end="")
    print(f"{raids.false_alarms_an_hour:.2f} in {raids.hours:.0f} h around raids")
    print(f"{raids.events + quiet.events} events in {time.process_time() - began:.0f} s of processor time")
    if "-v" in sys.argv:
        for each in raids.outcomes:
            if not each.caught:
                print("missed", each.seed, each.raid, each.shows_at, each.delay, each.lines)
        for alarm in raids.false_alarms + quiet.false_alarms:
            print("false", alarm.seed, f"{alarm.at:.0f}", alarm.proposal.score, alarm.proposal.reasons)


def _row(name: str, outcomes: list[Outcome]) -> None:
    if not outcomes:
        return
    delays = sorted(each.delay for each in outcomes if each.delay is not None)
    caught = sum(each.caught for each in outcomes) / len(outcomes)
    unseen = sum(each.shows_at is None for each in outcomes)
    p50, p95 = (delays[min(int(len(delays) * part), len(delays) - 1)] if delays else 0.0 for part in (0.5, 0.95))
    print(f"{name:12}{len(outcomes):6}{caught:8.3f}{p50:7.1f}{p95:7.1f}{unseen:14}")


if __name__ == "__main__":
    numbers = [argument for argument in sys.argv[1:] if argument != "-v"]
    main(*(int(each) for each in numbers[:2]), *numbers[2:])
