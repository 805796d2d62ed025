"""The words of moderation: what can be done, how far it reaches, and how a chat may be narrowed."""

from enum import StrEnum


class ActKind(StrEnum):
    """What a moderator can do. Each act can be undone by a later one."""

    DELETE = "delete"
    """Take messages away: by id, or a person's last minutes."""
    RESTORE = "restore"
    """Show deleted messages again."""
    APPROVE = "approve"
    """Show held messages; perhaps trust their authors from now on."""
    DENY = "deny"
    """Never show held messages."""
    TIMEOUT = "timeout"
    """Silence a person for some seconds."""
    UNTIMEOUT = "untimeout"
    BAN = "ban"
    """Shut a person out, for a time or for good, perhaps with everyone at their address."""
    UNBAN = "unban"
    WARN = "warn"
    """Silence a person until they acknowledge the warning."""
    TRUST = "trust"
    """Let a person's messages pass what would hold them."""
    DISTRUST = "distrust"
    MODE = "mode"
    """Narrow the chat, or widen it again."""
    PIN = "pin"
    """Keep a message in everyone's sight."""
    UNPIN = "unpin"
    ANNOUNCE = "announce"
    """Say something in the room's own name."""
    STAFF_NOTE = "staff_note"
    """Say something that only the stream's staff sees."""
    PERSON_NOTE = "person_note"
    """Remember something of a person, for the stream's staff."""
    SWEEP = "sweep"
    """Take away everything that a pattern found, as one act."""
    SHIELD = "shield"
    """Apply a preset of modes against a raid for a time, as one act."""
    ACKNOWLEDGE = "acknowledge"
    """The warned person has read the warning: theirs alone to do."""
    UNDO = "undo"
    """Make acts as if they had not been."""


class Capability(StrEnum):
    """What a moderator's appointment may allow."""

    MESSAGES = "messages"
    """Delete, restore, approve, deny, sweep."""
    TIMEOUTS = "timeouts"
    """Time out, warn, trust."""
    BANS = "bans"
    MODES = "modes"
    """Chat modes and the raid shield."""
    VOICE = "voice"
    """Announce and pin."""
    NOTES = "notes"
    PRODUCTS = "products"
    """Toggle, highlight and pin products, flash sales."""


class Reach(StrEnum):
    """Where an act against a person holds."""

    STREAM = "stream"
    SELLER = "seller"
    """In every stream of the stream's seller."""
    EVERYWHERE = "everywhere"


class ChatMode(StrEnum):
    """How a chat can be narrowed for everyone but its staff."""

    SLOW = "slow"
    """Seconds between two messages of one person."""
    FOLLOWERS = "followers"
    """Only those who have followed the host for so many minutes."""
    BUYERS = "buyers"
    """Only those who have bought in this stream."""
    REGISTERED = "registered"
    """Only people with an account."""
    EMOJI = "emoji"
    """Only emoji."""
    LINKS_OFF = "links_off"
    UNIQUE = "unique"
    """Nobody says what was just said."""
    OFF = "off"
    """Nobody writes."""
    DELAY = "delay"
    """Seconds for which messages wait before viewers see them; staff sees them at once."""


class MessageState(StrEnum):
    """Who may see a message."""

    SHOWN = "shown"
    HELD = "held"
    """It waits for a moderator; only its author and the stream's staff see it."""
    DENIED = "denied"
    REMOVED = "removed"


class MessageKind(StrEnum):
    """What a line of the chat is."""

    CHAT = "chat"
    ANNOUNCEMENT = "announcement"
    STAFF_NOTE = "staff_note"


class ActClient(StrEnum):
    """By which program an act was made."""

    REST = "rest"
    SOCKET = "socket"
    CONSOLE = "console"
    SERVER = "server"
    """By the server itself, on a rule."""
