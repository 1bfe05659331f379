"""Streaks of dirty glass, taken out of a scan: straight dark hairs along the way of the paper.

A speck on the glass of a fax or a feeder draws a line over everything that passes it: one to
three pixels wide, far longer than any stroke, and straight along the scan's own pixels, however
askew the page lies. Where print goes on to both sides of it, print is left; a stroke that it hides
whole goes with it.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.layout import Layout
from models.page import Matrix, Pixels

Mask: TypeAlias = NDArray[np.uint8]
#: (lines, 2 ends, x and y)
Segments: TypeAlias = NDArray[np.int32]

#: inches: a streak is no wider, and no shorter along the page's height, across it
_WIDEST, _DOWN, _ACROSS = 0.018, 0.8, 2.0
#: inches: blocks in which a hair is looked for
_BLOCK = 0.1
#: grey levels by which it is darker, block by block, than what is beside it
_DARKER = 100
#: inches: as near to one of the form's own lines, it is that line
_OWN = 0.04
#: inches: as near to the scan's own edge, it is the edge of the paper
_BRINK = 0.06


def _own_lines(layout: Layout, to_scan: Matrix) -> tuple[Segments, Segments]:
    """The form's lines that stand upright on the scan, and those that lie: (x, y) of both ends."""
    lines = [(rule.x0, rule.y0, rule.x1, rule.y1) for rule in layout.rules]
    for mark in layout.preprinted:
        if mark.what != "mark":
            x0, y0, x1, y1 = mark.box
            lines += [(x0, y0, x0, y1), (x1, y0, x1, y1), (x0, y0, x1, y0), (x0, y1, x1, y1)]
    ends = np.array(lines, np.float64)
    seen = cv2.perspectiveTransform(ends.reshape(-1, 1, 2), to_scan).reshape(-1, 2, 2)
    pixels = seen.round().astype(np.int32)
    across, down = np.abs(pixels[:, 1] - pixels[:, 0]).T
    upright = down > across  # on the scan: the paper may lie on its side
    return pixels[upright], pixels[~upright]


def _runs(small: Pixels, wide: int, shortest: float) -> Mask:
    """1 in each (block of rows, column) where a dark upright hair runs."""
    beside = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((1, wide), np.uint8))
    thin = (cv2.subtract(beside, small) > _DARKER).astype(np.uint8)
    length = np.ones((round(shortest / _BLOCK), 1), np.uint8)
    return np.asarray(cv2.morphologyEx(thin, cv2.MORPH_OPEN, length), np.uint8)


def _hairs(grey: Pixels, ppi: float, shortest: float, *, lying: bool) -> Mask:
    """1 in each (block of rows, column) where a dark hair runs; of lying ones, turned upright."""
    blocks = max(1, round(grey.shape[lying] / (_BLOCK * ppi)))
    size = (blocks, grey.shape[0]) if lying else (grey.shape[1], blocks)
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    runs = _runs(np.ascontiguousarray(small.T) if lying else small, _wide(ppi), shortest)
    brink = max(1, round(_BRINK * ppi))
    runs[:, :brink] = runs[:, -brink:] = 0
    return runs


def _wide(ppi: float) -> int:
    return 2 * max(2, round(_WIDEST * ppi)) + 1


def _upright(grey: Pixels, runs: Mask, own: Segments | None, ppi: float) -> Pixels:
    """`grey` without upright hairs, dark only where it is dark to both sides of them."""
    wide = _wide(ppi)
    found = np.flatnonzero(runs.any(axis=0))
    # a streak ends within a block
    runs = np.asarray(cv2.dilate(runs, np.ones((3, 1), np.uint8)), np.uint8)
    near = np.zeros_like(grey)
    if own is not None:
        thick = max(1, round(2 * _OWN * ppi))
        cv2.polylines(near, list(own), isClosed=False, color=(1,), thickness=thick)
    clean = grey.copy()
    flat = np.ones((1, wide), np.uint8)
    for columns in np.split(found, np.flatnonzero(np.diff(found) > 1) + 1):
        first, last = int(columns[0]), int(columns[-1])
        where = (slice(None), slice(max(0, first - 2 * wide), last + 2 * wide + 1))
        strip = grey[where]
        here = cv2.resize(runs[where], strip.shape[::-1], interpolation=cv2.INTER_NEAREST)
        dark = cv2.subtract(cv2.morphologyEx(strip, cv2.MORPH_CLOSE, flat), strip) > _DARKER // 2
        hairs = dark & (here > 0) & (near[where] == 0)
        bare = np.where(hairs, np.uint8(255), strip)
        joined = cv2.morphologyEx(bare, cv2.MORPH_OPEN, np.ones((1, last - first + 3), np.uint8))
        np.copyto(clean[where], np.asarray(joined, np.uint8), where=hairs)
    return clean


def without_streaks(grey: Pixels, layout: Layout | None, to_scan: Matrix, ppi: float) -> Pixels:
    """A scan without its streaks; the scan itself where it has none.

    Args:
        grey: (rows, columns), 255 paper.
        layout: of the form, whose own lines are no streaks; None where the scan shows none.
        to_scan: inches of the form to pixels of the scan.
        ppi: pixels an inch of the scan.
    """
    upright, level = (None, None) if layout is None else _own_lines(layout, to_scan)
    runs = _hairs(grey, ppi, _DOWN, lying=False)
    if runs.any():
        grey = _upright(grey, runs, upright, ppi)
    runs = _hairs(grey, ppi, _ACROSS, lying=True)
    if runs.any():
        own = None if level is None else level[:, :, ::-1]
        grey = np.ascontiguousarray(_upright(np.ascontiguousarray(grey.T), runs, own, ppi).T)
    return grey
