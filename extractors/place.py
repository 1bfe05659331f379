"""Whose ink is it: the claim's ink handed to the fields, wherever the print really sits.

Practices misplace their print by up to a row's half. First the offset of the whole page's print
is found, by trying where most ink falls into fields; then words, not pixels, are handed out, so
that a word that strays over its box stays whole.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import Canvas
from forms.layout import WORDY, FieldSpec, Layout

#: inches: how far the print may sit from the boxes, and the step it is tried in
_REACH_X = 0.12
_REACH_Y = 0.25
_STEP = 0.01
#: inches beyond the form that are looked at, too
_PAD = 0.2
#: what the largest offset costs, of the 1.0 that print scores which lies well
_UNLIKELY = 0.025
#: inches: half a character; and how far over the edge of a field its middle may lie
_HALF = 0.05
_OVER = 0.02
#: inches from the middle of a check box, and what a mark there is worth
_MARKED = ((0.08, 0.5), (0.055, 1.0), (0.03, 1.5))
#: inches between rows, print a row off that scores so little less leaves it open which is right
_PITCH = 1 / 6
_OPEN = 0.06
#: inches: the height of printed characters, smaller and larger ink is none
_CHAR = (0.045, 0.2)
#: inches: characters of one line have their middles no further apart
_LEVEL = 0.04
#: inches: wider gaps part words
_GAP = 0.075
#: inches from a row's middle within which a word belongs to it
_ROW = 0.1
#: inches: a character so close to a field may be the field's
_NEAR = 0.04
#: the same of a field for one character, which is narrow: print that is off by one misses it
NARROW, _NEAR_NARROW = 0.13, 0.085
#: inches between the middles of fields in one row
_SAME_ROW = 0.045
#: inches between those of fields side by side that one word may still run over
_NEXT_ROW = 0.08
#: inches to either side of its box that a field's ink may stray
_STRAY = 0.06
#: what it costs to part characters that touch, as inches off their box: in words, and elsewhere
_BREAK = 0.16
_CLOSE = 0.04
#: inches from the middle of a check box within which a mark belongs to it
MARK_REACH = 0.13
#: inches: what lies nearer to it, so far from all print, is a mark for sure
_IN_BOX = 0.06
_APART = 0.03


@dataclass(slots=True)
class Placed:
    """The ink of a page by field: component numbers of the canvas; and the print's offset.

    Attributes:
        fields: field id to the components handed to it.
        dx: inches by which the print sits right of the boxes.
        dy: inches by which it sits below them.
        sure: 0 to 1, that it is not a whole row off.
        runs: fields, left to right, over which one word runs.
        stray: components that look like print and belong nowhere.
    """

    dx: float
    dy: float
    sure: float = 1.0
    fields: dict[str, list[int]] = field(default_factory=dict)
    runs: list[tuple[str, ...]] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)


def _characters(canvas: Canvas) -> NDArray[np.intp]:
    """Components that may be printed characters or pieces of them."""
    _, _, w, h, area = canvas.boxes.T
    return np.nonzero((area > 0) & (h < _CHAR[1] * canvas.ppi * 1.6) & (w < 2.5 * canvas.ppi))[0]


def _inside(width: int) -> NDArray[np.float32]:
    """What a character is worth by where its middle lies across a field of so many steps.

    Half of one that is printed over the edge lies outside.
    """
    away = np.minimum(np.arange(width), np.arange(width)[::-1]) + 1
    return np.minimum(away * _STEP / (_OVER + _HALF), 1.0).astype(np.float32)


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


def offset(canvas: Canvas, layout: Layout) -> tuple[float, float, float]:
    """(dx, dy) in inches by which the print sits off the boxes, and how sure the row is."""
    score = _worth(layout)
    down, across = score.shape
    which = _characters(canvas)
    x, y, w, h, _ = canvas.boxes[which].T / canvas.ppi
    tall = (h > _CHAR[0]) & (h < _CHAR[1]) & (w < 0.3)  # noqa: PLR2004
    cx, cy = (x + w / 2)[tall], (y + h / 2)[tall]
    if len(cx) < 8:  # noqa: PLR2004 - too little print to say
        return 0.0, 0.0, 1.0
    right = np.arange(-_REACH_X, _REACH_X + 1e-9, 2 * _STEP)
    cols = np.round((cx - right[:, None] + _PAD) / _STEP).astype(int).clip(0, across - 1)
    cost = _UNLIKELY * right**2 / _REACH_X**2
    tried: list[tuple[float, float, float]] = []
    for dy in np.arange(-_REACH_Y, _REACH_Y + 1e-9, _STEP):
        rows = np.round((cy - dy + _PAD) / _STEP).astype(int).clip(0, down - 1)
        total = score[rows, cols].mean(axis=1) - cost
        at = int(total.argmax())
        worth = float(total[at]) - _UNLIKELY * float(dy * dy) / _REACH_Y**2
        tried.append((worth, float(right[at]), float(dy)))
    best, dx, dy = max(tried)
    others = [t for t, _, y in tried if abs(abs(y - dy) - _PITCH) < 3 * _STEP]
    lead = best - max(others, default=0.0)
    return dx, dy, min(1.0, max(0.0, lead / _OPEN))


def _words(canvas: Canvas, which: NDArray[np.intp]) -> list[list[int]]:
    """Components grouped into words: side by side, on one line, with small gaps."""
    # plain numbers: an array's cost ten times as much one by one
    boxes = canvas.boxes[:, :4].tolist()
    order = sorted(which.tolist(), key=lambda i: (boxes[i][0], boxes[i][1]))
    gap, small, level = (v * canvas.ppi for v in (_GAP, _CHAR[0], _LEVEL))
    parent = {i: i for i in order}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    active: list[int] = []
    for i in order:
        x, y, _, h = boxes[i]
        active = [j for j in active if boxes[j][0] + boxes[j][2] + gap >= x]
        for j in active:
            _, top, _, high = boxes[j]
            shared, lower = min(y + h, top + high) - max(y, top), min(h, high)
            near = abs(y + h / 2 - top - high / 2) < level or lower < small
            if shared > 0.5 * lower and near:
                parent[root(i)] = root(j)
        active.append(i)
    groups: dict[int, list[int]] = {}
    for i in order:
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _middle(canvas: Canvas, word: Iterable[int]) -> float:
    """The height of a word's middle in inches, weighed by its larger components."""
    boxes = canvas.boxes[list(word)]
    weight = boxes[:, 3].astype(float) ** 2
    return float(((boxes[:, 1] + boxes[:, 3] / 2) * weight).sum() / weight.sum() / canvas.ppi)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The fields of a form as arrays, where the print really sits; inches."""

    specs: list[FieldSpec]
    boxes: NDArray[np.float64]
    middles: NDArray[np.float64]
    halves: NDArray[np.float64]


def _characters_at(spans: NDArray[np.float64]) -> NDArray[np.float64]:
    """The middles of characters; of joined writing those of the first and the last."""
    middles = spans.mean(axis=1)
    first, last = spans[:, 0] + _HALF, spans[:, 1] - _HALF
    return np.concatenate([np.minimum(middles, first), np.maximum(middles, last)])


def _row(grid: _Grid, y: float, xs: NDArray[np.float64]) -> list[int]:
    """Fields of the row in which a word with its middle at `y` best lies, left to right."""
    away = np.maximum(np.abs(grid.middles - y) - grid.halves, 0.0)
    outside = np.maximum(np.maximum(grid.boxes[:, 0, None] - xs, xs - grid.boxes[:, 2, None]), 0.0)
    near = np.nonzero((away < _ROW) & (outside.min(axis=1) < _STRAY))[0]
    if not len(near):
        return []
    best, found = np.inf, near
    for i in near:
        off = np.abs(grid.middles[near] - grid.middles[i])
        row = near[off < _SAME_ROW]
        for j in near[(off >= _SAME_ROW) & (off < _NEXT_ROW)]:
            # a field that begins where the row's others end, a little higher or lower
            left, right = grid.boxes[j, 0], grid.boxes[j, 2]
            apart = (grid.boxes[row, 2] <= left) | (grid.boxes[row, 0] >= right)
            if apart.all():
                row = np.append(row, j)
        cost = float(np.minimum(outside[row].min(axis=0), 0.3).mean()) * 2 + float(away[i])
        if cost < best:
            best, found = cost, row
    return sorted(found.tolist(), key=lambda i: grid.boxes[i, 0])


def _share(grid: _Grid, row: list[int], spans: NDArray[np.float64]) -> list[int]:
    """For each component of a word, left to right, the field of `row` that it goes to.

    A word that runs over two fields is parted where that costs least: by how far its characters
    would lie outside their box, by the gap between them, and by how many characters a field
    holds (two in a value code, six in a date).
    """
    middles = spans.mean(axis=1)
    count = len(spans)
    left, right = grid.boxes[row, 0, None], grid.boxes[row, 2, None]
    inside = np.maximum(np.maximum(left - middles, middles - right), 0)
    best: dict[tuple[int, int], tuple[float, int, int]] = {(0, -1): (0.0, 0, -1)}
    # states: (components given away, last field used); a field takes one run of components
    for f in range(len(row)):
        for (start, last), (cost, _, _) in list(best.items()):
            if start == count or last >= f:
                continue
            part = 0.0
            if start:
                gap = float(spans[start, 0] - spans[start - 1, 1])
                wordy = grid.specs[row[last]].kind in WORDY or grid.specs[row[f]].kind in WORDY
                part = max(0.0, (_BREAK if wordy else _CLOSE) - 0.6 * gap)
            for stop in range(start + 1, count + 1):
                total = cost + part + 2 * float(inside[f, start:stop].sum())
                total += _misfit(grid.specs[row[f]], stop - start, whole=stop - start == count)
                key = (stop, f)
                if key not in best or total < best[key][0]:
                    best[key] = (total, start, last)
    end = min((k for k in best if k[0] == count), key=lambda k: best[k][0])
    shares = [0] * count
    while end[0]:
        _, start, last = best[end]
        for i in range(start, end[0]):
            shares[i] = row[end[1]]
        end = (start, last)
    return shares


def _misfit(spec: FieldSpec, characters: int, *, whole: bool) -> float:
    """How ill so many characters fit a field, in inches."""
    if not spec.length or whole:
        return 0.0
    if spec.kind in ("code", "date", "npi") and spec.length <= 10:  # noqa: PLR2004 - fixed length
        return 0.03 * abs(characters - spec.length)
    return 0.03 * max(0, characters - spec.length)


def _beside(
    grid: _Grid, row: list[int], shares: list[int], spans: NDArray[np.float64]
) -> list[int]:
    """The fields of a row that a word lies over or ends close to, left to right."""
    found = set(shares)
    at = _characters_at(spans)
    first, last = at.min(), at.max()
    for f in row:
        if grid.boxes[f, 3] - grid.boxes[f, 1] > 0.3:  # noqa: PLR2004 - several lines
            continue
        near = _NEAR_NARROW if grid.boxes[f, 2] - grid.boxes[f, 0] < NARROW else _NEAR
        if grid.boxes[f, 0] - near < last and first < grid.boxes[f, 2] + near:
            found.add(f)
    return sorted(found, key=lambda f: grid.boxes[f, 0])


def _crosses(
    canvas: Canvas, which: NDArray[np.intp], spots: NDArray[np.float64]
) -> list[tuple[int, int]]:
    """(component, check box) of what lies in a check box on its own, however near print is."""
    if not len(spots) or not len(which):
        return []
    x, y, w, h, _ = canvas.boxes[which].T / canvas.ppi
    away = np.hypot(spots[:, 0, None] - (x + w / 2), spots[:, 1, None] - (y + h / 2))
    found = []
    for spot, k in zip(*np.nonzero(away < _IN_BOX), strict=True):
        level = (y < y[k] + h[k]) & (y + h > y[k])
        level[k] = False
        gap = np.maximum(x - (x[k] + w[k]), x[k] - (x + w))[level]
        if h[k] > _CHAR[0] and w[k] > _CHAR[0] and (not gap.size or gap.min() > _APART):
            found.append((int(which[k]), int(spot)))
    return found


def place(canvas: Canvas, layout: Layout) -> Placed:
    """The claim's ink, handed to the fields of `layout`."""
    dx, dy, sure = offset(canvas, layout)
    placed = Placed(dx, dy, sure)
    specs = [s for s in layout.fields.values() if not s.choices]
    marks = [(s.id, c.x + dx, c.y + dy) for s in layout.fields.values() for c in s.choices]
    boxes = np.array([s.box for s in specs]) + np.array([dx, dy, dx, dy])
    grid = _Grid(
        specs=specs,
        boxes=boxes,
        middles=(boxes[:, 1] + boxes[:, 3]) / 2,
        halves=np.maximum((boxes[:, 3] - boxes[:, 1]) / 2 - 0.07, 0.0),
    )
    spots = np.array([(x, y) for _, x, y in marks])
    which = _characters(canvas)
    for i, spot in _crosses(canvas, which, spots):
        placed.fields.setdefault(marks[spot][0], []).append(i)
        which = which[which != i]
    for word in _words(canvas, which):
        tall = [i for i in word if canvas.boxes[i, 3] > _CHAR[0] * canvas.ppi]
        y = _middle(canvas, tall or word)
        word.sort(key=lambda i: 2 * canvas.boxes[i, 0] + canvas.boxes[i, 2])
        spans = (
            np.stack([canvas.boxes[word, 0], canvas.boxes[word, 0] + canvas.boxes[word, 2]], axis=1)
            / canvas.ppi
        )
        if len(word) <= 2 and len(spots):  # noqa: PLR2004 - a mark, perhaps in two pieces
            distance = np.hypot(spots[:, 0] - spans.mean(), spots[:, 1] - y)
            nearest = int(distance.argmin())
            if distance[nearest] < MARK_REACH:
                placed.fields.setdefault(marks[nearest][0], []).extend(word)
                continue
        row = _row(grid, y, _characters_at(spans))
        if not row:
            placed.stray.extend(word)
            continue
        shares = _share(grid, row, spans)
        for i, share in zip(word, shares, strict=True):
            placed.fields.setdefault(specs[share].id, []).append(i)
        beside = _beside(grid, row, shares, spans)
        if len(beside) > 1:
            placed.runs.append(tuple(specs[f].id for f in beside))
    return placed


def boxed(spec: FieldSpec, placed: Placed) -> tuple[float, float, float, float]:
    """The field's box where the print really sits, inches."""
    x0, y0, x1, y1 = spec.box
    return x0 + placed.dx, y0 + placed.dy, x1 + placed.dx, y1 + placed.dy
