"""Creases, folds and markers' strokes, taken out of a page: long straight bands of darker paper.

A letter is folded before it is mailed. In a scan the fold is a band over the whole page, lighter
than ink, and whatever is printed on it is one with it: nothing of that row would be read. Paper
shows between any two characters, so how dark the band is can be seen beside them all along it, and
is divided out, as any other shade is.
"""

from __future__ import annotations

import cv2
import numpy as np

from extractors.parts import Mask, block_windows
from forms.layout import Layout
from models.page import Pixels

#: inches along a crease that are looked at as one: no stroke is longer without paper beside it
_BLOCK = 0.16
#: inches: no crease is shorter
_SHORTEST = 1.0
#: inches: a pen's stroke through a word is no longer, a crease runs across the page
_STROKE = 3.0
#: how far one leans, and in which steps
_LEAN, _STEP = 0.03, 0.0025
#: grey levels by which a crease is darker than paper, and up to which print shows through it
_DARKER, _DARKEST = 28, 170
#: inches from the paper's edge, where it is dark beyond it
_MARGIN = 0.3
#: inches: as near to one of the form's own lines, it can't be told from that
_OWN = 0.03


def _lightest(page: Pixels, step: int, *, upright: bool) -> Pixels:
    """The lightest of each block of a row, (rows, blocks); upright: of a column, (columns, blocks).

    Beside print it is paper.
    """
    axis, count = int(not upright), page.shape[int(not upright)] // step
    blocks = []
    for first in range(0, count * step, step):
        block = page[first : first + step] if upright else page[:, first : first + step]
        blocks.append(np.asarray(cv2.reduce(block, axis, cv2.REDUCE_MAX), np.uint8).ravel())
    return np.stack(blocks, axis=1)


def _own(layout: Layout, shape: tuple[int, ...], step: int, ppi: float, *, upright: bool) -> Mask:
    """1 in the blocks along the form's own lines."""
    found = np.zeros(shape, np.uint8)
    for rule in layout.rules:
        if rule.horizontal != upright:
            ends = (rule.x0, rule.x1) if rule.horizontal else (rule.y0, rule.y1)
            at = rule.y0 if rule.horizontal else rule.x0
            rows = slice(max(0, round((at - _OWN) * ppi)), round((at + _OWN) * ppi) + 1)
            first, last = (int(end * ppi) // step for end in sorted(ends))
            found[rows, first : last + 1] = 1
    for level, down in block_windows(layout, _OWN, ppi):
        beside, along = (down, level) if upright else (level, down)
        found[beside, along.start // step : along.stop // step + 1] = 1
    return found


def _sheared(blocks: Pixels, slope: float, step: int) -> Pixels:
    """Blocks (rows, columns), each column moved down by as much as a band leans."""
    count = blocks.shape[1]
    down = np.rint(slope * step * (np.arange(count) - count / 2)).astype(np.int64)
    rows = np.arange(len(blocks))[:, None] - down[None, :]
    return np.asarray(np.take_along_axis(blocks, rows % len(blocks), axis=0), np.uint8)


def _runs(dark: Pixels, step: int, ppi: float) -> Pixels:
    """What is dark over the length of a crease, however it leans: 0 elsewhere."""
    shortest = round(_SHORTEST / _BLOCK)
    leans = max(1, round(_LEAN * _SHORTEST * ppi))
    found = np.zeros_like(dark)
    near = cv2.dilate((dark > 0).astype(np.uint8), np.ones((2 * leans + 1, 1), np.uint8))
    rows = np.flatnonzero(near.sum(axis=1) >= shortest)
    if not len(rows):
        return found
    # whatever it leans by over the whole page
    over = round(_LEAN * dark.shape[1] * step / 2) + leans
    rows = np.arange(max(0, rows[0] - over), min(len(dark), rows[-1] + over + 1))
    part = np.ascontiguousarray(dark[rows])
    length = np.ones((1, shortest), np.uint8)
    for slope in np.arange(-_LEAN, _LEAN + _STEP / 2, _STEP):
        level = _sheared(part, slope, step)
        runs = np.asarray(cv2.morphologyEx(level, cv2.MORPH_OPEN, length), np.uint8)
        if runs.any():
            part_found = _sheared(runs, -slope, step)
            found[rows] = np.maximum(found[rows], part_found)
    return found


def _short(found: Pixels, step: int, ppi: float) -> Mask:
    """1 where bands are no longer than a pen's stroke, (rows, blocks) as `found`."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((found > 0).astype(np.uint8))
    short = stats[:, cv2.CC_STAT_WIDTH] * step < _STROKE * ppi
    short[0] = False
    return np.asarray(short[labels], np.uint8)


def _wide(found: Pixels, step: int, long: int, how: int) -> Pixels:
    """Blocks along rows as pixels, `long` of them."""
    size = (found.shape[1] * step, len(found))
    wide = np.asarray(cv2.resize(found, size, interpolation=how), np.uint8)
    return np.pad(wide, ((0, 0), (0, long - size[0])), mode="edge")


def _bands(
    page: Pixels, layout: Layout | None, ppi: float, *, upright: bool
) -> tuple[Pixels, Mask] | None:
    """How much darker than white the bands across a page are, by pixel; None where there is none.

    And 1 where one is as short as a stroke.

    Args:
        page: (rows, columns), 255 paper.
        layout: of the form, where it shows its lines.
        ppi: its pixels an inch.
        upright: bands from top to bottom.
    """
    step = max(1, round(_BLOCK * ppi))
    dark = np.asarray(255 - _lightest(page, step, upright=upright), np.uint8)
    dark[dark < _DARKER] = 0
    margin = round(_MARGIN * ppi)
    dark[:margin] = dark[-margin:] = 0
    if layout is not None:
        own = _own(layout, dark.shape, step, ppi, upright=upright)
        dark[own > 0] = 0
        across = 2 * round(2 * _OWN * ppi) + 1
        beside = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((across, 1), np.uint8))
        dark = np.where(own, np.asarray(beside, np.uint8), dark)
    found = _runs(dark, step, ppi)
    if not found.any():
        return None
    short = _short(found, step, ppi)
    # where one ends within a block: paper beside it can't become lighter than it is
    found = np.asarray(cv2.dilate(found, np.ones((1, 5), np.uint8)), np.uint8)
    long = page.shape[int(not upright)]
    bands = _wide(found, step, long, cv2.INTER_LINEAR)
    strokes = _wide(short, step, long, cv2.INTER_NEAREST)
    if upright:
        bands, strokes = bands.T, strokes.T
    return np.ascontiguousarray(bands, np.uint8), np.ascontiguousarray(strokes, np.uint8)


def without_creases(page: Pixels, layout: Layout | None, ppi: float) -> tuple[Pixels, Mask | None]:
    """(a page without its creases, or itself; 1 where one that lay level may be a pen's stroke).

    Args:
        page: (rows, columns) evened out, on the form's canvas, 255 paper.
        layout: of the form, whose own lines are no creases; None where the page shows none.
        ppi: pixels an inch.
    """
    strokes = None
    for upright in (False, True):
        found = _bands(page, layout, ppi, upright=upright)
        if found is not None:
            bands, short = found
            strokes = strokes if upright else short
            bands[bands > _DARKEST] = 0
            light = np.asarray(255 - bands, np.uint8)
            page = np.asarray(cv2.divide(page, light, scale=255), np.uint8)
    return page, strokes
