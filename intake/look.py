"""Look at a page: what it is, which way up it lies, and how the form lies on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intake.barcodes import read_barcodes
from intake.classify import ink_of, without_form
from intake.letters import boxes, centres
from intake.match import Guess, guess, score, shown
from intake.print_map import SHEET
from intake.register import DOTS, LINES, Fit, Sight, fit_coarse, fit_fine, fit_left
from intake.register_print import Placed, place, settled
from intake.rules import Rules, find_faint_rules, find_rules
from intake.separator import meaning
from intake.template import template
from intake.thumb import DPI, Thumb, thumb
from intake.version import version
from models.page import Barcode, Form, PageImage, PageLook, Registration

#: the forms that a page is held against; versions of one frame are told apart afterwards
FORMS = (Form.CMS1500, Form.UB04)
#: share of a form's rules found, above chance, from which an exact fit is tried
_PROMISING = 0.20
#: share of the rules found by the exact fit, below which the page is no such form
_FITTED = 0.55
#: print shows a form from this much on: log odds a letter, and a little for each of the log odds
#: that the right fields are filled. Claims reach 0.78 (a third of their fields left) to 2,
#: letters, lists and backs of forms 0.6 at most
_SHOWS, _PER_FILLED = 0.70, 0.003
#: how fast the probability of that rises
_SHOWS_STEP = 0.03
#: log odds in all, and over the next best form or turn
_IN_ALL, _OVER_NEXT = 60.0, 25.0
#: log odds that count as one piece of evidence: the letters of a word go together
_WORD = 8.0
#: forms and turns that come this close to the best are fitted too, and so many at most
_CLOSE, _CLOSE_MOST = 0.12, 3
#: share of the rules shown as rows of dots, above chance, from which they are worth a fit
_FAINT = 0.08
#: a bar code that says it separates can hardly be read into anything else
_SEPARATOR = 0.999
#: inches by which a letter sheet may be cut or framed
_SHEET_OFF = 0.6
#: inches by which print may lie off its boxes: what a place found by print is good to
_PRINT_ERROR = 0.05
#: inches around a place found by print in which rules that are left are looked for
_LEFT_WINDOW = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A claim form found on a page."""

    form: Form
    turns: int
    confidence: float
    registration: Registration


def look(page: PageImage) -> PageLook:
    """Tell what a page is and where everything on it lies.

    A page on which no form is found sure enough gets none, and no registration: it belongs
    before a person, or is no claim.
    """
    small = thumb(page)
    ink = ink_of(small.grey)
    if ink.blank:
        return PageLook(Form.BLANK, 0, ink.confidence, ink=ink.share)
    barcodes = read_barcodes(small.full)
    if any(meaning(code) is not None for code in barcodes):
        return PageLook(Form.SEPARATOR, 0, _SEPARATOR, None, barcodes, ink.share)
    found = _find(small, barcodes)
    if found is None:
        form, turns, confidence = without_form(small, ink)
        return PageLook(form, turns, confidence, None, barcodes, ink.share)
    return PageLook(
        found.form, found.turns, found.confidence, found.registration, barcodes, ink.share
    )


def _find(small: Thumb, barcodes: tuple[Barcode, ...]) -> Found | None:
    """The claim form on a page: by its rules, else by its print, else by what is left of rules."""
    rules = find_rules(small.grey)
    found = _by_rules(small, barcodes, guess(rules, FORMS, sized=small.sized), LINES)
    if found is None and small.sized:
        # a picture may say what it likes about its resolution
        found = _by_rules(small, barcodes, guess(rules, FORMS, sized=False), LINES)
    if found is not None:
        return found
    marks = boxes(small.grey, rules.across | rules.down)
    points = centres(marks)
    faint = find_faint_rules(small.grey)
    placed = place(points, small.grey.shape, FORMS, sized=small.sized)
    if _fits(placed):
        return _by_print(small, placed, marks, (rules, faint))
    found = _by_rules(small, barcodes, guess(faint, FORMS, sized=small.sized), DOTS)
    if found is None and small.sized and not _is_letter(small):
        placed = place(points, small.grey.shape, FORMS, sized=False)
        if _fits(placed):
            return _by_print(small, placed, marks, (rules, faint))
    return found


