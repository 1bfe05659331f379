"""Check boxes: by the ink in each box against the emptiness of its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extractors.ink import Canvas
from extractors.parts import Mask
from extractors.place import Placed
from forms.layout import Choice, FieldSpec, Layout
from models.page import BoxPx

#: inches from a box's middle in which its mark is weighed
_HALF = 0.085
#: square inches of ink: less is dust, more is certainly a mark
DUST = 0.0006
_MARK = 0.0016
#: inches: a piece of a ruling line spreads less across, a stroke of a cross more
_SPREAD = 0.022
#: inches from a box's middle, square inches of ink: where a mark may have gone that missed its box
_WIDE = 0.14
_TRACE = 0.0003
#: share of the window that is ink when a box was filled in or scratched out
_FILLED = 0.5
#: inches around lines, and words, of the form; share of a mark that lies beside them for sure
_LINE, _WORD = 0.013, 0.02
_BESIDE = 0.04
#: how far astray a mark counts that lies on the form's own print, or of which that took a part:
#: from there on only the paper can settle it
ASTRAY = 0.5


@dataclass(frozen=True, slots=True)
class Mark:
    """What was found in the boxes of one choice.

    Attributes:
        field: field id.
        marked: names of the boxes that hold a mark, surest first.
        box: around the mark, canvas pixels.
        strongest: square inches of ink in the fullest box.
        rival: square inches of ink in the fullest box that is not marked.
        filled: a marked box is more ink than paper: filled in, or scratched out.
        astray: 0 of a mark in its box, nearer to 1 the further off it is (`extractors.astray`), or
            on the form's own print.
    """

    field: str
    marked: tuple[str, ...]
    box: BoxPx
    strongest: float
    rival: float
    filled: bool
    astray: float = 0.0


def own_print(canvas: Canvas, layout: Layout) -> Mask:
    """1 where the form prints something itself; nowhere on a scan that doesn't show it."""
    mask = np.zeros(canvas.ink.shape, np.uint8)
    if not canvas.ruled.any():
        return mask

    def fill(x0: float, y0: float, x1: float, y1: float, slack: float = _LINE) -> None:
        left, top = (max(0, round((v - slack) * canvas.ppi)) for v in (x0, y0))
        right, bottom = (round((v + slack) * canvas.ppi) + 1 for v in (x1, y1))
        mask[top:bottom, left:right] = 1

    for mark in layout.preprinted:
        x0, y0, x1, y1 = mark.box
        if mark.what == "box":
            for edge in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                fill(*edge)
        else:
            fill(x0, y0, x1, y1, _WORD)
    for rule in layout.rules:
        fill(rule.x0, rule.y0, rule.x1, rule.y1)
    return mask


def _on_lines(canvas: Canvas, own: Mask, box: BoxPx) -> bool:
    """Whether ink lies where the form itself prints, all but a little: a mark, or what is left."""
    where = (slice(box[1], box[3]), slice(box[0], box[2]))
    ink = canvas.ink[where]
    return float((ink & (1 - own[where])).sum()) < _BESIDE * float(ink.sum())


def window(canvas: Canvas, placed: Placed, choice: Choice, inches: float) -> BoxPx:
    """The window of so many inches each way around a box's middle, where the print really sits.

    In pixels of the canvas.
    """
    half, (rows, columns) = round(inches * canvas.ppi), canvas.ink.shape
    x, y = (round(v * canvas.ppi) for v in placed.off.at(choice.x, choice.y))
    return max(0, x - half), max(0, y - half), min(columns, x + half), min(rows, y + half)


def _weigh(canvas: Canvas, spec: FieldSpec, placed: Placed) -> list[tuple[float, str, BoxPx]]:
    weighed = []
    for choice in spec.choices:
        box = window(canvas, placed, choice, _HALF)
        ink = canvas.ink[box[1] : box[3], box[0] : box[2]]
        # a piece of a line left behind is thin; a mark is not
        spread = min(int((ink.any(axis=0)).sum()), int((ink.any(axis=1)).sum()))
        area = float(ink.sum()) / canvas.ppi**2 if spread > _SPREAD * canvas.ppi else 0.0
        weighed.append((area, choice.name, box))
    return sorted(weighed, key=lambda item: -item[0])


def marks(canvas: Canvas, choices: Sequence[FieldSpec], placed: Placed, own: Mask) -> list[Mark]:
    """A mark for every choice that has ink in one of its boxes; `own`: see `own_print`."""
    found = []
    for spec in choices:
        weighed = _weigh(canvas, spec, placed)
        strongest = weighed[0][0]
        if strongest < DUST:
            continue
        # beside a clear mark, faint ink is what a stroke left next door
        least = max(DUST, min(_MARK, 0.45 * strongest))
        marked = [item for item in weighed if item[0] >= least]
        empty = [item[0] for item in weighed if item[0] < least]
        box = marked[0][2]
        area = (box[2] - box[0]) * (box[3] - box[1]) / canvas.ppi**2
        found.append(
            Mark(
                field=spec.id,
                marked=tuple(name for _, name, _ in marked),
                box=box,
                strongest=strongest,
                rival=float(np.max(empty, initial=0.0)),
                filled=strongest > _FILLED * area,
                astray=ASTRAY if _on_lines(canvas, own, box) else 0.0,
            )
        )
    return found


def beside(canvas: Canvas, layout: Layout, found: Sequence[Mark]) -> set[str]:
    """Choices without a mark that have ink beside their boxes: a mark may have missed its box."""
    marked = {mark.field for mark in found}
    half = round(_WIDE * canvas.ppi)
    unsure = set()
    for spec in layout.fields.values():
        if not spec.choices or spec.id in marked:
            continue
        for choice in spec.choices:
            x, y = round(choice.x * canvas.ppi), round(choice.y * canvas.ppi)
            window = canvas.ink[max(0, y - half) : y + half, max(0, x - half) : x + half]
            if float(window.sum()) / canvas.ppi**2 > _TRACE:
                unsure.add(spec.id)
    return unsure


def sureness(mark: Mark) -> float:
    """Probability-like score that exactly the marked boxes are marked."""
    if len(mark.marked) > 1 or mark.filled:
        return 0.5
    clear = min(1.0, mark.strongest / _MARK)
    alone = 1.0 - min(1.0, mark.rival / max(mark.strongest, 1e-9))
    return 0.5 + 0.499 * clear * alone * (1.0 - mark.astray)
