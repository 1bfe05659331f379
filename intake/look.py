"""Look at a page: what it is, which way up it lies, and how the form lies on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intake.classify import ink_of, without_form
from intake.letters import letters
from intake.match import guess, shown
from intake.register import fit_coarse, fit_fine, fit_left
from intake.register_print import Placed, place
from intake.rules import Rules, find_rules
from intake.template import template
from intake.thumb import DPI, Thumb, thumb
from intake.version import version
from models.page import Form, PageImage, PageLook, Registration

#: the forms that a page is held against; versions of one frame are told apart afterwards
FORMS = (Form.CMS1500, Form.UB04)
#: share of a form's rules found, above chance, from which an exact fit is tried
_PROMISING = 0.20
#: share of the rules found by the exact fit, below which the page is no such form
_FITTED = 0.55
#: log odds a letter, and in all, above which print shows a form; and over the next best form
_PER_LETTER, _IN_ALL, _OVER_NEXT = 0.75, 80.0, 40.0
#: log odds that count as one piece of evidence: the letters of a word go together
_WORD = 8.0
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

    A page whose form is recognised but can't be laid exactly gets a registration of method
    `none`: it belongs before a person.
    """
    small = thumb(page)
    ink = ink_of(small.grey)
    if ink.blank:
        return PageLook(Form.BLANK, 0, ink.confidence, ink=ink.share)
    rules = find_rules(small.grey)
    found = _by_rules(page, small, rules) or _by_print(page, small, rules)
    if found is None:
        form, confidence = without_form(ink)
        return PageLook(form, 0, confidence, ink=ink.share)
    return PageLook(found.form, found.turns, found.confidence, found.registration, (), ink.share)


def _by_rules(page: PageImage, small: Thumb, rules: Rules) -> Found | None:
    """The form that the ruling lines show, laid exactly."""
    for sized in (True, False) if small.sized else (False,):
        guesses = guess(rules, FORMS, sized=sized)
        if not guesses or guesses[0].score < _PROMISING:
            continue
        best = guesses[0]
        form_lines = template(best.form)
        rough = fit_coarse(small.grey, best.to_small, form_lines)
        fit = fit_fine(page.pixels, small.to_scan @ rough.matrix, form_lines)
        if fit.quality < _FITTED:
            continue
        margin = best.score - max((g.score for g in guesses[1:]), default=0.0)
        confidence = float(np.clip(0.6 + 2 * margin, 0.5, 0.999))
        form = best.form
        if form is Form.CMS1500:
            form, sure = version(page.pixels, fit)
            confidence *= sure
            if form is not best.form:
                fit = fit_fine(page.pixels, fit.matrix, template(form))
        registration = Registration(fit.matrix, fit.error_in, min(1.0, fit.quality), "rules")
        return Found(form, best.turns, confidence, registration)
    return None


def _by_print(page: PageImage, small: Thumb, rules: Rules) -> Found | None:
    """The form that the print fits, where no rules are left, or too few."""
    points = letters(small.grey, rules.across | rules.down)
    for sized in (True, False) if small.sized else (False,):
        placed = place(points, small.grey.shape, FORMS, sized=sized)
        if placed and _fits(placed):
            break
    else:
        return None
    best = placed[0]
    others = [p.odds for p in placed[1:]]
    margin = best.odds - max(others, default=0.0)
    confidence = float(1 / (1 + np.exp(-margin / _WORD)))
    form_lines = template(best.form)
    matrix = small.to_scan @ best.to_small
    error, quality = _PRINT_ERROR, min(1.0, best.odds / best.letters / 2)
    near = shown(rules, best.to_small, form_lines, round(_LEFT_WINDOW * DPI))
    left = fit_left(page.pixels, matrix, form_lines, near, _LEFT_WINDOW)
    if left.found.any():
        matrix, error = left.matrix, max(left.error_in, _PRINT_ERROR / 2)
    return Found(best.form, best.turns, confidence, Registration(matrix, error, quality, "print"))


def _fits(placed: list[Placed]) -> bool:
    best = placed[0]
    others = max((p.odds for p in placed[1:]), default=0.0)
    return best.odds > max(_IN_ALL, _PER_LETTER * best.letters) and best.odds > others + _OVER_NEXT
