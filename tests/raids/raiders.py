"""Raids of every size and style, laid over a show. Their words are nonsense: no slur is needed to flood a chat."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.raids.chat import Event, Kind, Person, Show

STYLES = ("copypasta", "scrambled", "links", "slogans", "drip", "few", "many", "emoji", "mixed")
SHARES = (0.05, 0.10, 0.20, 0.35, 0.50, 0.65, 0.80, 0.95)

_NOUNS = (
    "cheese",
    "kettle",
    "tunnel",
    "pigeon",
    "carpet",
    "lantern",
    "trumpet",
    "cactus",
    "bucket",
    "noodle",
    "turnip",
    "whistle",
    "pillow",
    "walnut",
)
_VERBS = ("eats", "hides", "paints", "follows", "forgets", "sells", "borrows", "melts", "counts", "polishes")
_ENDS = (
    "every night",
    "in the cellar",
    "for free",
    "with both hands",
    "before breakfast",
    "and nobody asks",
    "since the flood",
)
_SHOUTS = ("free all", "wake up", "down with", "join", "stop the", "long live", "who stole", "bring back")
_HOSTS = ("win-{n}.xyz", "got{n}.top", "{n}deals.shop", "t.me/{n}", "{n}-club.link", "www.{n}.info")
_EMOJI = "💀🤡🐸🚨👻🥔🦀🧀🪣🗿🎺🌵🐐🫠💣🤖👹🐌"
_LEET = str.maketrans("aeiost", "@31057")
_HIDDEN = "\u200b\u200c\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Raid:
    """What was laid over a show."""

    style: str
    share: float
    """Of raid lines among all lines while it lasts, as planned."""
    rate: float
    """Raid lines a second."""
    sessions: int
    slept: bool
    """Its sessions had been watching for minutes."""
    starts: float
    ends: float


def sentence(chance: random.Random) -> str:
    return f"the {chance.choice(_NOUNS)} {chance.choice(_VERBS)} my {chance.choice(_NOUNS)} {chance.choice(_ENDS)}"


def slogan(chance: random.Random) -> str:
    return f"{chance.choice(_SHOUTS)} {chance.choice(_NOUNS)}{chance.choice(('', 's', ' now', ' today'))}"


def copypasta(chance: random.Random) -> str:
    return " ".join(sentence(chance) for _ in range(chance.randint(1, 4)))


def address(chance: random.Random) -> str:
    return chance.choice(_HOSTS).format(n=chance.choice(_NOUNS))


def scramble(text: str, chance: random.Random) -> str:
    """The same to a reader, another text to a naive comparison."""
    if chance.random() < 0.6:
        text = "".join(char.translate(_LEET) if chance.random() < 0.4 else char for char in text)
    if chance.random() < 0.6:
        text = "".join(char + chance.choice(_HIDDEN) if chance.random() < 0.2 else char for char in text)
    if chance.random() < 0.3:
        text = "".join(char.upper() if chance.random() < 0.5 else char for char in text)
    if chance.random() < 0.8:
        text += " " + "".join(chance.choices("abcdefghijkmnpqrstuvwxyz23456789", k=chance.randint(3, 8)))
    return text


Writes = Callable[[], str]


def _copies(chance: random.Random) -> Writes:
    text = copypasta(chance)
    return lambda: text


def _scrambled(chance: random.Random) -> Writes:
    text = copypasta(chance)
    return lambda: scramble(text, chance)


def _links(chance: random.Random) -> Writes:
    where = address(chance)
    lures = (
        "look at this",
        "she is on {w} right now",
        "half price at {w}",
        "{w}",
        "same pan cheaper {w}/{r}",
        "https://{w}/{r}",
    )
    same = chance.random() < 0.5

    def text() -> str:
        host = where if same else address(chance)
        lure = chance.choice(lures[1:])
        return lure.format(w=host, r="".join(chance.choices("abcdefghij0123456789", k=6)))

    return text


def _slogans(chance: random.Random) -> Writes:
    texts = [slogan(chance) for _ in range(chance.randint(1, 3))]
    return lambda: chance.choice(texts).upper() if chance.random() < 0.3 else chance.choice(texts)


def _few(chance: random.Random) -> Writes:
    if chance.random() < 0.5:
        return _many(chance)
    return lambda: sentence(chance) if chance.random() < 0.6 else slogan(chance)


def _many(chance: random.Random) -> Writes:
    texts = [sentence(chance) if chance.random() < 0.7 else slogan(chance) for _ in range(chance.randint(2, 8))]
    return lambda: scramble(chance.choice(texts), chance) if chance.random() < 0.3 else chance.choice(texts)


def _emoji(chance: random.Random) -> Writes:
    chosen = chance.sample(_EMOJI, chance.randint(1, 8))
    return lambda: "".join(chance.choices(chosen, k=chance.randint(8, 40)))


def _mixed(chance: random.Random) -> Writes:
    kinds = [make(chance) for make in (_copies, _scrambled, _links, _slogans, _emoji)]
    kinds = chance.sample(kinds, chance.randint(2, 4))
    return lambda: chance.choice(kinds)() if chance.random() < 0.85 else sentence(chance)


def _drip(chance: random.Random) -> Writes:
    return chance.choice((_copies, _scrambled, _links, _many))(chance)


_WRITES: dict[str, Callable[[random.Random], Writes]] = {
    "copypasta": _copies,
    "scrambled": _scrambled,
    "links": _links,
    "slogans": _slogans,
    "drip": _drip,
    "few": _few,
    "many": _many,
    "emoji": _emoji,
    "mixed": _mixed,
}


def raided_show(seed: int | str, style: str, share: float, minutes: float = 14.0) -> tuple[Show, Raid]:
    """A show whose chat is as busy as makes the raid the wanted share of it, and the raid in it."""
    chance = random.Random(f"raid {seed}")
    rate, sessions = _size(chance, style)
    if style == "few":
        # Few can't be a small part of a fast chat: the server lets nobody write more than once in two seconds.
        share = max(share, 0.2)
    rate = _within(rate, share)
    if style == "few":
        sessions = max(3, min(sessions, round(rate / 0.4)))
    show = Show(f"show {seed}", minutes, pace=rate * (1 - share) / share)
    starts = show.length - chance.uniform(180, 330)
    seconds = chance.uniform(90, 150) if style == "drip" else chance.uniform(30, 100)
    raid = Raid(style, share, rate, sessions, chance.random() < 0.12, starts, starts + seconds)
    _lay_over(show, raid, chance)
    return show, raid


def _size(chance: random.Random, style: str) -> tuple[float, int]:
    """Lines a second, and sessions."""
    if style == "drip":
        return chance.uniform(0.2, 0.5), chance.randint(4, 20)
    if style == "few":
        sessions = chance.randint(3, 8)
        return sessions * chance.uniform(0.35, 0.5), sessions
    rate = math.exp(chance.uniform(math.log(0.5), math.log(15)))
    return rate, int(rate * chance.uniform(8, 40)) + 5


def _within(rate: float, share: float) -> float:
    """A raid this strong in a chat that is neither dead nor faster than any shop's."""
    least, most = 0.04 * share / (1 - share), 6.0 * share / (1 - share)
    return min(max(rate, least), max(most, 0.2))


