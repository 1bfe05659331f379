"""A form's ruling lines as the search wants them: positions on each axis, points to visit."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forms.layout import Rule, rules
from models.page import Form, Matrix

#: the quarter turns that a scan may lie on its side by: form (x right, y down) to scan
TURNS = (
    np.array([[1.0, 0.0], [0.0, 1.0]]),
    np.array([[0.0, 1.0], [-1.0, 0.0]]),
    np.array([[-1.0, 0.0], [0.0, -1.0]]),
    np.array([[0.0, -1.0], [1.0, 0.0]]),
)
#: inches between the points at which a rule is looked for
_STEP = 0.12
#: inches from a rule's end to its first point: ends are where drawings differ
_INSET = 0.04
#: inches between rules that pass for one another
_ALIKE = 0.03
#: how much less is expected of rules that many printers leave faint
_WEIGHT = {"solid": 1.0, "thick": 1.0, "light": 0.25, "dotted": 0.0}


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A form's ruling lines, inches.

    Attributes:
        points: (n, 2) points on the rules.
        across: (n,) whether the point's rule runs across.
        weight: (n,) how surely a scan shows it.
        rule: (n,) number of the rule that the point is on.
        rows: (m, 2) position down the page, and total length, of the rules that run across.
        columns: (m, 2) position across, and total length, of those that run down.
    """

    points: NDArray[np.float64]
    across: NDArray[np.bool_]
    weight: NDArray[np.float64]
    rule: NDArray[np.int64]
    rows: NDArray[np.float64]
    columns: NDArray[np.float64]


@functools.cache
def template(form: Form) -> Template:
    """The ruling lines of a claim form."""
    return _template(rules(form))


@functools.cache
def own(form: Form, other: Form) -> Template:
    """The ruling lines of a form that another, of the same frame, has not."""
    others = rules(other)
    return _template(tuple(r for r in rules(form) if not any(_alike(r, o) for o in others)))


def _alike(one: Rule, two: Rule) -> bool:
    """Whether two rules would pass for one another."""
    if one.horizontal != two.horizontal:
        return False
    if one.horizontal:
        beside, start, end = abs(one.y0 - two.y0), max(one.x0, two.x0), min(one.x1, two.x1)
    else:
        beside, start, end = abs(one.x0 - two.x0), max(one.y0, two.y0), min(one.y1, two.y1)
    length = max(one.x1 - one.x0, one.y1 - one.y0)
    return beside < _ALIKE and end - start > length / 2


def _template(lines: tuple[Rule, ...]) -> Template:
    points: list[tuple[float, float]] = []
    across: list[bool] = []
    weight: list[float] = []
    number: list[int] = []
    rows: list[tuple[float, float]] = []
    columns: list[tuple[float, float]] = []
    for index, rule in enumerate(lines):
        length = abs(rule.x1 - rule.x0) + abs(rule.y1 - rule.y0)
        if _WEIGHT[rule.style] == 0 or length < 3 * _INSET:
            continue
        share = np.linspace(0, 1, max(2, round((length - 2 * _INSET) / _STEP) + 1))
        share = (_INSET + share * (length - 2 * _INSET)) / length
        points += [
            (rule.x0 + s * (rule.x1 - rule.x0), rule.y0 + s * (rule.y1 - rule.y0)) for s in share
        ]
        across += [rule.horizontal] * len(share)
        weight += [_WEIGHT[rule.style]] * len(share)
        number += [index] * len(share)
        (rows if rule.horizontal else columns).append(
            (rule.y0 if rule.horizontal else rule.x0, length * _WEIGHT[rule.style])
        )
    return Template(
        np.array(points),
        np.array(across),
        np.array(weight),
        np.array(number),
        merge(np.array(rows), 0.015),
        merge(np.array(columns), 0.015),
    )


def merge(lines: NDArray[np.float64], within: float, most: int = 40) -> NDArray[np.float64]:
    """Merge lines (position, length) that lie on one another; the `most` longest, by position."""
    if len(lines) == 0:
        return lines.reshape(0, 2)
    lines = lines[np.argsort(lines[:, 0])]
    group = np.concatenate([[0], np.cumsum(np.diff(lines[:, 0]) > within)])
    total = np.bincount(group, lines[:, 1])
    place = np.bincount(group, lines[:, 0] * lines[:, 1]) / np.maximum(total, 1e-9)
    merged = np.stack([place, total], axis=1)
    merged = merged[np.argsort(-merged[:, 1])][:most]
    return merged[np.argsort(merged[:, 0])]


def thinned(form_lines: Template, every: int) -> Template:
    """The same rules with fewer points on each."""
    few = slice(None, None, every)
    return replace(
        form_lines,
        points=form_lines.points[few],
        across=form_lines.across[few],
        weight=form_lines.weight[few],
        rule=form_lines.rule[few],
    )


def apply(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map (n, 2) points through a 3x3 homography."""
    x, y = points[:, 0], points[:, 1]
    # written out: a product of matrices this thin only wakes the threads of the library
    u, v, w = (row[0] * x + row[1] * y + row[2] for row in matrix)
    return np.stack([u / w, v / w], axis=1)


def slopes(
    matrix: Matrix, points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far a homography moves each point's image for an inch right, and for an inch down."""
    x, y = points[:, 0], points[:, 1]
    u, v, w = (row[0] * x + row[1] * y + row[2] for row in matrix)
    right, lower = (
        np.stack(
            [
                (matrix[0, axis] - matrix[2, axis] * u / w) / w,
                (matrix[1, axis] - matrix[2, axis] * v / w) / w,
            ],
            axis=1,
        )
        for axis in (0, 1)
    )
    return right, lower
