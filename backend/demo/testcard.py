"""The picture and the sound that a demo host publishes: drawn with bytes alone, and visibly alive."""

import math
from array import array
from dataclasses import dataclass, field

WIDTH, HEIGHT = 640, 360
FPS = 15
SAMPLE_RATE = 44_100

_PANEL_LEFT, _PANEL_RIGHT, _PANEL_TOP, _PANEL_BOTTOM = 80, 560, 96, 280
_INK, _PAPER, _NEUTRAL = 235, 24, 128
_HEAVY, _LIGHT = 8, 2
"""Screen pixels a glyph's pixel, in the clock and in the lines around it."""

# Five by seven pixels a character, a row a pair of hexadecimal digits.
_FONT = {
    " ": "00000000000000", "-": "0000001F000000", ".": "00000000000C0C", ":": "000C0C000C0C00",
    "&": "0C12140815120D", "'": "0C040800000000", "?": "0E110102040004",
    "0": "0E11131519110E", "1": "040C040404040E", "2": "0E11010204081F", "3": "1F02040201110E",
    "4": "02060A121F0202", "5": "1F101E0101110E", "6": "0608101E11110E", "7": "1F010204080808",
    "8": "0E11110E11110E", "9": "0E11110F01020C", "A": "0E1111111F1111", "B": "1E11111E11111E",
    "C": "0E11101010110E", "D": "1C12111111121C", "E": "1F10101E10101F", "F": "1F10101E101010",
    "G": "0E11101711110F", "H": "1111111F111111", "I": "0E04040404040E", "J": "0702020202120C",
    "K": "11121418141211", "L": "1010101010101F", "M": "111B1515111111", "N": "11111915131111",
    "O": "0E11111111110E", "P": "1E11111E101010", "Q": "0E11111115120D", "R": "1E11111E141211",
    "S": "0F10100E01011E", "T": "1F040404040404", "U": "1111111111110E", "V": "11111111110A04",
    "W": "1111111515150A", "X": "11110A040A1111", "Y": "1111110A040404", "Z": "1F01020408101F",
}  # fmt: skip


@dataclass(slots=True)
class Card:
    """One host's test card: a drifting gradient, a panel with the host's name, a clock, a frame counter and a sweep."""

    title: str
    hue: float
    """Where on the colour wheel the background starts, in turns."""
    _light: bytes = field(init=False)
    _blue: bytes = field(init=False)
    _red: bytes = field(init=False)

    def __post_init__(self) -> None:
        ramp = bytes(70 + round(80 * abs((x % WIDTH) / (WIDTH / 2) - 1)) for x in range(WIDTH))
        self._light = ramp * 2
        self._blue = self._colour_wave(0.0) * 2
        self._red = self._colour_wave(0.25) * 2

    def _colour_wave(self, turn: float) -> bytes:
        width = WIDTH // 2
        return bytes(128 + round(60 * math.sin(2 * math.pi * (x / width + self.hue + turn))) for x in range(width))

    def draw(self, number: int, clock: str) -> tuple[bytes, bytes, bytes]:
        """The planes (YUV 4:2:0) of one frame.

        Args:
            number: the frame's, from 0.
            clock: the time to show, such as 12:34:56.
        """
        drift = number * 2
        light = bytearray().join(_window(self._light, drift + y // 2, WIDTH) for y in range(HEIGHT))
        paper = bytes([_PAPER]) * (_PANEL_RIGHT - _PANEL_LEFT)
        for y in range(_PANEL_TOP, _PANEL_BOTTOM):
            light[y * WIDTH + _PANEL_LEFT : y * WIDTH + _PANEL_RIGHT] = paper
        _write(light, self.title, top=114, size=_LIGHT)
        _write(light, clock, top=148, size=_HEAVY)
        _write(light, f"LIVESHOP DEMO   FRAME {number:06d}", top=226, size=_LIGHT)
        self._sweep(light, number)
        return bytes(light), _tinted(self._blue, drift // 4), _tinted(self._red, drift // 4)

    @staticmethod
    def _sweep(light: bytearray, number: int) -> None:
        """A bar that crosses the panel once a second."""
        left = _PANEL_LEFT + (_PANEL_RIGHT - _PANEL_LEFT) * (number % FPS) // FPS
        bar = bytes([_INK]) * ((_PANEL_RIGHT - _PANEL_LEFT) // FPS)
        for y in range(256, 268):
            light[y * WIDTH + left : y * WIDTH + left + len(bar)] = bar


def _window(ring: bytes, offset: int, width: int) -> bytes:
    start = offset % width
    return ring[start : start + width]


def _tinted(ring: bytes, offset: int) -> bytes:
    """A colour plane: the drifting wave, without colour behind the panel."""
    row = _window(ring, offset, WIDTH // 2)
    neutral = bytes([_NEUTRAL]) * ((_PANEL_RIGHT - _PANEL_LEFT) // 2)
    beside = row[: _PANEL_LEFT // 2] + neutral + row[_PANEL_RIGHT // 2 :]
    above, panel, below = _PANEL_TOP // 2, (_PANEL_BOTTOM - _PANEL_TOP) // 2, (HEIGHT - _PANEL_BOTTOM) // 2
    return row * above + beside * panel + row * below


def _write(light: bytearray, text: str, *, top: int, size: int) -> None:
    """One line of text, centred; what does not fit on the panel is cut off."""
    text = text.upper()[: (_PANEL_RIGHT - _PANEL_LEFT - 16) // (6 * size)]
    left = (WIDTH - len(text) * 6 * size) // 2
    for glyph_row in range(7):
        pixels = b"".join(_stretched(character, glyph_row, size) for character in text)
        for y in range(top + glyph_row * size, top + (glyph_row + 1) * size):
            light[y * WIDTH + left : y * WIDTH + left + len(pixels)] = pixels


def _stretched(character: str, row: int, size: int) -> bytes:
    bits = int(_FONT.get(character, _FONT["?"])[2 * row : 2 * row + 2], 16)
    return b"".join(bytes([_INK if bits >> (4 - x) & 1 else _PAPER]) * size for x in range(5)) + bytes([_PAPER]) * size


@dataclass(slots=True)
class Tone:
    """A host's sound: a soft chord, with a short pip at the start of each second."""

    pitch: int
    """Hertz."""
    _second: "array[float]" = field(init=False)

    def __post_init__(self) -> None:
        second = array("f", (self._sample(n) for n in range(SAMPLE_RATE)))
        self._second = second + second

    def _sample(self, n: int) -> float:
        turn = 2 * math.pi * n / SAMPLE_RATE
        chord = 0.03 * math.sin(turn * self.pitch) + 0.02 * math.sin(turn * (self.pitch * 3 // 2))
        pip = 0.15 * math.sin(turn * 880) if n < SAMPLE_RATE // 20 else 0.0
        return chord + pip

    def samples(self, start: int, count: int) -> bytes:
        """`count` mono samples from number `start` on, as 32-bit floats; at most a second."""
        offset = start % SAMPLE_RATE
        return self._second[offset : offset + count].tobytes()
