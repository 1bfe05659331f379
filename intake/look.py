"""Look at a page: what it is, which way up it lies, and how the form lies on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forms.layout import PAPER
from intake.barcodes import read_barcodes
from intake.beyond import beyond, cut_off
from intake.by_print import by_code, by_print, shows
from intake.by_rules import by_rules
from intake.classify import LETTERS_TEXT, Ink, ink_of, without_form
from intake.found import Found
from intake.legal import is_english
from intake.letters import boxes, centres
from intake.match import guess
from intake.register import DOTS, LINES
from intake.register_print import Size, place
from intake.rules import Rules, find_faint_rules, find_rules
from intake.separator import meaning, reply_of
from intake.straighten import straightened
from intake.thumb import DPI, Thumb, thumb
from intake.version import is_1290, own_code
from models.page import CMS1500_1290, CUT, MORE, Barcode, Form, PageImage, PageLook, Registration

#: the forms that a page is held against; versions of one frame are told apart afterwards
FORMS = (Form.CMS1500, Form.UB04)
#: pages that may be a form which lies askew
_MAYBE = (Form.UNKNOWN, Form.ATTACHMENT, *FORMS)
#: a bar code that says it separates can hardly be read into anything else
_SEPARATOR = 0.999
#: median grey level of a page that is too dark for anything to be seen on it, as where the lamp
#: failed; and how sure it is that nobody can tell what it is
_BLACK, _UNSEEN = 60, 0.6
#: letters beyond the sheet of the form that make another paper: forms and papers that lay beside
#: one had 207 to 2,232, and pages that lay alone had none
_ANOTHER = 100
#: fields beyond the picture that make a form one of which a part is missing
_CUT = 5
#: the quality of a place found by print on a page that had to be straightened
_WELL = 0.65
#: a sheet is blank on which something faint can't be read
_PERHAPS = 0.9
#: inches by which a letter sheet may be cut or framed
_SHEET_OFF = 0.6


def look(page: PageImage) -> PageLook:
    """Tell what a page is and where everything on it lies.

    A page on which no form is found sure enough gets none; a form that is known by its code or
    its name alone gets a registration of method `none`. Both belong before a person, and so does a
    page that is nearly black: what is on it can't be seen. A form beside which another paper seems
    to lie has the doubt `page.more`, for that is not read, and one of which the picture shows a
    part only `page.cut`.
    """
    small = thumb(page)
    seen = _look(page, small)
    laid = seen.registration
    if laid is None or not _laid(seen):
        return seen
    cut = len(cut_off(seen.form, laid, page.pixels.shape[:2])) >= _CUT
    more = beyond(small, laid) > _ANOTHER
    return replace(seen, doubts=(*([CUT] if cut else []), *([MORE] if more else [])))


def _look(page: PageImage, small: Thumb) -> PageLook:
    """As `look`, of the page and of it made small, without doubts."""
    ink = ink_of(small.grey)
    if not ink.blank:
        seen = _seen(small, ink)
        return seen if _told(seen) else _askew(page, small, seen)
    # print that is hardly there, or the other side's, which shines through and is the wrong way
    small = thumb(page, faint=True)
    shown = ink_of(small.grey)
    if float(np.median(small.grey)) < _BLACK:
        nothing = PageLook(Form.UNKNOWN, 0, _UNSEEN, ink=ink.share)
    else:
        sure = ink.confidence if shown.letters < LETTERS_TEXT else _PERHAPS
        nothing = PageLook(Form.BLANK, 0, sure, ink=ink.share)
    if shown.letters < LETTERS_TEXT:
        return nothing
    seen = _seen(small, shown)
    if (_laid(seen) and seen.confidence >= _PERHAPS) or seen.form is Form.SEPARATOR:
        return seen
    if seen.form is Form.ATTACHMENT and is_english(small, seen.quarter_turns):
        return seen
    return nothing


def _told(seen: PageLook) -> bool:
    """Whether it is sure what a page is, or not worth another look."""
    return _laid(seen) or seen.form not in _MAYBE


def _laid(seen: PageLook) -> bool:
    """Whether a form was found and laid."""
    return seen.registration is not None and seen.registration.method != "none"


def _askew(page: PageImage, small: Thumb, seen: PageLook) -> PageLook:
    """What a page is that may not lie straight: the form on it, or what it was taken for."""
    for flat, back in straightened(page, small, centres(boxes(small.grey))):
        view = thumb(flat)
        again = _seen(view, ink_of(view.grey))
        if again.registration is not None and _laid(again) and _fits(again.registration):
            matrix = back @ again.registration.to_scan
            laid = replace(again.registration, to_scan=matrix / matrix[2, 2])
            return replace(again, registration=laid, barcodes=seen.barcodes, ink=seen.ink)
    return seen


def _seen(small: Thumb, ink: Ink) -> PageLook:
    """What a page is that is not blank."""
    barcodes = read_barcodes(small.full)
    if any(meaning(code) is not None for code in barcodes):
        return PageLook(Form.SEPARATOR, 0, _SEPARATOR, None, barcodes, ink.share)
    rules = find_rules(small.grey)
    if any(reply_of(code.text) is not None for code in barcodes):
        turns = without_form(small, rules, ink)[1]
        return PageLook(Form.ATTACHMENT, turns, _SEPARATOR, None, barcodes, ink.share)
    found = _find(small, rules, barcodes)
    if found is None:
        form, turns, confidence = without_form(small, rules, ink)
        nowhere = Registration(np.diag([DPI, DPI, 1.0]), 1.0, 0.0, "none")
        registration = nowhere if form.is_claim else None
        return PageLook(form, turns, confidence, registration, barcodes, ink.share)
    if found.form is Form.CMS1500_0805 and is_1290(small, found):
        return PageLook(Form.UNKNOWN, found.turns, 0.9, None, barcodes, ink.share, CMS1500_1290)
    return PageLook(
        found.form, found.turns, found.confidence, found.registration, barcodes, ink.share
    )


def _find(small: Thumb, rules: Rules, barcodes: tuple[Barcode, ...]) -> Found | None:
    """The claim form on a page: by its rules, else by its print, else by what is left of rules."""
    code = own_code(barcodes)
    forms = FORMS if code is None else (Form.CMS1500,)
    found = by_rules(small, barcodes, guess(rules, forms, sized=small.sized), LINES)
    if found is None and small.sized:
        # a picture may say what it likes about its resolution
        found = by_rules(small, barcodes, guess(rules, forms, sized=False), LINES)
    if found is not None:
        return found
    marks = boxes(small.grey, rules.across | rules.down)
    points = centres(marks)
    faint = find_faint_rules(small.grey)
    placed = place(points, small.grey.shape, forms, "known")
    # a form that its code tells may lie elsewhere all the same, and one that dirt seems to fill
    if not shows(placed, None, plainly=True):
        found = by_rules(small, barcodes, guess(faint, forms, sized=small.sized), DOTS)
        if found is not None:
            return found
        # smaller on its paper, or in a picture that may say what it likes of its size
        size: Size = "smaller" if small.sized and _is_letter(small) else "unknown"
        other = place(points, small.grey.shape, forms, size)
        if shows(other, code) and other[0].filled > 0 and other[0].odds > placed[0].odds:
            placed = other
    if shows(placed, code):
        return by_print(small, placed, marks, (rules, faint), code)
    return None if code is None else by_code(small, code)


def _fits(laid: Registration) -> bool:
    """Whether print lies so well that a form is believed on a page that had to be straightened."""
    return laid.method != "print" or laid.quality > _WELL


def _is_letter(small: Thumb) -> bool:
    """Whether a page is, on its own word, a letter sheet."""
    short, long = sorted(float(side) / DPI for side in small.grey.shape)
    return bool(abs(short - PAPER[0]) < _SHEET_OFF and abs(long - PAPER[1]) < _SHEET_OFF)
