"""Crashes: the log gets everything, the client a name for it."""

import structlog

from backend import seams
from shared.problems import Code, ProblemError

log = structlog.get_logger(__name__)


def report(error: BaseException, during: str) -> ProblemError:
    """Log a crash under a new incident id; what its client may see of it."""
    incident_id = seams.new_secret(6)
    log.error("incident", incident_id=incident_id, during=during, exc_info=error)
    return ProblemError(
        Code.INTERNAL, f"Something broke on the server. Its log has it as {incident_id}.", incident_id=incident_id
    )