def _lay_over(show: Show, raid: Raid, chance: random.Random) -> None:
    sessions = _sessions(raid, chance)
    for person in sessions:
        show.events.append(Event(person.first_seen, Kind.JOIN, person, is_raid=True))
    text = _WRITES[raid.style](chance)
    at, turn = raid.starts, 0
    while (at := at + chance.expovariate(raid.rate)) < raid.ends:
        takes_turns = raid.style == "few" or (raid.style != "drip" and turn < len(sessions))
        person = sessions[turn % len(sessions)] if takes_turns else chance.choice(sessions)
        turn += 1
        if person.first_seen >= at:
            show.events.append(Event(at - 0.05, Kind.JOIN, person, is_raid=True))
            person.first_seen = at - 0.05
        show.events.append(Event(at, Kind.MESSAGE, person, text(), is_raid=True))
    show.events.sort(key=lambda event: event.at)


def _sessions(raid: Raid, chance: random.Random) -> list[Person]:
    homes = max(1, int(raid.sessions * chance.choice((0.05, 0.3, 1.0, 1.0))))
    come_within = chance.uniform(2, 25)
    people = []
    for number in range(raid.sessions):
        first = raid.starts - (chance.uniform(180, 330) if raid.slept else chance.uniform(-come_within, 15))
        people.append(Person(f"r{number}", first, f"raid{chance.randrange(homes)}", "en", raid.ends))
    return people
