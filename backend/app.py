"""The composition root: one API process, put together here and nowhere else."""

from typing import Any

import socketio

from backend.domain.tokens import Keyring
from backend.realtime.bouncer import Bouncer
from backend.realtime.control import GATHER, Control
from backend.realtime.hygiene import Hygiene
from backend.realtime.inbound import Inbound
from backend.realtime.namespace import LiveNamespace
from backend.realtime.outbound import Outbound
from backend.realtime.server import HardenedServer
from backend.realtime.sockets import Sockets
from backend.rest.app import create_app
from backend.services import flash_sales, idempotency, ingest, order_life, outside_identity, pins, settlement, sign_ins
from backend.services.attendance import Attendance, close_abandoned_visits
from backend.services.bus import Bus
from backend.services.chat_writer import ChatWriter
from backend.services.dashboard_news import DashboardNews
from backend.services.figures import Figures
from backend.services.identity import Identity
from backend.services.ingest_board import IngestBoard
from backend.services.moderation.lapses import Lapses
from backend.services.moderation.rooms import Rooms
from backend.services.moderation.roster import Roster
from backend.services.passwords import Passwords
from backend.services.periodic import Periodic
from backend.services.purchase_counts import PurchaseCounts
from backend.services.rate_limits import RateLimits
from backend.services.revocations import Revocations
from backend.services.runtime import Runtime
from backend.services.snapshots import Snapshots
from backend.services.stock_news import StockNews
from backend.settings import Settings
from backend.storage.database import close_database, open_database
from backend.storage.views import Addresses


def create_runtime(settings: Settings, keyring: Keyring) -> Runtime:
    """The parts that use cases work with. Snapshots listen first: whoever hears later may ask them."""
    bus = Bus()
    revocations, roster = Revocations(), Roster()
    addresses = Addresses(rtmp=settings.rtmp_address, hls=settings.hls_address)
    return Runtime(
        settings=settings,
        addresses=addresses,
        keyring=keyring,
        bus=bus,
        identity=Identity(keyring, revocations, roster, outside_identity.provider_of(settings, bus)),
        revocations=revocations,
        passwords=Passwords(settings.password_memory),
        snapshots=Snapshots(bus, addresses),
        attendance=Attendance(bus),
        chat=ChatWriter(bus),
        ingest=IngestBoard(settings.ingest_grace),
        figures=Figures(bus),
        purchase_counts=PurchaseCounts(bus),
        limits=RateLimits(settings.redis_url),
        rooms=Rooms(),
        roster=roster,
    )


def create_server(settings: Settings, keyring: Keyring, media_secret: str) -> Any:
    """The ASGI application: REST, Socket.IO, and the background work that lives as long as they do."""
    runtime = create_runtime(settings, keyring)
    server = HardenedServer(settings.allowed_origins)
    outbound = Outbound(server, runtime.bus)
    control = Control(runtime.bus, outbound)
    sockets = Sockets()
    Bouncer(runtime.bus, runtime.rooms, sockets, outbound)
    server.register_namespace(LiveNamespace(Inbound(runtime, outbound, control), sockets))
    app = create_app(runtime, media_secret)

    async def refresh_figures() -> None:
        # They count the rows of visits, which must not lag behind the news that made them move.
        await runtime.attendance.write()
        await runtime.figures.refresh()

    background = [
        Periodic("attendance", 0.5, runtime.attendance.write),
        Periodic("presence", 15.0, runtime.attendance.note_presence),
        Periodic("figures", 1.0, refresh_figures),
        Periodic("control", GATHER, control.flush),
        Periodic("grace", 1.0, lambda: ingest.enforce_grace(runtime)),
        Periodic("hygiene", 2.0, Hygiene(server).sweep),
        Periodic("flash-sales", 0.25, lambda: flash_sales.announce_ends(runtime)),
        Periodic("lapses", 0.5, Lapses(runtime).tell),
        Periodic("pins", 0.5, lambda: pins.end_expired(runtime)),
        Periodic("stock-news", 1.0, StockNews(runtime.bus).tell),
        Periodic("dashboard", 5.0, DashboardNews(runtime).tell),
        Periodic("order-expiry", 2.0, lambda: order_life.expire_unpaid(runtime)),
        Periodic("settlement", 10.0, lambda: settlement.settle_due(runtime)),
        Periodic("idempotency", 600.0, idempotency.forget_old),
        Periodic("revocations", 1.0, runtime.revocations.refresh),
        Periodic("old-revocations", 600.0, runtime.revocations.forget_old),
        Periodic("old-sign-ins", 600.0, sign_ins.forget_old),
    ]

    @app.before_serving
    async def start() -> None:
        await open_database(settings)
        await runtime.revocations.refresh()
        await close_abandoned_visits()
        await runtime.roster.load()
        runtime.chat.start()
        outbound.start()
        for work in background:
            work.start()

    @app.after_serving
    async def stop() -> None:
        for work in background:
            await work.stop()
        await runtime.chat.stop()
        await outbound.stop()
        await server.shutdown()
        await runtime.attendance.close()
        await close_database()

    return socketio.ASGIApp(server, app)
