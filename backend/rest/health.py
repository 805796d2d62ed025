"""Whether the server lives, and whether it can carry a show."""

from http import HTTPStatus

import structlog
from quart import Response

from backend.rest.binding import Call, json_response, serve
from backend.storage.database import ping
from shared import endpoints
from shared.views import HealthView, ReadinessView

log = structlog.get_logger(__name__)


@serve(endpoints.HEALTH)
async def health(call: Call[None, None]) -> HealthView:
    """The process answers."""
    del call
    return HealthView()


@serve(endpoints.READINESS)
async def readiness(call: Call[None, None]) -> Response:
    """Each part that a show needs, in words; 503 when one is missing."""
    parts = {"database": await _database(), "media": _media(call)}
    ready = all(state == "ok" for state in parts.values())
    view = ReadinessView(status="ok" if ready else "unavailable", parts=parts)
    return json_response(view, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def _database() -> str:
    try:
        await ping()
    except Exception:
        log.exception("database_does_not_answer")
        return "does not answer"
    return "ok"


def _media(call: Call[None, None]) -> str:
    external = call.runtime.settings.media == "external"
    if call.runtime.ingest.media_server_answers or (external and not call.runtime.ingest.ever_reported):
        return "ok"
    return f"no word from the media server for {call.runtime.ingest.silent_seconds:.0f} s"
