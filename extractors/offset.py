"""How a page's print sits against the form's boxes: beside them, larger than they, or askew.

Practices misplace their print by up to a row's half; a driver that fits it to the page makes it
smaller, and a sheet may go askew through a printer. All of it is found by trying where most ink
falls into fields.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import Canvas
from forms.layout import Layout
from models.page import BoxIn

#: inches: how far the print may sit from the boxes, and the step it is tried in
_REACH_X = 0.12
_REACH_Y = 0.25
_STEP = 0.01
#: inches beyond the form that are looked at, too
_PAD = 0.2
#: what the largest offset costs, of the 1.0 that print scores which lies well
_UNLIKELY = 0.025
#: inches: half a character; and how far over the edge of a field its middle may lie
HALF = 0.05
_OVER = 0.02
#: inches from the middle of a check box, and what a mark there is worth
_MARKED = ((0.08, 0.5), (0.055, 1.0), (0.03, 1.5))
#: inches between rows, print a row off that scores so little less leaves it open which is right
_PITCH = 1 / 6
_OPEN = 0.06
#: inches: the height of printed characters, smaller and larger ink is none
CHARACTER = (0.045, 0.2)
#: inches: no caption is higher; so many larger characters tell how print sits
_LEGEND, _MANY = 0.075, 100
#: inches: the middle of the sheet
_MIDDLE = np.array([4.25, 5.5])
#: from which score on print lies as it should, and what another size or slant has to gain: those
#: of 40 printed pages that are neither score 0.78 at least and gain 0.01 at most, print that is 2
#: per cent too large 0.4 and 0.4
_WELL, _GAIN = 0.93, 0.02
#: sizes and slants that are tried, and in which steps; what it costs, of the largest
_SIZES, _SLANTS = np.arange(-0.06, 0.0421, 0.006), np.radians(np.arange(-1.6, 1.61, 0.4))
_FINER = 0.002
_ODD = 0.02
#: print that scores less lies anywhere, and more surely well, by as much
_POOR, _FAIR = 0.55, 0.15


@dataclass(frozen=True, slots=True)
class Offset:
    """How print sits against the form.

    Attributes:
        dx: inches right of its place, in the middle of the sheet.
        dy: inches below it.
        across: share by which it is larger across.
        down: the same down.
        slant: radians clockwise that it is turned.
    """

    dx: float = 0.0
    dy: float = 0.0
    across: float = 0.0
    down: float = 0.0
    slant: float = 0.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where what belongs at a point of the form is printed; inches."""
        u, v = x - float(_MIDDLE[0]), y - float(_MIDDLE[1])
        return (
            x + self.dx + self.across * u - self.slant * v,
            y + self.dy + self.down * v + self.slant * u,
        )

    def back(self, x: float, y: float) -> tuple[float, float]:
        """Where on the form belongs what is printed at a point; inches."""
        u, v = x - self.dx - float(_MIDDLE[0]), y - self.dy - float(_MIDDLE[1])
        across, down = 1 + self.across, 1 + self.down
        area = across * down + self.slant**2
        return (
            (down * u + self.slant * v) / area + float(_MIDDLE[0]),
            (across * v - self.slant * u) / area + float(_MIDDLE[1]),
        )

    def boxed(self, box: BoxIn) -> BoxIn:
        """A field's box where its print sits; inches."""
        x0, y0, x1, y1 = box
        left, _ = self.at(x0, (y0 + y1) / 2)
        right, _ = self.at(x1, (y0 + y1) / 2)
        _, middle = self.at((x0 + x1) / 2, (y0 + y1) / 2)
        return left, middle - (y1 - y0) / 2, right, middle + (y1 - y0) / 2


def characters(canvas: Canvas) -> NDArray[np.intp]:
    """Components that may be printed characters or pieces of them."""
    _, _, w, h, area = canvas.boxes.T
    high, wide = 1.6 * CHARACTER[1] * canvas.ppi, 2.5 * canvas.ppi
    return np.nonzero((area > 0) & (h < high) & (w < wide))[0]


def _inside(width: int) -> NDArray[np.float32]:
    """What a character is worth by where its middle lies across a field of so many steps.

    Half of one that is printed over the edge lies outside.
    """
    away = np.minimum(np.arange(width), np.arange(width)[::-1]) + 1
    return np.minimum(away * _STEP / (_OVER + HALF), 1.0).astype(np.float32)


