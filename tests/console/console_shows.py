"""Streams, chats and batches to try the console on; every time is fixed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from console.core.events import BatchArrived, SnapshotArrived
from shared import events, wire
from shared.ingest import IngestState
from shared.roles import PERMISSIONS, Role
from shared.views import (
    AffiliateRef,
    Badge,
    ChatMessageView,
    ChatUserView,
    ControlStreamView,
    FiguresView,
    HostType,
    IngestView,
    OperatorView,
    ProductRef,
    SellerRef,
    StreamProductView,
    StreamStatus,
)

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ORIGIN = "server-1"


def message(seq: int, text: str = "hello", *, author: str = "ana", stream_id: str = "s1") -> ChatMessageView:
    return ChatMessageView(
        id=f"m{seq}",
        seq=seq,
        stream_id=stream_id,
        username=author,
        message=text,
        sent_at=NOON + timedelta(seconds=seq),
        user=ChatUserView(id=f"guest_{author}", username=author, is_guest=True),
        badge=Badge.SELLER if author == "Atelier Nord" else None,
    )


def product(
    number: int, name: str, price: str, *, special: str | None = None, stock: int = 20, active: bool = True
) -> StreamProductView:
    return StreamProductView(
        id=f"sp{number}",
        product_id=f"p{number}",
        product=ProductRef(
            id=f"p{number}",
            name=name,
            price=Decimal(price),
            currency="USD",
            images=[],
            stock=stock,
            quantity=stock,
        ),
        special_price=Decimal(special) if special else None,
        revenue=Decimal(0),
        is_active=active,
        position=number,
        added_at=NOON,
    )


def stream(stream_id: str = "s1", title: str = "Friday drop: silk and linen", **changes: Any) -> ControlStreamView:
    base = ControlStreamView(
        id=stream_id,
        seq=0,
        title=title,
        status=StreamStatus.LIVE,
        host_type=HostType.SELLER,
        seller_id="atelier",
        seller=SellerRef(id="atelier", business_name="Atelier Nord"),
        hls_url=f"http://localhost:8080/hls/{stream_id}.m3u8",
        viewer_count=128,
        peak_viewers=164,
        total_sales=Decimal(0),
        currency="USD",
        started_at=NOON - timedelta(minutes=42, seconds=7),
        created_at=NOON - timedelta(hours=2),
        updated_at=NOON,
        products=[
            product(1, "Silk scarf, hand-rolled", "200.00", special="149.00", stock=12),
            product(2, "Linen shirt", "89.00", stock=3),
            product(3, "Wool cap", "35.50", stock=0, active=False),
            product(4, "Leather belt with a rather long name", "64.00", stock=48, active=False),
        ],
        ingest=IngestView(
            state=IngestState.LIVE,
            bitrate_kbps=2430.0,
            fps=30.0,
            width=1280,
            height=720,
            keyframe_interval_seconds=2.0,
            segment_age_seconds=1.0,
            video_codec="avc1.64001F",
            audio_codec="mp4a.40.2",
        ),
        figures=FiguresView(messages_per_minute=23, total_messages=412, total_viewers=611),
    )
    return replace(base, **changes)


def house() -> list[ControlStreamView]:
    """Five streams, one of each kind that an operator meets."""
    mia = AffiliateRef(id="affiliate_456", name="Mia Lind", username="mia", display_name="Mia Lind")
    return [
        stream(),
        stream(
            "s2",
            "Mia tries everything",
            affiliate=mia,
            affiliate_id=mia.id,
            viewer_count=46,
            peak_viewers=50,
            started_at=NOON - timedelta(minutes=12),
            figures=FiguresView(messages_per_minute=8, total_messages=77, total_viewers=90),
            ingest=IngestView(
                state=IngestState.LIVE,
                bitrate_kbps=780.0,
                warnings=["Key frames come every 8 s; set 2 s in the encoder."],
            ),
        ),
        stream(
            "s3",
            "Midnight sneakers",
            viewer_count=9,
            started_at=NOON - timedelta(minutes=3),
            ingest=IngestView(
                state=IngestState.LOST,
                ends_at=NOON + timedelta(seconds=14),
                warnings=["The encoder is gone since 6 s."],
            ),
        ),
        stream(
            "s4",
            "Winter coats, first look",
            status=StreamStatus.SCHEDULED,
            viewer_count=0,
            started_at=None,
            scheduled_at=NOON + timedelta(hours=3),
            ingest=IngestView(state=IngestState.NONE),
        ),
        stream(
            "s5",
            "Yesterday's show",
            status=StreamStatus.ENDED,
            viewer_count=0,
            started_at=NOON - timedelta(hours=26),
            ended_at=NOON - timedelta(hours=25),
            ingest=IngestView(state=IngestState.NONE),
        ),
    ]


def operator(role: Role = Role.MODERATOR) -> OperatorView:
    return OperatorView(id="mod_7", role=role, permissions=sorted(PERMISSIONS[role]))


def snapshot(
    *streams: ControlStreamView, seq: int = 0, origin: str = ORIGIN, role: Role = Role.MODERATOR
) -> SnapshotArrived:
    return SnapshotArrived(
        at=NOON,
        snapshot=events.ControlSnapshot(
            origin=origin, seq=seq, operator=operator(role), streams=list(streams), timestamp=NOON
        ),
    )


def batch(seq: int, *news: Any, origin: str = ORIGIN, at: datetime = NOON) -> BatchArrived:
    """News as they come over the wire."""
    items = [
        events.ControlItem(event=events.spec_of(item).name, payload=wire.to_plain(events.payload_of(item)))
        for item in news
    ]
    return BatchArrived(at=at, batch=events.ControlBatch(origin=origin, seq=seq, events=items))


def said(view: ChatMessageView) -> events.NewMessage:
    return events.NewMessage(**{name: getattr(view, name) for name in view.__slots__})


_LINES = [
    ("ana", "hi everyone 👋"),
    ("tobias_k", "is the scarf real silk?"),
    ("Atelier Nord", "Yes, 16 momme mulberry silk, rolled by hand in Como."),
    ("ren", "価格はいくらですか"),
    ("joao", "what sizes does the linen shirt come in? I am between two sizes and would rather not return it again"),
    ("ana", "ordered!! 🎉"),
    ("lena.b", "can you show the back of the shirt please"),
    ("tobias_k", "love the colour"),
    ("x", "buy followers at my page"),
    ("Atelier Nord", "Sizes XS to XL, it falls a little wide."),
]


def chat(count: int = 10, stream_id: str = "s1") -> list[ChatMessageView]:
    """A conversation of so many lines."""
    return [
        message(
            number + 1, _LINES[number % len(_LINES)][1], author=_LINES[number % len(_LINES)][0], stream_id=stream_id
        )
        for number in range(count)
    ]
