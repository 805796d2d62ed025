"""The question before money is paid out."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button

from console.core import ledger_rows
from console.core.events import PayoutDropped
from console.core.payout import Payout
from console.core.store import Store
from console.widgets.messages import Asked, Changed
from console.widgets.text import Text

_WARNING = """The ledger books it at once and for good; the money itself leaves by your bank.
Sending it again can't pay twice."""


class ConfirmPayout(ModalScreen[None]):
    """Stays open until the payout is made or the operator gives up, so that trying again is the same payout."""

    AUTO_FOCUS = "#cancel"
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("left,h", "app.focus_previous", show=False),
        Binding("right,l", "app.focus_next", show=False),
    ]

    def __init__(self, store: Store, payout: Payout) -> None:
        super().__init__()
        self._store = store
        self._payout = payout
        self._sending = False

    def compose(self) -> ComposeResult:
        """Who is paid how much, and what that means."""
        act, amount = self._payout.act, ledger_rows.amount_of(self._payout.act)
        with Vertical(id="payout-card") as card:
            card.border_title = "Pay out"
            yield Text(f"Pay {self._payout.name} {amount}?", id="payout-question")
            yield Text(f"Affiliate  {act.affiliate_id}\nAmount     {amount}, all that is available in {act.currency}")
            yield Text(_WARNING, id="payout-warning")
            yield Text(id="payout-status")
            with Horizontal(id="payout-buttons"):
                yield Button("Cancel", id="cancel")
                yield Button(f"Pay {amount}", id="pay", variant="primary")

    def show(self, payout: Payout, *, sending: bool) -> None:
        """Say what became of it."""
        if not self.is_mounted or (payout, sending) == (self._payout, self._sending):
            return
        self._payout, self._sending = payout, sending
        status = self.query_one("#payout-status", Text)
        status.say("Sending …" if sending else payout.problem)
        status.set_class(not sending, "-bad")
        for button in self.query(Button):
            button.disabled = sending
        if not sending:
            self.set_focus(self.query_one("#cancel"))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Pay nothing; while it is being sent, wait for the answer."""
        if not self._sending:
            self._store.dispatch(PayoutDropped())
            self.post_message(Changed())

    @on(Button.Pressed, "#pay")
    def pay(self) -> None:
        """Send it."""
        self.post_message(Asked(self._payout.act))
