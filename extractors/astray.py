"""Marks that missed their check box: a cross beside it, or one of which the form took a part.

A printer that is off, or a hasty one, sets its X on the edge of the box, on the word beside it, or
next to both. Of what touches them the ink is taken away with the form's own print; but a box with
nothing beside it shows nothing but its edges and its word, and those are known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from extractors.ink import Canvas
from extractors.marks import ASTRAY, DUST, Mark, marks, own_print, window
from extractors.parts import Mask, rows_of
from extractors.place import Placed
from forms.layout import FieldSpec, Layout

#: inches: a cross on its own is as wide and high, at least and at most
_CROSS = (0.045, 0.2)
#: square inches: the form left less ink than that of no cross
_LEFT = 0.0004
#: as a share of the way to the next box, so near to its own a cross has to be
_NEARER = 0.6
#: inches from a box's middle in which ink may be a mark's
_WINDOW = 0.13
#: inches: a row of a coarse fax is 0.0102 high; a box's edge is 0.13 long, no stroke so straight
_THIN, _LONG = 0.012, 0.1
#: as a share of what lies beside one box, ink beside another of the same choice is dirt
_DIRT = 0.35


def _cross(canvas: Canvas, spec: FieldSpec, placed: Placed) -> Mark | None:
    """A cross on its own that lies by far nearest to one of the boxes."""
    low, high = (canvas.px(inches) for inches in _CROSS)
    parts = canvas.boxes[placed.fields.get(spec.id, [])]
    parts = parts[(parts[:, 2:4] >= low).all(axis=1)]
    area = float(parts[:, 4].sum()) / canvas.ppi**2
    if not len(parts) or area < DUST:
        return None
    (x0, y0), (x1, y1) = parts[:, :2].min(axis=0), (parts[:, :2] + parts[:, 2:4]).max(axis=0)
    if max(x1 - x0, y1 - y0) > high:
        return None
    x, y = placed.off.back((x0 + x1) / 2 / canvas.ppi, (y0 + y1) / 2 / canvas.ppi)
    near, then = sorted((math.hypot(c.x - x, c.y - y), c.name) for c in spec.choices)[:2]
    if near[0] > _NEARER * then[0]:
        return None
    box = (int(x0), int(y0), int(x1), int(y1))
    return Mark(spec.id, (near[1],), box, area, 0.0, filled=False, astray=near[0] / then[0])


def _partly(canvas: Canvas, spec: FieldSpec, placed: Placed, own: Mask) -> Mark | None:
    """A mark that is left where the form prints nothing, beside one of the boxes."""
    low, dark = canvas.px(_CROSS[0]), []
    for choice in spec.choices:
        x0, y0, x1, y1 = box = window(canvas, placed, choice, _WINDOW)
        where = (slice(y0, y1), slice(x0, x1))
        black = (canvas.ink[where] | canvas.taken[where]) & (1 - own[where])
        black = _without_edges(np.asarray(black, np.uint8), canvas)
        wide = min(rows_of(black > 0), rows_of(black.T > 0)) >= low
        dark.append((float(black.sum()) / canvas.ppi**2 if wide else 0.0, choice.name, box))
    fullest, then = sorted(dark, reverse=True)[:2]
    if fullest[0] < _LEFT or then[0] > _DIRT * fullest[0]:
        return None
    area, name, box = fullest
    return Mark(spec.id, (name,), box, area, then[0], filled=False, astray=ASTRAY)


def _without_edges(black: Mask, canvas: Canvas) -> Mask:
    """Ink without rows of the box's own edges: coarse faxes set them beside where they belong."""
    if not black.any():
        return black
    _, labels, stats, _ = cv2.connectedComponentsWithStats(black)
    thin, long = np.sort(stats[:, 2:4], axis=1).T / canvas.ppi
    kept = (thin > _THIN) | (long < _LONG)
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def astray(canvas: Canvas, choices: Sequence[FieldSpec], placed: Placed, own: Mask) -> list[Mark]:
    """Marks that lie in none of the boxes of their choice.

    Args:
        canvas: the page laid on its form.
        choices: of which no box holds a mark.
        placed: the page's ink by field.
        own: where the form itself prints (`extractors.marks.own_print`).
    """
    missed = {spec.id: _cross(canvas, spec, placed) for spec in choices}
    if own.any():
        for spec in choices:
            missed[spec.id] = missed[spec.id] or _partly(canvas, spec, placed, own)
    return [mark for mark in missed.values() if mark]


def every_mark(canvas: Canvas, layout: Layout, placed: Placed) -> list[Mark]:
    """A mark for every choice that has one, in a box or beside it."""
    choices = [spec for spec in layout.fields.values() if len(spec.choices) > 1]
    if not choices:
        return []
    own = own_print(canvas, layout)
    found = marks(canvas, choices, placed, own)
    marked = {mark.field for mark in found}
    return found + astray(canvas, [s for s in choices if s.id not in marked], placed, own)
