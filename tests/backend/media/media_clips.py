"""FLV tags to publish, made by PyAV."""

import io
import math
from array import array
from typing import NamedTuple

import av

AUDIO, VIDEO, DATA = 8, 9, 18


class Tag(NamedTuple):
    """One FLV tag."""

    kind: int
    timestamp: int
    body: bytes


def encode_clip(
    *,
    seconds: int,
    keyframe_every: int,
    size: tuple[int, int] = (160, 90),
    video: bool = True,
    audio: bool = True,
) -> list[Tag]:
    """A moving pattern in H.264 with B-frames at 25 frames a second, and AAC at 44.1 kHz."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flv") as container:
        if video:
            picture = container.add_stream("libx264", rate=25)
            picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
            picture.options = {"preset": "ultrafast", "bf": "2", "g": str(keyframe_every), "sc_threshold": "0"}
            picture.options |= {"keyint_min": str(keyframe_every), "b_strategy": "0"}
        if audio:
            sound = container.add_stream("aac", rate=44100, layout="mono")
        packets = []
        if video:
            frames = (_frame(index, size) for index in range(seconds * 25))
            packets += [packet for frame in (*frames, None) for packet in picture.encode(frame)]
        if audio:
            chunks = (_sound(index) for index in range(seconds * 44100 // 1024))
            packets += [packet for chunk in (*chunks, None) for packet in sound.encode(chunk)]
        packets.sort(key=lambda packet: packet.dts * packet.time_base)
        for packet in packets:
            container.mux(packet)
    return parse_flv(buffer.getvalue())


def parse_flv(data: bytes) -> list[Tag]:
    """The tags of an FLV file."""
    tags, at = [], 13
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        timestamp = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
        tags.append(Tag(data[at], timestamp, data[at + 11 : at + 11 + size]))
        at += 11 + size + 4
    return tags


def _frame(index: int, size: tuple[int, int]) -> av.VideoFrame:
    frame = av.VideoFrame(*size, "yuv420p")
    ramp = bytes(range(256)) * 12
    for number, plane in enumerate(frame.planes):
        lines = (ramp[(line * 5 + index * (7 + number)) % 256 :][: plane.line_size] for line in range(plane.height))
        plane.update(b"".join(lines))
    frame.pts = index
    return frame


def _sound(index: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
    start = index * 1024
    frame.planes[0].update(array("f", (math.sin((start + at) / 16) for at in range(1024))).tobytes())
    frame.sample_rate, frame.pts = 44100, start
    return frame
