"""Lay a form by its print alone: what is left of a drop-out form is letters where fields are."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.layout import PAPER
from intake.letters import lean
from intake.print_map import MARGIN, RASTER, Captions, expected, print_map, starts
from intake.template import TURNS, apply
from intake.thumb import DPI
from models.page import Form, Matrix

#: fewer letters than this place nothing
FEWEST = 40
#: nor do letters beyond so many tell more
_USUAL = 900
#: raster points an inch, of the coarse search over all places at once
_COARSE = 25
#: inches that the sheet may lie off where a sheet put on the glass would lie, and in steps of
#: what that is rounded up to; and the most: beds are larger than sheets
_REACH, _REACH_STEP, _REACH_MOST = 0.8, 0.4, 3.2
#: scales tried: the file's own resolution is good to a few percent; a camera's is unknown; and a
#: copy may be made smaller, to fit its paper
Size: TypeAlias = Literal["known", "smaller", "unknown"]
_SCALES: dict[Size, NDArray[np.float64]] = {
    "known": np.arange(0.9625, 1.0376, 0.0125),
    "smaller": np.arange(0.8, 0.9626, 0.0125),
    "unknown": np.geomspace(0.5, 1.15, 64),
}
#: the finer search starts from this many places
_STARTS = 4
#: lines of print stand out this much more one way than the other, if there is no doubt
_CLEARLY = 1.6
#: inches that print may stray over its box, to the sides and up or down
_WIDE, _HIGH = 0.05, 0.03
#: inches by which print lies off its line, off the start of its field, and from other print
_IN_ROW, _ASTRAY, _GAP = 0.06, 0.13, 0.14
#: inches from the edge of a field to its first letter; fewer fields than this tell nothing
_INSET, _FEW_STARTS = 0.035, 8
#: letters that go together
_LETTERS_A_WORD = 3
#: inches that a sheet usually lies off the glass, at most
_OFF_GLASS = 0.5
#: the two axes agree in scale, and lines are level once straightened, to about this
_ODD_SHAPE, _ODD_LEAN = 0.01, 0.004


_Places: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A form laid on print.

    Attributes:
        form: which.
        turns: quarter turns clockwise that put the picture upright.
        to_small: inches to pixels of the small picture.
        odds: log of how much likelier the print is with the form there than anywhere.
        letters: how many letters that was told from.
        filled: log of how much likelier it is that just these of the fields that claims mostly
            have are filled in, than if the print lay anyhow.
    """

    form: Form
    turns: int
    to_small: Matrix
    odds: float
    letters: int
    filled: float

    @property
    def each(self) -> float:
        """Log odds a letter, of no more letters than claims have that are not full to the brim.

        What more there are stand in fields that are mostly empty, and where such a field lies
        tells less.
        """
        return self.odds / min(self.letters, _USUAL)


def place(
    points: NDArray[np.float64], shape: tuple[int, ...], forms: tuple[Form, ...], size: Size
) -> list[Placed]:
    """Lay each form, each way up, on the letters of a small picture.

    Args:
        points: (n, 2) x and y of the middles of letters, pixels of the small picture.
        shape: rows and columns of the small picture.
        forms: to be laid.
        size: how large print may be beside its form's.

    Returns:
        What each form makes of it, best first.
    """
    if len(points) < FEWEST:
        return []
    placed: dict[tuple[Form, int], Placed] = {}
    ways = _ways(points)
    for sideways, tilt in ways:
        # straighten about the middle of the picture, in inches
        middle = np.array([shape[1] / 2, shape[0] / 2])
        turn = np.array([[1, -tilt], [tilt, 1]]) / np.hypot(1, tilt)
        level = (points - middle) @ turn / DPI
        bed = _Bed.of(shape, sideways=sideways)
        for start in _starts(level, (1, 3) if sideways else (0, 2), forms, bed, size):
            flat, odds = _polish(level @ TURNS[start.turns], start, bed)
            key = (start.form, start.turns)
            if key not in placed or odds > placed[key].odds:
                # `flat` takes upright inches to form inches; the picture is the other way round
                to_picture = np.eye(3)
                to_picture[:2, :2] = DPI * turn @ TURNS[start.turns]
                to_picture[:2, 2] = middle
                matrix = to_picture @ np.linalg.inv(flat)
                matrix = matrix / matrix[2, 2]
                filled = _filled(matrix, points, start.form)
                placed[key] = Placed(start.form, start.turns, matrix, odds, len(points), filled)
    return sorted(placed.values(), key=lambda p: -p.odds)


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """Where the finer search starts from."""

    odds: float
    form: Form
    turns: int
    scale: float
    offset: NDArray[np.float64]
    captions: Captions


