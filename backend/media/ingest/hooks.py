"""The API's hooks, asked over HTTP (`shared.ingest`)."""

from types import TracebackType
from typing import Self

import httpx
import structlog

from backend.media.hls.output import PLAYBACK_ID
from shared.ingest import HOOK_PATH, IngestReport, IngestVerdict, PublishDecision, PublishRequest
from shared.problems import ProblemError
from shared.wire import decode, encode

_AUTHORIZE_TIMEOUT = 8.0
_REPORT_TIMEOUT = 3.0

_log = structlog.get_logger(__name__)


class ApiUnavailableError(Exception):
    """The API gave no answer, or none that can be used."""


class ApiHooks:
    """One client, whose connection is kept alive between reports."""

    def __init__(self, api_url: str, secret: str) -> None:
        """Ask the API at `api_url`, with `secret` as the bearer token."""
        self._client = httpx.AsyncClient(
            base_url=api_url,
            headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
            # The API is a neighbour, whatever proxy the environment names.
            trust_env=False,
        )
        self._reachable = True

    async def __aenter__(self) -> Self:
        """Enter the client's life."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def authorize(self, request: PublishRequest) -> PublishDecision:
        """Ask whether a publisher may send; an allowing decision has a playback id fit for file names.

        Raises:
            ApiUnavailableError: there is no answer; the publisher is to be refused.
        """
        response = await self._post(request, _AUTHORIZE_TIMEOUT)
        if response.status_code not in (httpx.codes.OK, httpx.codes.FORBIDDEN):
            raise ApiUnavailableError(f"the API answered {response.status_code}")
        try:
            decision = decode(PublishDecision, response.content)
        except ProblemError as error:
            if response.status_code == httpx.codes.FORBIDDEN:
                return PublishDecision(code=403)
            raise ApiUnavailableError("the API's answer cannot be read") from error
        if response.status_code == httpx.codes.FORBIDDEN or decision.code != 0:
            return PublishDecision(code=403, error=decision.error)
        if decision.playback_id is None or not PLAYBACK_ID.fullmatch(decision.playback_id):
            raise ApiUnavailableError("the API gave no usable playback id")
        return decision

    async def report(self, report: IngestReport) -> IngestVerdict | None:
        """Tell what is going on; None when the API did not answer, which is logged once until it does."""
        try:
            response = await self._post(report, _REPORT_TIMEOUT)
            if response.status_code != httpx.codes.OK:
                raise ApiUnavailableError(f"the API answered {response.status_code}")
            verdict = decode(IngestVerdict, response.content)
        except (ApiUnavailableError, ProblemError) as error:
            if self._reachable:
                _log.warning("api_unreachable", reason=str(error))
            self._reachable = False
            return None
        if not self._reachable:
            _log.info("api_reachable")
        self._reachable = True
        return verdict

    async def _post(self, body: PublishRequest | IngestReport, timeout: float) -> httpx.Response:
        try:
            return await self._client.post(HOOK_PATH, content=encode(body), timeout=timeout)
        except httpx.HTTPError as error:
            raise ApiUnavailableError(f"the API cannot be reached: {type(error).__name__}") from error
