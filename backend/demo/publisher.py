"""A demo host's encoder: a process of its own that publishes a test card over RTMP, like OBS would.

Its first line on standard input says what to publish (JSON: the address holds the stream key, so it is no argument).
It stops cleanly on SIGTERM, and when standard input ends: whoever started it is gone.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from types import FrameType
from typing import TYPE_CHECKING

from backend import seams
from backend.demo.testcard import FPS, HEIGHT, SAMPLE_RATE, WIDTH, Card, Tone

if TYPE_CHECKING:
    from av import AudioFrame, VideoFrame
    from av.container import OutputContainer

KEY_FRAME_SECONDS = 1
PATIENCE = 10.0
"""Seconds for which the server may keep the publisher waiting."""
_LAST_RESORT = 2.0
"""Seconds after the end of standard input after which the process ends, even in the middle of a write."""
_VIDEO_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "crf": "27", "maxrate": "900k", "bufsize": "900k"}
_SAMPLES = 1024
"""Samples of one AAC frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """What one publisher sends, and where to."""

    url: str
    """With the stream key as its last part."""
    title: str
    hue: float
    pitch: int

    def order(self) -> bytes:
        """The line that tells a publisher process so."""
        return json.dumps(asdict(self)).encode() + b"\n"


def publish(broadcast: Broadcast, stop: threading.Event) -> None:
    """Publish in real time until `stop` is set.

    Raises:
        av.FFmpegError: the server cannot be reached, refuses the key, or closed the connection.
    """
    import av

    with av.open(
        broadcast.url,
        "w",
        format="flv",
        options={"flvflags": "no_duration_filesize"},
        timeout=PATIENCE,
    ) as container:
        _encode(container, broadcast, stop)


def _encode(container: "OutputContainer", broadcast: Broadcast, stop: threading.Event) -> None:
    video = container.add_stream("libx264", rate=FPS, options=_VIDEO_OPTIONS)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    video.gop_size = FPS * KEY_FRAME_SECONDS
    video.thread_count = 1
    audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
    audio.bit_rate = 64_000
    card, tone = Card(broadcast.title, broadcast.hue), Tone(broadcast.pitch)
    sound = 0
    for number in _frame_times(stop):
        container.mux(video.encode(_picture(card, number)))
        while sound * FPS < (number + 1) * SAMPLE_RATE:
            container.mux(audio.encode(_sound(tone, sound)))
            sound += _SAMPLES
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def _frame_times(stop: threading.Event) -> Iterator[int]:
    """Frame numbers, each when its time has come."""
    start, number = seams.monotonic(), 0
    while not stop.wait(max(0.0, start + number / FPS - seams.monotonic())):
        yield number
        number += 1


def _picture(card: Card, number: int) -> "VideoFrame":
    from av import VideoFrame

    frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
    planes = card.draw(number, f"{seams.now().astimezone():%H:%M:%S}")
    for target, content in zip(frame.planes, planes, strict=True):
        target.update(content)
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    return frame


def _sound(tone: Tone, start: int) -> "AudioFrame":
    from av import AudioFrame

    frame = AudioFrame(format="fltp", layout="mono", samples=_SAMPLES)
    frame.planes[0].update(tone.samples(start, _SAMPLES))
    frame.sample_rate = SAMPLE_RATE
    frame.pts, frame.time_base = start, Fraction(1, SAMPLE_RATE)
    return frame


def main() -> int:
    """Publish what standard input says until told to stop; 0, or 1 with the reason on standard error."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    broadcast = Broadcast(**json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=_stop_with_parent, args=(stop,), name="parent-watch", daemon=True).start()
    try:
        publish(broadcast, stop)
    except OSError as error:  # what av raises is one
        sys.stderr.write(f"publisher of {broadcast.title!r}: {error.strerror or error}\n")
        return 0 if stop.is_set() else 1
    return 0


def _stop_with_parent(stop: threading.Event) -> None:
    # Not by sys.stdin: its lock, held by this thread, would make the interpreter abort when it ends.
    while os.read(0, 4096):
        pass
    stop.set()
    threading.Event().wait(_LAST_RESORT)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
