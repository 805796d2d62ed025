import os
from collections.abc import Iterator

import pytest
from console_desk import StandingClock

from console import seams

# Pictures are in colour, whatever the terminal of who runs the tests; Textual reads this when it is imported.
os.environ.pop("NO_COLOR", None)


@pytest.fixture
def clock() -> Iterator[StandingClock]:
    """Noon, until the test moves it."""
    standing = StandingClock()
    with seams.use_clock(standing):
        yield standing


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flush and repaint more often than people need."""
    monkeypatch.setattr("console.app.FLUSH_SECONDS", 0.02)
    monkeypatch.setattr("console.widgets.table.REPAINT_SECONDS", 0.02)
