"""What was proved once and counts no more: tokens and sign-ins that were revoked, accounts that are disabled.

The truth is in the database. Each process holds it in memory, hears of its own changes at once, and of those of the
command line and of other processes when it looks again.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from backend import seams
from backend.domain.actors import Actor, account_credential
from backend.storage.models import Account, Revocation
from shared.problems import Code, ProblemError

OVERLAP = timedelta(minutes=1)
"""How far back each look reaches: transactions end, and clocks go, in another order than their times say."""
FROM_THE_START = datetime(2000, 1, 1, tzinfo=UTC)

Listener = Callable[[frozenset[str]], None]
"""Hears of credentials (see `Actor.credentials`) whose sockets are to be cut: they count no more, or differently."""


class Revocations:
    """What this process refuses although its signature is good."""

    def __init__(self) -> None:
        self._revoked: dict[str, datetime | None] = {}
        self._disabled: frozenset[str] = frozenset()
        self._seen_until = FROM_THE_START
        self._changes = 0
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Let `listener` hear of everything that is revoked from now on."""
        self._listeners.append(listener)

    def require_valid(self, actor: Actor) -> None:
        """Refuse an actor one of whose credentials was revoked.

        Raises:
            ProblemError: `unauthorized`.
        """
        if any(credential in self._revoked or credential in self._disabled for credential in actor.credentials):
            raise ProblemError(Code.UNAUTHORIZED, "This token was revoked, or its account is disabled.")

    def revoked(self, ids: Iterable[str], forget_at: datetime | None = None) -> None:
        """Tokens or sign-ins were revoked; their rows are committed."""
        self._take(dict.fromkeys(ids, forget_at), self._disabled)

    def disabled(self, account_id: str) -> None:
        """An account was disabled; its row is committed."""
        self._take({}, self._disabled | {account_credential(account_id)})

    def enabled(self, account_id: str) -> None:
        """An account was enabled; its row is committed."""
        self._take({}, self._disabled - {account_credential(account_id)})

    def rights_changed(self, account_id: str) -> None:
        """An account may do other things than before: nothing is revoked, but its sockets have to come in anew."""
        self._announce(frozenset({account_credential(account_id)}))

    async def refresh(self) -> None:
        """Look what others have revoked, disabled or enabled."""
        changes = self._changes
        rows = await Revocation.filter(revoked_at__gte=self._seen_until - OVERLAP)
        disabled = await Account.exclude(disabled_at=None).only("id")
        # A clock that is ahead must not make us overlook the others.
        newest = max([self._seen_until, *(row.revoked_at for row in rows)])
        self._seen_until = min(newest, seams.now())
        # A change of our own since the rows were read is newer than they are.
        standing = (
            frozenset(account_credential(row.id) for row in disabled) if changes == self._changes else self._disabled
        )
        self._take({row.id: row.forget_at for row in rows}, standing)

    async def forget_old(self) -> None:
        """Drop what only forbids tokens that have expired by themselves."""
        now = seams.now()
        await Revocation.filter(forget_at__lt=now - OVERLAP).delete()
        self._revoked = {one: until for one, until in self._revoked.items() if until is None or until >= now}

    def _take(self, revoked: dict[str, datetime | None], disabled: frozenset[str]) -> None:
        news = (revoked.keys() - self._revoked.keys()) | (disabled - self._disabled)
        if disabled != self._disabled or news:
            self._changes += 1
        self._revoked |= revoked
        self._disabled = disabled
        if news:
            self._announce(frozenset(news))

    def _announce(self, credentials: frozenset[str]) -> None:
        for listener in self._listeners:
            listener(credentials)


async def store(ids: Iterable[str], forget_at: datetime | None) -> None:
    """Keep revocations, within the caller's transaction; a second time changes nothing."""
    now = seams.now()
    rows = [Revocation(id=one, revoked_at=now, forget_at=forget_at) for one in ids]
    await Revocation.bulk_create(rows, ignore_conflicts=True)
