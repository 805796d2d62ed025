"""From a row of the endpoints' table to a route: identity, permission, body and query in; the answer out."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from quart import Quart, Response, request

from backend.domain.actors import Actor, require
from backend.services.runtime import Runtime
from shared import wire
from shared.endpoints import ENDPOINTS, Endpoint
from shared.ids import MAX_KEY, PRINTABLE_IN_WORDS, is_id, is_printable
from shared.problems import Code, ProblemError

B = TypeVar("B")
Q = TypeVar("Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[B, Q]):
    """One request, resolved."""

    runtime: Runtime
    actor: Actor
    body: B
    query: Q
    path: dict[str, str]
    address: str
    """Where the request came from, as far as proxies are trusted."""
    key: str | None
    """The request's idempotency key, where the endpoint takes one."""


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]
H = TypeVar("H", bound=Handler)
Reader = Callable[[Runtime, Actor, Any], Awaitable[None]]
Witness = Callable[[Runtime, Actor, ProblemError], Awaitable[None]]

HANDLERS: dict[str, Handler] = {}
"""The handler of each endpoint, by the endpoint's name."""

_READERS: dict[str, Reader] = {}
"""Who is shown a body as it came, by the endpoint's name."""
_WITNESSES: dict[str, Witness] = {}
"""Who is told of a body that could not be read, by the endpoint's name."""


def serve(endpoint: Endpoint[Any], *, raw: Reader | None = None, unreadable: Witness | None = None) -> Callable[[H], H]:
    """Let the decorated function answer an endpoint; each endpoint has exactly one."""
    if raw is not None:
        _READERS[endpoint.name] = raw
    if unreadable is not None:
        _WITNESSES[endpoint.name] = unreadable

    def declare(handler: H) -> H:
        if endpoint.name in HANDLERS:
            raise RuntimeError(f"{endpoint.name} is served twice")
        HANDLERS[endpoint.name] = handler
        return handler

    return declare


def bind_all(app: Quart, runtime: Runtime) -> None:
    """Give every endpoint its routes.

    Raises:
        RuntimeError: an endpoint has no handler.
    """
    for endpoint in ENDPOINTS:
        if endpoint.name not in HANDLERS:
            raise RuntimeError(f"{endpoint.name} is not served")
        view = _view(endpoint, HANDLERS[endpoint.name], runtime)
        for number, path in enumerate((endpoint.path, *endpoint.aliases)):
            rule = endpoint.base + path.replace("{", "<").replace("}", ">")
            name = endpoint.name if number == 0 else f"{endpoint.name}_{number}"
            app.add_url_rule(rule, name, view, methods=[endpoint.method])


def _view(endpoint: Endpoint[Any], handler: Handler, runtime: Runtime) -> Callable[..., Awaitable[Response]]:
    async def view(**path: str) -> Response:
        call = await _resolve(endpoint, runtime, path)
        answer = await handler(call)
        if isinstance(answer, Response):
            return answer
        return json_response(answer, endpoint.status)

    view.__doc__ = endpoint.summary
    return view


def json_response(value: Any, status: int) -> Response:
    """A value as a JSON answer."""
    return Response(wire.encode(value), status=int(status), content_type="application/json")


async def _resolve(endpoint: Endpoint[Any], runtime: Runtime, path: dict[str, str]) -> Call[Any, Any]:
    for name, value in path.items():
        if not is_id(value):
            raise ProblemError(Code.NOT_FOUND, f"There is nothing under this {name}.")
    actor = await runtime.identity.read(_bearer(), _session_header())
    address = request.remote_addr or "unknown"
    actor = actor.coming_from(runtime.keyring.address_hash(address))
    if endpoint.needs is not None:
        require(actor, endpoint.needs, endpoint.target)
    await runtime.identity.require_known(actor)
    query = wire.from_text(endpoint.query, request.args.to_dict()) if endpoint.query else None
    try:
        body = await _body(endpoint)
    except ProblemError as problem:
        if endpoint.name in _WITNESSES:
            await _WITNESSES[endpoint.name](runtime, actor, problem)
        raise
    if (session_id := getattr(body, "session_id", None)) is not None:
        actor = runtime.identity.as_guest(actor, session_id)
    if endpoint.name in _READERS:
        await _READERS[endpoint.name](runtime, actor, wire.parse(await request.get_data()))
    return Call(
        runtime=runtime,
        actor=actor,
        body=body,
        query=query,
        path=path,
        address=address,
        key=_idempotency_key() if endpoint.idempotent else None,
    )


async def _body(endpoint: Endpoint[Any]) -> Any:
    if endpoint.body is None:
        return None
    data = await request.get_data()
    if not data.strip() and endpoint.body_optional:
        return wire.from_wire(endpoint.body, {})
    return wire.decode(endpoint.body, data)


def _bearer() -> str | None:
    """The token of the Authorization header (RFC 6750); None where there is none."""
    header = request.headers.get("Authorization")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ProblemError(Code.UNAUTHORIZED, "Send the token as 'Authorization: Bearer <token>'.")
    return token.strip()


def _session_header() -> str | None:
    session_id = request.headers.get("X-Session-Id")
    if session_id and not re.fullmatch(r"[A-Za-z0-9_.:-]{1,128}", session_id):
        raise ProblemError.of_field("X-Session-Id", "wrong_format", "Use 1 to 128 characters from A-Z a-z 0-9 _ . : -")
    return session_id or None


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY:
        raise ProblemError.of_field("Idempotency-Key", "wrong_length", f"Use 1 to {MAX_KEY} characters.")
    if not is_printable(key):
        raise ProblemError.of_field("Idempotency-Key", "wrong_format", f"Use {PRINTABLE_IN_WORDS}.")
    return key


def problem_response(problem: ProblemError) -> Response:
    """A problem as an error body with the headers that go with it."""
    response = json_response(problem.body(), problem.status)
    if problem.code is Code.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return response
