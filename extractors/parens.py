"""The parentheses of an area code, taken away from under what is printed over them.

A figure that runs into one is one component with it, as high and hardly wider, and all of its
upright strokes are as thin. So a parenthesis is followed along its bow, and that alone is taken.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.parts import Mask, window
from models.page import BoxIn

#: where to look for one, and its ink there
Bow: TypeAlias = tuple[tuple[slice, slice], Mask]
#: inches by which one may lie off its place, each way; and its stroke is wide, at most
_ASTRAY, _THIN = 0.06, 0.024
#: shares of its rows that have ink on its bow where it is there, and where nothing else touches it
_THERE, _CLEAR = 0.9, 0.2
#: what ink beside the bow counts, of what ink on it does; what it costs to lie a pixel off
_BESIDE, _OFF = 3.0, 0.002


def _course(height: int, bend: int, *, closing: bool) -> NDArray[np.intp]:
    """Of each row, how many pixels its stroke lies right of its leftmost."""
    off = np.linspace(-1, 1, height) ** 2 * bend
    return np.round(bend - off if closing else off).astype(np.intp)


def _followed(inside: Mask, height: int, bend: int) -> tuple[int, NDArray[np.intp]] | None:
    """(first row of a parenthesis, column of its stroke in each); None where there is none."""
    on = inside.astype(np.float32)
    # no two print it alike: a pixel beside its course is nearly as good
    near = cv2.dilate(on, np.ones((1, 3), np.float32))
    best, found = _THERE, None
    for closing in (False, True):
        course = _course(height, bend, closing=closing)
        kernel = np.zeros((height, bend + 1), np.float32)
        kernel[np.arange(height), course] = 1 / height
        share = cv2.matchTemplate(near, kernel, cv2.TM_CCORR) * _BESIDE
        share = (share + cv2.matchTemplate(on, kernel, cv2.TM_CCORR)) / (1 + _BESIDE)
        rows, columns = np.indices(share.shape)
        middle = (np.array(share.shape) - 1) / 2
        share -= _OFF * np.hypot(rows - middle[0], columns - middle[1])
        at = int(share.argmax())
        if share.ravel()[at] > best:
            down, right = divmod(at, share.shape[1])
            best, found = float(share.ravel()[at]), (down, course + right)
    return found


def _run(line: Mask, at: int) -> tuple[int, int] | None:
    """Where the ink through or beside a pixel of a row begins and ends."""
    inked = next((x for x in (at, at - 1, at + 1) if 0 <= x < len(line) and line[x]), None)
    if inked is None:
        return None
    gaps = np.nonzero(line == 0)[0]
    k = int(np.searchsorted(gaps, inked))
    return (int(gaps[k - 1]) + 1 if k else 0), (int(gaps[k]) if k < len(gaps) else len(line))


def bow(ink: Mask, box: BoxIn, ppi: float) -> Bow | None:
    """Where a parenthesis runs; None where it can't be followed.

    Args:
        ink: of the canvas.
        box: of the parenthesis on the form, inches.
        ppi: pixels an inch.
    """
    where = window(box, _ASTRAY, ppi)
    inside = ink[where]
    thin = max(2, round(_THIN * ppi))
    height = round((box[3] - box[1]) * ppi)
    bend = max(1, round((box[2] - box[0]) * ppi - thin / 2))
    if inside.shape[0] < height or inside.shape[1] <= bend or not inside.any():
        return None
    found = _followed(inside, height, bend)
    if found is None:
        return None
    top, course = found
    runs = {
        top + row: (int(at), *run)
        for row, at in enumerate(course)
        if (run := _run(inside[top + row], int(at))) is not None
    }
    clear = {row: run for row, run in runs.items() if run[2] - run[1] <= thin}
    if len(clear) < _CLEAR * height:
        return None
    wide = round(float(np.median([last - first for _, first, last in clear.values()])))
    before = round(float(np.median([at - first for at, first, _ in clear.values()])))
    bowed = np.zeros_like(inside)
    for row, (at, first, last) in runs.items():
        start = at - before
        # what goes on to both sides crosses it
        if row in clear or first >= start - 1 or last <= start + wide + 1:
            left, right = (first, last) if row in clear else (max(first, start), start + wide)
            bowed[row, left:right] = inside[row, left:right]
    return where, bowed
