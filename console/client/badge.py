"""The token that the client shows: a given one, or the newest of a sign-in, renewed before it expires."""

import asyncio
import contextlib
from datetime import datetime
from email.utils import parsedate_to_datetime

from console import seams
from console.client import rest
from console.client.rest import Request
from console.core.credentials import Credentials, Token
from shared import commands, endpoints
from shared.problems import ProblemError
from shared.views import SignedInView

RENEW_AFTER = 0.8
"""The part of a token's life after which the next one is fetched."""


class Badge:
    """Proves who the operator is, for as long as they are signed in."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self._url = url
        self._credentials: Credentials | None = credentials
        self._tokens: SignedInView | None = None
        self._renew_at = 0.0
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """A token that holds for a while; signs in, or renews it, where that is needed.

        Raises:
            ProblemError: the server refuses, or (`offline`) can't be reached.
        """
        async with self._turn:
            if isinstance(self._credentials, Token):
                return self._credentials.value
            if self._tokens is None or self.seconds_left == 0:
                self._tokens = await self._next()
            return self._tokens.access_token

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the token is due to be renewed; None for one that cannot be."""
        return None if self._tokens is None else max(0.0, self._renew_at - seams.monotonic())

    async def _next(self) -> SignedInView:
        """New tokens: for the old ones, at first for the name and the password, which are then forgotten."""
        async with rest.connect(self._url) as http:
            if self._tokens is not None:
                refresh = commands.RefreshSignIn(refresh_token=self._tokens.refresh_token)
                answer = await rest.ask(http, endpoints.REFRESH_SIGN_IN, Request(body=refresh))
            elif self._credentials is not None and not isinstance(self._credentials, Token):
                given = commands.SignIn(name=self._credentials.name, password=self._credentials.password)
                answer = await rest.ask(http, endpoints.SIGN_IN, Request(body=given))
            else:
                raise RuntimeError("there is nothing to sign in with")
        self._credentials = None
        self._renew_at = seams.monotonic() + RENEW_AFTER * _lifetime(answer.value.expires_at, answer.date)
        return answer.value

    async def give_back(self) -> None:
        """End the sign-in, if there is one, as far as the server can be reached."""
        tokens, self._tokens = self._tokens, None
        if tokens is not None:
            async with rest.connect(self._url) as http:
                body = commands.SignOut(refresh_token=tokens.refresh_token)
                with contextlib.suppress(ProblemError):
                    await rest.ask(http, endpoints.SIGN_OUT, Request(body=body))


def _lifetime(expires_at: datetime, date: str) -> float:
    """Seconds that a token holds, by the clock of the server that made it; ours may be wrong."""
    try:
        made_at = parsedate_to_datetime(date)
    except ValueError:
        made_at = seams.now()
    return max(1.0, (expires_at - made_at).total_seconds())
