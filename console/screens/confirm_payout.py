"""The question before money is paid out: how much, under which reference, and whether really."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label

from console.core import ledger_rows
from console.core import payout as payouts
from console.core.events import PayoutDropped, PayoutEdited
from console.core.payout import Payout
from console.core.store import Store
from console.widgets.messages import Asked, Changed
from console.widgets.text import Text
from console.widgets.toned import content

_WARNING = """Booked at once and for good; the money itself leaves by your bank.
Sending it again can't pay twice."""


class ConfirmPayout(ModalScreen[None]):
    """Stays open until the payout is made or the operator gives up, so that trying again is the same payout.

    Enter alone leads through the fields to Cancel: to pay takes another key, or the mouse.
    """

    AUTO_FOCUS = "#payout-amount"
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up,left,h", "app.focus_previous", show=False),
        Binding("down,right,l", "app.focus_next", show=False),
    ]

    def __init__(self, store: Store, payout: Payout) -> None:
        super().__init__()
        self._store = store
        self._payout = payout
        self._sending = False

    def compose(self) -> ComposeResult:
        """Who is paid how much, and what that means."""
        payout = self._payout
        with Vertical(id="payout-card") as card:
            card.border_title = "Pay out"
            card.border_subtitle = "Tab goes on · Esc cancels"
            yield Text(id="payout-question")
            with Horizontal(classes="payout-line"):
                yield Label("Affiliate")
                yield Text(payout.account.holder.id, id="payout-affiliate")
            with Horizontal(classes="payout-line"):
                yield Label("Amount")
                yield Input(payout.amount, id="payout-amount", compact=True)
                yield Text(id="payout-limit")
            with Horizontal(classes="payout-line"):
                yield Label("Reference")
                yield Input(placeholder="optional: the bank transfer's id", id="payout-reference", compact=True)
            yield Text(id="payout-status")
            yield Text(_WARNING, id="payout-warning")
            with Horizontal(id="payout-buttons"):
                yield Button("Cancel", id="cancel")
                yield Button("Pay", id="pay", variant="primary")

    def on_mount(self) -> None:
        """Say what is asked."""
        self._say()

    def show(self, payout: Payout, *, sending: bool) -> None:
        """Say what became of it."""
        if not self.is_mounted or (payout, sending) == (self._payout, self._sending):
            return
        answered = self._sending and not sending
        self._payout, self._sending = payout, sending
        self._say()
        if answered:
            self.set_focus(self.query_one("#cancel"))

    def _say(self) -> None:
        payout, sending = self._payout, self._sending
        self.query_one("#payout-question", Text).say(ledger_rows.payout_question(payout))
        self.query_one("#payout-limit", Text).say(ledger_rows.payout_limit(payout))
        self.query_one("#payout-status", Text).say(content([ledger_rows.payout_status(payout, sending=sending)]))
        for field in self.query("Input, #cancel"):
            field.disabled = sending
        pay = self.query_one("#pay", Button)
        pay.label = ledger_rows.payout_answer(payout)
        pay.disabled = sending or bool(payouts.fault(payout))

    @on(Input.Changed)
    def edit(self) -> None:
        """Take in what is typed."""
        amount, reference = (self.query_one(name, Input).value for name in ("#payout-amount", "#payout-reference"))
        self._store.dispatch(PayoutEdited(amount=amount, reference=reference))
        self.post_message(Changed())

    @on(Input.Submitted)
    def go_on(self) -> None:
        """Go to the next field, and from the last one to Cancel."""
        self.focus_next()

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Pay nothing; while it is being sent, wait for the answer."""
        if not self._sending:
            self._store.dispatch(PayoutDropped())
            self.post_message(Changed())

    @on(Button.Pressed, "#pay")
    def pay(self) -> None:
        """Send it, as it is typed by now."""
        ledger = self._store.state.ledger
        payout = ledger.payout if ledger else None
        act = payouts.wish(payout) if payout and not payouts.fault(payout) else None
        if act is not None:
            self.post_message(Asked(act))
