"""A page of running text, captions and tables read as words: lines cut by their ink, then read.

The page is turned upright and level, its ruling lines are taken out, and what stands close
together in a line is one cell: a piece that the first reader reads as a strip. Quicker and, on bad
scans, more often right than Tesseract's page mode (bench/README.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.readers import Readers
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from intake.letters import boxes, centres, lean
from intake.thumb import DPI, thumb
from intake.upright import level
from models.page import BoxPx, Matrix, PageImage, PageLook, Pixels, corners

#: dots an inch at which text is read
DPI_TEXT = 200
#: grey levels that ink must be darker than the paper around it
_CONTRAST = 45
#: inches: the shortest rule, across and down; the lowest and tallest letter; a stroke is thinner
_RULE_ACROSS, _RULE_DOWN, _LOWEST, _TALLEST, _STROKE = 0.55, 0.3, 0.035, 0.5, 0.12
#: heights of a letter: gap that parts two cells; longest strip; paper kept around a strip
_CELL_GAP, _LONGEST, _AROUND = 2.1, 22.0, 0.22
#: a segment that is so many letters high holds two lines
_TWO_LINES = 2.3
#: share of a cell that lies within another one: a streak parted what is one, and it is read twice
_DOUBLED = 0.6
#: share of the lower of two cells that must lie beside the other to be in its row
_BESIDE = 0.5
#: letters of the page below which there is nothing to level by
_FEW = 20
#: letters of a word that is read by no chance
_WORD = 3
#: pixels: smaller marks are specks
_SPECK = 6
_BLANK = ("", " ")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as read.

    Attributes:
        text: as the reader has it.
        positions: what each of its characters may be.
        box: in pixels of the page as scanned.
        row: number of its line on the page, from the top.
        cell: number of its cell in that line, from the left.
        left: of it, inches from the left of the upright page.
        right: of it, inches.
    """

    text: str
    positions: tuple[Position, ...]
    box: BoxPx
    row: int
    cell: int
    left: float
    right: float


@dataclass(frozen=True, slots=True, eq=False)
class _Flat:
    """A page upright and level, its rules taken out.

    Attributes:
        grey: at 200 dots an inch.
        ink: mask of what is darker than the paper around it.
        to_scan: pixels of `grey` to pixels of the page as scanned.
        rules: how many ruling lines were taken out.
    """

    grey: Pixels
    ink: Pixels
    to_scan: Matrix
    rules: int


@dataclass(frozen=True, slots=True)
class Text:
    """What stands on a page: its words in reading order, and how many ruling lines it has."""

    words: tuple[Word, ...]
    rules: int

    @property
    def clear(self) -> float:
        """How clearly it reads: the mean probability of a character; 1 of a page without words.

        Words of a letter or two don't count: lines that stand upright read as many of them.
        """
        long = [word for word in self.words if len(word.positions) >= _WORD]
        seen = [p.chars[0][1] for word in long for p in word.positions]
        return sum(seen) / len(seen) if seen else float(not self.words)


