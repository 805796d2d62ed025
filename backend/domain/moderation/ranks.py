"""Who may act on whom: ranks, and what an appointment allows."""

from dataclasses import dataclass

from backend.domain.actors import Actor, StreamScope
from shared.moderation import Capability, Reach
from shared.problems import Code, ProblemError
from shared.roles import Role

NOBODY = 0
LOWEST = 1
"""A moderator's whose token alone makes them one."""
HIGHEST = 100
"""A moderator's, at most."""
HOST = 500
ADMIN = 1000

EVERYTHING = frozenset(Capability)


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in a stream."""

    rank: int
    capabilities: frozenset[Capability]


def standing_of(actor: Actor, stream: StreamScope) -> Standing:
    """An actor's rank and capabilities in a stream; the highest of several appointments counts."""
    if actor.role is Role.ADMIN:
        return Standing(ADMIN, EVERYTHING)
    if actor.hosts(stream):
        return Standing(HOST, EVERYTHING)
    held = [one for one in actor.appointments or () if one.covers(stream)]
    if held:
        return Standing(max(one.rank for one in held), frozenset().union(*(one.capabilities for one in held)))
    return Standing(LOWEST, EVERYTHING) if actor.moderates(stream) else Standing(NOBODY, frozenset())


def require_capability(standing: Standing, capability: Capability) -> None:
    """Refuse what a moderator's appointment does not allow.

    Raises:
        ProblemError: `forbidden`.
    """
    if capability not in standing.capabilities:
        raise ProblemError(Code.FORBIDDEN, f"Your appointment does not cover {capability}.")


def require_above(standing: Standing, subject_rank: int) -> None:
    """Nobody acts on an equal or higher rank.

    Raises:
        ProblemError: `outranked`.
    """
    if subject_rank >= standing.rank:
        raise ProblemError(Code.OUTRANKED, "This person's rank is not below yours.")


def require_reach(actor: Actor, stream: StreamScope, reach: Reach) -> None:
    """Refuse an act that would hold where the actor has no say.

    Raises:
        ProblemError: `forbidden`.
    """
    if reach is Reach.STREAM or actor.role is Role.ADMIN:
        return
    if reach is Reach.SELLER:
        if actor.moderates_all_of(stream.seller_id) or (actor.role, actor.subject) == (Role.SELLER, stream.seller_id):
            return
        raise ProblemError(Code.FORBIDDEN, "You do not moderate all streams of this seller.")
    raise ProblemError(Code.FORBIDDEN, "Only admins act everywhere.")
