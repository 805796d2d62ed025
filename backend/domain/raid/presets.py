"""What can be done against a raid: named sets of chat modes, and which one fits which signals."""

from collections.abc import Mapping

from shared.views import RaidPresetView, RaidSignal

S = RaidSignal

CALM = RaidPresetView(
    name="calm",
    label="Slow mode 10 s, nobody repeats what was just said, first messages of new people wait; for 5 minutes.",
    modes={"slow": 10, "unique": 1, "hold_new": 300},
    seconds=300,
)
LINKS_OFF = RaidPresetView(
    name="links-off",
    label="No links, slow mode 10 s, first messages of new people wait; for 10 minutes.",
    modes={"links_off": 1, "slow": 10, "hold_new": 300},
    seconds=600,
)
FOLLOWERS = RaidPresetView(
    name="followers",
    label="Only those who have followed for 10 minutes, slow mode 10 s; for 10 minutes.",
    modes={"followers": 10, "slow": 10},
    seconds=600,
)
LOCKDOWN = RaidPresetView(
    name="lockdown",
    label="Only people with an account, no links, slow mode 30 s, first messages of new people wait; for 15 minutes.",
    modes={"registered": 1, "links_off": 1, "slow": 30, "hold_new": 600},
    seconds=900,
)
PRESETS = {preset.name: preset for preset in (CALM, LINKS_OFF, FOLLOWERS, LOCKDOWN)}
"""Every preset by its name, the mildest first."""

HEAVY = 150.0
"""Points, uncut, from which on only a lockdown helps."""


def preset_for(points: Mapping[RaidSignal, float]) -> RaidPresetView:
    """The mildest preset that answers the signals, by the points that each adds."""
    if sum(points.values()) >= HEAVY:
        return LOCKDOWN
    strongest = max(points, key=lambda signal: points[signal])
    if strongest is S.LINKS:
        return LINKS_OFF
    if points.get(S.JOINS, 0.0) and points.get(S.NEWCOMERS, 0.0):
        return FOLLOWERS
    return CALM