def _is_letter(small: Thumb) -> bool:
    """Whether a page is, on its own word, a letter sheet."""
    short, long = sorted(float(side) / DPI for side in small.grey.shape)
    return bool(abs(short - SHEET[0]) < _SHEET_OFF and abs(long - SHEET[1]) < _SHEET_OFF)


def _by_rules(
    small: Thumb, barcodes: tuple[Barcode, ...], guesses: list[Guess], sight: Sight
) -> Found | None:
    """The form that the ruling lines show, laid exactly."""
    if not guesses or guesses[0].score < _PROMISING:
        return None
    fits: list[tuple[float, int, Guess, Fit]] = []
    for one in guesses[:_CLOSE_MOST]:
        if one.score > guesses[0].score - _CLOSE:
            form_lines = template(one.form)
            rough = fit_coarse(small.grey, one.to_small, form_lines, sight)
            fit = fit_fine(small.full, small.to_scan @ rough.matrix, form_lines, sight)
            fits.append((fit.quality, len(fits), one, fit))
    fits.sort(key=lambda f: -f[0])
    quality, _, best, fit = fits[0]
    if quality < _FITTED:
        return None
    margin = best.score - max(g.score for g in guesses if g is not best)
    if len(fits) > 1:
        margin = max(margin, quality - fits[1][0])
    confidence = float(np.clip(0.6 + 2 * margin, 0.5, 0.999))
    form = best.form
    if form is Form.CMS1500:
        form, sure = version(small.full, fit, barcodes)
        confidence *= sure
        if form is not best.form:
            fit = fit_fine(small.full, fit.matrix, template(form), sight)
    registration = Registration(fit.matrix, fit.error_in, min(1.0, fit.quality), "rules")
    return Found(form, best.turns, confidence, registration)


def _by_print(
    small: Thumb,
    placed: list[Placed],
    marks: NDArray[np.float64],
    left_over: tuple[Rules, Rules],
) -> Found:
    """The form that the print fits, and what rules may be left of it, whole or as dots."""
    rules, faint = left_over
    best = placed[0]
    others = [p.odds for p in placed[1:]]
    margin = best.odds - max(others, default=0.0)
    confidence = _sigmoid(margin / _WORD) * _sigmoid((_shows(best) - _SHOWS) / _SHOWS_STEP)
    form_lines = template(best.form)
    within = round(_LEFT_WINDOW * DPI)
    if score(faint, best.to_small, best.form, within) > _FAINT:
        rough = fit_coarse(small.grey, best.to_small, form_lines, DOTS)
        fit = fit_fine(small.full, small.to_scan @ rough.matrix, form_lines, DOTS)
        if fit.quality >= _FITTED:
            exact = Registration(fit.matrix, fit.error_in, min(1.0, fit.quality), "rules")
            return Found(best.form, best.turns, confidence, exact)
    to_small = settled(best, marks)
    matrix = small.to_scan @ to_small
    error, quality = _PRINT_ERROR, min(1.0, best.odds / best.letters / 2)
    near = shown(rules, to_small, form_lines, within)
    left = fit_left(small.full, matrix, form_lines, near, _LEFT_WINDOW)
    if left.found.any():
        matrix, error = left.matrix, max(left.error_in, _PRINT_ERROR / 2)
    return Found(best.form, best.turns, confidence, Registration(matrix, error, quality, "print"))


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def _fits(placed: list[Placed]) -> bool:
    """Whether the best place for the print is good, and clearly better than any other."""
    if not placed:
        return False
    best = placed[0]
    others = max((p.odds for p in placed[1:]), default=0.0)
    return best.odds > max(_IN_ALL, others + _OVER_NEXT) and _shows(best) > _SHOWS


def _shows(placed: Placed) -> float:
    """How well print shows a form."""
    return placed.odds / placed.letters + _PER_FILLED * placed.filled
