"""What becomes of the wish to read something from the server."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """How far it is with reading something."""

    WANTED = "wanted"
    LOADING = "loading"
    HERE = "here"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of the wish to read something."""

    stage: Stage = Stage.WANTED
    ticket: int = 0
    """The number of the newest request; answers to older ones are ignored."""
    problem: str = ""
    at: datetime | None = None
    """When it was last read."""

    def wanted(self) -> "Reading":
        """It is to be read (again)."""
        return replace(self, stage=Stage.WANTED)

    def asked(self) -> "Reading":
        """A request is on its way."""
        return replace(self, stage=Stage.LOADING, ticket=self.ticket + 1)

    def awaits(self, ticket: int) -> bool:
        """Whether this is the answer that is waited for."""
        return self.stage is Stage.LOADING and self.ticket == ticket

    def arrived(self, at: datetime) -> "Reading":
        """It is here."""
        return replace(self, stage=Stage.HERE, problem="", at=at)

    def failed(self, problem: str) -> "Reading":
        """It could not be read."""
        return replace(self, stage=Stage.FAILED, problem=problem)
