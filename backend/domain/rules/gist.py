"""How much two texts say the same."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

SKETCH = 16
"""Fragments that are kept of a text."""


class Gist:
    """What is compared of a text."""

    def __init__(self, words: str) -> None:
        self._words = words

    @property
    def digest(self) -> int:
        """The same for the same text, within one process."""
        return hash(self._words)

    @cached_property
    def fragments(self) -> frozenset[int]:
        """The hashes of all parts of three letters."""
        codes = memoryview(f" {self._words}  ".encode("utf-32-le")).cast("I")
        return frozenset(map(hash, zip(codes, codes[1:], codes[2:], strict=False)))

    @cached_property
    def sketch(self) -> "array[int]":
        """The smallest of them, which stand for all (a bottom-k sketch, Broder 1997)."""
        return array("q", sorted(self.fragments)[:SKETCH])


@dataclass(frozen=True, slots=True)
class Said:
    """A line that was said, as much of it as is remembered."""

    at: float
    """Unix time."""
    digest: int
    size: int
    """How many fragments it had."""
    sketch: "array[int]"

    @classmethod
    def of(cls, gist: Gist, at: float) -> "Said":
        """What is remembered of a text."""
        return cls(at, gist.digest, len(gist.fragments), gist.sketch)


def alike(gist: Gist, lines: Iterable[Said], *, since: float, percent: int) -> list[Said]:
    """The lines since a moment that share so many percent of all fragments with a text; at 100, that are the same.

    Estimated by the fragments that were kept, which is exact for short lines.
    """
    if percent == 100:
        return [said for said in lines if said.at > since and said.digest == gist.digest]
    size = len(gist.fragments)
    # Texts of very different length share little; most lines end here.
    fewest, most = size * percent // 100, size * 100 // percent
    return [
        said for said in lines if said.at > since and fewest <= said.size <= most and _shared(gist, said) >= percent
    ]


def _shared(gist: Gist, said: Said) -> float:
    """How many percent of all fragments of both texts both have."""
    both = said.size * len(gist.fragments.intersection(said.sketch)) / len(said.sketch)
    return 100 * both / (said.size + len(gist.fragments) - both)
