"""Textual's bindings, made from the registry of actions."""

from textual.binding import Binding, BindingType

from console.core.actions import ACTIONS, Action, Scope

_DISPLAY = {
    "question_mark": "?",
    "slash": "/",
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "f1": "F1",
}


def key_name(key: str) -> str:
    """A key as people write it, such as `Ctrl+P`."""
    if key in _DISPLAY:
        return _DISPLAY[key]
    return key.replace("ctrl+", "Ctrl+") if len(key) <= 1 else "+".join(p.title() for p in key.split("+"))


def command(action: Action) -> str:
    """The action in Textual's words: acts live on the screen, so that keys, footer and palette run the same."""
    match action.scope:
        case Scope.EVERYWHERE:
            return f"app.{action.id}"
        case Scope.LIST:
            return action.id
        case _:
            return f"screen.{action.id}"


def bindings(*scopes: Scope, without: tuple[str, ...] = ()) -> list[BindingType]:
    """The bindings of some scopes."""
    return [
        Binding(
            ",".join(action.keys),
            command(action),
            action.title,
            show=action.footer,
            key_display=key_name(action.keys[0]),
            tooltip=action.help,
        )
        for action in ACTIONS
        if action.scope in scopes and action.id not in without
    ]
