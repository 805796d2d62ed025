"""Names of Socket.IO rooms, built in one place."""

NAMESPACE = "/live"
"""The Socket.IO namespace of everything realtime."""


ADMIN_ROOM = "admin"
"""Ops and admins who hear of every stream."""


def stream_room(stream_id: str) -> str:
    """Everyone in a stream: viewers and its staff."""
    return f"stream:{stream_id}"


def person_room(stream_id: str, person: str) -> str:
    """One person's sockets in a stream."""
    return f"person:{stream_id}:{person}"


def host_room(stream_id: str) -> str:
    """The host and moderators who joined a stream as such."""
    return f"host:{stream_id}"
