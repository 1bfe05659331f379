"""Print of two rows that touches: one component, parted where it hangs together least."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from extractors.parts import Mask, Parts, typical

#: so many times as high as the page's characters, a component may be of two rows, or of more
_TWO, _MOST = 1.4, 4.0
#: characters that tell where rows lie: so many times as high as usual, so many heights beside it
_LIKE, _BESIDE = (0.6, 1.35), 5.0
#: heights between the middles of two rows, and from the edge of the component to that of its first
_APART, _INSIDE = 0.45, 0.25
#: heights from a row's middle that are its own whatever hangs there
_OWN = 0.1
#: heights: what is narrower is no two characters; a stroke, which tells of no row
_NARROW, _STROKE = 0.4, 0.25
#: at the edge of the band, where a row's own strokes are: what ink costs beyond what it costs in
#: its middle, and what paper costs
_HARDER, _AWAY = 1.0, 0.15
#: pixels by which a way rises or falls in a column
_STEEP = 1
#: ink on the way where rows lie beside it: inches, or as share of the width, but no more inches
_CROSSED, _SHARE, _AT_MOST = 0.09, 0.3, 0.2
#: ink in a row where none tell of two: no more inches, and no larger share of the fullest row's
_STUCK, _OF_MOST = 0.025, 0.3
#: then it is so many times as high as a character
_STRAIGHT = (1.5, 3.0)


def seam(ink: Mask, first: int, last: int) -> tuple[NDArray[np.intp], int]:
    """A way from left to right through hardly any ink, rather midway between two rows.

    Args:
        ink: 1 where ink is.
        first: row from which on it may lie.
        last: row before which it may lie.

    Returns:
        The first row of each column that lies below it, and the pixels of ink it crosses.
    """
    band = ink[first:last].astype(np.float64)
    rows, columns = band.shape
    away = np.abs(np.linspace(-1, 1, rows))[:, None]
    band = band * (1 + _HARDER * away) + _AWAY * away
    total = band[:, 0].copy()
    came = np.zeros((columns, rows), np.intp)
    at = np.arange(rows)
    for x in range(1, columns):
        padded = np.pad(total, _STEEP, constant_values=np.inf)
        choices = np.lib.stride_tricks.sliding_window_view(padded, 2 * _STEEP + 1)
        best = choices.argmin(axis=1)
        came[x] = at + best - _STEEP
        total = choices[at, best] + band[:, x]
    way = np.empty(columns, np.intp)
    way[-1] = int(total.argmin())
    for x in range(columns - 1, 0, -1):
        way[x - 1] = came[x, way[x]]
    way += first
    return way, int(ink[way, np.arange(columns)].sum())


def _rows(boxes: NDArray[np.float64], i: int, like: NDArray[np.bool_], usual: float) -> list[float]:
    """The middles of the rows that a component reaches over, told by the characters beside it."""
    left, top, width, height = boxes
    middle = top + height / 2
    reach = _BESIDE * usual
    near = like & (left < left[i] + width[i] + reach) & (left + width > left[i] - reach)
    near &= middle > top[i] + _INSIDE * usual
    near &= middle < top[i] + height[i] - _INSIDE * usual
    rows: list[list[float]] = []
    for y in np.sort(middle[near]).tolist():
        if not rows or y - rows[-1][-1] > _APART * usual:
            rows.append([])
        rows[-1].append(y)
    return [float(np.mean(row)) for row in rows]


def unstick(parts: Parts, ppi: float) -> None:
    """Part components that are print of two rows or more which touch.

    Where characters beside it tell of the rows, along the way between two of them that crosses the
    least ink; elsewhere straight, and only where hardly any ink is in the way.
    """
    boxes = parts.stats[:, :4].T.astype(np.float64)
    _, _, width, height = boxes
    usual = typical(height / ppi) * ppi
    if not usual:
        return
    like = (height > _LIKE[0] * usual) & (height < _LIKE[1] * usual) & (width > _STROKE * usual)
    tall = (height > _TWO * usual) & (height < _MOST * usual) & (width > _NARROW * usual)
    for i in np.nonzero(tall)[0].tolist():
        rows = _rows(boxes, i, like, usual)
        mine = parts.mask(i)
        pieces = _between(mine, [y - boxes[1, i] for y in rows], usual, ppi)
        if len(pieces) == 1:
            pieces = _straight(mine, usual, ppi)
        if len(pieces) > 1:
            parts.part(i, pieces)


def _between(mine: Mask, rows: list[float], usual: float, ppi: float) -> list[Mask]:
    """The component parted between rows, as far as little ink is in the way."""
    most = min(max(_CROSSED * ppi, _SHARE * mine.shape[1]), _AT_MOST * ppi)
    pieces: list[Mask] = []
    rest = mine
    below = np.arange(len(mine))[:, None]
    for upper, lower in itertools.pairwise(rows):
        first, last = round(upper + _OWN * usual), round(lower - _OWN * usual)
        if last - first < 2:  # noqa: PLR2004 - no way between
            continue
        way, crossed = seam(mine, first, last)
        if crossed > most:
            continue
        above = np.asarray(rest * (below < way), np.uint8)
        rest = np.asarray(rest * (below >= way), np.uint8)
        if above.any():
            pieces.append(above)
    return [*pieces, rest]


def _straight(mine: Mask, usual: float, ppi: float) -> list[Mask]:
    """The component parted at its thinnest row, if it is thin."""
    high = len(mine)
    across = mine.sum(axis=1)
    first, last = round(0.25 * high), round(0.75 * high)
    row = first + int(across[first:last].argmin())
    few = across[row] <= max(2, _STUCK * ppi) and across[row] <= _OF_MOST * across.max()
    if not few or not _STRAIGHT[0] * usual < high < _STRAIGHT[1] * usual:
        return [mine]
    upper, lower = mine.copy(), mine.copy()
    upper[row:], lower[:row] = 0, 0
    return [upper, lower]
