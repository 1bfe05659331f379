"""Fields that read as empty, where something pale or coloured is written.

Pencil, a second pen, a worn ribbon, or ink as red as the form, which is taken out with it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

import cv2
import numpy as np

from extractors.ink import Canvas
from extractors.parts import Mask, typical
from extractors.place import Placed, boxed
from forms.layout import Layout
from models.page import BoxIn, Pixels

#: grey below the paper around it that a pale stroke has, and a coloured one in its darkest colour;
#: what either is darker than
_PALER, _COLOURED, _LIGHTEST = 20, 60, 228
#: inches: over which paper is looked for; by which what is known of is kept away from
_AROUND, _AWAY = 0.22, 0.012
#: inches around the form's own print, and its lines
_OWN, _LINE = 0.03, 0.02
#: of print's height, that a character has at least and at most, and is wide at most
_LOW, _HIGH = 0.6, 1.5
#: share of its box that is stroke; inches, that pages with too little print to tell have
_STROKE, _USUAL = 0.1, 0.1
#: so many of them are writing
_WRITTEN = 3


def faint(canvas: Canvas, layout: Layout, placed: Placed, read: Container[str]) -> set[str]:
    """Fields that are not `read` in which such characters stand, apart from all that was found.

    A page of two tones has none: what was too pale for it is not on the scan.
    """
    if canvas.two_tone:
        return set()
    usual = (typical(canvas.boxes[1:, 3] / canvas.ppi) or _USUAL) * canvas.ppi
    own = _own(canvas, layout)
    found = set()
    for spec in layout.fields.values():
        if spec.choices or spec.id in read:
            continue
        where = _window(canvas, boxed(spec, placed))
        if sum(_characters(_strokes(canvas, own, where), usual)) >= _WRITTEN:
            found.add(spec.id)
    return found


def _window(canvas: Canvas, box: BoxIn, around: float = 0.0) -> tuple[slice, slice]:
    """Rows and columns of a box, inches, and what lies around it."""
    left, top = (max(0, round((edge - around) * canvas.ppi)) for edge in box[:2])
    right, foot = (max(0, round((edge + around) * canvas.ppi)) for edge in box[2:])
    return slice(top, foot), slice(left, right)


def _own(canvas: Canvas, layout: Layout) -> Mask:
    """1 where the form's own print lies, in whatever colour, however pale a scanner left it."""
    own = np.zeros(canvas.grey.shape, np.uint8)
    for mark in layout.preprinted:
        own[_window(canvas, mark.box, _OWN)] = 1
    for rule in layout.rules:
        own[_window(canvas, (rule.x0, rule.y0, rule.x1, rule.y1), _LINE)] = 1
    return own


def _strokes(canvas: Canvas, own: Mask, where: tuple[slice, slice]) -> Mask:
    """1 where a pale or coloured stroke may be, and nothing that is known of."""
    found = _darker(canvas, canvas.grey[where], _PALER)
    if canvas.darkest is not None:
        found |= _darker(canvas, canvas.darkest[where], _COLOURED)
    if not found.any():
        return found
    known = canvas.ink[where] | canvas.taken[where] | canvas.patches[where]
    away = canvas.px(_AWAY) * 2 + 1
    near = np.asarray(cv2.dilate(known, np.ones((away, away), np.uint8)), np.uint8)
    return np.asarray(found & (1 - (near | own[where])), np.uint8)


def _darker(canvas: Canvas, shade: Pixels, than: int) -> Mask:
    """1 where a part of a page is so much darker than what is around."""
    if not shade.size or shade.min() >= _LIGHTEST:
        return np.zeros(shade.shape, np.uint8)
    side = canvas.px(_AROUND) | 1
    darker = cv2.subtract(cv2.blur(shade, (side, side)), shade) > than
    return np.asarray(darker & (shade < _LIGHTEST), np.uint8)


def _characters(strokes: Mask, usual: float) -> Iterator[bool]:
    """Of each piece of a mask, whether it is as large as a character."""
    if strokes.any():
        for _, _, width, height, area in cv2.connectedComponentsWithStats(strokes)[2][1:]:
            as_high = _LOW * usual < height < _HIGH * usual
            yield bool(as_high and width < _HIGH * usual and area > _STROKE * usual * max(1, width))
