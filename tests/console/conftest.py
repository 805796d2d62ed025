from collections.abc import Iterator

import pytest
from console_desk import StandingClock

from console import seams


@pytest.fixture
def clock() -> Iterator[StandingClock]:
    """Noon, until the test moves it."""
    standing = StandingClock()
    with seams.use_clock(standing):
        yield standing
