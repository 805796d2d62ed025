"""People whom an outside identity provider vouches for: its keys, and the accounts that its subjects have here."""

import asyncio
from functools import partial
from pathlib import Path

import httpx
import structlog
from tortoise.exceptions import IntegrityError

from backend import seams
from backend.domain.actors import Actor
from backend.domain.outside_tokens import Keys, OutsideIdentity, Provider, UnknownKeyError, issuer_of, keys_of, verify
from backend.domain.text import sanitise
from backend.domain.tokens import ACTING_ROLES
from backend.services.bus import Bus
from backend.services.unit_of_work import UnitOfWork, commit
from backend.settings import Settings
from backend.storage.models import Account
from shared import wire
from shared.problems import Code, ProblemError

log = structlog.get_logger(__name__)

STALE = 600.0
"""Seconds after which keys are read again: a key that its issuer withdrew shall not count for ever."""
ASK_AGAIN = 60.0
"""Seconds between two readings, at least, however many tokens name unknown keys."""
PATIENCE = 5.0
"""Seconds that the issuer's server may take."""
MAX_DOCUMENT = 1 << 20
"""Bytes of a key set, at most."""
MOST_KNOWN = 10_000
"""Subjects whose accounts are remembered."""


class KeySource:
    """The issuer's public keys, from a file or a URL."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._keys: Keys = {}
        self._read_at: float | None = None
        self._turn = asyncio.Lock()

    async def current(self) -> Keys:
        """The keys as they were read last, not long ago.

        Raises:
            ProblemError: `unavailable` while they could never be read.
        """
        if not self._keys:
            await self._read(PATIENCE)
        elif self._older_than(STALE) and not self._turn.locked():
            await self._read(STALE)
        if not self._keys:
            raise ProblemError(
                Code.UNAVAILABLE, "The identity provider's keys cannot be read now.", retry_after=PATIENCE
            )
        return self._keys

    async def newer(self) -> Keys:
        """The keys of now, unless they were read a moment ago."""
        await self._read(ASK_AGAIN)
        return self._keys

    def _older_than(self, seconds: float) -> bool:
        return self._read_at is None or seams.monotonic() - self._read_at >= seconds

    async def _read(self, if_older_than: float) -> None:
        async with self._turn:
            if not self._older_than(if_older_than):
                return
            try:
                self._keys = keys_of(wire.parse(await asyncio.to_thread(_document, self._where)))
            except (OSError, httpx.HTTPError, httpx.InvalidURL, ProblemError, ValueError) as error:
                log.warning("identity_keys_unreadable", source=self._where, reason=str(error) or type(error).__name__)
            self._read_at = seams.monotonic()


def _document(where: str) -> bytes:
    if not where.startswith(("http://", "https://")):
        return Path(where).expanduser().read_bytes()
    with httpx.stream("GET", where, timeout=PATIENCE) as response:
        response.raise_for_status()
        content = b""
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_DOCUMENT:
                raise ValueError("it is too long")
        return content


class OutsideProvider:
    """The provider of the settings: tokens in, actors out."""

    def __init__(self, bus: Bus, provider: Provider, jwks: str | None) -> None:
        self._bus = bus
        self._provider = provider
        self._source = KeySource(jwks) if jwks is not None else None
        self._known: dict[str, tuple[str, OutsideIdentity]] = {}

    def issued(self, token: str) -> bool:
        """Whether a token says that it is from this provider."""
        return issuer_of(token) == self._provider.issuer

    async def read(self, token: str) -> Actor:
        """Whom a token of this provider names; at first sight they get an account.

        Raises:
            ProblemError: `unauthorized`; `unavailable` while the keys cannot be had.
        """
        who = await self._verified(token)
        account_id = await self._account_of(who)
        return Actor(
            role=who.role,
            subject=who.acts_for if who.role in ACTING_ROLES else account_id,
            expires_at=who.expires_at,
            token_id=who.token_id,
            account_id=account_id,
        )

    async def _verified(self, token: str) -> OutsideIdentity:
        if self._source is None:
            return verify(token, self._provider, {})
        try:
            return verify(token, self._provider, await self._source.current())
        except UnknownKeyError:
            return verify(token, self._provider, await self._source.newer())

    async def _account_of(self, who: OutsideIdentity) -> str:
        """The id of the account that stands for an outside subject here; its role and seller follow the token."""
        account_id, known = self._known.get(who.subject, ("", None))
        if known is not None and (known.role, known.acts_for) == (who.role, who.acts_for):
            return account_id
        try:
            account_id = await commit(self._bus, partial(_stored, who))
        except IntegrityError:
            # Two of their requests came first at once.
            account_id = await commit(self._bus, partial(_stored, who))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[who.subject] = account_id, who
        return account_id


async def _stored(who: OutsideIdentity, _: UnitOfWork) -> str:
    row = await Account.get_or_none(issuer=who.issuer, outside_subject=who.subject)
    if row is None:
        row = Account(
            id=seams.new_id(),
            display_name=sanitise(who.display_name or "")[:200] or "Member",
            role=who.role,
            acts_for=who.acts_for,
            issuer=who.issuer,
            outside_subject=who.subject,
            created_at=seams.now(),
        )
        await row.save(force_create=True)
    elif (row.role, row.acts_for) != (who.role, who.acts_for):
        row.role, row.acts_for = who.role, who.acts_for
        await row.save(update_fields=["role", "acts_for"])
    return row.id


def provider_of(settings: Settings, bus: Bus) -> OutsideProvider | None:
    """The outside provider that the settings name, if they do."""
    if settings.idp_issuer is None or settings.idp_audience is None:
        return None
    provider = Provider(
        issuer=settings.idp_issuer,
        audience=settings.idp_audience,
        secret=settings.idp_secret,
        leeway=settings.idp_leeway,
        role_claim=settings.idp_role_claim,
        acts_for_claim=settings.idp_acts_for_claim,
        admins=settings.idp_admins,
    )
    return OutsideProvider(bus, provider, settings.idp_jwks)
