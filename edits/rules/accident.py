"""What the condition comes from, and the dates of items 14 to 18."""

from __future__ import annotations

import re
from typing import Final

from edits import about
from edits.registry import Case, Hit, claim, each
from models.page import Form

_P: Final = (Form.CMS1500,)
_I: Final = (Form.UB04,)
_ROWS: Final = ("10a", "10b", "10c")
#: onset, last menstrual period
_ONSET: Final = frozenset({"431", "484"})
#: initial treatment, latest visit, acute manifestation, accident, X-ray, prescription, care
#: assumed and relinquished, first visit
_OTHER_DATE: Final = frozenset(
    {"454", "304", "453", "439", "455", "471", "090", "091", "444"}
)  # fmt: skip
_CLAIM_CODE: Final = re.compile(r"[0-9A-Z]{2}")
#: occurrence codes of accidents: medical coverage, no fault, tort
_ACCIDENTS: Final = frozenset({"01", "02", "03"})
_INPATIENT: Final = "21"


@each("A001", lambda _case: _ROWS, forms=_P)
def related_to(case: Case, field: str) -> Hit | None:
    """A row of item 10 has no mark, or both."""
    if not case.paper.has(field):
        return Hit((field,))
    return None if case.paper.value(field) else Hit((field,), "several")


@claim("A002", forms=_P)
def accident_state(case: Case) -> Hit | None:
    """Item 10b says auto accident and names no state."""
    if case.paper.value("10b") != "yes":
        return None
    return None if case.paper.has("10b.state") else Hit(("10b.state",))


@claim("A003", forms=_P)
def accident_date(case: Case) -> Hit | None:
    """Item 10 says work or accident, and neither item 14 nor item 15 has a date."""
    if case.paper.has("14.date", "15.date"):
        return None
    said = case.paper.some(_ROWS, lambda value: value == "yes")
    return Hit(("14.date",)) if said else None


@claim("A004", forms=_P)
def employment(case: Case) -> Hit | None:
    """Item 10a says that the condition comes from work, and item 1 not that FECA is to pay."""
    if case.paper.value("10a") != "yes" or case.paper.value("1") == "feca":
        return None
    return Hit(("10a",))


@claim("A005", forms=_I)
def accident_state_ub(case: Case) -> Hit | None:
    """An occurrence code 01 to 03 reports an accident, and FL29 is blank."""
    if case.paper.has("29"):
        return None
    return Hit(("29",)) if about.occurrence_codes(case) & _ACCIDENTS else None


@claim("A006", forms=_P)
def onset_date(case: Case) -> Hit | None:
    """The date in item 14 is no day of the calendar, or lies after the day of receipt."""
    if not case.paper.has("14.date"):
        return None
    date = case.paper.date("14.date")
    return None if date and date <= case.context.day else Hit(("14.date",))


@claim("A007", forms=_P)
def onset_qualifier(case: Case) -> Hit | None:
    """Item 14 has a date without the qualifier 431 or 484, or another qualifier."""
    if not case.paper.has("14.date", "14.qualifier"):
        return None
    return None if case.paper.value("14.qualifier") in _ONSET else Hit(("14.qualifier",))


@claim("A008", forms=_P)
def menstrual_period_of_a_man(case: Case) -> Hit | None:
    """Item 14 has the qualifier 484, and the patient is male."""
    if case.paper.value("14.qualifier") != "484":
        return None
    return Hit(("3.sex", "14.qualifier")) if case.paper.value("3.sex") == "M" else None


@claim("A009", forms=_P)
def other_date(case: Case) -> Hit | None:
    """Item 15 has a date without a qualifier that belongs there, or a qualifier and no date."""
    paper = case.paper
    if not paper.has("15.date", "15.qualifier"):
        return None
    if paper.value("15.qualifier") not in _OTHER_DATE:
        return Hit(("15.qualifier",))
    return None if paper.date("15.date") else Hit(("15.date",), "date")


@claim("A010", forms=_P)
def unable_to_work(case: Case) -> Hit | None:
    """A date of item 16 is no date, or the period ends before it starts."""
    paper = case.paper
    for field in ("16.from", "16.to"):
        if paper.has(field) and not paper.date(field):
            return Hit((field,), "invalid")
    start, end = paper.date("16.from"), paper.date("16.to")
    return Hit(("16.from", "16.to")) if start and end and end < start else None


@claim("A011", forms=_P)
def hospitalized(case: Case) -> Hit | None:
    """A date of item 18 is no date, the stay ends before it starts, or only its end is given."""
    paper = case.paper
    for field in ("18.from", "18.to"):
        if paper.has(field) and not paper.date(field):
            return Hit((field,))
    if paper.has("18.to") and not paper.has("18.from"):
        return Hit(("18.from",), "missing")
    start, end = paper.date("18.from"), paper.date("18.to")
    return Hit(("18.from", "18.to")) if start and end and end < start else None


@claim("A012", forms=_P)
def stay_of_inpatient(case: Case) -> Hit | None:
    """A service was given at place 21, and item 18 is blank."""
    if case.paper.has("18.from", "18.to"):
        return None
    places = [line.id("place_of_service") for line in case.paper.rows()]
    found = case.paper.some(places, lambda value: value == _INPATIENT)
    return Hit(("18.from",)) if found else None


@claim("A013", forms=_P, sharper=("table:claim_codes",))
def claim_codes(case: Case) -> Hit | None:
    """Item 10d holds something that is no two-character code, or not in the loaded list.

    On a Medicare claim it may be MCD and the patient's Medicaid number.
    """
    text = case.paper.text("10d")
    if text.startswith("MCD") and about.medicare(case):
        return None
    codes = text.replace(",", " ").split()
    known = case.context.table("claim_codes")
    for code in codes:
        if not _CLAIM_CODE.fullmatch(code) or known.lacks(code, about.first_day(case)):
            return Hit(("10d",))
    return None


@claim("A014", forms=_P)
def property_claim(case: Case) -> Hit | None:
    """Item 11b has a number without the qualifier Y4."""
    if not case.paper.has("11b"):
        return None
    return None if case.paper.value("11b.qualifier") == "Y4" else Hit(("11b.qualifier",))
