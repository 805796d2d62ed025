"""What goes wrong on the wire."""


class ProtocolError(Exception):
    """The peer broke the protocol or one of our bounds; the connection is to be closed at once."""
