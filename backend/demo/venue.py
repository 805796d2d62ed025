"""Where the show takes place: a server of its own, on free ports, apart from whatever the user has configured."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend import data_dir, seams
from backend.demo import cast
from backend.settings import OPTIONS, Rate, Settings
from backend.supervisor import SUPERVISED, with_real_ports
from shared.money import basis_points
from shared.roles import Role

TOKEN_LIFETIME = timedelta(days=1)
SETTLEMENT_SECONDS = 2.0
"""From an order's delivery to its commission's availability."""
DAY = 86_400
_PORTS = {"http_port": "HTTP", "rtmp_port": "RTMP", "hls_port": "HLS"}


@dataclass(frozen=True, slots=True)
class Venue:
    """The demo's server as its clients find it."""

    settings: Settings

    @classmethod
    def at(cls, asked: Settings, folder: Path, say: Callable[[str], None]) -> "Venue":
        """A venue in a fresh folder, at the asked ports where they are free; `say` is told where they are not."""
        placed = _with_free_ports(asked, say)
        address = urlsplit(placed.api_address).netloc.rpartition(":")[0]
        return cls(
            Settings(
                data_dir=folder,
                host=placed.host,
                http_port=placed.http_port,
                rtmp_port=placed.rtmp_port,
                hls_port=placed.hls_port,
                rtmp_server_url=f"rtmp://{address}:{placed.rtmp_port}/live",
                hls_server_url=f"http://{address}:{placed.hls_port}/hls",
                websocket_url=f"http://{address}:{placed.http_port}",
                log_level=asked.log_level,
                # All shoppers come from one address, and some of them type fast.
                chat_rate=Rate(0, 1),
                max_connections_per_address=0,
                platform_fee=basis_points(cast.PLATFORM_FEE),
                settlement_days=SETTLEMENT_SECONDS / DAY,
                webhook_secret=seams.new_secret(),
            )
        )

    @property
    def url(self) -> str:
        """The API's and the sockets' address."""
        return self.settings.websocket_address

    def token(self, role: Role, subject: str) -> str:
        """A token that this server believes."""
        return data_dir.keyring(self.settings).issue(role, subject, lifetime=TOKEN_LIFETIME)

    @property
    def webhook_secret(self) -> str:
        """What the payment provider signs with."""
        return self.settings.webhook_secret or ""

    def environment(self) -> dict[str, str]:
        """The children's environment: this venue's settings in place of all of the user's."""
        ours = {name for option in OPTIONS.values() for name in (option.env, option.also_env) if name}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        # A folder called `backend` where the demo was started must not be taken for ours (PYTHONSAFEPATH).
        return {**inherited, **self.settings.environment(*OPTIONS), SUPERVISED: "1", "PYTHONSAFEPATH": "1"}


def _with_free_ports(asked: Settings, say: Callable[[str], None]) -> Settings:
    taken: dict[str, Any] = {name: 0 for name in _PORTS if not _can_listen(asked.host, getattr(asked, name))}
    placed = with_real_ports(replace(asked, **taken))
    moved = [f"{_PORTS[name]} on {getattr(placed, name)} ({getattr(asked, name)} is taken)" for name in taken]
    if moved:
        say(f"using free ports: {', '.join(moved)}")
    return placed


def _can_listen(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True
