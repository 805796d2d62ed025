"""The media server's way in: it proves itself by the shared secret, asks and reports."""

import hmac

from quart import Quart, Response, request

from backend.rest.binding import json_response
from backend.services import ingest
from backend.services.runtime import Runtime
from shared import wire
from shared.ingest import HOOK_PATH, IngestReport, PublishRequest
from shared.problems import Code, ProblemError


def bind(app: Quart, runtime: Runtime, secret: str) -> None:
    """Serve the hook of the embedded media server."""

    async def hook() -> Response:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
            raise ProblemError(Code.UNAUTHORIZED, "This is the media server's door; its secret did not match.")
        return await _answer(runtime, wire.parse(await request.get_data()))

    app.add_url_rule(HOOK_PATH, "media_hook", hook, methods=["POST"])


async def _answer(runtime: Runtime, body: object) -> Response:
    kind = body.get("event") if isinstance(body, dict) else None
    if kind == "publish":
        decision = await ingest.authorize(wire.from_wire(PublishRequest, body))
        return json_response(decision, decision.code or 200)
    if kind == "report":
        return json_response(await ingest.take_report(runtime, wire.from_wire(IngestReport, body)), 200)
    raise ProblemError.of_field("event", "unknown_value", "event is publish or report.")
