"""Fields that read as empty, or as less than is printed, where something pale or coloured is.

Pencil, a second pen, a worn ribbon, toner that ends, or ink as red as the form, which is taken out
with it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from extractors.ink import Canvas
from extractors.parts import Mask, rows_of, typical, window
from extractors.place import Placed, boxed
from forms.layout import Layout
from models.page import Pixels

#: grey below the paper around it that a pale stroke has, and a coloured one in its darkest colour;
#: what either is darker than
_PALER, _COLOURED, _LIGHTEST = 20, 60, 228
#: inches: over which paper is looked for; by which what is known of is kept away from
_AROUND, _AWAY = 0.22, 0.012
#: inches around the form's own print, where a scanner has dropped it, and around its lines
_OWN, _DROPPED, _LINE = 0.03, 0.0, 0.02
#: of print's height, that a character has at least and at most, and is wide at most
_LOW, _HIGH = 0.6, 1.5
#: share of its box that is stroke; inches, that pages with too little print to tell have
_STROKE, _USUAL = 0.1, 0.1
#: so many of them are writing
_WRITTEN = 3
#: inches: a field so narrow is for a code, and one character is writing there
_NARROW = 0.5
#: inches beside print that was read within which nothing is told from its edge
_BESIDE = 0.03
#: inches: a stroke is no wider, what is in the shade or under a tint is
_WIDE = 0.04
#: inches between the dots that a threshold left of a stroke; of print's height, what is narrower
#: may be a line's or a streak's
_DOTS, _UPRIGHT = 0.02, 0.25
#: shares of print's height, and of its square, over which dust spreads and that it covers where it
#: is print; times as much of it, at most in one place, as in most fields
_SPREAD, _LEFT, _DUSTIER = 0.4, 0.08, 5.0
#: grey of the middle of a field under which it is tinted or in the shade, where dust tells nothing
_TINTED = 251
#: where it is print in so many fields, all of the page's fades, and half of any dust tells
_FADING = 12


@dataclass(frozen=True, slots=True)
class Faint:
    """Fields in which such characters stand, apart from all that was found.

    Attributes:
        empty: nothing else was read there.
        beside: those where something was, which may be less than is printed.
    """

    empty: frozenset[str]
    beside: frozenset[str]


def faint(canvas: Canvas, layout: Layout, placed: Placed, read: Container[str]) -> Faint:
    """Where pale characters stand: beside those that are `read`, and where none is.

    Of what is too pale for a page of two tones dots are left, and of what is nearly so on others.
    """
    usual = (typical(canvas.boxes[1:, 3] / canvas.ppi) or _USUAL) * canvas.ppi
    own = _own(canvas, layout)
    found = set()
    specks: dict[str, tuple[float, float]] = {}
    beside: dict[str, tuple[float, float]] = {}
    for spec in layout.fields.values():
        if spec.choices:
            continue
        box = boxed(spec, placed)
        where = window(box, 0.0, canvas.ppi)
        dots = _dotted(canvas, own, where, usual)
        if spec.id in read:
            beside[spec.id] = _most(_apart(canvas, dots, where), usual)
            continue
        pale = 0 if canvas.two_tone else sum(_characters(_strokes(canvas, own, where), usual))
        few = 1 if box[2] - box[0] < _NARROW else _WRITTEN
        if not canvas.two_tone and dots.any() and np.median(canvas.grey[where]) < _TINTED:
            dots = np.zeros_like(dots)
        if pale >= _WRITTEN or _dotted_characters(canvas, dots, usual) >= few:
            found.add(spec.id)
        else:
            specks[spec.id] = _most(dots, usual)
    usually = float(np.median([sure for sure, _ in specks.values()] or [0.0]))
    least = max(_LEFT * usual**2, _DUSTIER * usually)
    dusty = {name for name, (sure, _) in specks.items() if sure > least}
    more = {name for name, (sure, _) in beside.items() if sure > least}
    if len(dusty) + len(more) > _FADING:
        dusty |= {name for name, (_, all_) in specks.items() if all_ > least / 2}
        more |= {name for name, (_, all_) in beside.items() if all_ > least / 2}
    return Faint(frozenset(found | dusty), frozenset(more))


def _apart(canvas: Canvas, dots: Mask, where: tuple[slice, slice]) -> Mask:
    """Dots of a field that stand in no column of print that was found, nor right beside it."""
    if not dots.any():
        return dots
    columns = np.asarray(canvas.labels[where] > 0, np.uint8).max(axis=0, keepdims=True)
    near = cv2.dilate(columns, np.ones((1, 2 * canvas.px(_BESIDE) + 1), np.uint8))
    return np.asarray(dots & (1 - np.asarray(near, np.uint8)), np.uint8)


def _most(dots: Mask, usual: float) -> tuple[float, float]:
    """How much dust is in a field where there is most of it, over no more than a character.

    Returns: of what surely is no line and no tint's end, and of all.
    """
    return _much(_inside(dots), usual, _SPREAD), _much(dots, usual, 0.0)


def _much(dots: Mask, usual: float, spread: float) -> float:
    """The same, if it spreads over such a share of a character's height and width."""
    side = round(usual)
    if min(dots.shape) < 1 or rows_of(dots > 0) <= _SPREAD * usual:
        return 0.0
    near = cv2.boxFilter(dots, cv2.CV_32F, (side, side), normalize=False)
    y, x = (int(at) for at in np.unravel_index(int(near.argmax()), near.shape))
    half = side // 2 + 1
    there = dots[max(0, y - half) : y + half, max(0, x - half) : x + half] > 0
    wide = min(rows_of(there), rows_of(there.T)) > spread * usual
    return float(near[y, x]) if wide else 0.0


