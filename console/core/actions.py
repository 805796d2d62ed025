"""Every action of the operator, once: keys, footer, help and palette are read from here."""

from dataclasses import dataclass
from enum import StrEnum

from console.core.state import State
from shared.roles import Permission


class Scope(StrEnum):
    """Where an action's keys work; the value heads its section of the help."""

    EVERYWHERE = "Everywhere"
    LIST = "Lists"
    STREAMS = "Streams"
    ROOM = "Room"
    CHAT = "Chat"
    PRODUCTS = "Products"
    ACCOUNTS = "Accounts"
    ENTRIES = "Entries"
    BOOKS = "Accounts and entries"
    STATEMENT = "Statement"
    LEDGER = "Ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that an operator can do."""

    id: str
    title: str
    """As the footer says it: one or two words."""
    help: str
    """What it does, in a sentence."""
    keys: tuple[str, ...]
    """In Textual's names; the first is shown."""
    scope: Scope
    footer: bool = False
    needs: Permission | None = None
    """Offered only to who holds it; acts of this kind change the show or the books, unless it `looks`."""
    looks: bool = False
    """It changes nothing, so that who merely looks is offered it too."""


ACTIONS: tuple[Action, ...] = (
    Action(
        id="delete_message",
        title="Delete",
        help="Remove the selected message for everyone.",
        keys=("d", "delete"),
        scope=Scope.CHAT,
        footer=True,
        needs=Permission.MODERATE,
    ),
    Action(
        id="follow",
        title="Newest",
        help="Go to the newest line and follow the chat again.",
        keys=("G", "end"),
        scope=Scope.CHAT,
    ),
    Action(
        id="toggle_product",
        title="Switch",
        help="Show the selected product to viewers, or hide it.",
        keys=("space", "enter"),
        scope=Scope.PRODUCTS,
        footer=True,
        needs=Permission.TOGGLE_PRODUCTS,
    ),
    Action(
        id="open_room",
        title="Open",
        help="Enter the room of the selected stream.",
        keys=("enter", "l"),
        scope=Scope.STREAMS,
        footer=True,
    ),
    Action(
        id="filter_streams",
        title="Filter",
        help="List only streams with a text in title or host.",
        keys=("slash",),
        scope=Scope.STREAMS,
        footer=True,
    ),
    Action(
        id="open_ledger",
        title="Ledger",
        help="Go to the ledger: who is owed what, and what was paid.",
        keys=("L",),
        scope=Scope.STREAMS,
        footer=True,
        needs=Permission.READ_LEDGER,
        looks=True,
    ),
    Action(
        id="open_entries",
        title="Entries",
        help="List the entries of the selected account.",
        keys=("enter", "l"),
        scope=Scope.ACCOUNTS,
        footer=True,
    ),
    Action(
        id="pay_out",
        title="Pay out",
        help="Pay the selected affiliate what is available, or a part of it, after a question.",
        keys=("p",),
        scope=Scope.ACCOUNTS,
        footer=True,
        needs=Permission.PAY_OUT,
    ),
    Action(
        id="next_page",
        title="Older",
        help="Turn to the next page, with older entries.",
        keys=("n", "right"),
        scope=Scope.ENTRIES,
        footer=True,
    ),
    Action(
        id="previous_page",
        title="Newer",
        help="Turn to the previous page, with newer entries.",
        keys=("p", "left"),
        scope=Scope.ENTRIES,
        footer=True,
    ),
    Action(
        id="open_statement",
        title="Statement",
        help="Show the month's statement of the account's owner.",
        keys=("s",),
        scope=Scope.BOOKS,
        footer=True,
    ),
    Action(
        id="next_month",
        title="Next month",
        help="Turn to the month after; the current one is the last.",
        keys=("n", "right"),
        scope=Scope.STATEMENT,
        footer=True,
    ),
    Action(
        id="previous_month",
        title="Previous month",
        help="Turn to the month before; the one of the registration is the first.",
        keys=("p", "left"),
        scope=Scope.STATEMENT,
        footer=True,
    ),
    Action(
        id="refresh_ledger",
        title="Refresh",
        help="Read what is on the screen again.",
        keys=("r",),
        scope=Scope.LEDGER,
        footer=True,
    ),
    Action(
        id="leave",
        title="Back",
        help="Go back: from the statement, from the entries, from the ledger.",
        keys=("escape",),
        scope=Scope.LEDGER,
        footer=True,
    ),
    Action(
        id="filter_chat",
        title="Filter",
        help="Show only chat lines with a text in them.",
        keys=("slash",),
        scope=Scope.ROOM,
        footer=True,
    ),
    Action(id="show_chat", title="Chat", help="Go to the chat.", keys=("1",), scope=Scope.ROOM, footer=True),
    Action(
        id="show_products",
        title="Products",
        help="Go to the products.",
        keys=("2",),
        scope=Scope.ROOM,
        footer=True,
    ),
    Action(
        id="show_figures",
        title="Figures",
        help="Go to the figures.",
        keys=("3",),
        scope=Scope.ROOM,
        footer=True,
    ),
    Action(
        id="show_purchases",
        title="Sales",
        help="Go to the sales: every purchase as it happens.",
        keys=("4",),
        scope=Scope.ROOM,
        footer=True,
    ),
    Action(id="next_pane", title="Next pane", help="Go to the next pane.", keys=("tab",), scope=Scope.ROOM),
    Action(
        id="previous_pane",
        title="Previous pane",
        help="Go to the previous pane.",
        keys=("shift+tab",),
        scope=Scope.ROOM,
    ),
    Action(
        id="zoom",
        title="Zoom",
        help="Give the focused pane the whole screen, or back.",
        keys=("f",),
        scope=Scope.ROOM,
    ),
    Action(
        id="back",
        title="Back",
        help="Go back: from filter, selection, zoom, room.",
        keys=("escape",),
        scope=Scope.ROOM,
        footer=True,
    ),
    Action(id="cursor_up", title="Up", help="Go one line up.", keys=("up", "k"), scope=Scope.LIST),
    Action(id="cursor_down", title="Down", help="Go one line down.", keys=("down", "j"), scope=Scope.LIST),
    Action(
        id="page_up",
        title="Page up",
        help="Go one screen up.",
        keys=("pageup", "ctrl+b"),
        scope=Scope.LIST,
    ),
    Action(
        id="page_down",
        title="Page down",
        help="Go one screen down.",
        keys=("pagedown", "ctrl+f"),
        scope=Scope.LIST,
    ),
    Action(id="first", title="First", help="Go to the first line.", keys=("g", "home"), scope=Scope.LIST),
    Action(id="last", title="Last", help="Go to the last line.", keys=("G", "end"), scope=Scope.LIST),
    Action(
        id="help",
        title="Help",
        help="List every key that works here.",
        keys=("question_mark", "f1"),
        scope=Scope.EVERYWHERE,
        footer=True,
    ),
    Action(
        id="command_palette",
        title="Palette",
        help="Find an action or a stream by a part of its name.",
        keys=("ctrl+p",),
        scope=Scope.EVERYWHERE,
    ),
    Action(
        id="resync",
        title="Reconnect",
        help="Ask the server for everything again, now.",
        keys=("ctrl+r",),
        scope=Scope.EVERYWHERE,
    ),
    Action(
        id="next_theme",
        title="Theme",
        help="Change between the dark and the light theme.",
        keys=("ctrl+t",),
        scope=Scope.EVERYWHERE,
    ),
    Action(
        id="sign_out",
        title="Sign out",
        help="Forget the token and go to the sign-in screen.",
        keys=("ctrl+o",),
        scope=Scope.EVERYWHERE,
    ),
    Action(
        id="quit",
        title="Quit",
        help="Leave the control room; the show goes on.",
        keys=("q", "ctrl+q", "ctrl+c"),
        scope=Scope.EVERYWHERE,
        footer=True,
    ),
)
"""In the order in which footer and help show them."""

BY_ID = {action.id: action for action in ACTIONS}


def in_scope(*scopes: Scope) -> list[Action]:
    """The actions of some scopes, in order."""
    return [action for action in ACTIONS if action.scope in scopes]


def offered(action: Action, state: State) -> bool:
    """Whether the operator may be shown an action: signed in, with the right, and not merely looking."""
    if state.operator is None:
        return action.scope is Scope.EVERYWHERE and action.id not in ("resync", "sign_out")
    if action.needs is None:
        return True
    return (action.looks or not state.read_only) and action.needs in state.operator.permissions
