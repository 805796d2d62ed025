"""Who is speaking, as far as rules care."""

from dataclasses import dataclass

from shared.rules import Group, PeopleTerms, Per


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Somebody who says something in a stream."""

    id: str
    """How others see them: an account's id, or a guest's public id."""
    address: str | None = None
    """A keyed hash of the network address; None where it is not known."""
    groups: frozenset[Group] = frozenset()

    def key(self, per: Per) -> str | None:
        """What a rate counts this sender under."""
        return self.id if per is Per.PERSON else self.address


def speaks(terms: PeopleTerms, sender: Sender) -> bool:
    """Whether a rule about people is about this one."""
    named = sender.id in terms.ids or not sender.groups.isdisjoint(terms.groups)
    return named != terms.others