@dataclass(frozen=True, slots=True)
class _Bed:
    """What a scanner takes in, upright: inches by which it is larger or smaller than a sheet.

    Attributes:
        slack: across and down, half of the difference: a sheet in the middle of its bed or in
            a corner lies that far off the middle.
        reach: how far off the middle a sheet is looked for.
    """

    slack: tuple[float, float]
    reach: tuple[float, float]

    @classmethod
    def of(cls, shape: tuple[int, ...], *, sideways: bool) -> _Bed:
        size = shape[:2] if sideways else shape[1::-1]
        across, down = (
            abs(side / DPI - sheet) / 2 for side, sheet in zip(size, PAPER, strict=True)
        )
        reach = (
            min(_REACH_MOST, math.ceil((half + _REACH) / _REACH_STEP) * _REACH_STEP)
            for half in (across, down)
        )
        return cls((across, down), (next(reach), next(reach)))

    def cost(self, across: _Places, down: _Places) -> _Places:
        """Log odds against a sheet that far off the middle."""
        off_x = np.maximum(np.abs(across) - self.slack[0], 0)
        off_y = np.maximum(np.abs(down) - self.slack[1], 0)
        return np.asarray(0.5 * (off_x**2 + off_y**2) / _OFF_GLASS**2, np.float64)


def _ways(points: NDArray[np.float64]) -> list[tuple[bool, float]]:
    """Whether the page lies on its side, and how far it leans; both, if that is in doubt."""
    slope, sharp = lean(points)
    slope_down, sharp_down = lean(points[:, ::-1])
    ways = [(False, slope), (True, -slope_down)]
    if sharp > _CLEARLY * sharp_down:
        return ways[:1]
    return ways[1:] if sharp_down > _CLEARLY * sharp else ways


def _starts(
    level: NDArray[np.float64],
    turns: tuple[int, int],
    forms: tuple[Form, ...],
    bed: _Bed,
    size: Size,
) -> list[_Start]:
    """The likeliest places of all, and the likeliest of each form and turn."""
    starts: list[_Start] = []
    for turn in turns:
        spectrum = _spectrum(level @ TURNS[turn], bed.reach)
        for form in forms:
            for scale in _SCALES[size]:
                odds, offset = _everywhere(spectrum, form, float(scale), bed)
                starts.append(_Start(odds, form, turn, float(scale), offset, "few"))
    starts.sort(key=lambda s: -s.odds)
    keys = [(s.form, s.turns) for s in starts]
    kept = [s for i, s in enumerate(starts) if i < _STARTS or keys[i] not in keys[:i]]
    return kept + [replace(s, captions="all") for s in kept]


def agreement(
    to_small: Matrix,
    points: NDArray[np.float64],
    form: Form,
    maps: tuple[Captions, ...] = ("few", "all"),
) -> float:
    """How well print agrees with a form that was laid by other means.

    Args:
        to_small: 3x3, form inches to pixels of the small picture.
        points: (n, 2) x and y of the middles of letters, pixels of the small picture.
        form: that was laid.
        maps: with how many of its captions; the best of them counts.

    Returns:
        Log odds a letter.
    """
    at = apply(np.asarray(np.linalg.inv(to_small), np.float64), points)
    best = -math.inf
    for captions in maps:
        best = max(best, float(odds_at(odds_map(form, captions), at).mean(dtype=np.float64)))
    return best


def far_apart(one: Matrix, two: Matrix) -> float:
    """Inches between two places of a form, where they are furthest apart on the sheet."""
    x, y = PAPER
    corners = np.array([[0, 0], [x, 0], [0, y], [x, y]], np.float64)
    back = np.asarray(np.linalg.inv(two) @ one, np.float64)
    return float(np.hypot(*(apply(back, corners) - corners).T).max())


