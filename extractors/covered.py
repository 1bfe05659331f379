"""Fields that read as empty, or as less than is printed: nobody knows what stands there.

A redaction bar, a label or a blot covers them, or their ink is one with that of other rows.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import Canvas
from extractors.parts import rows_of, typical
from extractors.place import Placed, boxed
from forms.layout import Layout

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
#: every so many pixels are looked at
_STEP = 3


def covered(canvas: Canvas, layout: Layout, placed: Placed) -> set[str]:
    """Fields whose box is more dark than paper, or can't be seen."""
    dark = np.asarray(canvas.grey[::_STEP, ::_STEP] < _DARK, np.bool_)
    blocks = np.asarray(canvas.blocks[::_STEP, ::_STEP] > 0, np.bool_)
    hidden = np.asarray(canvas.patches[::_STEP, ::_STEP] > 0, np.bool_)
    scale = canvas.ppi / _STEP
    found = set()
    for spec in layout.fields.values():
        x0, y0, x1, y1 = (max(0, round(edge * scale)) for edge in boxed(spec, placed))
        where = (slice(y0, y1), slice(x0, x1))
        if not dark[where].size:
            continue
        alone = dark[where] & ~blocks[where]
        black = float(alone.mean()) > _COVERED or float(dark[where].mean()) > _UNDER
        black &= not spec.choices
        if black or float(hidden[where].mean()) > _HIDDEN:
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
