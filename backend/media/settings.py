"""What the media server is told at its start."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """Addresses, folders and bounds of one media server; times are in seconds."""

    host: str = "127.0.0.1"
    rtmp_port: int = 1935
    """0 takes a free one."""
    hls_port: int = 8080
    """0 takes a free one."""
    hls_dir: Path
    """Playlists and segments; made if it is missing."""
    api_url: str
    """Where the API answers, as in http://127.0.0.1:3000."""
    secret: str = field(repr=False)
    """Shared with the API: its hooks' bearer token."""
    rtmp_app: str = "live"
    """The application in rtmp://host/application/key."""
    grace_seconds: float = 20.0
    """For how long the API waits for a lost publisher; without the API, the server itself waits longer."""
    segment_seconds: float = 2.0
    window: int = 6
    """Segments listed in a playlist."""
    min_free_bytes: int = 256 << 20
    """Segments are dropped rather than leave less on the disk."""
    max_connections: int = 500
    """Publishers, and whoever else connects to the RTMP port."""
    max_connections_per_address: int = 100
    max_viewer_connections: int = 4000
    """Connections to the HLS port."""
    finished_files_seconds: float = 600.0
    """For how long the files of a finished program stay."""