def leveled(page: PageImage, look: PageLook) -> tuple[Pixels, Matrix]:
    """A page upright and level, grey at `DPI_TEXT`, and where its pixels lie as scanned."""
    small = thumb(page, faint=True)
    turns = look.quarter_turns
    marks = boxes(small.grey)
    tilt = 0.0
    if len(marks) >= _FEW:
        tilt, _ = lean(centres(level(marks, turns)))
    upright = np.ascontiguousarray(np.rot90(small.full, -turns))
    height, width = page.height, page.width
    # pixels of the turned page to pixels as scanned
    back = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        1: [[0, 1, 0], [-1, 0, height - 1], [0, 0, 1]],
        2: [[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]],
        3: [[0, -1, width - 1], [1, 0, 0], [0, 0, 1]],
    }[turns]
    across = DPI_TEXT / DPI / small.to_scan[turns % 2, turns % 2]
    down = DPI_TEXT / DPI / small.to_scan[1 - turns % 2, 1 - turns % 2]
    size = (round(upright.shape[1] * across), round(upright.shape[0] * down))
    cos, sin = np.cos(np.arctan(tilt)), np.sin(np.arctan(tilt))
    middle = np.array([size[0] / 2, size[1] / 2])
    turn = np.array([[cos, -sin], [sin, cos]])
    place = np.eye(3)
    place[:2, :2] = np.diag([1 / across, 1 / down]) @ turn
    place[:2, 2] = middle / [across, down] - place[:2, :2] @ middle
    if across < 0.8:  # noqa: PLR2004 - finer than is read: what is left out would alias
        upright = np.asarray(cv2.GaussianBlur(upright, (0, 0), 0.4 / across), np.uint8)
    grey = np.asarray(
        cv2.warpPerspective(
            upright,
            place,
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )
    return grey, np.asarray(back, np.float64) @ place


def ink_in(grey: Pixels) -> tuple[Pixels, Pixels]:
    """What is darker than the paper around it, and that paper."""
    wide = round(_STROKE * DPI_TEXT)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    ink = cv2.threshold(cv2.subtract(closed, grey), _CONTRAST, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(ink, np.uint8), np.asarray(closed, np.uint8)


def _without_rules(grey: Pixels, to_scan: Matrix) -> _Flat:
    ink, closed = ink_in(grey)
    across = cv2.morphologyEx(
        ink, cv2.MORPH_OPEN, np.ones((1, round(_RULE_ACROSS * DPI_TEXT)), np.uint8)
    )
    down = cv2.morphologyEx(
        ink, cv2.MORPH_OPEN, np.ones((round(_RULE_DOWN * DPI_TEXT), 1), np.uint8)
    )
    rules = cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8))
    count = cv2.connectedComponents(across)[0] + cv2.connectedComponents(down)[0] - 2
    cleared = np.where(rules > 0, closed, grey)
    letters = cv2.bitwise_and(ink, cv2.bitwise_not(rules))
    return _Flat(np.asarray(cleared, np.uint8), np.asarray(letters, np.uint8), to_scan, count)


def _letters(ink: Pixels) -> tuple[Pixels, float]:
    """Ink without specks and drawings, and the height of a usual letter in pixels."""
    count, marks, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count < 2:  # noqa: PLR2004 - nothing but paper
        return ink, 0.0
    high, wide, area = (stats[:, i] for i in (3, 2, 4))
    keep = (area >= _SPECK) & (high <= _TALLEST * DPI_TEXT) & (wide <= DPI_TEXT)
    keep[0] = False
    letter = keep & (high >= _LOWEST * DPI_TEXT)
    if not letter.any():
        return ink, 0.0
    kept = np.where(keep[marks], np.uint8(255), np.uint8(0))
    return np.asarray(kept, np.uint8), float(np.median(high[letter]))


def _cells(ink: Pixels, letter: float) -> list[BoxPx]:
    """Boxes of what stands close together in a line."""
    reach = max(3, round(_CELL_GAP * letter))
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found: list[BoxPx] = []
    for left, top, wide, high, area in stats[1:].tolist():
        if high < 0.5 * letter or area < _SPECK * 2:
            continue
        for upper, lower in _lines(ink[top : top + high, left : left + wide], letter):
            found.extend(_pieces(ink, (left, top + upper, left + wide, top + lower), letter))
    return _single(found)


def _single(cells: Sequence[BoxPx]) -> list[BoxPx]:
    """Cells without those that lie within another one."""
    if not cells:
        return []
    boxes = np.array(sorted(cells, key=_area, reverse=True), np.int64)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    for at, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        larger = boxes[kept]
        across = np.minimum(larger[:, 2], x1) - np.maximum(larger[:, 0], x0)
        down = np.minimum(larger[:, 3], y1) - np.maximum(larger[:, 1], y0)
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        if not (shared > _DOUBLED * areas[at]).any():
            kept.append(at)
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in boxes[kept].tolist()]


def _area(box: BoxPx) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _lines(ink: Pixels, letter: float) -> list[tuple[int, int]]:
    """Upper and lower edge of each line in a segment: more than one where lines touch."""
    high = ink.shape[0]
    if high < _TWO_LINES * letter:
        return [(0, high)]
    count = np.convolve((ink > 0).sum(axis=1), np.ones(3) / 3, mode="same")
    cuts, at = [0], 0
    while high - at > _TWO_LINES * letter:
        start, stop = at + round(0.9 * letter), min(high - 1, at + round(2.2 * letter))
        at = start + int(np.argmin(count[start:stop]))
        cuts.append(at)
    return list(zip(cuts, [*cuts[1:], high], strict=True))


