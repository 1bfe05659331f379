"""Strokes of print that run along an upright line of the form, and hide in it.

An L, a D or a 1 printed on a column's line is one with it, and what is left beside the line reads
as something else: a U as J, a 6 as nothing. Print over a line makes it darker or thicker there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.parts import Mask

#: how many black pixels a line comes to across, at every place along it
Darkness: TypeAlias = NDArray[np.float64]

#: inches of a line in which print leaves some of it alone, and the share of it that is alone
_ALONE, _FREE = 1.0, 35
#: inches: a line that is shorter is compared with others, as one character covers most of it
_TELLS = 0.4
#: inches along the line that a stroke is at least, and by which the line is wider; pixels in two
#: tones, where lines are as rough at any resolution
_STROKE, _WIDER, _ROUGH = 0.06, 0.004, 1.2
#: inches along the line that are no stroke, and to which a stroke's ends may reach
_SHORTEST, _ENDS = 0.04, 0.006
#: inches beside the line to which print goes on from there and no roughness does; in so many rows
_BESIDE, _ROWS = 0.025, 0.01


def short(across: Darkness, ppi: float) -> bool:
    """Whether a line is too short to tell how dark it is alone."""
    return len(across) < _TELLS * ppi


def usual(lines: Iterable[Darkness], ppi: float) -> float:
    """How dark the short ones of a page's lines are alone; 0 where there are none."""
    found = [float(np.percentile(across, _FREE)) for across in lines if short(across, ppi)]
    return float(np.median(found)) if found else 0.0


def strokes(across: Darkness, short_ones: float, ppi: float, *, rough: bool) -> NDArray[np.bool_]:
    """(along,) where a line is darker or thicker than it is alone, as high as a character.

    Args:
        across: how dark it is.
        short_ones: how dark the page's short lines are alone.
        ppi: pixels an inch.
        rough: the page is of two tones.
    """
    along = len(across)
    alone = np.full(along, short_ones)
    if not short(across, ppi):
        edges = np.linspace(0, along, max(1, round(along / (_ALONE * ppi))) + 1).astype(int)
        for start, end in itertools.pairwise(edges):
            alone[start:end] = np.percentile(across[start:end], _FREE)
    least = _ROUGH if rough else _WIDER * ppi
    more = (across - alone)[None].astype(np.float32)
    high = cv2.blur(more, (max(3, round(_STROKE * ppi)) | 1, 1))[0] > least
    here = cv2.blur(more, (3, 1))[0] > least / 2
    found = np.asarray(high & here, np.bool_)
    if rough:
        return found
    # what is shorter is where two lines meet; a curve's ends leave the line slowly
    least_long = np.ones((1, round(_SHORTEST * ppi)), np.uint8)
    on = np.ones((1, 2 * round(_ENDS * ppi) + 1), np.uint8)
    long = cv2.morphologyEx(found[None].astype(np.uint8), cv2.MORPH_OPEN, least_long)
    return np.asarray(cv2.dilate(long, on)[0] > 0, np.bool_)


def attached(hidden: Mask, ink: Mask, ppi: float) -> Mask:
    """Those pieces of `hidden` beside which `ink` goes on: parts of characters.

    Args:
        hidden: 1 where an upright line is thicker than alone.
        ink: 1 where ink is that is no line's.
        ppi: pixels an inch.
    """
    found = np.zeros_like(hidden)
    off = max(2, round(_BESIDE * ppi))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(hidden, connectivity=8)
    for i in range(1, count):
        x, y, w, h, _ = boxes[i]
        # (the curve of a U begins where its stroke leaves the line)
        rows = slice(max(0, y - off), y + h + off)
        left = ink[rows, max(0, x - off) : max(0, x - off // 2)]
        right = ink[rows, x + w + off // 2 : x + w + off]
        if max(int(side.any(axis=1).sum()) for side in (left, right)) >= _ROWS * ppi:
            found[y : y + h, x : x + w] |= labels[y : y + h, x : x + w] == i
    return found
