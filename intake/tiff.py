"""The directories of a TIFF: which pages it has, and whether all of them are there.

Pillow reads the pages; it does not say that a directory chain loops, that a strip lies outside of
the file, or that a directory is a thumbnail. (TIFF 6.0, section 2; BigTIFF: the same in 8 bytes.)
Runs in the decoding child.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from intake.errors import BrokenScanError, TooManyPagesError

_SUBFILE: Final = 254
_WIDTH: Final = 256
_HEIGHT: Final = 257
_STRIPS: Final = (273, 279)
_TILES: Final = (324, 325)
#: where the one stream of a JPEG of the old style lies (TIFF 6.0, section 22)
_OLD_JPEG: Final = (513, 514)
_KEPT: Final = frozenset({_SUBFILE, _WIDTH, _HEIGHT, *_STRIPS, *_TILES, *_OLD_JPEG})
#: type number to struct letter: BYTE, SHORT, LONG, IFD, LONG8, IFD8
_LETTERS: Final = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
#: entries in one directory, at most: real ones have 12 to 40
_ENTRIES_MAX: Final = 4_000
#: strips of one page, at most: one a row of a 600 dpi page is 8,400
_VALUES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Directory:
    """One image file directory.

    Attributes:
        frame: its place in the chain, from 0: Pillow's frame number.
        values: numbers by tag, of the few tags that matter here.
    """

    frame: int
    values: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def first(self, tag: int) -> int:
        """The first value of a tag, 0 where it is absent."""
        return (self.values.get(tag) or (0,))[0]

    @property
    def is_page(self) -> bool:
        """A page, not a thumbnail (bit 0) or a mask (bit 2) of one."""
        return not self.first(_SUBFILE) & 0b101

    def spans(self) -> Iterator[tuple[int, int]]:
        """Offset and length of every piece of pixel data."""
        for offsets, lengths in (_STRIPS, _TILES, _OLD_JPEG):
            where = self.values.get(offsets, ())
            how_long = self.values.get(lengths, ())
            # A single strip may leave its length out.
            yield from zip(where, how_long or (1,) * len(where), strict=False)


def directories(path: Path, most: int) -> list[Directory]:
    """All directories of a file.

    Raises:
        BrokenScanError: the chain loops or leaves the file.
        TooManyPagesError: there are more than `most` pages.
    """
    found: list[Directory] = []
    with path.open("rb") as handle:
        order, big, offset = _header(handle)
        seen: set[int] = set()
        while offset:
            if offset in seen:
                raise BrokenScanError("The directories of the TIFF go round in a circle.")
            seen.add(offset)
            # Every page may have a thumbnail and a mask.
            if len(seen) > 3 * most:
                raise TooManyPagesError("The TIFF has more pages than the limits allow.")
            values, offset = _directory(handle, offset, order, big=big)
            found.append(Directory(len(found), values))
    return found


def _read(handle: BinaryIO, count: int) -> bytes:
    data = handle.read(count)
    if len(data) < count:
        raise BrokenScanError("A directory of the TIFF lies outside of the file.")
    return data


def _header(handle: BinaryIO) -> tuple[str, bool, int]:
    """Byte order, whether BigTIFF, and where the first directory lies."""
    start = _read(handle, 8)
    order = "<" if start[:2] == b"II" else ">"
    (magic,) = struct.unpack(order + "H", start[2:4])
    if magic == 43:  # noqa: PLR2004 - BigTIFF
        (offset,) = struct.unpack(order + "Q", _read(handle, 8))
        return order, True, int(offset)
    (offset,) = struct.unpack(order + "I", start[4:])
    return order, False, int(offset)


def _directory(
    handle: BinaryIO, offset: int, order: str, *, big: bool
) -> tuple[dict[int, tuple[int, ...]], int]:
    """The values of one directory, and the offset of the next."""
    handle.seek(offset)
    number, entry, pointer = ("Q", "HHQ8s", "Q") if big else ("H", "HHI4s", "I")
    (count,) = struct.unpack(order + number, _read(handle, struct.calcsize(order + number)))
    if not 0 < count <= _ENTRIES_MAX:
        raise BrokenScanError("A directory of the TIFF is damaged.")
    one = struct.Struct(order + entry)
    table = _read(handle, one.size * count)
    (following,) = struct.unpack(order + pointer, _read(handle, struct.calcsize(order + pointer)))
    values: dict[int, tuple[int, ...]] = {}
    for tag, kind, length, inline in one.iter_unpack(table):
        if tag in _KEPT and kind in _LETTERS:
            values[tag] = _values(handle, order, (kind, length), inline)
    return values, int(following)


def _values(handle: BinaryIO, order: str, shape: tuple[int, int], inline: bytes) -> tuple[int, ...]:
    """The numbers of one entry: in the entry itself, or where it points to."""
    kind, length = shape
    if length > _VALUES_MAX:
        raise BrokenScanError("A directory of the TIFF is damaged.")
    layout = struct.Struct(f"{order}{length}{_LETTERS[kind]}")
    if layout.size > len(inline):
        pointer = "Q" if len(inline) > 4 else "I"  # noqa: PLR2004 - bytes of a classic pointer
        handle.seek(struct.unpack(order + pointer, inline)[0])
        return layout.unpack(_read(handle, layout.size))
    return layout.unpack(inline[: layout.size])
