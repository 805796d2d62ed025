"""What went wrong inside: the log gets everything, the client a name for it."""

from typing import Any

import structlog

from backend import seams
from backend.storage.database import cannot_now
from shared.problems import Code, ProblemError

log = structlog.get_logger(__name__)


def report(error: BaseException, during: str) -> ProblemError:
    """Log a crash under a new incident id; what its client may see of it."""
    if cannot_now(error):
        log_failure("unavailable", error, during=during)
        return ProblemError(
            Code.UNAVAILABLE, "The database cannot take this now. Try again in a moment.", retry_after=1
        )
    incident_id = seams.new_secret(6)
    log.error("incident", incident_id=incident_id, during=during, exc_info=error)
    return ProblemError(
        Code.INTERNAL, f"Something broke on the server. Its log has it as {incident_id}.", incident_id=incident_id
    )


def log_failure(what: str, error: BaseException, **details: Any) -> None:
    """Log what failed: a database that cannot now in one line, since it may for long; anything else in full."""
    if cannot_now(error):
        log.warning(what, reason=str(error), **details)
    else:
        log.error(what, exc_info=error, **details)