def _pieces(ink: Pixels, box: BoxPx, letter: float) -> list[BoxPx]:
    """A cell's ink, tightly; a long one in pieces, parted at gaps between words."""
    left, top, right, bottom = box
    part = ink[top:bottom, left:right]
    rows = np.flatnonzero(part.any(axis=1))
    columns: NDArray[np.bool_] = np.asarray(part.any(axis=0), np.bool_)
    if not len(rows) or rows[-1] - rows[0] < 0.4 * letter:
        return []
    top, bottom = top + int(rows[0]), top + int(rows[-1]) + 1
    longest = round(_LONGEST * max(bottom - top, letter))
    cuts, at = [0], 0
    while len(columns) - at > longest:
        at = _gap(columns, at + longest // 2, at + longest)
        cuts.append(at)
    found = []
    for start, stop in zip(cuts, [*cuts[1:], len(columns)], strict=True):
        filled = np.flatnonzero(columns[start:stop])
        if len(filled):
            x = left + start
            found.append((x + int(filled[0]), top, x + int(filled[-1]) + 1, bottom))
    return found


def _gap(columns: NDArray[np.bool_], start: int, stop: int) -> int:
    """The middle of the widest gap between two columns."""
    best, middle, run = 0, stop, 0
    for x in range(start, stop):
        run = 0 if columns[x] else run + 1
        if run > best:
            best, middle = run, x - run // 2
    return middle


def _rows(cells: Sequence[BoxPx]) -> list[list[BoxPx]]:
    """Cells by line, top to bottom, each left to right."""
    rows: list[list[BoxPx]] = []
    for cell in sorted(cells, key=lambda c: (c[1] + c[3]) / 2):
        row = rows[-1] if rows else []
        if row and _beside(row[-1], cell):
            row.append(cell)
        else:
            rows.append([cell])
    return [sorted(row) for row in rows]


def _beside(one: BoxPx, other: BoxPx) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > _BESIDE * min(one[3] - one[1], other[3] - other[1])


def _strip(flat: _Flat, box: BoxPx) -> tuple[Strip, int]:
    """A cell ready for the reader, and where its picture begins."""
    left, top, right, bottom = box
    air = max(2, round(_AROUND * (bottom - top)))
    x0, y0 = max(0, left - air), max(0, top - air)
    pixels = flat.grey[y0 : bottom + air, x0 : right + air]
    return Strip("", "text", np.ascontiguousarray(pixels), box), x0


def read_text(page: PageImage, look: PageLook, readers: Readers) -> Text:
    """Every word of a page, in reading order.

    Args:
        page: as scanned.
        look: which way up it lies.
        readers: loaded once a process; the one for papers reads.
    """
    flat = _without_rules(*leveled(page, look))
    ink, letter = _letters(flat.ink)
    rows = _rows(_cells(ink, letter)) if letter else []
    places = [(number, box) for number, row in enumerate(rows) for box in row]
    strips = [_strip(flat, box) for _, box in places]
    seen = (readers.papers or readers.first).read([strip for strip, _ in strips])
    words: list[Word] = []
    cell, before = 0, (-1, 0)
    for (row, box), (strip, start), sighting in zip(places, strips, seen, strict=True):
        near = row == before[0] and box[0] - before[1] < _CELL_GAP * letter
        cell = cell if near else cell + 1 if row == before[0] else 0
        before = (row, box[2])
        for part, x0, x1 in _words(sighting, start, strip.pixels.shape[1]):
            where = (x0, box[1], x1, box[3])
            words.append(
                Word(
                    text="".join(p.chars[0][0] for p in part),
                    positions=tuple(part),
                    box=scan_box(flat.to_scan, where, page),
                    row=row,
                    cell=cell,
                    left=x0 / DPI_TEXT,
                    right=x1 / DPI_TEXT,
                )
            )
    return Text(tuple(words), flat.rules)


def _words(sighting: Sighting, start: int, width: int) -> list[tuple[list[Position], float, float]]:
    """Words of a strip, with their left and right edge in pixels of the page."""
    found: list[list[Position]] = [[]]
    for position in sighting.positions:
        if not position.chars or position.chars[0][0] in _BLANK:
            if position.chars and position.chars[0][0] == " ":
                found.append([])
            continue
        found[-1].append(position)
    return [
        (part, start + part[0].x0 * width, start + part[-1].x1 * width) for part in found if part
    ]


def scan_box(to_scan: Matrix, box: tuple[float, float, float, float], page: PageImage) -> BoxPx:
    """A box of a level page in pixels of the page as scanned."""
    points = cv2.perspectiveTransform(corners(box)[None], to_scan)[0]
    return page.around(np.asarray(points, np.float64))
