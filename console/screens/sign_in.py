"""Where an operator says who they are, and where one lands when that is refused."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Middle, Vertical
from textual.message import Message
from textual.widgets import Button, Input

from console.core import selectors
from console.core.credentials import Credentials, Password, Token
from console.core.state import Phase, State
from console.screens.place import Place
from console.widgets.text import Text

_HINT = """No account yet? On the server's machine, run

  liveshop token --role moderator --id me

and paste what it prints. LIVESHOP_TOKEN in the environment signs in by itself."""


class SignIn(Place):
    """Asks for a name and a password, or a token, until the server accepts them."""

    AUTO_FOCUS = "#name"

    class Given(Message):
        """The operator gave what proves who they are."""

        def __init__(self, credentials: Credentials) -> None:
            super().__init__()
            self.credentials = credentials

    def compose_body(self) -> ComposeResult:
        """A card in the middle."""
        with Middle(), Center(), Vertical(id="card"):
            yield Text("◆ LIVESHOP", id="brand")
            yield Text("control room", id="brand-line")
            yield Text(f"Server  {self.state.url}", id="server")
            with Horizontal(id="password-line"):
                yield Input(placeholder="Name", id="name")
                yield Input(password=True, placeholder="Password", id="password")
            with Horizontal(id="token-line"):
                yield Input(password=True, placeholder="Paste your token instead", id="token")
                yield Button("Sign in", id="sign-in", variant="primary")
            yield Text(id="sign-in-status")
            yield Text(_HINT, id="hint")

    def path(self, state: State) -> list[str]:
        """The way here."""
        return ["Sign in"]

    def show_body(self, state: State, now: datetime) -> None:
        """Say what became of it."""
        status = self.query_one("#sign-in-status", Text)
        status.say(_status(state, now))
        status.set_class(state.connection.phase is not Phase.CONNECTING, "-bad")

    @on(Input.Submitted)
    @on(Button.Pressed, "#sign-in")
    def give(self) -> None:
        """Hand over a token, else name and password; where one of these is missing, go there."""
        token, name, password = (self.query_one(f"#{part}", Input) for part in ("token", "name", "password"))
        if token.value.strip():
            self.post_message(self.Given(Token(token.value.strip())))
        elif not name.value.strip():
            name.focus()
        elif not password.value:
            password.focus()
        else:
            self.post_message(self.Given(Password(name.value.strip(), password.value)))


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
