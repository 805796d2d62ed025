"""A show's chat as it might have been recorded: lulls and peaks, and every honest flood that looks like a raid."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.raids import words

_VOCABULARY = {
    language: words.SMALL_WORDS[language].split() + words.TOPICS[language].split(",") for language in words.SMALL_WORDS
}
_SENTENCE = (1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 13)
"""Words of a sentence."""


class Kind(Enum):
    MESSAGE = auto()
    JOIN = auto()
    REACTION = auto()


@dataclass(slots=True)
class Person:
    """A session."""

    id: str
    first_seen: float
    address: str
    language: str
    leaves: float
    wrote: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Event:
    at: float
    kind: Kind
    person: Person
    text: str = ""
    is_raid: bool = False


@dataclass
class Show:
    """Normal chat of some minutes; everything follows from the seed."""

    seed: int | str
    minutes: float = 60.0
    pace: float | None = None
    """Lines a second of plain talk, on average; drawn where not given."""
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        chance = self.chance
        self.length = self.minutes * 60
        self.pace = self.pace or math.exp(chance.uniform(math.log(0.08), math.log(5)))
        self.audience = int(min(4000, max(40, self.pace * chance.uniform(150, 700))))
        self.home = chance.choice(("en", "en", "es", "de", "pt"))
        self.carriers = [f"nat{number}" for number in range(4)]
        self.people: list[Person] = []
        self.writers: list[Person] = []
        self.many = 20 + 15 * self.pace
        self.keeps_lurkers = chance.uniform(0.25, 0.6)
        self._open()
        self._people_come()
        self._talk()
        self._episodes()
        self.events.sort(key=lambda event: event.at)

    # People

    def _person(self, at: float) -> Person:
        chance = self.chance
        number = len(self.people)
        address = (
            chance.choice(self.carriers)
            if chance.random() < 0.06
            else f"home{number if chance.random() < 0.9 else number // 3}"
        )
        language = self.home if chance.random() < 0.8 else chance.choice(tuple(words.TALK))
        person = Person(f"p{number}", at, address, language, at + chance.expovariate(1 / 1500))
        self.people.append(person)
        return person

    def _comes(self, at: float, greets: float) -> Person:
        person = self._person(at)
        self.events.append(Event(at, Kind.JOIN, person))
        if self.chance.random() < greets:
            self._says(at + self.chance.uniform(3, 40), person, self._fill(self._of(words.GREETINGS, person), person))
        return person

    def _open(self) -> None:
        """The waiting room fills before the first word, then many come at once."""
        for _ in range(self.audience // 3):
            self._comes(self.chance.uniform(0, 20) + self.chance.expovariate(1 / 50), 0.2)

    def _people_come(self) -> None:
        chance = self.chance
        at, mean = 0.0, self.audience / 1500
        while (at := at + chance.expovariate(mean)) < self.length:
            self._comes(at, 0.08)
        if chance.random() < 0.2:
            self._everyone_reconnects(chance.uniform(300, self.length))

    def _everyone_reconnects(self, at: float) -> None:
        for person in self._present(at):
            self.events.append(Event(at + self.chance.expovariate(1 / 4), Kind.JOIN, person))

    def _present(self, at: float) -> list[Person]:
        return [each for each in self.people if each.first_seen < at < each.leaves]

    def _push(self, at: float, part: float) -> list[Person]:
        """A notification: many come within a minute or two, some of them greet."""
        mean = self.chance.uniform(15, 45)
        return [
            self._comes(at + self.chance.expovariate(1 / mean), self.chance.uniform(0.05, 0.25))
            for _ in range(int(self.audience * part))
        ]

    # Words

    def _of(self, table: dict[str, tuple[str, ...]], person: Person) -> str:
        return self.chance.choice(table[person.language])

    def _fill(self, template: str, person: Person) -> str:
        choice = self.chance.choice
        text = template.format(
            p=choice(words.PRODUCTS[person.language]),
            c=choice(words.CITIES),
            e=choice(words.EMOJI),
            v=choice(words.LIKES),
            a=choice(words.ADJECTIVES),
            o=choice(words.OPINIONS),
            d=choice(words.DAYS),
            n=self.chance.randint(2, 99),
        )
        return self._as_typed(text)

    def _talks(self, person: Person) -> str:
        """A line of plain talk; hardly ever the same twice."""
        chance, language = self.chance, person.language
        if chance.random() < 0.7:
            text = self._as_typed(" ".join(chance.choices(_VOCABULARY[language], k=chance.choice(_SENTENCE))))
        else:
            text = self._fill(self._of(words.TALK, person), person)
        if chance.random() < 0.3:
            text = f"{chance.choice(words.ASIDES[language])} {text}"
        if chance.random() < 0.2:
            text = f"{text} {self._fill(self._of(words.TALK, person), person)}"
        return text

    def _as_typed(self, text: str) -> str:
        """Nobody types the same way twice."""
        chance = self.chance
        luck = chance.random()
        if luck < 0.12 and len(text) > 6:
            where = chance.randrange(1, len(text) - 1)
            text = text[:where] + text[where + 1] + text[where] + text[where + 2 :]
        elif luck < 0.2:
            text += " " + chance.choice(words.EMOJI) * chance.randint(1, 3)
        elif luck < 0.3:
            text = text.upper() if chance.random() < 0.4 else text.lower()
        elif luck < 0.36:
            text += text[-1] * chance.randint(1, 4)
        return text

    def _says(self, at: float, person: Person, text: str) -> None:
        if at < self.length and self._may_write(person, at):
            self.events.append(Event(at, Kind.MESSAGE, person, text))

    def _may_write(self, person: Person, at: float) -> bool:
        """The server lets nobody write more than five times in ten seconds."""
        person.wrote = [each for each in person.wrote if abs(each - at) < 10]
        if len(person.wrote) >= 5:
            return False
        person.wrote.append(at)
        return True

    def _someone(self, present: list[Person], at: float) -> Person | None:
        """Mostly those who wrote before, else anyone."""
        chance = self.chance
        if chance.random() < 0.72 * min(1.0, len(self.writers) / self.many):
            for _ in range(4):
                # The louder ones stand first.
                person = self.writers[int(len(self.writers) * chance.random() ** 1.25)]
                if person.first_seen < at < person.leaves:
                    return person
        if not present:
            return None
        person = chance.choice(present)
        self.writers.append(person)
        return person

    # What happens

    def _talk(self) -> None:
        chance = self.chance
        at, mood, present, looked = 0.0, 0.0, self._present(1.0), 0.0
        assert self.pace is not None
        while at < self.length:
            at += chance.expovariate(self.pace * math.exp(mood) * min(1.0, 0.1 + at / 150))
            mood += -0.01 * mood + chance.gauss(0, 0.12 / math.sqrt(1 + self.pace))
            mood = max(-2.0, min(1.2, mood))
            if at - looked > 10:
                present, looked = self._present(at), at
            person = self._someone(present, at)
            if person is not None:
                self._one_line(at, person)

    def _one_line(self, at: float, person: Person) -> None:
        chance = self.chance
        text = self._talks(person)
        luck = chance.random()
        if luck < 0.004:
            text = f"this one? https://shop{chance.randint(1, 99)}.example.com/item/{chance.randint(100, 999)}"
        elif luck < 0.03:
            text = chance.choice(words.REVEAL_WALLS)
        self._says(at, person, text)
        if luck > 0.97 and len(text) > 12:
            # A question that nobody answers is asked again.
            for again in range(1, chance.randint(2, 4)):
                self._says(at + again * chance.uniform(8, 30), person, text)
        elif luck > 0.955:
            # Somebody thinks in pieces.
            for piece in range(1, chance.randint(2, 5)):
                self._says(at + piece * chance.uniform(2, 4), person, self._talks(person))

    def _episodes(self) -> None:
        chance = self.chance
        plan: list[tuple[float, Callable[[float], None]]] = []
        for every, episode in (
            (270, self._reveal),
            (800, self._flash_sale),
            (2000, self._giveaway),
            (650, self._question),
            (1400, self._notification),
            (2800, self._giveaway_by_push),
        ):
            at = chance.uniform(60, every)
            while at < self.length - 30:
                plan.append((at, episode))
                at += every * chance.uniform(0.6, 1.4)
        for at, episode in sorted(plan, key=lambda each: each[0]):
            episode(at)

    def _flood(
        self,
        at: float,
        part: float,
        mean: float,
        text: Callable[[Person], str],
        *,
        most: int = 1,
        also: list[Person] | None = None,
    ) -> None:
        """A part of the audience answers, soonest first; those who like to write more than the others."""
        chance = self.chance
        present = self._present(at) + (also or [])
        regulars = [each for each in set_in_order(self.writers) if each.first_seen < at < each.leaves]
        crowd = [each for each in regulars if chance.random() < min(1.0, part * 2.5)]
        crowd += [each for each in present if chance.random() < part * self.keeps_lurkers]
        for person in set_in_order(crowd):
            begins = max(at, person.first_seen) + 1.0 + chance.expovariate(1 / mean)
            for again in range(chance.randint(1, most)):
                self._says(begins + again * chance.uniform(2, 6), person, text(person))
            if chance.random() < 0.5:
                self.writers.append(person)

    def _reacts(self, at: float, seconds: float, times: int) -> None:
        for person in self.chance.choices(self._present(at) or self.people[:1], k=times):
            self.events.append(Event(min(self.length, at + self.chance.uniform(0, seconds)), Kind.REACTION, person))

    def _reveal(self, at: float) -> None:
        chance = self.chance

        def text(person: Person) -> str:
            luck = chance.random()
            if luck < 0.06:
                return chance.choice(words.REVEAL_WALLS)
            return self._as_typed(chance.choice(words.REVEAL)) if luck < 0.8 else self._talks(person)

        self._flood(at, chance.uniform(0.02, 0.08), chance.uniform(5, 15), text)
        self._reacts(at, 25, int(self.audience * chance.uniform(0.1, 0.8)))

    def _flash_sale(self, at: float) -> None:
        chance = self.chance
        common = chance.sample(words.SALE, 4)
        self._flood(
            at,
            chance.uniform(0.04, 0.25),
            chance.uniform(4, 20),
            lambda _: self._as_typed(chance.choice(common)),
            most=2,
        )
        self._reacts(at, 30, int(self.audience * 0.3))

    def _entries(self) -> Callable[[Person], str]:
        chance = self.chance
        entry = chance.choice(words.LONG_GIVEAWAYS if chance.random() < 0.12 else words.GIVEAWAYS)
        return lambda _: self._as_typed(entry) if chance.random() < 0.5 else entry

    def _giveaway(self, at: float) -> None:
        self._flood(at, self.chance.uniform(0.1, 0.4), self.chance.uniform(10, 30), self._entries(), most=3)

    def _giveaway_by_push(self, at: float) -> None:
        """The hardest honest case: the notification itself asks people to come and write one word."""
        came = self._push(at - 20, self.chance.uniform(0.05, 0.25))
        self._flood(at, self.chance.uniform(0.1, 0.35), self.chance.uniform(10, 30), self._entries(), also=came)

    def _question(self, at: float) -> None:
        chance = self.chance
        luck = chance.random()
        if luck < 0.2:
            answer = lambda _: str(chance.randint(10, 99))  # noqa: E731
        elif luck < 0.4:
            answer = lambda _: chance.choice(words.CITIES)  # noqa: E731
        else:
            answers = chance.choice(words.QUESTIONS)
            answer = lambda _: self._as_typed(chance.choice(answers))  # noqa: E731
        self._flood(at, chance.uniform(0.05, 0.3), chance.uniform(4, 12), answer)

    def _notification(self, at: float) -> None:
        self._push(at, self.chance.uniform(0.08, 0.35))


def set_in_order(people: list[Person]) -> list[Person]:
    return list({person.id: person for person in people}.values())


def lines(events: list[Event]) -> Iterator[Event]:
    return (event for event in events if event.kind is Kind.MESSAGE)
