"""The palette: every action that is offered here, and every stream by its title."""

from collections.abc import Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from console.core.actions import Action, Scope, in_scope, offered
from console.core.events import RoomOpened
from console.screens.place import Place
from console.widgets.keys import command, key_name

_LEFT_OUT = frozenset({Scope.LIST})
"""Moving a cursor by name helps nobody."""


class Palette(Provider):
    """What ctrl+p finds."""

    async def discover(self) -> Hits:
        """Every action, before anything is typed."""
        for action in self._actions():
            yield DiscoveryHit(action.help, lambda a=action: self._run(a), help=_key_hint(action))

    async def search(self, query: str) -> Hits:
        """Actions and streams that match."""
        matcher = self.matcher(query)
        for action in self._actions():
            text = f"{action.title}: {action.help}"
            if (score := matcher.match(text)) > 0:
                yield Hit(score, Content(text), lambda a=action: self._run(a), text, _key_hint(action))
        for stream_id, title in self._streams():
            text = f"Room: {title}"
            if (score := matcher.match(text)) > 0:
                yield Hit(score, Content(text), lambda s=stream_id: self._open(s), text)

    def _place(self) -> Place | None:
        return self.screen if isinstance(self.screen, Place) else None

    def _actions(self) -> Iterator[Action]:
        place = self._place()
        if place is not None:
            scopes = [scope for scope in place.SCOPES if scope not in _LEFT_OUT]
            yield from (action for action in in_scope(*scopes) if offered(action, place.state))

    def _streams(self) -> Iterator[tuple[str, str]]:
        place = self._place()
        if place is not None:
            yield from ((key, stream.view.title) for key, stream in place.state.streams.items())

    async def _run(self, action: Action) -> None:
        await self.screen.run_action(command(action).removeprefix("screen."))

    def _open(self, stream_id: str) -> None:
        place = self._place()
        if place is not None:
            place.happened(RoomOpened(stream_id=stream_id))


def _key_hint(action: Action) -> str:
    return "  ".join(key_name(key) for key in action.keys)
