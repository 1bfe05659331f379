"""Where print may be expected on a form: a density, made from the layout alone.

Each field's letters are expected on one line in its box, from its left edge (money: from its
right) and fewer the further on, as far as its kind of value usually runs; a check box's mark on
the box. `forms/data/usual.csv` says how often a field is filled in at all.
"""

from __future__ import annotations

import csv
import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.layout import PAPER, FieldSpec, Layout, layout
from models.page import Form

#: raster points an inch
RASTER = 50
#: inches of paper around the form's own sheet that the raster knows
MARGIN = 1.0
#: share of the letters that lie anywhere at all: notes, stamps, dirt
_ANYWHERE = 0.04
#: share of the letters that are the form's own print: left over by a weak drop-out, or all there
_FEW_CAPTIONS, _ALL_CAPTIONS = 0.05, 0.60
#: inches by which print lies off its line, up or down, and left or right
_OFF_LINE, _OFF_EDGE = 0.035, 0.04
#: inches a letter takes at 10 pitch
_PITCH = 0.1
#: how many letters a kind of value usually has, where it is not the width of the box
_LETTERS = {"text": 16, "name": 15, "identifier": 10, "signature": 16, "phone": 12, "units": 2}
_SHARE = 0.3
#: a field filled in on this share of claims or more is expected
_MOSTLY = 0.6


#: how much of the form's own print is left
Captions: TypeAlias = Literal["few", "all"]


@dataclass(frozen=True, slots=True, eq=False)
class PrintMap:
    """Log of how much likelier a letter is here than anywhere on the sheet.

    `odds[i, j]` is for the point (j / RASTER - MARGIN, i / RASTER - MARGIN) inches.
    """

    odds: NDArray[np.float32]


@functools.cache
def expected(form: Form) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The fields that claims mostly have: (n, 4) boxes in inches, and (n,) how often."""
    usual = [(f.box, s) for f, s in _usual(layout(form)) if not f.choices and s >= _MOSTLY]
    return np.array([box for box, _ in usual]), np.array([share for _, share in usual])


@functools.cache
def starts(form: Form) -> NDArray[np.float64]:
    """The fields that are printed from their left edge: (n, 4) boxes in inches."""
    fields = layout(form).fields.values()
    return np.array([f.box for f in fields if not f.choices and f.kind != "money"])


@functools.cache
def print_map(form: Form, captions: Captions = "few") -> PrintMap:
    """The map of a form, with few or all of its captions still on the paper."""
    plan = layout(form)
    shape = tuple(round((side + 2 * MARGIN) * RASTER) + 1 for side in (PAPER[1], PAPER[0]))
    density = np.zeros(shape, np.float64)
    for field, share in _usual(plan):
        if field.choices:
            for choice in field.choices:
                _spread(density, share / len(field.choices), (choice.x, choice.x), choice.y)
        else:
            _letters(density, field, share)
    spread = (_OFF_EDGE * RASTER, _OFF_LINE * RASTER)
    density = np.asarray(cv2.GaussianBlur(density, (0, 0), spread[0], sigmaY=spread[1]), np.float64)
    density /= density.sum()
    own = np.zeros(shape)
    for item in plan.preprinted:
        x0, y0, x1, y1 = (round((v + MARGIN) * RASTER) for v in item.box)
        own[y0 : y1 + 1, x0 : x1 + 1] = 1
    own /= max(1.0, own.sum())
    sheet = PAPER[0] * PAPER[1] * RASTER**2
    printed = _FEW_CAPTIONS if captions == "few" else _ALL_CAPTIONS
    mixed = (1 - _ANYWHERE - printed) * density + printed * own + _ANYWHERE / sheet
    return PrintMap(np.log(mixed * sheet).astype(np.float32))


def _usual(plan: Layout) -> Iterator[tuple[FieldSpec, float]]:
    """Each field, and how often it is filled in."""
    with (resources.files("forms") / "data" / "usual.csv").open(encoding="utf-8") as handle:
        rows = [
            (re.compile(row["field"]), float(row["share"]))
            for row in csv.DictReader(handle)
            if row["form"] in (plan.form, plan.form.family)
        ]
    for field in plan.fields.values():
        yield field, next((s for p, s in rows if p.fullmatch(field.id)), _SHARE)


def _letters(density: NDArray[np.float64], field: FieldSpec, share: float) -> None:
    x0, y0, x1, y1 = field.box
    room = max(1, int((x1 - x0) / _PITCH + 0.5))
    usual = min(_LETTERS.get(field.kind, room), room)
    # a box of several lines has print on any of them
    lines = max(1, round((y1 - y0) / (1 / 6)))
    for line in range(lines):
        y = y0 + (line + 0.5) * (y1 - y0) / lines
        for place in range(room):
            here = share / lines / (1 + math.exp((place + 0.5 - usual) / max(1.0, usual / 5)))
            step = (place + 0.5) * _PITCH
            x = x1 - step if field.kind == "money" else x0 + step
            _spread(density, here, (x - _PITCH / 2, x + _PITCH / 2), y)


def _spread(
    density: NDArray[np.float64], mass: float, across: tuple[float, float], y: float
) -> None:
    row = round((y + MARGIN) * RASTER)
    left, right = (round((x + MARGIN) * RASTER) for x in across)
    density[row, left : max(right, left + 1)] += mass / max(1, right - left)
