"""Find the claim form that ruling lines show, and lay it exactly."""

from __future__ import annotations

import itertools

import numpy as np

from forms.layout import PAPER
from intake.bend import bend
from intake.found import Found
from intake.letters import boxes, centres
from intake.match import Guess
from intake.register import Fit, Sight, Window, fit_coarse, fit_fine, in_sight
from intake.register_print import FEWEST, agreement
from intake.template import apply, template, thinned
from intake.thumb import Thumb
from intake.version import version
from models.page import Barcode, Form, Matrix, Registration

#: share of a form's rules found, above chance, from which an exact fit is tried
_PROMISING = 0.20
#: share of the rules found by the exact fit, below which the page is no such form
_FITTED = 0.55
#: from this share on, and with no more left over than this (inches), a fit is beyond doubt:
#: one that lies on other lines than its own leaves 0.009, what chance leaves of the window
_SURELY, _SHARP = 0.9, 0.006
#: a doubtful fit needs this share, or this much agreement of the print: log odds a letter
_LIKELY, _AGREES = 0.8, 0.35
#: inches by which either end of a form may lie off where a camera stretched it, across and down,
#: there by rows; the quality of a fit under which that is tried, and by which it must be the better
#: one; inches to either side in which its rules are looked for, and in which steps; every which
#: point of them
_ENDS = (tuple(0.07 * n for n in range(-4, 5)), tuple(n / 6 for n in range(-3, 4)))
_STRETCHED, _MUCH_BETTER = 0.85, 0.1
_AROUND, _STEP, _EVERY = 0.04, 0.008, 3
#: forms and turns that come this close to the best are fitted too, and so many at most
_CLOSE, _CLOSE_MOST = 0.12, 3
#: log of the ratio of opposite sides of a sheet, and of its scales, at the steepest camera
_BENT = 0.22
#: inches by which a form is likely to be laid wrong, for its rows are alike; and its columns
_SLIPS = (
    *((0.0, sign * rows / 6) for rows in (1, 2, 4) for sign in (1, -1)),
    *((sign * 0.31, 0.0) for sign in (1, -1)),
)
#: log odds a letter by which a slip must be the better place; or the worse, to speak for the fit
_BETTER, _CLEARLY_BETTER = 0.05, 0.3


def by_rules(
    small: Thumb, barcodes: tuple[Barcode, ...], guesses: list[Guess], sight: Sight
) -> Found | None:
    """Lay the likeliest of some guesses exactly; None where none of them holds.

    Args:
        small: the page.
        barcodes: what was read on it: one of them tells the versions of the CMS-1500 apart.
        guesses: best first (`intake.match.guess`).
        sight: how its rules are to be looked at.
    """
    if not guesses or guesses[0].score < _PROMISING:
        return None
    near = [g for g in guesses[:_CLOSE_MOST] if g.score > guesses[0].score - _CLOSE]
    fits = sorted(
        ((one, _fit(small, one.to_small, one.form, sight)) for one in near),
        key=lambda pair: -pair[1].quality,
    )
    best, first = fits[0]
    better: Fit | None = first
    while better is not None and first.quality < _STRETCHED:
        better = _unstretched(small, first, best.form, sight)
        first = better or first
    fit = in_row(small, first, best.form, sight)
    if fit is None or fit.quality < _FITTED or not _flat(fit.matrix):
        return None
    margin = best.score - max((g.score for g in guesses if g is not best), default=0.0)
    if len(fits) > 1:
        margin = max(margin, first.quality - fits[1][1].quality)
    confidence = float(np.clip(0.6 + 2 * margin, 0.5, 0.999))
    form = best.form
    if form is Form.CMS1500:
        form, sure = version(small.full, fit, barcodes)
        confidence *= sure
        if form is not best.form:
            fit = fit_fine(small.full, fit.matrix, template(form), sight)
    fit, bent = bend(small.full, fit, template(form), sight)
    registration = Registration(fit.matrix, fit.error_in, min(1.0, fit.quality), "rules", bent)
    return Found(form, best.turns, confidence, registration)


def in_row(small: Thumb, fit: Fit, form: Form, sight: Sight) -> Fit | None:
    """A fit, made sure that it did not slip by a row: there, rules are alike, print is not.

    Returns:
        The fit, or a better one beside it; None if it is doubtful and print speaks against it.
    """
    if fit.quality >= _SURELY and fit.error_in < _SHARP:
        return fit
    points = centres(boxes(small.grey))
    if len(points) < FEWEST:
        return fit if fit.quality >= _LIKELY else None
    back = np.linalg.inv(small.to_scan)

    def agrees(matrix: Matrix) -> float:
        return agreement(np.asarray(back @ matrix, np.float64), points, form)

    own = agrees(fit.matrix)
    slips = [_moved(fit.matrix, slip) for slip in _SLIPS]
    best = max(slips, key=agrees)
    if agrees(best) > own + _BETTER:
        other = _fit(small, np.asarray(back @ best, np.float64), form, sight)
        there = agrees(other.matrix)
        right = other.quality >= _FITTED and there > max(0.0, own + _BETTER)
        return other if right else None
    clear = own > 0 and own - agrees(best) > _CLEARLY_BETTER
    return fit if fit.quality >= _LIKELY or own > _AGREES or clear else None


def _unstretched(small: Thumb, fit: Fit, form: Form, sight: Sight) -> Fit | None:
    """A better fit than a doubtful one, with its ends off, across or down; None: none.

    Under a camera the size of a page is known roughly only, and rows and columns are alike.
    """
    back = np.linalg.inv(small.to_scan) @ fit.matrix
    few, window = thinned(template(form), _EVERY), Window(_AROUND, _STEP, sight)
    starts: list[tuple[float, Matrix]] = []
    for axis, ends in enumerate(_ENDS):
        for first, last in itertools.permutations(ends, 2):
            stretch = np.eye(3)
            stretch[axis, axis] = 1 + (last - first) / PAPER[axis]
            stretch[axis, 2] = first
            start = np.asarray(back @ stretch, np.float64)
            starts.append((in_sight(small.grey, start, few, window), start))
    other = _fit(small, max(starts, key=lambda pair: pair[0])[1], form, sight)
    return other if other.quality > fit.quality + _MUCH_BETTER else None


def _fit(small: Thumb, to_small: Matrix, form: Form, sight: Sight) -> Fit:
    form_lines = template(form)
    rough = fit_coarse(small.grey, to_small, form_lines, sight)
    return fit_fine(small.full, small.to_scan @ rough.matrix, form_lines, sight)


def _flat(matrix: Matrix) -> bool:
    """Whether a sheet of paper before a camera can look like that."""
    x, y = PAPER
    corners = apply(matrix, np.array([[0, 0], [x, 0], [x, y], [0, y]], np.float64))
    top, right, bottom, left = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    wide, high = (top + bottom) / 2 / x, (left + right) / 2 / y
    ratios = np.array([top / bottom, left / right, wide / high])
    return bool(np.abs(np.log(ratios)).max() < _BENT)


def _moved(matrix: Matrix, by: tuple[float, float]) -> Matrix:
    shift = np.array([[1, 0, by[0]], [0, 1, by[1]], [0, 0, 1.0]])
    return np.asarray(matrix @ shift, np.float64)