@functools.cache
def _worth(layout: Layout) -> NDArray[np.float32]:
    """What a character is worth by where its middle lies on the form, from `_PAD` before it on."""
    scale, pad = 1 / _STEP, round(_PAD / _STEP)
    score = np.zeros((round(11.4 * scale), round(8.9 * scale)), np.float32)
    for spec in layout.fields.values():
        for choice in spec.choices:
            x, y = round(choice.x * scale) + pad, round(choice.y * scale) + pad
            for reach, worth in _MARKED:
                cv2.circle(score, (x, y), round(reach * scale), worth, -1)
        x0, y0, x1, y1 = spec.box
        if spec.choices or y1 - y0 > 0.3:  # noqa: PLR2004 - several lines: says nothing of rows
            continue
        middle = (y0 + y1) / 2
        for reach, worth in ((0.06, 0.3), (0.035, 0.4), (0.02, 0.3)):
            top, bottom = (round((middle + d) * scale) + pad for d in (-reach, reach))
            left, right = round((x0 - _OVER) * scale) + pad, round((x1 + _OVER) * scale) + pad
            score[top:bottom, left:right] += worth * _inside(right - left)
    return np.minimum(score, 1.5)


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """How print scores that is tried as of a size and slant: the best offset, and those by row."""

    score: float
    offset: Offset
    rows: tuple[tuple[float, float], ...]


class _Search:
    """Tries where the characters of a page lie best."""

    def __init__(self, canvas: Canvas, layout: Layout) -> None:
        x, y, w, h, _ = canvas.boxes[characters(canvas)].T / canvas.ppi
        tall = (h > CHARACTER[0]) & (h < CHARACTER[1]) & (w < 0.3)  # noqa: PLR2004
        large = tall & (h > _LEGEND)
        if not canvas.ruled.any() and large.sum() > _MANY:
            # of a copy's form captions may be left where its rules are not
            tall = large
        self.at = np.stack([(x + w / 2)[tall], (y + h / 2)[tall]])
        self.worth = _worth(layout)

    def tried(self, across: float, down: float, slant: float, step: float = _STEP) -> _Tried:
        """How print scores that is of another size, and slants.

        Args:
            across: share by which it is wider than the form's.
            down: share by which it is higher.
            slant: inches across an inch down.
            step: inches between two offsets that are tried.
        """
        (x, y), (u, v) = self.at, self.at - _MIDDLE[:, None]
        x, y = x - across * u + slant * v, y - down * v - slant * u
        rows, columns = self.worth.shape
        # larger or smaller from a corner on, or from the middle
        reach = _REACH_X + abs(across) * float(_MIDDLE[0])
        right = np.arange(-reach, reach + 1e-9, 2 * _STEP)
        cols = np.round((x - right[:, None] + _PAD) / _STEP).astype(int).clip(0, columns - 1)
        cost = _UNLIKELY * right**2 / _REACH_X**2
        odd = (across**2 + down**2) / 2 / _SIZES[0] ** 2 + slant**2 / _SLANTS[0] ** 2
        found: list[tuple[float, float, float]] = []
        reach = _REACH_Y + abs(down) * float(_MIDDLE[1])
        for dy in np.arange(-reach, reach + 1e-9, step):
            lines = np.round((y - dy + _PAD) / _STEP).astype(int).clip(0, rows - 1)
            total = self.worth[lines, cols].mean(axis=1) - cost
            best = int(total.argmax())
            score = float(total[best]) - _UNLIKELY * float(dy * dy) / _REACH_Y**2 - _ODD * odd
            found.append((score, float(right[best]), float(dy)))
        score, dx, dy = max(found)
        rows_tried = tuple((worth, below) for worth, _, below in found)
        return _Tried(score, Offset(dx, dy, across, down, slant), rows_tried)

    def other(self, least: float) -> _Tried:
        """How print scores at its best size and slant; finely, where that is more than `least`."""
        coarse = 2 * _STEP
        size = max((self.tried(e, e, 0.0, coarse) for e in _SIZES), key=lambda one: one.score)
        e = size.offset.across
        best = max((self.tried(e, e, s, coarse) for s in _SLANTS), key=lambda one: one.score)
        if best.score < least:
            return best
        for name in ("slant", "across", "down", "slant"):
            now = best.offset
            values = {"across": now.across, "down": now.down, "slant": now.slant}
            finer = [values | {name: values[name] + n * _FINER} for n in range(-2, 3)]
            best = max((self.tried(**one) for one in finer), key=lambda one: one.score)
        return best


def offset(canvas: Canvas, layout: Layout) -> tuple[Offset, float]:
    """How the print sits, and how sure that is: 0 to 1, that it is no row off, and in fields."""
    search = _Search(canvas, layout)
    if search.at.shape[1] < 8:  # noqa: PLR2004 - too little print to say
        return Offset(), 1.0
    best = search.tried(0.0, 0.0, 0.0)
    if best.score < _WELL:
        other = search.other(best.score + _GAIN / 2)
        if other.score > best.score + _GAIN:
            best = other
    dy = best.offset.dy
    others = [worth for worth, y in best.rows if abs(abs(y - dy) - _PITCH) < 3 * _STEP]
    lead = best.score - max(others, default=0.0)
    sure = min(1.0, max(0.0, lead / _OPEN))
    return best.offset, sure * min(1.0, max(0.0, (best.score - _POOR) / _FAIR))
