"""The paper itself: the right form, readable, all of it there, and ours."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from edits import about, printed
from edits.certainty import illegible
from edits.paper import Paper
from edits.registry import Case, Hit, claim
from forms.layout import layout
from models.page import MORE, Form
from models.reading import FieldReading, PageFacts

_I: Final = (Form.UB04,)
#: a page whose form was told with less is looked at by a person first
_SURE_FORM: Final = 0.9
#: what a claim has to be matched by: one of these labels on an attachment is enough
_TELLING: Final = frozenset(
    {"patient", "member_id", "date_of_service", "account_number", "control_number", "birth_date"}
)
_PWK: Final = re.compile(r"\bPWK|\bATTACH\w*|\bENCLOSED\b")
#: a report type code (PWK01) after its qualifier, and the kinds of those that we tell apart
_REPORT: Final = re.compile(r"\bPWK ?([0-9A-Z]{2})")
_REPORTS: Final = {
    "EB": "eob",
    "OB": "operative_note",
    "DS": "discharge_summary",
    "LA": "laboratory_report",
    "09": "progress_note",
    "B4": "referral",
    "CT": "certificate_of_medical_necessity",
    "M1": "medical_record",
}
#: of a form's fields that lie beside their boxes
_ASTRAY: Final = 0.25
_FEWEST: Final = 5
#: fields that are the same on every page of a claim; diagnoses are said again, as pointers need
_HEADER: Final = ("3a", "4", "8b", "56")
_HEADER_1500: Final = ("1a", "2", "26", "33a", *(f"21.{letter}" for letter in printed.POINTERS))


@claim("D001", forms=(Form.CMS1500_0805, Form.UB92, Form.UNKNOWN))
def outdated(case: Case) -> Hit | None:
    """The form is a CMS-1500 (08/05 or 12/90) or a UB-92; only what says so is asked."""
    sure = all(page.form_confidence >= _SURE_FORM for page in case.context.pages)
    return Hit((), sure=sure)


@claim("D002", needs=("copies", "option:originals"))
def copy(case: Case) -> Hit | None:
    """A page scanned in colour shows the form in black, and the profile wants originals."""
    return Hit(()) if case.context.copies else None


@claim("D003")
def unreadable(case: Case) -> Hit | None:
    """A page was not laid or read, is cut, too pale or nearly empty; or fields are illegible."""
    fields = case.paper.fields
    unread = tuple(sorted(name for name, reading in fields.items() if illegible(reading)))
    if unread:
        case.paper.seen.update(unread)
        return Hit(unread, "fields")
    pages = case.context.pages
    lost = any(page.method == "none" or {*page.doubts} - {MORE} for page in pages)
    return Hit((), sure=False) if lost or len(fields) < _FEWEST else None


@claim("D004")
def missing_pages(case: Case) -> Hit | None:
    """A page says page x of y or that more follow, and pages are missing, double or another's."""
    amiss = about.pages_amiss(case)
    if amiss:
        return Hit(amiss)
    return _disagreeing(case.paper, _HEADER_1500 if about.is_1500(case) else _HEADER)


def _disagreeing(paper: Paper, header: Sequence[str]) -> Hit | None:
    """What pages say otherwise than the first one, or of diagnoses beyond it: lines point there."""
    for field in header:
        first = paper.value(field)
        for other in paper.page_ids(field)[1:]:
            told = first or field.startswith("21.")
            if told and paper.has(other) and paper.value(other) != first:
                return Hit((field, other), "header")
    return None


@claim("D005", needs=("counted",))
def batch_count(case: Case) -> Hit | None:
    """Pages scanned are not as many as pages counted at preparation."""
    batch = case.context.batch
    return Hit((), sure=False) if batch and batch.counted != batch.scanned else None


@claim("D006", needs=("batch",))
def attachments_first(case: Case) -> Hit | None:
    """Attachments that may be the first claim's lie in front of it, and nothing parts them."""
    batch = case.context.batch
    return Hit((), sure=False) if batch and batch.leading else None


@claim("D007", forms=(Form.ATTACHMENT,), needs=("labels",))
def nameless_attachment(case: Case) -> Hit | None:
    """An attachment says neither whom it is about, nor the account, nor our number."""
    said = set(case.context.labels or ())
    # of running text nobody can be sure that it doesn't say a thing
    return None if said & _TELLING else Hit((), sure=False)


@claim("D008", needs=("attachments",))
def announced(case: Case) -> Hit | None:
    """Item 19 or FL80 announces an attachment, and nothing of its kind came along."""
    came = case.context.attachments or ()
    fields = ["19"] if about.is_1500(case) else [f"80.{n}" for n in (1, 2, 3, 4)]
    for field in fields:
        text = case.paper.text(field)
        report = _REPORT.search(text)
        wanted = _REPORTS.get(report[1], "") if report else ""
        if (wanted and not about.covers(wanted, came)) or (not came and _PWK.search(text)):
            return Hit((field,))
    return None


@claim("D009")
def beside_its_boxes(case: Case) -> Hit | None:
    """A quarter of the fields or more lie with their middle outside of their boxes."""
    astray, placed = [], 0
    for name, reading in case.paper.fields.items():
        page = int(name.partition("#")[2] or "1")
        if page > len(case.context.pages):
            continue
        inside = _inside(case, case.context.pages[page - 1], name, reading)
        placed += inside is not None
        if inside is False:
            astray.append(name)
    many = len(astray) >= _FEWEST and len(astray) >= _ASTRAY * placed
    return Hit(tuple(sorted(astray)), sure=False) if many else None


def _inside(case: Case, page: PageFacts, name: str, reading: FieldReading) -> bool | None:
    """Whether a field's print has its middle in its box; None where that can't be told."""
    spec = layout(case.paper.form).fields.get(name.partition("#")[0])
    if page.to_scan is None or spec is None or reading.box == (0, 0, 0, 0):
        return None
    corners = [(x, y) for x in spec.box[::2] for y in spec.box[1::2]]
    laid = [_project(page.to_scan, x, y) for x, y in corners]
    middle = ((reading.box[0] + reading.box[2]) / 2, (reading.box[1] + reading.box[3]) / 2)
    xs, ys = zip(*laid, strict=True)
    return bool(min(xs) <= middle[0] <= max(xs) and min(ys) <= middle[1] <= max(ys))


def _project(to_scan: list[list[float]], x: float, y: float) -> tuple[float, float]:
    """A point of the form, in inches, in pixels of the page as scanned."""
    u, v, w = (math.fsum((row[0] * x, row[1] * y, row[2])) for row in to_scan)
    return u / w, v / w


@claim("D010", needs=("option:our_names",))
def another_payer(case: Case) -> Hit | None:
    """The payer named on the form is none of the profile's `our_names`."""
    ours = [name.upper() for name in case.context.profile.options.our_names]
    fields = (
        [f"carrier.{n}" for n in (1, 2, 3, 4)]
        if about.is_1500(case)
        else [f"50{line}" for line in printed.PAYER_LINES]
    )
    named = [case.paper.text(field) for field in fields]
    if not any(named) or any(name in text for name in ours for text in named):
        return None
    return Hit((next(field for field in fields if field in case.paper.fields),))


@claim("D011", needs=("received",))
def received(case: Case) -> Hit | None:
    """The day of receipt lies in the future."""
    day = case.context.received
    return Hit((), sure=False) if day and day > case.context.today else None


@claim("D019")
def more_on_the_sheet(case: Case) -> Hit | None:
    """Beside the form that was read, another form or paper seems to lie on the same picture."""
    more = any(MORE in page.doubts for page in case.context.pages)
    return Hit((), sure=False) if more else None
