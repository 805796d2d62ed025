"""The Quart application: every route, and one shape for everything that goes wrong."""

import asyncio
from http import HTTPStatus
from typing import Any

from quart import Quart, Request, Response, request
from quart_cors import cors
from werkzeug.exceptions import HTTPException

from backend.rest import (
    auth,
    dashboard,
    earnings,
    health,
    media_hooks,
    moderation,
    openapi,
    orders,
    people,
    products,
    streams,
)
from backend.rest.binding import bind_all, json_response, problem_response
from backend.services import incidents
from backend.services.runtime import Runtime
from shared.problems import Code, ErrorBody, ProblemError

MAX_BODY = 1 << 20
"""Bytes of a request body, at most."""

ROUTES = (auth, dashboard, earnings, health, moderation, orders, people, products, streams)
"""The modules whose import declares the handlers."""

_CODES = {
    HTTPStatus.NOT_FOUND: Code.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Code.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Code.TOO_LARGE,
}


class ShieldedQuart(Quart):
    """Quart, whose handlers run to their end although the client has gone.

    Quart cancels a handler when its client disconnects. A cancellation inside Tortoise can leave the connection
    locked for ever, and half of a use case undone.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        self._under_way: set[asyncio.Task[Any]] = set()

    async def handle_request(self, request: Request) -> Any:
        """Answer one request in a task that outlives its client."""
        task = asyncio.create_task(super().handle_request(request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)


def create_app(runtime: Runtime, media_secret: str) -> Quart:
    """The application, without its life cycle."""
    app = ShieldedQuart("liveshop")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    bind_all(app, runtime)
    media_hooks.bind(app, runtime, media_secret)
    openapi.bind(app)
    _bind_errors(app)
    return cors(
        app,
        allow_origin=list(runtime.settings.allowed_origins),
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Session-Id"],
        allow_methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"],
    )


def _bind_errors(app: Quart) -> None:
    async def refused(problem: ProblemError) -> Response:
        return problem_response(problem)

    async def http_error(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        code = _CODES.get(status, Code.MALFORMED_BODY)
        body = ErrorBody(status_code=status, error=status.phrase, code=code, message=error.description or "", errors=[])
        response = json_response(body, status)
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                response.headers[name] = value
        return response

    async def crashed(error: Exception) -> Response:
        return problem_response(incidents.report(error, f"{request.method} {request.path}"))

    app.register_error_handler(ProblemError, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, crashed)
