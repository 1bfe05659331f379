"""Fields that read as empty, or as less than is printed: nobody knows what stands there.

A redaction bar, a label or a blot covers them, or their ink is one with that of other rows or with
the form's own print.
"""

from __future__ import annotations

from collections.abc import Container

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import Canvas
from extractors.parts import rows_of, typical, window
from extractors.place import NARROW, NEAR_NARROW, Placed, boxed
from forms.layout import HALF_BOX, Choice, Layout
from models.page import BoxIn

#: share of a field's box that is dark: print, however bold, is a quarter of it
_COVERED = 0.45
#: the same with the form's own black blocks: of print that reaches into one, some stands out of it
_UNDER = 0.75
_DARK = 110
#: share of it that lies beyond the scan, or under a note
_HIDDEN = 0.3
#: times as high as print, ink is of more than one row; inches: strokes are narrower, stains wider;
#: share of print's height that is left of it in a field
_ROWS, _STROKE, _STAIN, _LEFT = 1.4, 0.03, 0.3, 0.7
#: inches: what is wider is no word, but a crease or a line that print touches
_WIDEST = 2.5
#: of print's height, how wide a stroke isn't: a frame's upright edge is one
_UPRIGHT = 0.25
#: inches around the form's own print that is none of the claim's; and beside a field
_OFF, _ASTRAY = 0.015, 0.03
#: shares of print's height: how high and wide a piece of a character is that is taken for the
#: form's, and of its square, how large; the same of one that the form's print leaves a piece of;
#: what is wider is no character
_SWALLOWED, _LEFT_OVER, _WIDER = (0.3, 0.2, 0.06), (0.35, 0.4, 0.08), 2.5
#: every so many pixels are looked at
_STEP = 3


def _around(placed: Placed, choice: Choice) -> BoxIn:
    """One check box where print really sits, inches."""
    x, y = placed.off.at(choice.x, choice.y)
    return x - HALF_BOX, y - HALF_BOX, x + HALF_BOX, y + HALF_BOX


def covered(canvas: Canvas, layout: Layout, placed: Placed) -> set[str]:
    """Fields whose box, or one of their check boxes, is more dark than paper or can't be seen."""
    dark = np.asarray(canvas.grey[::_STEP, ::_STEP] < _DARK, np.bool_)
    blocks = np.asarray(canvas.blocks[::_STEP, ::_STEP] > 0, np.bool_)
    hidden = np.asarray(canvas.patches[::_STEP, ::_STEP] > 0, np.bool_)
    alone, scale = dark & ~blocks, canvas.ppi / _STEP

    def share(of: NDArray[np.bool_], box: BoxIn) -> float:
        x0, y0, x1, y1 = (max(0, round(edge * scale)) for edge in box)
        there = of[y0:y1, x0:x1]
        return float(there.mean()) if there.size else 0.0

    found = set()
    for spec in layout.fields.values():
        box = boxed(spec, placed)
        if spec.choices:
            unseen = any(share(hidden, _around(placed, c)) > _HIDDEN for c in spec.choices)
        else:
            unseen = share(hidden, box) > _HIDDEN
            unseen |= share(alone, box) > _COVERED or share(dark, box) > _UNDER
        if unseen:
            found.add(spec.id)
    return found


def tangled(canvas: Canvas, layout: Layout, placed: Placed) -> set[str]:
    """Fields of print without ink of their own, in which ink of several rows is one.

    Or of a whole row: of what is one with a crease nothing is read. And fields in which a stamp
    looks like a character.
    """
    x, y, width, height, _ = canvas.boxes.T
    usual = typical(height / canvas.ppi) * canvas.ppi
    if not usual:
        return set()
    tall = height > _ROWS * usual
    tall &= (width > _STROKE * canvas.ppi) & (width < _STAIN * canvas.ppi)
    wide = width > _WIDEST * canvas.ppi
    # a stamp, or a black block that print runs into: what of it looks like a character
    large = (height > _ROWS * usual) & (width >= _STAIN * canvas.ppi) & ~wide
    taken = {name for run in placed.runs for name in run} | placed.fields.keys()
    found = set()
    for spec in layout.fields.values():
        if spec.choices:
            continue
        left, top, right, foot = (max(0, round(v * canvas.ppi)) for v in boxed(spec, placed))
        middle = x + width / 2
        over = (x < right) & (x + width > left)
        inside = wide & over
        inside |= tall & (middle > left) & (middle < right)
        near = (y < foot) & (y + height > top)
        window = canvas.labels[top:foot, left:right]
        whole = np.nonzero(inside & near & (spec.id not in taken))[0]
        pieces = np.nonzero(large & over & near)[0]
        if any(rows_of(window == i) > _LEFT * usual for i in whole) or any(
            _character(window == i, usual) for i in pieces
        ):
            found.add(spec.id)
    return found


def _character(ink: NDArray[np.bool_], usual: float) -> bool:
    """Whether some of it stands as high as print within a character's width, and is no stroke."""
    across = np.ones((1, max(1, round(usual))), np.uint8)
    rows = cv2.dilate(ink.astype(np.uint8), across).sum(axis=0)
    columns = np.asarray(ink.any(axis=0), np.float32)[None]
    wide = cv2.blur(columns, (across.shape[1], 1))[0]
    return bool(((rows > _LEFT * usual) & (wide > _UPRIGHT)).any())


def swallowed(
    canvas: Canvas, layout: Layout, placed: Placed, read: Container[str]
) -> frozenset[str]:
    """Fields that are not `read`, in which print is that went with the form's, or half of it.

    A character on a caption, or right below a block that a scanner hollowed out, is one with it;
    of one that a block covers there is a piece, which looks like remains of the block.
    """
    usual = typical(canvas.boxes[:, 3] / canvas.ppi) * canvas.ppi
    if not usual or not canvas.ruled.any():
        return frozenset()
    form = canvas.ruled.copy()
    for mark in layout.preprinted:
        if mark.what != "box":
            form[window(mark.box, _OFF, canvas.ppi)] = 1
    runs = {name for run in placed.runs for name in run}
    found = set()
    for spec in layout.fields.values():
        if spec.choices or spec.id in read:
            continue
        left, top, right, foot = boxed(spec, placed)
        beside = NEAR_NARROW if right - left < NARROW else _ASTRAY
        where = window((left - beside, top, right + beside, foot), 0.0, canvas.ppi)
        taken = canvas.taken[where] & (1 - form[where])
        pieces = canvas.boxes[:0]
        if taken.any():
            pieces = np.asarray(cv2.connectedComponentsWithStats(taken)[2][1:], np.int32)
        own = [] if spec.id in runs else placed.fields.get(spec.id, [])
        if _large(pieces, _SWALLOWED, usual) or _large(canvas.boxes[own], _LEFT_OVER, usual):
            found.add(spec.id)
    return frozenset(found)


def _large(boxes: NDArray[np.int32], least: tuple[float, float, float], usual: float) -> bool:
    """Whether one of some components is as high, as wide and as large, and may be a character."""
    width, height, area = boxes[:, 2] / usual, boxes[:, 3] / usual, boxes[:, 4] / usual**2
    high, wide, large = least
    return bool(((height > high) & (width > wide) & (width < _WIDER) & (area > large)).any())
