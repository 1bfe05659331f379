"""Look at a page: what it is, which way up it lies, and how the form lies on it."""

from __future__ import annotations

import numpy as np

from intake.classify import ink_of, without_form
from intake.match import Guess, guess
from intake.register import Fit, fit_coarse, fit_fine
from intake.rules import find_rules
from intake.template import template
from intake.thumb import Thumb, thumb
from models.page import Form, PageImage, PageLook, Registration

#: the forms that we have ruling lines of
FORMS = (Form.CMS1500, Form.UB04)
#: share of a form's rules found, above chance, from which a page is that form
_FOUND = 0.30
#: share of the rules found by the exact fit, below which a page goes to a person
_FITTED = 0.6


def look(page: PageImage) -> PageLook:
    """Tell what a page is and where everything on it lies.

    A page whose form is recognised but can't be laid exactly gets a registration of method
    `none`: it belongs before a person.
    """
    small = thumb(page)
    ink = ink_of(small.grey)
    if ink.blank:
        return PageLook(Form.BLANK, 0, ink.confidence, ink=ink.share)
    found = _by_rules(page, small)
    if found is None:
        form, confidence = without_form(ink)
        return PageLook(form, 0, confidence, ink=ink.share)
    best, fit, confidence = found
    method = "rules" if fit.quality >= _FITTED else "none"
    registration = Registration(fit.matrix, fit.error_in, fit.quality, method)
    return PageLook(best.form, best.turns, confidence, registration, (), ink.share)


def _by_rules(page: PageImage, small: Thumb) -> tuple[Guess, Fit, float] | None:
    """The form that the ruling lines show, laid exactly, and how sure that is."""
    rules = find_rules(small.grey)
    guesses: list[Guess] = []
    for sized in (True, False) if small.sized else (False,):
        guesses = guess(rules, FORMS, sized=sized)
        if guesses and guesses[0].score >= _FOUND:
            break
    else:
        return None
    best = guesses[0]
    form_lines = template(best.form)
    rough = fit_coarse(small.grey, best.to_small, form_lines)
    fit = fit_fine(page.pixels, small.to_scan @ rough.matrix, form_lines)
    margin = best.score - guesses[1].score if len(guesses) > 1 else best.score
    confidence = float(np.clip(0.5 + 2 * margin, 0.5, 0.999)) * min(1.0, 0.5 + fit.quality)
    return best, fit, confidence
