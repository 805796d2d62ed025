"""Where a token is given, and where one lands when it is refused."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Middle, Vertical
from textual.message import Message
from textual.widgets import Button, Input

from console.core import selectors
from console.core.state import Phase, State
from console.screens.place import Place
from console.widgets.text import Text

_HINT = """No token yet? On the server's machine, run

  liveshop token --role moderator --id me

and paste what it prints. LIVESHOP_TOKEN in the environment signs in by itself."""


class SignIn(Place):
    """Asks for a token until the server accepts one."""

    AUTO_FOCUS = "#token"

    class Given(Message):
        """The operator gave a token."""

        def __init__(self, token: str) -> None:
            super().__init__()
            self.token = token

    def compose_body(self) -> ComposeResult:
        """A card in the middle."""
        with Middle(), Center(), Vertical(id="card"):
            yield Text("◆ LIVESHOP", id="brand")
            yield Text("control room", id="brand-line")
            yield Text(f"Server  {self.state.url}", id="server")
            with Horizontal(id="token-line"):
                yield Input(password=True, placeholder="Paste your token", id="token")
                yield Button("Sign in", id="sign-in", variant="primary")
            yield Text(id="sign-in-status")
            yield Text(_HINT, id="hint")

    def path(self, state: State) -> list[str]:
        """The way here."""
        return ["Sign in"]

    def show_body(self, state: State, now: datetime) -> None:
        """Say what became of the token."""
        status = self.query_one("#sign-in-status", Text)
        status.say(_status(state, now))
        status.set_class(state.connection.phase is not Phase.CONNECTING, "-bad")

    @on(Input.Submitted, "#token")
    @on(Button.Pressed, "#sign-in")
    def give(self) -> None:
        """Hand the token over."""
        token = self.query_one("#token", Input).value.strip()
        if token:
            self.post_message(self.Given(token))


def _status(state: State, now: datetime) -> str:
    link = state.connection
    match link.phase:
        case Phase.CONNECTING:
            return "Connecting …"
        case Phase.WAITING:
            left = selectors.connection(state, now).text.removeprefix("○ RECONNECTING ")
            return f"{link.reason} Trying again in {left}."
        case Phase.SIGNED_OUT if link.reason:
            return link.reason
        case _:
            return ""