def settled(placed: Placed, marks: NDArray[np.float64]) -> Matrix:
    """The place moved sideways until print starts where fields do.

    The density of print has no sharp left edge, for print has none; the starts of many fields
    together have one.

    Args:
        placed: a form laid on a page's print.
        marks: boxes of its letters (`intake.letters.boxes`).
    """
    back = np.asarray(np.linalg.inv(placed.to_small), np.float64)
    one, two = apply(back, marks[:, :2]), apply(back, marks[:, 2:])
    left, right = np.minimum(one[:, 0], two[:, 0]), np.maximum(one[:, 0], two[:, 0])
    middle = (one[:, 1] + two[:, 1]) / 2
    offs = []
    for x0, y0, x1, y1 in starts(placed.form):
        in_row = np.abs(middle - (y0 + y1) / 2) < _IN_ROW
        first = left[in_row & (left > x0 - _ASTRAY) & (left < x1)]
        if not len(first):
            continue
        start = float(first.min())
        # what runs on from the field before starts nowhere
        if abs(start - x0) < _ASTRAY and not np.any(
            in_row & (right > start - _GAP) & (left < start)
        ):
            offs.append(start - x0)
    if len(offs) < _FEW_STARTS:
        return placed.to_small
    shift = np.eye(3)
    shift[0, 2] = float(np.median(offs)) - _INSET
    return np.asarray(placed.to_small @ shift, np.float64)


def _filled(to_small: Matrix, points: NDArray[np.float64], form: Form) -> float:
    """Whether the right fields are filled in: see `Placed.filled`."""
    boxes, share = expected(form)
    at = apply(np.asarray(np.linalg.inv(to_small), np.float64), points)
    x, y = at[:, 0][None, :], at[:, 1][None, :]
    left, top, right, bottom = (boxes + np.array([-_WIDE, -_HIGH, _WIDE, _HIGH])).T[:, :, None]
    hit = ((x > left) & (x < right) & (y > top) & (y < bottom)).any(axis=1)
    # letters come in words of several: as many chances to hit a box as there are words
    area = (right - left) * (bottom - top)
    words = len(points) / _LETTERS_A_WORD / (PAPER[0] * PAPER[1])
    chance = 1 - np.exp(-words * area[:, 0])
    odds = np.where(hit, np.log(share / chance), np.log((1.02 - share) / (1 - chance)))
    return float(odds.sum())


def _grid(reach: tuple[float, float]) -> tuple[int, int]:
    """Rows and columns of the coarse raster: the sheet, and as far as it may be off."""
    columns, rows = (
        round((side + 2 * more) * _COARSE) for side, more in zip(PAPER, reach, strict=True)
    )
    return cv2.getOptimalDFTSize(rows), cv2.getOptimalDFTSize(columns)


