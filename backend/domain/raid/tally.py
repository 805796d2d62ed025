"""How much the writers of some messages look like raiders."""

from dataclasses import dataclass

from backend.domain.raid.crowd import Odds, Standing


@dataclass(slots=True)
class Tally:
    """Sums over messages of the odds that raiders wrote them; they can be taken away again."""

    lines: int = 0
    newcomers: int = 0
    arriving: float = 0.0
    """For raiders who came to raid."""
    waiting: float = 0.0
    """For raiders who had been watching, and never wrote."""

    def add(self, standing: Standing, odds: Odds, bonus: float, sign: int, times: float = 1.0) -> None:
        """Count a message in, or out again with -1; `bonus` is what its content adds to its writer's odds."""
        bonus = bonus * odds.settled if bonus > 0 else bonus
        self.lines += sign
        self.newcomers += sign * (standing is Standing.NEWCOMER)
        self.arriving += sign * times * (odds.arriving + bonus)
        self.waiting += sign * times * (odds.waiting + bonus)

    @property
    def odds(self) -> float:
        """The likelier of the two; 0 where both are unlikely."""
        return max(self.arriving, self.waiting, 0.0)
