"""Type faces: what a claim is printed with, found among the fonts that the machine has.

`data/faces.csv` names the faces we know, the Debian package each comes from and its kind:
`mono` (a printer's fixed pitch), `proportional`, `hand` (hand print; so is any kind that begins
so), `dotsN` (a screen font N pixels high whose pixels become a matrix printer's dots). Where none
is installed, the font that Pillow carries stands in, so that samples can be drawn on any machine.
"""

from __future__ import annotations

import csv
import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.page import Pixels

#: where Debian and people keep fonts
FOLDERS = [
    "/usr/share/fonts",
    "/usr/share/texmf/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
]
#: what makes a face of a kind that is more than its font
MAKERS: dict[str, Callable[[str, float], Face]] = {}
#: drawn with whatever is there: the face that Pillow carries
BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class FaceInfo:
    """A face we know: its name, font file, Debian package, and kind (see above)."""

    name: str
    file: str
    package: str
    kind: str

    @property
    def hand(self) -> bool:
        """Whether it looks written by hand."""
        return self.kind.startswith("hand")

    @property
    def rows(self) -> int:
        """Of a matrix face: the height of its pixel grid; else 0."""
        return int(self.kind.removeprefix("dots")) if self.kind.startswith("dots") else 0

    @property
    def fixed(self) -> bool:
        """Whether each character takes the same width."""
        return self.kind == "mono" or self.rows > 0


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """One character as ink.

    Attributes:
        ink: (height, width) uint8, 255 is full ink.
        left: pixels from the pen to the ink.
        top: pixels from the base line down to the ink; negative above it.
        advance: pixels that the pen moves on.
    """

    ink: Pixels
    left: int
    top: int
    advance: float


@functools.cache
def known() -> dict[str, FaceInfo]:
    """All faces of `data/faces.csv` and those that were learned, by name, installed or not."""
    table = resources.files("samples") / "data" / "faces.csv"
    with table.open(encoding="utf-8") as handle:
        return {row["name"]: FaceInfo(**row) for row in csv.DictReader(handle)}


def learn(infos: Iterable[FaceInfo], folder: str) -> None:
    """Make more faces known, whose fonts lie in `folder`; before any is asked for."""
    known().update({info.name: info for info in infos})
    FOLDERS.append(folder)
    _files.cache_clear()


@functools.cache
def _files() -> dict[str, Path]:
    """The font files of this machine, by file name."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for root, _, names in os.walk(Path(folder).expanduser()):
            for name in names:
                found.setdefault(name, Path(root) / name)
    return found


def installed(names: Iterable[str] | None = None) -> list[str]:
    """Those of `names` (of all known faces) that are installed here, in the order given."""
    table = known()
    return [n for n in (table if names is None else names) if table[n].file in _files()]


def sans() -> str:
    """The face that forms and letters are set in: the first installed plain one."""
    return next(iter(installed(("liberation-sans", "dejavu-sans", "free-sans"))), BUILT_IN)


@functools.cache
def font(name: str, px: float) -> ImageFont.FreeTypeFont:
    """A face's font, `px` pixels to the em."""
    path = _files().get(known()[name].file) if name in known() else None
    if path is None:
        built_in = ImageFont.load_default(px)
        if not isinstance(built_in, ImageFont.FreeTypeFont):  # Pillow without FreeType
            raise TypeError(built_in)
        return built_in
    return ImageFont.truetype(str(path), px, layout_engine=ImageFont.Layout.BASIC)


@functools.cache
def bold_sans(px: float) -> ImageFont.FreeTypeFont:
    """The bold cut of `sans()`, or the plain one where there is none."""
    for name in ("LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf", "FreeSansBold.ttf"):
        if name in _files():
            return ImageFont.truetype(str(_files()[name]), px)
    return font(sans(), px)


class Face:
    """A face at a size, character by character."""

    def __init__(self, name: str, px: float) -> None:
        self.info = known().get(name) or FaceInfo(name, "", "", "proportional")
        self.px = px
        rows = self.info.rows
        self._font = font(name, float(rows) if rows else px)
        self._glyphs: dict[str, Glyph] = {}

    def glyph(self, character: str) -> Glyph:
        """`character` as ink."""
        if character not in self._glyphs:
            self._glyphs[character] = (
                self._dotted(character) if self.info.rows else self._smooth(character)
            )
        return self._glyphs[character]

    @functools.cached_property
    def cap_height(self) -> int:
        """Pixels from the base line to the top of an H."""
        return -self.glyph("H").top

    @functools.cached_property
    def stem(self) -> int:
        """Pixels: how thick an upright stroke is."""
        ink = self.glyph("I").ink
        return int((ink[ink.shape[0] // 2] > 127).sum())

    def covers(self, text: str) -> bool:
        """Whether the face has its own form for every character of `text`."""
        missing = self._shape("\uffff")
        return all(c == " " or self._shape(c) not in (missing, b"") for c in text)

    def _shape(self, character: str) -> bytes:
        mask = self._font.getmask(character)
        return repr(mask.size).encode() + bytes(mask) if mask.getbbox() else b""

    def _smooth(self, character: str) -> Glyph:
        ink, left, top = _draw(self._font, character, "L")
        return Glyph(ink, left, top, self._font.getlength(character))

    def _dotted(self, character: str) -> Glyph:
        """Each pixel of a screen font as a needle's dot.

        `px` is the em as of other faces: the cell is 0.6 em wide, the height of its upper case
        as that of Courier.
        """
        bits, left, top = _draw(self._font, character, "1")
        columns = self._font.getlength("H")
        caps = -_draw(self._font, "H", "1")[2]
        across, down = self.px * 0.6 / columns, self.px * 0.60 / caps
        radius = 0.62 * (across + down) / 2
        pad = int(radius) + 2
        shape = (int(bits.shape[0] * down) + 2 * pad, int(bits.shape[1] * across) + 2 * pad)
        ink = np.zeros(shape, np.uint8)
        fine = 4  # cv2 takes centres in 1/2**fine pixels
        for row, column in np.argwhere(bits):
            centre = (
                int((pad + (column + 0.5) * across) * 2**fine),
                int((pad + (row + 0.5) * down) * 2**fine),
            )
            cv2.circle(ink, centre, int(radius * 2**fine), 255, -1, cv2.LINE_AA, fine)
        return Glyph(ink, round(left * across) - pad, round(top * down) - pad, self.px * 0.6)


def _draw(face: ImageFont.FreeTypeFont, character: str, mode: str) -> tuple[Pixels, int, int]:
    """A character's ink and where it starts from the pen on the base line."""
    x0, y0, x1, y1 = (round(v) for v in face.getbbox(character, anchor="ls"))
    if x1 <= x0 or y1 <= y0:
        return np.zeros((1, 1), np.uint8), 0, 0
    image = Image.new("L", (x1 - x0 + 2, y1 - y0 + 2))
    pen = ImageDraw.Draw(image)
    pen.fontmode = mode
    pen.text((1 - x0, 1 - y0), character, fill=255, font=face, anchor="ls")
    return np.asarray(image), x0 - 1, y0 - 1


@functools.lru_cache(maxsize=64)
def face(name: str, px: float) -> Face:
    """A face at a size; a font's glyphs are kept."""
    info = known().get(name)
    return (MAKERS.get(info.kind, Face) if info else Face)(name, px)
