"""Whose ink is it: the claim's ink handed to the fields, wherever the print really sits.

Practices misplace their print by up to a row's half. First the offset of the whole page's print
is found, by trying where most ink falls into fields; then words, not pixels, are handed out, so
that a word that strays over its box stays whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from extractors.ink import Canvas
from extractors.offset import CHARACTER, HALF, Offset, characters, offset
from forms.layout import WORDY, FieldSpec, Layout
from models.page import BoxIn

#: inches: characters of one line have their middles no further apart
_LEVEL = 0.04
#: inches: wider gaps part words
_GAP = 0.075
#: inches from a row's middle within which a word belongs to it
_ROW = 0.1
#: inches: a character so close to a field may be the field's
_NEAR = 0.04
#: the same of a field for one character, which is narrow: print that is off by one misses it
NARROW, NEAR_NARROW = 0.13, 0.085
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
        off: how the print sits against the boxes.
        sure: 0 to 1, that it does, and not a whole row off.
        runs: fields, left to right, over which one word runs.
        stray: components that look like print and belong nowhere.
    """

    off: Offset
    sure: float = 1.0
    fields: dict[str, list[int]] = field(default_factory=dict)
    runs: list[tuple[str, ...]] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)


def _words(canvas: Canvas, which: NDArray[np.intp]) -> list[list[int]]:
    """Components grouped into words: side by side, on one line, with small gaps."""
    # plain numbers: an array's cost ten times as much one by one
    boxes = canvas.boxes[:, :4].tolist()
    order = sorted(which.tolist(), key=lambda i: (boxes[i][0], boxes[i][1]))
    small, level = CHARACTER[0] * canvas.ppi, _LEVEL * canvas.ppi
    parent = {i: i for i in order}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    beside: dict[int, list[int]] = {}
    for i, j in _side_by_side(boxes, order, _GAP * canvas.ppi):
        if (boxes[i][3] < small) != (boxes[j][3] < small):
            piece, character = (i, j) if boxes[i][3] < small else (j, i)
            beside.setdefault(piece, []).append(character)
        elif boxes[i][3] < small or abs(_at(boxes[i]) - _at(boxes[j])) < level:
            parent[root(i)] = root(j)
    pieces: dict[int, tuple[list[int], set[int]]] = {}
    for piece, near in beside.items():
        some, tall = pieces.setdefault(root(piece), ([], set()))
        some.append(piece)
        tall.update(near)
    for some, tall in pieces.values():
        for character in _of_one_row(boxes, some, tall, level):
            parent[root(some[0])] = root(character)
    groups: dict[int, list[int]] = {}
    for i in order:
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _side_by_side(
    boxes: list[list[int]], order: list[int], gap: float
) -> Iterator[tuple[int, int]]:
    """Components of `order`, left to right, that share half the lower one's height, so near."""
    active: list[int] = []
    for i in order:
        x, y, _, h = boxes[i]
        active = [j for j in active if boxes[j][0] + boxes[j][2] + gap >= x]
        for j in active:
            _, top, _, high = boxes[j]
            if top < y + h and top + high > y:
                shared = min(y + h, top + high) - max(y, top)
                if shared > 0.5 * min(h, high):
                    yield i, j
        active.append(i)


def _at(box: list[int]) -> float:
    """The height of a component's middle, pixels."""
    return box[1] + box[3] / 2


def _of_one_row(
    boxes: list[list[int]], pieces: list[int], beside: set[int], level: float
) -> list[int]:
    """The characters of one word with pieces that hang together: they bind none of two rows.

    Args:
        boxes: of all components, pixels.
        pieces: lower than characters: what is left of a line, or of a broken stroke.
        beside: characters that they lie beside.
        level: pixels between the middles of characters in one row.
    """
    at = sum(_at(boxes[p]) for p in pieces) / len(pieces)
    nearest = _at(boxes[min(beside, key=lambda c: (abs(_at(boxes[c]) - at), c))])
    return [c for c in beside if abs(_at(boxes[c]) - nearest) < level]


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
    first, last = spans[:, 0] + HALF, spans[:, 1] - HALF
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
    # plain numbers: an array's cost ten times as much one by one
    outside = (2 * np.maximum(np.maximum(left - middles, middles - right), 0)).tolist()
    gaps = (spans[1:, 0] - spans[:-1, 1]).tolist()
    best: dict[tuple[int, int], tuple[float, int, int]] = {(0, -1): (0.0, 0, -1)}
    # states: (components given away, last field used); a field takes one run of components
    for f in range(len(row)):
        spec = grid.specs[row[f]]
        misfits = [_misfit(spec, n, whole=n == count) for n in range(count + 1)]
        for (start, last), (cost, _, _) in list(best.items()):
            if start == count or last >= f:
                continue
            total = cost
            if start:
                wordy = grid.specs[row[last]].kind in WORDY or spec.kind in WORDY
                total += max(0.0, (_BREAK if wordy else _CLOSE) - 0.6 * gaps[start - 1])
            for stop in range(start + 1, count + 1):
                total += outside[f][stop - 1]
                fits = total + misfits[stop - start]
                known = best.get((stop, f))
                if known is None or fits < known[0]:
                    best[stop, f] = (fits, start, last)
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
        near = NEAR_NARROW if grid.boxes[f, 2] - grid.boxes[f, 0] < NARROW else _NEAR
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
        if h[k] > CHARACTER[0] and w[k] > CHARACTER[0] and (not gap.size or gap.min() > _APART):
            found.append((int(which[k]), int(spot)))
    return found


def place(canvas: Canvas, layout: Layout) -> Placed:
    """The claim's ink, handed to the fields of `layout`."""
    off, sure = offset(canvas, layout)
    placed = Placed(off, sure)
    specs = [s for s in layout.fields.values() if not s.choices]
    marks = [(s.id, *off.at(c.x, c.y)) for s in layout.fields.values() for c in s.choices]
    boxes = np.array([off.boxed(s.box) for s in specs])
    grid = _Grid(
        specs=specs,
        boxes=boxes,
        middles=(boxes[:, 1] + boxes[:, 3]) / 2,
        halves=np.maximum((boxes[:, 3] - boxes[:, 1]) / 2 - 0.07, 0.0),
    )
    spots = np.array([(x, y) for _, x, y in marks])
    which = characters(canvas)
    for i, spot in _crosses(canvas, which, spots):
        placed.fields.setdefault(marks[spot][0], []).append(i)
        which = which[which != i]
    for word in _words(canvas, which):
        tall = [i for i in word if canvas.boxes[i, 3] > CHARACTER[0] * canvas.ppi]
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


def boxed(spec: FieldSpec, placed: Placed) -> BoxIn:
    """The field's box where the print really sits, inches."""
    return placed.off.boxed(spec.box)
