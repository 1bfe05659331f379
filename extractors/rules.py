"""Ruling lines taken out of the ink, without eating the print that touches or crosses them.

Every line of the layout is looked for in a narrow band around its place, followed as it bends,
and cleared only where the ink is no thicker than the line itself: where a stroke crosses or
runs into it, the line stays as part of the stroke, and where one hides in it (`extractors.hidden`).
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors import hidden
from extractors.hidden import Darkness
from extractors.parts import block_windows
from forms.layout import Layout
from models.page import Pixels

Mask: TypeAlias = NDArray[np.uint8]

#: inches to either side in which a long line is looked for: what registration leaves over
_LONG_BAND = 0.03
#: the same for dashes and box edges, which are easily mistaken for strokes
_SHORT_BAND = 0.014
#: inches: shorter lines are dashes and edges of boxes
_LONG = 0.25
#: inches: lines of the layout that lie as close are one
_SAME = 0.012
#: inches along the line over which it is followed
_FOLLOW = 0.14
#: share of ink along a line that makes it a line
_COVER = 0.55
#: the same where the form's print was dropped, by its colour or by a threshold: what is left of
#: its lines is solid, and a column of figures 1 is not
_SOLID = 0.92
#: and of a dash or a box's edge, which is as short as a figure 1, more than such a figure covers
_NEARLY = 0.85
#: grey levels above ink's that a line has of which pieces are as dark; share of it that they are
_PALER, _LIGHTEST, _SOME = 45, 228, 0.1
#: of a line that a threshold broke into dots: pieces of so many inches, as many of which hold ink;
#: inches, what is shorter is easily made of strokes, upright and level
_PIECE, _MOST = 0.05, 0.75
_UPRIGHT, _LEVEL = 1.0, 2.5
#: pixels by which it bends, and to either side of it that its dots reach
_BENDS = 2
_DOT = 2.0
#: inches: no stroke runs longer along an upright line
_LETTER = 0.16
#: inches: no ruling line is thicker, but the three thick ones
_THICKEST = 0.022
_THICKEST_HEAVY = 0.05
#: percentile of the grey along a line that bears no print, taken over so many times `_FOLLOW`
_PLAIN = 65
_WINDOW = 7
#: inches around a black block of the form
_BLOCK = 0.03
#: grey of a line that hides what is printed over it
_BLACK = 60


@dataclass(frozen=True, slots=True)
class _Segment:
    """A line of the layout, inches; `heavy` is one of the thick ones."""

    x0: float
    y0: float
    x1: float
    y1: float
    heavy: bool = False

    @property
    def upright(self) -> bool:
        return self.x0 == self.x1

    @property
    def length(self) -> float:
        return max(self.x1 - self.x0, self.y1 - self.y0)

    def apart(self, other: _Segment) -> float:
        """Inches to one that runs beside it, infinite where none does."""
        if self.upright:
            beside = other.upright and self.y0 < other.y1 and other.y0 < self.y1
            return abs(self.x0 - other.x0) if beside else math.inf
        beside = not other.upright and self.x0 < other.x1 and other.x0 < self.x1
        return abs(self.y0 - other.y0) if beside else math.inf


def _drawn(layout: Layout) -> Iterator[_Segment]:
    for rule in layout.rules:
        if rule.style != "dotted":
            yield _Segment(rule.x0, rule.y0, rule.x1, rule.y1, heavy=rule.style == "thick")
    for mark in layout.preprinted:
        x0, y0, x1, y1 = mark.box
        if mark.what == "box":
            yield _Segment(x0, y0, x1, y0)
            yield _Segment(x0, y1, x1, y1)
            yield _Segment(x0, y0, x0, y1)
            yield _Segment(x1, y0, x1, y1)
        elif mark.what == "mark" and x1 - x0 < 0.03 < y1 - y0:  # noqa: PLR2004 - a dash
            middle = (x0 + x1) / 2
            yield _Segment(middle, y0, middle, y1)
        elif mark.what == "mark" and y1 - y0 < 0.03 < x1 - x0:  # noqa: PLR2004
            middle = (y0 + y1) / 2
            yield _Segment(x0, middle, x1, middle)


@functools.cache
def _segments(layout: Layout) -> tuple[tuple[_Segment, bool], ...]:
    """The lines of a form; and whether one before it lies so close that both may be found as one.

    Where one before it is the same, that is no other.
    """
    found: list[tuple[_Segment, bool]] = []
    for segment in _drawn(layout):
        nearest = min((segment.apart(other) for other, _ in found), default=math.inf)
        found.append((segment, _SAME < nearest < 2 * _LONG_BAND))
    return tuple(found)


def _bare(pale: Pixels, ridge: NDArray[np.int16], half: int, window: int) -> Pixels:
    """How bright `pale` (across, along) would be with the line on `ridge` and nothing else.

    255 where the line is nearly black, as in two tones: nothing shows through it.
    """
    across, along = pale.shape
    columns = np.arange(along)
    rows = ridge[None].astype(np.intp) + np.arange(-half, half + 1)[:, None]
    inside = (rows >= 0) & (rows < across)
    followed = pale[np.clip(rows, 0, across - 1), columns]
    bare = np.full(pale.shape, 255, np.uint8)
    edges = np.linspace(0, along, max(1, round(along / window)) + 1).astype(int)
    for start, end in itertools.pairwise(edges):
        piece = slice(start, end)
        rank = (end - start - 1) * _PLAIN // 100
        level = np.partition(followed[:, piece], rank, axis=1)[:, rank]
        if level.min() < _BLACK:
            continue
        where = inside[:, piece]
        spread = np.broadcast_to(level[:, None], where.shape)
        at = np.broadcast_to(columns[piece], where.shape)
        bare[rows[:, piece][where], at[where]] = spread[where]
    return bare


@dataclass(frozen=True, slots=True)
class _Band:
    """Where on the canvas a line is looked for.

    Attributes:
        rows: of the canvas.
        columns: of the canvas.
        upright: the line runs down the columns.
    """

    rows: slice
    columns: slice
    upright: bool

    @classmethod
    def around(cls, segment: _Segment, slack: int, ppi: float) -> _Band:
        """Within `slack` pixels across a line of the layout."""
        left, top = max(0, round(segment.x0 * ppi)), max(0, round(segment.y0 * ppi))
        right, bottom = round(segment.x1 * ppi) + 1, round(segment.y1 * ppi) + 1
        if segment.upright:
            sides = slice(max(0, left - slack), left + slack + 1)
            return cls(slice(top, bottom), sides, upright=True)
        return cls(slice(max(0, top - slack), top + slack + 1), slice(left, right), upright=False)

    def of(self, mask: Mask) -> Mask:
        """(across the line, along it) that part of `mask`, which it shares."""
        part = mask[self.rows, self.columns]
        return part.T if self.upright else part


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """How a line runs through the band it was looked for in.

    Attributes:
        away: (across, along) pixels from it.
        half: pixels from it that are still its own.
        here: (along,) whether it shows there.
        bare: (across, along) grey of the line with nothing printed over it, where that is known.
    """

    away: NDArray[np.int16]
    half: float
    here: NDArray[np.bool_]
    bare: Pixels | None = None

    def darkness(self, grey: Pixels) -> Darkness:
        """(along,) how many black pixels it comes to across, however its pixels lie."""
        across = np.where(self.away <= self.half, 255 - grey, 0).sum(axis=0)
        return np.asarray(across / 255, np.float64)

    def body(self) -> NDArray[np.bool_]:
        """(across, along) what it covers, whatever is printed there."""
        return np.asarray((self.away <= self.half) & self.here, np.bool_)


#: where a line was looked for, how it runs there, and how long no stroke along it is
_Found: TypeAlias = tuple[_Band, _Course, int | None]


def _covered(band: Mask, window: int) -> NDArray[np.float32]:
    """(across, along) the share of ink in a window along the line."""
    border = cv2.BORDER_REPLICATE
    return np.asarray(cv2.boxFilter(band, cv2.CV_32F, (window, 1), borderType=border), np.float32)


def _line_in(band: Mask, pale: Pixels, follow: int, thickest: int, least: float) -> _Course | None:
    """The line in `band` (across, along), None where there is none."""
    across, along = band.shape
    window = min(follow, along) | 1
    cover = _covered(band, window)
    # the middle of the band wins ties: that is where the form says the line is
    prior = 1 - 0.3 * np.abs(np.arange(across) - across // 2)[:, None] / max(1, across // 2)
    ridge = (cover * prior.astype(np.float32)).argmax(axis=0).astype(np.int16)
    strength = cover[ridge, np.arange(along)]
    if float((strength > least).mean()) < _COVER:
        return None
    away = np.abs(np.arange(across, dtype=np.int16)[:, None] - ridge)
    solid = (cover > least) & (away <= thickest)
    thickness = int(np.median(np.count_nonzero(solid, axis=0)))
    half = min(thickest, max(1, thickness)) / 2 + 1
    bare = _bare(pale, ridge, int(half) + 2, _WINDOW * follow)
    return _Course(away, half, np.asarray(strength > least, np.bool_), bare)


def _own_ink(band: Mask, course: _Course, lines: Mask, longest: int | None) -> NDArray[np.bool_]:
    """Where the ink in `band` is a line's own, and no stroke of print.

    Ink that goes on beyond the line to either side is a stroke: the line is left under it. What
    another line of the form covers (`lines`) is none, nor is what goes on along `longest` pixels.
    """
    beyond = (course.away > course.half) & (course.away <= course.half + 2) & (lines == 0)
    stroke = np.count_nonzero((band > 0) & beyond, axis=0) >= 2  # noqa: PLR2004 - no single speck
    if longest is not None:
        run = np.ones((1, longest), np.uint8)
        # padded: what lies beyond the end is no ink
        strokes = np.pad(stroke[None].astype(np.uint8), ((0, 0), (longest, longest)))
        long = np.asarray(cv2.morphologyEx(strokes, cv2.MORPH_OPEN, run), np.uint8)
        stroke &= long[0, longest:-longest] == 0
    return np.asarray(course.body() & (band > 0) & ~stroke, np.bool_)


def _dots_in(band: Mask, piece: int) -> _Course | None:
    """The line of which a threshold left dots in `band`, None where it holds none.

    Dots lie nearly everywhere along one row; print leaves ink along a row only where it stands.
    """
    across, along = band.shape
    pieces = along // piece
    thick = np.asarray(cv2.dilate(band, np.ones((3, 1), np.uint8)), np.uint8)
    held = thick[:, : pieces * piece].reshape(across, pieces, piece).any(axis=2).mean(axis=1)
    prior = 1 - 0.3 * np.abs(np.arange(across) - across // 2) / max(1, across // 2)
    row = int((held * prior).argmax())
    if held[row] < _MOST:
        return None
    window = min(_WINDOW * piece, along) | 1
    cover = _covered(band, window)
    first = max(0, row - _BENDS)
    ridge = first + cover[first : row + _BENDS + 1].argmax(axis=0)
    away = np.abs(np.arange(across)[:, None] - ridge).astype(np.int16)
    return _Course(away, _DOT, np.ones(along, np.bool_))


def _beside_blocks(hides: Mask, layout: Layout, ppi: float) -> None:
    """Take back strokes that hide in lines beside a black block, which makes those darker."""
    for where in block_windows(layout, _BLOCK, ppi):
        hides[where] = 0


def _nearly(grey: Pixels, limit: Pixels) -> Mask:
    """1 where it is as dark as ink, or hardly paler."""
    paler = np.minimum(limit, _LIGHTEST - _PALER) + _PALER
    return np.asarray(grey < paler, np.uint8)


def _paler_line(
    inside: Mask, nearly: Mask, pale: Pixels, follow: int, thickest: int
) -> _Course | None:
    """The line of which but pieces are as dark as ink, the rest nearly; None where none is."""
    if not nearly.any() or float(inside.any(axis=0).mean()) < _SOME:
        return None
    return _line_in(nearly, pale, follow, thickest, _SOLID)


def _hiding(found: list[_Found], grey: Pixels, layout: Layout, ppi: float, *, rough: bool) -> Mask:
    """1 where a stroke of print hides in one of the upright lines that were found."""
    hides = np.zeros(grey.shape, np.uint8)
    upright_ones = [(band, course) for band, course, _ in found if band.upright]
    dark = [course.darkness(band.of(grey)) for band, course in upright_ones]
    short_ones = hidden.usual(dark, ppi)
    for (band, course), across in zip(upright_ones, dark, strict=True):
        strokes = hidden.strokes(across, short_ones, ppi, rough=rough)
        band.of(hides)[course.body() & strokes] = 1
    _beside_blocks(hides, layout, ppi)
    return hides


def ruling(
    ink: Mask,
    grey: Pixels,
    layout: Layout,
    ppi: float,
    *,
    shown: bool,
    limit: Pixels | None,
) -> tuple[Mask, Pixels]:
    """(1 where `ink` is a ruling line of the form and no stroke of the claim, the lines alone).

    Args:
        ink: (rows, columns) 1 where dark, on the form's canvas.
        grey: the same, 255 paper.
        layout: of the form.
        ppi: pixels an inch of the canvas.
        shown: the form's print shows.
        limit: grey below which a pixel is ink; None of a page that is black and white alone.
    """
    taken = np.zeros_like(ink)
    lines = {upright: np.zeros_like(ink) for upright in (False, True)}
    bare = np.full(ink.shape, 255, np.uint8)
    follow = max(3, round(_FOLLOW * ppi))
    # where nothing but black was scanned, nothing is nearly black
    nearly = taken if limit is None else _nearly(grey, limit)
    found: list[_Found] = []
    for segment, beside in _segments(layout):
        length, upright = segment.length, segment.upright
        slack = max(2, round((_LONG_BAND if length >= _LONG else _SHORT_BAND) * ppi))
        band = _Band.around(segment, 2 * slack if segment.heavy else slack, ppi)
        thickest = max(2, round((_THICKEST_HEAVY if segment.heavy else _THICKEST) * ppi))
        inside, around = band.of(ink), band.of(nearly)
        if not inside.size:
            continue
        if beside:
            # what was taken for the other line is not this one
            inside, around = (part & (1 - band.of(lines[upright])) for part in (inside, around))
        longest = round(_LETTER * ppi) | 1 if upright else None
        least = _COVER if shown else _SOLID if length >= _LONG else _NEARLY
        course = _line_in(inside, band.of(grey), follow, thickest, least)
        if course is None and length >= _LONG:
            course = _paler_line(inside, around, band.of(grey), follow, thickest)
        if course is None and shown and length > (_UPRIGHT if upright else _LEVEL):
            course, longest = _dots_in(inside, max(2, round(_PIECE * ppi))), None
        if course is None:
            continue
        found.append((band, course, longest))
        band.of(lines[upright])[course.body()] = 1
        if course.bare is not None:
            np.minimum(band.of(bare), course.bare, out=band.of(bare))
    known = lines[False] | lines[True]
    hides = _hiding(found, grey, layout, ppi, rough=limit is None)
    for band, course, longest in found:
        own = _own_ink(band.of(ink), course, band.of(known), longest)
        band.of(taken)[own] = 1
    hides &= taken
    taken &= 1 - hides
    if limit is None:
        rest = ink & (1 - taken) & (1 - hides)
        taken |= hides & (1 - hidden.attached(hides, rest, ppi))
    return taken, bare
