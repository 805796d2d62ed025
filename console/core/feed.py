"""A stream's purchases as they were announced, put together from news in whatever order they come.

There is no list of them to fetch: what was bought while nothing was heard stays unknown, and its place is marked.
"""

from dataclasses import dataclass, replace

from shared.events import ControlPurchase

CAPACITY = 500
"""Purchases kept a stream."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feed:
    """Purchases ordered by `seq`, without doubles."""

    purchases: tuple[ControlPurchase, ...] = ()
    gaps: frozenset[int] = frozenset()
    """The `seq` of purchases after which others may be missing."""


def buy(feed: Feed, purchase: ControlPurchase) -> Feed:
    """Add a purchase; one already there is ignored."""
    if not feed.purchases or purchase.seq > feed.purchases[-1].seq:
        return _bounded(replace(feed, purchases=(*feed.purchases, purchase)))
    if any(known.seq == purchase.seq for known in feed.purchases):
        return feed
    ordered = sorted((*feed.purchases, purchase), key=lambda known: known.seq)
    return _bounded(replace(feed, purchases=tuple(ordered)))


def interrupt(feed: Feed) -> Feed:
    """Note that purchases after the newest one may be missing."""
    if not feed.purchases:
        return feed
    return replace(feed, gaps=feed.gaps | {feed.purchases[-1].seq})


def _bounded(feed: Feed) -> Feed:
    if len(feed.purchases) <= CAPACITY:
        return feed
    kept = feed.purchases[-CAPACITY:]
    return replace(feed, purchases=kept, gaps=frozenset(seq for seq in feed.gaps if seq >= kept[0].seq))