def _spectrum(upright: NDArray[np.float64], reach: tuple[float, float]) -> NDArray[np.float32]:
    """The letters, as a raster around the middle of the picture, transformed."""
    rows, columns = _grid(reach)
    at = np.rint(upright * _COARSE).astype(np.int64)
    inside = (np.abs(at[:, 0]) < columns // 2) & (np.abs(at[:, 1]) < rows // 2)
    raster = np.zeros((rows, columns), np.float32)
    np.add.at(raster, (at[inside, 1] % rows, at[inside, 0] % columns), 1)
    return np.asarray(cv2.dft(raster), np.float32)


@functools.cache
def _form_spectrum(form: Form, scale: float, reach: tuple[float, float]) -> NDArray[np.float32]:
    """A form's map at a scale, around the middle of its sheet, transformed."""
    rows, columns = _grid(reach)
    odds = print_map(form).odds
    step = RASTER / _COARSE / scale
    x = (np.arange(columns) - columns // 2) * step + (PAPER[0] / 2 + MARGIN) * RASTER
    y = (np.arange(rows) - rows // 2) * step + (PAPER[1] / 2 + MARGIN) * RASTER
    map_x, map_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    smooth = cv2.blur(odds, (2, 2))
    outside = float(odds.min())
    raster = cv2.remap(
        smooth, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=outside
    )
    raster = np.roll(raster, (-(rows // 2), -(columns // 2)), axis=(0, 1))
    return np.asarray(cv2.dft(np.ascontiguousarray(raster, np.float32)), np.float32)


def _everywhere(
    spectrum: NDArray[np.float32], form: Form, scale: float, bed: _Bed
) -> tuple[float, NDArray[np.float64]]:
    """The best place of a form, over all offsets: its odds, and the offset in inches.

    The offset is what to add to the letters to bring them onto the form.
    """
    product = cv2.mulSpectrums(_form_spectrum(form, scale, bed.reach), spectrum, 0, conjB=True)
    score = cv2.dft(product, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
    far_x, far_y = (round(more * _COARSE) for more in bed.reach)
    near = np.roll(score, (far_y, far_x), axis=(0, 1))[: 2 * far_y + 1, : 2 * far_x + 1]
    at_x = np.arange(-far_x, far_x + 1) / _COARSE
    at_y = np.arange(-far_y, far_y + 1) / _COARSE
    near = near - bed.cost(at_x[None, :], at_y[:, None])
    row, column = np.unravel_index(int(np.argmax(near)), near.shape)
    return float(near[row, column]), np.array([at_x[column], at_y[row]])


@functools.cache
def odds_map(form: Form, captions: Captions = "few") -> NDArray[np.float32]:
    """The map of a form (`intake.print_map`) with a point more on each side: beyond is worst."""
    odds = print_map(form, captions).odds
    return np.asarray(np.pad(odds, 1, constant_values=float(odds.min())), np.float32)


def odds_at(odds: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """What a map (`odds_map`) says of letters at points of the form: (n, 2) inches to (n,)."""
    place = np.rint((at + MARGIN) * RASTER).astype(np.int64) + 1
    place = np.clip(place, 0, np.array(odds.shape[::-1]) - 1)
    return np.asarray(odds[place[:, 1], place[:, 0]], np.float32)


def _polish(upright: NDArray[np.float64], start: _Start, bed: _Bed) -> tuple[Matrix, float]:
    """Improve a place by trying small moves; returns upright inches to form inches, and odds."""
    odds, scale, offset = odds_map(start.form, start.captions), start.scale, start.offset
    limit = np.array(odds.shape[::-1]) - 1
    # x offset, y offset, scale across, scale down, lean
    values = np.array([offset[0] / scale, offset[1] / scale, 1 / scale, 1 / scale, 0.0])
    values[:2] += np.array(PAPER) / 2
    steps = np.array([0.04, 0.04, 0.008, 0.008, 0.003])
    prior = values.copy()

    def score(many: NDArray[np.float64]) -> NDArray[np.float64]:
        x = many[:, 0:1] + many[:, 2:3] * upright[:, 0] - many[:, 4:5] * upright[:, 1]
        y = many[:, 1:2] + many[:, 3:4] * upright[:, 1] + many[:, 4:5] * upright[:, 0]
        i = np.clip(np.rint((x + MARGIN) * RASTER) + 1, 0, limit[0]).astype(np.int64)
        j = np.clip(np.rint((y + MARGIN) * RASTER) + 1, 0, limit[1]).astype(np.int64)
        total = odds[j, i].sum(axis=1, dtype=np.float64)
        shape = (many[:, 2] / many[:, 3] - 1) / _ODD_SHAPE
        off = bed.cost(many[:, 0] - PAPER[0] / 2, many[:, 1] - PAPER[1] / 2)
        bent = (many[:, 4] - prior[4]) / _ODD_LEAN
        return np.asarray(total - off - 0.5 * (shape**2 + bent**2), np.float64)

    moves = np.concatenate([np.eye(5), -np.eye(5)])
    # scale and place hang together far from the middle: move them as one, too
    both = np.zeros((8, 5))
    both[:2, 2:4] = [[1, 1], [-1, -1]]
    both[2:4, :2] = [[1, 1], [-1, -1]]
    both[4:8, [1, 3]] = [[1, 1], [1, -1], [-1, 1], [-1, -1]]
    moves = np.concatenate([moves, both])
    best = float(score(values[None])[0])
    for _ in range(40):
        tried = values + moves * steps
        results = score(tried)
        top = int(np.argmax(results))
        if results[top] > best + 1e-6:
            values, best = tried[top], float(results[top])
        else:
            steps = steps / 2
            if steps[0] < 0.004:  # noqa: PLR2004 - finer than print lies
                break
    flat = np.array(
        [[values[2], -values[4], values[0]], [values[4], values[3], values[1]], [0, 0, 1]]
    )
    return flat, best
