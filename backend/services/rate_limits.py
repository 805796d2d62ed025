"""How often somebody may do something, counted in memory or in Redis."""

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from backend import seams
from backend.settings import Rate
from shared.problems import Code, ProblemError


class LimitsError(Exception):
    """The rate limits have nowhere to be kept; the message says what to do."""


class RateLimits:
    """Moving windows: at most so many in any so many seconds."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._limiter = MovingWindowRateLimiter(_redis(redis_url) if redis_url else MemoryStorage())

    async def check(self, what: str, who: str, rate: Rate) -> None:
        """Count one more of `what` by `who`.

        Raises:
            ProblemError: `rate_limited`, saying in how many seconds to try again.
        """
        if rate.count == 0:
            return
        item = RateLimitItemPerSecond(rate.count, rate.seconds, namespace=what)
        if await self._limiter.hit(item, who):
            return
        window = await self._limiter.get_window_stats(item, who)
        wait = max(0.1, round(window.reset_time - seams.now().timestamp(), 1))
        raise ProblemError(
            Code.RATE_LIMITED,
            f"At most {rate.count} in {rate.seconds} s. Try again in {wait:g} s.",
            retry_after=wait,
        )


def _redis(url: str) -> Storage:
    try:
        storage = storage_from_string(f"async+{url}", implementation="redispy")
    except ConfigurationError as error:
        raise LimitsError("Redis needs one more package: pip install -e '.[redis]'.") from error
    if not isinstance(storage, Storage):
        raise TypeError("the rate limits need an asynchronous storage")
    return storage
