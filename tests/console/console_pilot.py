"""Keys and eyes for a control room that runs without a terminal."""

from collections.abc import Callable

from textual.app import App
from textual.pilot import Pilot


async def settled(pilot: Pilot[None]) -> None:
    """Let workers, messages and the next flush come through."""
    await pilot.pause(0.03)
    await pilot.pause(0.03)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait for something that is about to be true."""
    for _ in range(150):
        if condition():
            return
        await pilot.pause(0.03)
    assert condition(), screen_text(pilot.app)


async def shows(pilot: Pilot[None], text: str) -> None:
    """Wait for a text on the screen."""
    await until(pilot, lambda: text in screen_text(pilot.app))


def screen_text(app: App[None]) -> str:
    """What the terminal shows."""
    size = app.size
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()[: size.height]
    )


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)
