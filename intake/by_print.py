"""Find the claim form that the print fits, where its rules dropped out, or nearly so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from intake.by_rules import in_row
from intake.found import Found
from intake.letters import centres
from intake.match import guess, score, shown
from intake.perspective import askew
from intake.register import DOTS, Fit, fit_coarse, fit_fine, fit_left
from intake.register_print import Placed, agreement, far_apart, settled
from intake.rules import Rules
from intake.template import apply, template
from intake.thumb import DPI, Thumb
from intake.version import version_by_print
from models.page import Barcode, Form, Matrix, Registration

#: print shows a form from this much on: log odds a letter, and a little for each of the log odds
#: that the right fields are filled. Claims reach 0.8 (a third of their fields left) to 2,
#: letters, lists and backs of forms 0.6 at most
_SHOWS, _PER_FILLED = 0.70, 0.003
#: log odds against a claim on a page of so many letters that are filled in elsewhere: of 396 claims
#: without rules none is under 4, letters that lie like one are under -50
_MANY, _UNFILLED = 100, -40.0
#: the same where the form's own code was read: only the place is in question
_SHOWS_PLACE = 0.25
#: how fast the probability of that rises
_SHOWS_STEP = 0.03
#: log odds in all, and over the next best form or turn
_IN_ALL, _OVER_NEXT = 60.0, 25.0
#: log odds that count as one piece of evidence: the letters of a word go together
_WORD = 8.0
#: inches by which print may lie off its boxes: what a place found by print is good to
_PRINT_ERROR = 0.05
#: inches around a place found by print in which rules that are left are looked for
_LEFT_WINDOW = 0.10
#: log odds a letter by which print may lie worse on them: print a row's half off loses as much
_WORSE = 0.3
#: share of the rules shown as rows of dots, above chance, from which they are worth a fit;
#: and the share found by it from which it counts
_FAINT, _DOTTED = 0.08, 0.7
#: inches: the middle of the code on the 02/12, and how far off it may seem
_CODE, _CODE_OFF = np.array([[0.549, 0.501]]), 0.15


def shows(placed: Sequence[Placed], code: Barcode | None, *, plainly: bool = False) -> bool:
    """Whether the best place for the print is good, and clearly better than any other.

    Args:
        placed: where each form may lie, best first.
        code: the form's own QR code, where it was read.
        plainly: letter by letter: dirt looks like a claim that is full to the brim.
    """
    if not placed:
        return False
    best = placed[0]
    others = max((p.odds for p in placed[1:]), default=0.0)
    enough = _SHOWS if code is None else _SHOWS_PLACE
    if code is None and best.letters > _MANY and best.filled < _UNFILLED:
        return False
    good = _shown(best, plainly=plainly) > enough
    return good and best.odds > max(_IN_ALL, others + _OVER_NEXT)


def by_print(
    small: Thumb,
    placed: Sequence[Placed],
    marks: NDArray[np.float64],
    left_over: tuple[Rules, Rules],
    code: Barcode | None,
) -> Found:
    """The form that the print fits, laid as well as print, and what rules are left, allow.

    Args:
        small: the page.
        placed: where each form may lie, best first (`intake.register_print.place`).
        marks: boxes of its letters (`intake.letters.boxes`).
        left_over: rules that may be left of the form, whole and as dots.
        code: the form's own QR code, where it was read.
    """
    rules, faint = left_over
    best, named = askew(placed[0], centres(marks)), placed[0].form
    margin = placed[0].odds - max((p.odds for p in placed[1:]), default=0.0)
    confidence = _sigmoid(margin / _WORD)
    if code is None:
        confidence *= _sigmoid((_shown(best) - _SHOWS) / _SHOWS_STEP)
        if best.form is Form.CMS1500:
            laid = small.to_scan @ best.to_small
            named, sure = version_by_print(small.full, laid, best.to_small, centres(marks))
            confidence *= sure
    within = round(_LEFT_WINDOW * DPI)
    if score(faint, best.to_small, best.form, within) > _FAINT:
        fit = _by_dots(small, best, faint)
        if fit is not None:
            exact = Registration(fit.matrix, fit.error_in, min(1.0, fit.quality), "rules")
            return Found(named, best.turns, confidence, exact)
    to_small = settled(best, marks)
    matrix = small.to_scan @ to_small
    error, quality = _PRINT_ERROR, min(1.0, best.each / 2)
    if code is not None:
        matrix = _on_code(matrix, code)
    form_lines = template(best.form)
    near = shown(rules, np.linalg.inv(small.to_scan) @ matrix, form_lines, within)
    left = fit_left(small.full, matrix, form_lines, near, _LEFT_WINDOW)
    if left.found.any() and _agrees(small, left.matrix, matrix, marks, best.form):
        matrix, error = left.matrix, max(left.error_in, _PRINT_ERROR / 2)
    return Found(named, best.turns, confidence, Registration(matrix, error, quality, "print"))


def _agrees(
    small: Thumb, laid: Matrix, before: Matrix, marks: NDArray[np.float64], form: Form
) -> bool:
    """Whether print lies hardly worse on the rules that are left: a crease is none of them."""
    back, points = np.linalg.inv(small.to_scan), centres(marks)
    now, then = (agreement(np.asarray(back @ one), points, form) for one in (laid, before))
    return now > then - _WORSE


def by_code(small: Thumb, code: Barcode) -> Found:
    """A page that only its QR code tells to be a CMS-1500: for a person to look at."""
    x0, y0, x1, y1 = code.box
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    height, width = small.full.shape
    right, low = middle[0] > width / 2, middle[1] > height / 2
    # upright it stands in the left upper corner
    turns = {(False, False): 0, (False, True): 1, (True, True): 2, (True, False): 3}[right, low]
    matrix = np.diag([max(height, width) / 11.0, max(height, width) / 11.0, 1.0])
    return Found(Form.CMS1500, turns, 0.95, Registration(matrix, 1.0, 0.0, "none"))


def _by_dots(small: Thumb, best: Placed, faint: Rules) -> Fit | None:
    """An exact fit on rules that are left as dots, if there is one where the print lies."""
    starts = [best.to_small] + [
        one.to_small
        for one in guess(faint, (best.form,), sized=True)
        if one.turns == best.turns and far_apart(one.to_small, best.to_small) < 2 * _LEFT_WINDOW
    ]
    form_lines = template(best.form)
    fits = []
    for start in starts:
        rough = fit_coarse(small.grey, start, form_lines, DOTS)
        fits.append(fit_fine(small.full, small.to_scan @ rough.matrix, form_lines, DOTS))
    fit = in_row(small, max(fits, key=lambda f: f.quality), best.form, DOTS)
    return fit if fit is not None and fit.quality >= _DOTTED else None


def _on_code(matrix: Matrix, code: Barcode) -> Matrix:
    """The place moved until the form's code lies where it was read."""
    x0, y0, x1, y1 = code.box
    middle = np.array([[(x0 + x1) / 2, (y0 + y1) / 2]])
    off = (apply(np.asarray(np.linalg.inv(matrix), np.float64), middle) - _CODE)[0]
    if np.abs(off).max() > _CODE_OFF:
        return matrix
    shift = np.array([[1, 0, off[0]], [0, 1, off[1]], [0, 0, 1.0]])
    return np.asarray(matrix @ shift, np.float64)


def _shown(placed: Placed, *, plainly: bool = False) -> float:
    """How well print shows a form."""
    each = placed.odds / placed.letters if plainly else placed.each
    return each + _PER_FILLED * placed.filled


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))