def _inside(dots: Mask) -> Mask:
    """Dots without those pieces that reach to the upper or lower edge of their field.

    Tints end there, and a scanner's compression makes strokes of their ends.
    """
    if not dots.any():
        return dots
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dots)
    top, foot = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    inside = (top > 0) & (foot < len(dots))
    inside[0] = False
    return np.asarray(inside[labels], np.uint8)


def _own(canvas: Canvas, layout: Layout) -> Mask:
    """1 where the form's own print lies, in whatever colour, however pale a scanner left it."""
    own = np.zeros(canvas.grey.shape, np.uint8)
    around = _OWN if canvas.ruled.any() else _DROPPED
    for box in (*(mark.box for mark in layout.preprinted), *layout.ghosts):
        own[window(box, around, canvas.ppi)] = 1
    for rule in layout.rules:
        own[window((rule.x0, rule.y0, rule.x1, rule.y1), _LINE, canvas.ppi)] = 1
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


def _dotted(canvas: Canvas, own: Mask, where: tuple[slice, slice], usual: float) -> Mask:
    """1 where a field that nothing was read in is darker, what was taken for dust with it.

    But where the form's own print is, and ink as high as print, which is another's.
    """
    shade = canvas.grey[where]
    two = canvas.two_tone
    dark = (shade < _LIGHTEST).astype(np.uint8) if two else _thin(canvas, shade)
    if not dark.any():
        return dark
    high = canvas.boxes[:, 3] > _LOW * usual
    high[0] = False
    known = canvas.ruled[where] | canvas.blocks[where] | canvas.patches[where]
    known |= high[canvas.labels[where]].astype(np.uint8)
    away = canvas.px(_AWAY) * 2 + 1
    near = np.asarray(cv2.dilate(known, np.ones((away, away), np.uint8)), np.uint8)
    return np.asarray(dark & (1 - (near | own[where])), np.uint8)


def _darker(canvas: Canvas, shade: Pixels, than: int) -> Mask:
    """1 where a part of a page is so much darker than what is around."""
    if not shade.size or shade.min() >= _LIGHTEST:
        return np.zeros(shade.shape, np.uint8)
    side = canvas.px(_AROUND) | 1
    darker = cv2.subtract(cv2.blur(shade, (side, side)), shade) > than
    return np.asarray(darker & (shade < _LIGHTEST), np.uint8)


def _thin(canvas: Canvas, shade: Pixels) -> Mask:
    """1 where a part of a page has strokes that are darker than what is to both sides."""
    if not shade.size or shade.min() >= _LIGHTEST:
        return np.zeros(shade.shape, np.uint8)
    side = canvas.px(_WIDE) | 1
    strokes = cv2.morphologyEx(shade, cv2.MORPH_BLACKHAT, np.ones((side, side), np.uint8))
    return np.asarray((strokes > _PALER) & (shade < _LIGHTEST), np.uint8)


def _characters(strokes: Mask, usual: float) -> Iterator[bool]:
    """Of each piece of a mask, whether it is as large as a character."""
    if strokes.any():
        for _, _, width, height, area in cv2.connectedComponentsWithStats(strokes)[2][1:]:
            as_high = _LOW * usual < height < _HIGH * usual
            yield bool(as_high and width < _HIGH * usual and area > _STROKE * usual * max(1, width))


def _dotted_characters(canvas: Canvas, dots: Mask, usual: float) -> int:
    """How many characters dots may be that are left of their strokes."""
    if not dots.any():
        return 0
    side = canvas.px(_DOTS) | 1
    joined = cv2.morphologyEx(dots, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8))
    found = 0
    for i, (_, _, width, height, _) in enumerate(stats[1:], start=1):
        if _LOW * usual < height < _HIGH * usual and width > _UPRIGHT * usual:
            much = np.count_nonzero(dots[labels == i]) > _STROKE * usual * width
            found += much * max(1, round(width / usual))
    return found
