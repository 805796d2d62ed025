"""Where the rows of a table lie in an SQLite database file (https://sqlite.org/fileformat2.html)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_LEAF, _INNER = 0x0D, 0x05


def cells(path: Path, table: str) -> list[range]:
    """The places of each row's bytes, its lengths and types among them; no row may be longer than a page."""
    data = path.read_bytes()
    with closing(sqlite3.connect(path)) as database:
        (root,) = database.execute("select rootpage from sqlite_master where name = ?", (table,)).fetchone()
    return list(_below(data, int.from_bytes(data[16:18]), root))


def _below(data: bytes, size: int, page: int) -> Iterator[range]:
    start = (page - 1) * size
    header = start + (100 if page == 1 else 0)
    count = int.from_bytes(data[header + 3 : header + 5])
    pointers = header + (8 if data[header] == _LEAF else 12)
    for number in range(count):
        place = start + int.from_bytes(data[pointers + 2 * number : pointers + 2 * number + 2])
        if data[header] == _LEAF:
            length, after = _varint(data, place)
            _, body = _varint(data, after)
            yield range(place, body + length)
        else:
            assert data[header] == _INNER
            yield from _below(data, size, int.from_bytes(data[place : place + 4]))
    if data[header] == _INNER:
        yield from _below(data, size, int.from_bytes(data[header + 8 : header + 12]))


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of up to nine bytes, and the place after it."""
    value = 0
    for read in range(8):
        value = value << 7 | data[place + read] & 0x7F
        if data[place + read] < 0x80:
            return value, place + read + 1
    return value << 8 | data[place + 8], place + 9
