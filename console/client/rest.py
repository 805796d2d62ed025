"""One REST operation of the contract's table, asked over HTTP."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import httpx

from shared import wire
from shared.endpoints import Endpoint
from shared.problems import Code, ErrorBody, ProblemError

R = TypeVar("R")

REQUEST_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What goes with an operation."""

    token: str | None = None
    body: Any = None
    query: Any = None
    idempotency_key: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers."""
        given = {
            "Authorization": None if self.token is None else f"Bearer {self.token}",
            "Content-Type": None if self.body is None else "application/json",
            "Idempotency-Key": self.idempotency_key,
        }
        return {name: value for name, value in given.items() if value is not None}

    @property
    def params(self) -> dict[str, Any] | None:
        """The query string's values."""
        if self.query is None:
            return None
        return {name: value for name, value in wire.to_plain(self.query).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Answer(Generic[R]):
    """What came back, and when the server said it."""

    value: R
    date: str


def connect(url: str) -> httpx.AsyncClient:
    """A client for a server."""
    return httpx.AsyncClient(base_url=url, timeout=REQUEST_SECONDS, trust_env=False)


async def ask(http: httpx.AsyncClient, endpoint: Endpoint[R], request: Request, **parameters: str) -> Answer[R]:
    """Carry out one operation.

    Raises:
        ProblemError: when it is refused, or (`offline`) when the server can't be reached.
    """
    try:
        response = await http.request(
            endpoint.method,
            endpoint.url(**parameters),
            content=wire.encode(request.body) if request.body is not None else None,
            headers=request.headers,
            params=request.params,
        )
    except (httpx.HTTPError, RuntimeError) as error:
        raise ProblemError(Code.OFFLINE, f"The server can't be reached: {in_words(error)}.") from error
    if response.is_error:
        raise _problem(response)
    value = cast(R, wire.decode(endpoint.returns, response.content))
    return Answer(value, response.headers.get("Date", ""))


def _problem(response: httpx.Response) -> ProblemError:
    """A refused request as the problem that the server states, or the best that can be said."""
    try:
        body = wire.decode(ErrorBody, response.content)
        return ProblemError(
            Code(body.code),
            body.message,
            errors=body.errors,
            incident_id=body.incident_id,
            retry_after=body.retry_after,
        )
    except (ProblemError, ValueError):
        return ProblemError(Code.UNAVAILABLE, f"The server answered {response.status_code} {response.reason_phrase}.")


def in_words(error: Exception) -> str:
    """What an error says, without its full stop."""
    return str(error).rstrip(".") or type(error).__name__
