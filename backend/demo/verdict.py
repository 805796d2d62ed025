"""What happened in the show, whether it was as it should be, and both in words."""

from collections import Counter
from dataclasses import dataclass, field

from backend.demo.books import Books
from shared.views import ChatMessageView


@dataclass(slots=True)
class StreamRecord:
    """One stream, as its clients saw it."""

    title: str
    host: str
    seconds_to_live: float | None = None
    """From the start of its publisher."""
    segments: int = 0
    """Listed by its playlist while the demo looked on."""
    segments_fetched: int = 0
    bytes_fetched: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Messages by id, with their `seq`."""
    seen_by_host: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    visitors: set[str] = field(default_factory=set)
    """Sessions that have ever joined."""
    peak: int = 0
    """The most viewers that the server counted at once."""
    products: int = 0
    toggles: int = 0
    pins: int = 0
    flash_sales: int = 0
    purchases: Counter[str] = field(default_factory=Counter)
    """By product, as the room was told."""

    def acknowledge(self, message: ChatMessageView) -> None:
        """Note a message that the server says is stored."""
        self.acknowledged[message.id] = message.seq

    def missing_after(self, seq: int, seen: set[str]) -> int:
        """How many messages somebody who joined at `seq` should have seen and has not."""
        return sum(1 for id_, number in self.acknowledged.items() if number > seq and id_ not in seen)


@dataclass(slots=True)
class Verdict:
    """The whole show's record; it passed if nothing went wrong."""

    streams: list[StreamRecord]
    books: Books = field(default_factory=Books)
    sent: int = 0
    """Messages that people tried to say."""
    deliveries: int = 0
    """Messages that arrived on shoppers' sockets."""
    sockets: int = 0
    """Connections that shoppers have opened."""
    wrongs: Counter[str] = field(default_factory=Counter)
    """What went wrong, and how often."""

    def wrong(self, sentence: str) -> None:
        """Note that something the demo relied on failed."""
        self.wrongs[sentence] += 1

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return not self.wrongs

    def summary(self) -> str:
        """The show in some lines of text."""
        live = sum(record.seconds_to_live is not None for record in self.streams)
        lines = [
            f"streams   {live} of {len(self.streams)} live",
            *(_stream_line(record) for record in self.streams),
            f"segments  {self._segments()}",
            f"viewers   {self._viewers()}",
            f"messages  {self._messages()}",
            f"products  {self._products()}",
            *self.books.summary(),
            f"errors    {self.wrongs.total()}",
            *(f"  {'' if times == 1 else f'{times} x '}{sentence}" for sentence, times in self.wrongs.most_common()),
        ]
        return "\n".join(lines)

    def _total(self, figure: str) -> int:
        return sum(getattr(record, figure) for record in self.streams)

    def _products(self) -> str:
        return (
            f"{self._total('products')} shown, {self._total('toggles')} switched on or off, "
            f"{self._total('pins')} pinned, {self._total('flash_sales')} flash sales"
        )

    def _segments(self) -> str:
        size = self._total("bytes_fetched") / 1e6
        return f"{self._total('segments')} listed, {self._total('segments_fetched')} fetched ({size:.1f} MB)"

    def _viewers(self) -> str:
        came = sum(len(record.visitors) for record in self.streams)
        peaks = " and ".join(str(record.peak) for record in self.streams)
        return f"{came} came, peaks {peaks}, {self.sockets} sockets"

    def _messages(self) -> str:
        acknowledged = sum(len(record.acknowledged) for record in self.streams)
        seen = sum(len(record.seen_by_host & record.acknowledged.keys()) for record in self.streams)
        deleted = sum(len(record.deleted) for record in self.streams)
        return (
            f"{self.sent} sent, {acknowledged} acknowledged, {seen} seen by their hosts, "
            f"{self.deliveries} deliveries, {deleted} deleted"
        )


def _stream_line(record: StreamRecord) -> str:
    if record.seconds_to_live is None:
        return f"  {record.title} ({record.host}): never live"
    return f"  {record.title} ({record.host}): live after {record.seconds_to_live:.1f} s"
