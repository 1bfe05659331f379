"""Diagnoses."""

from __future__ import annotations

import re
from typing import Final

from codes import icd, patients
from edits import about, printed
from edits.registry import Case, Hit, claim, each
from models.page import Form

_P: Final = (Form.CMS1500,)
_I: Final = (Form.UB04,)
_POA: Final = frozenset("YNUW1")
#: visits that nobody planned: emergency, urgent care, observation (revenue codes)
_UNSCHEDULED: Final = re.compile(r"045\d|0516|0526|0762")
_LENGTH: Final = 7
#: a blank behind the third character
_GAP: Final = re.compile(r"[A-Z][0-9A][0-9AB] [0-9A-Z]")


@claim("X001", forms=_P)
def indicator(case: Case) -> Hit | None:
    """The ICD indicator of item 21 is blank, or neither 0 nor 9.

    An ambulance's claim to Medicare without a diagnosis needs none.
    """
    if not case.paper.has("21.indicator"):
        return None if about.needs_no_diagnosis(case) else Hit(("21.indicator",), "missing")
    return None if case.paper.value("21.indicator") in {"0", "9"} else Hit(("21.indicator",))


@claim("X002", forms=_I)
def version(case: Case) -> Hit | None:
    """FL66 is blank, or neither 0 nor 9."""
    if not case.paper.has("66"):
        return Hit(("66",), "missing")
    return None if case.paper.value("66") in {"0", "9"} else Hit(("66",))


@claim("X003")
def version_of_date(case: Case) -> Hit | None:
    """The indicator says ICD-9 for services from 1 October 2015 on, or ICD-10 before."""
    field = "21.indicator" if about.is_1500(case) else "66"
    says = case.paper.value(field)
    day = about.code_day(case)
    if day is None or says not in {"0", "9"}:
        return None
    return Hit((field,)) if (says == "0") != (day >= icd.SWITCH) else None


@claim("X004", forms=_P)
def first_diagnosis(case: Case) -> Hit | None:
    """Item 21A is blank; an ambulance's claim to Medicare may come without a diagnosis."""
    if case.paper.has("21.A") or about.needs_no_diagnosis(case):
        return None
    return Hit(("21.A",))


@claim("X005", forms=_I)
def principal_diagnosis(case: Case) -> Hit | None:
    """FL67 has no principal diagnosis."""
    return None if case.paper.has("67") else Hit(("67",))


@each("X006", about.all_diagnosis_fields)
def shape(case: Case, field: str) -> Hit | None:
    """A diagnosis has not the shape of an ICD-10-CM code."""
    if not case.paper.has(field) or not about.icd10(case):
        return None
    return None if icd.shaped(case.paper.value(field) or "") else Hit((field,))


@each("X007", about.all_diagnosis_fields, sharper=("table:icd10cm",))
def valid_on_date(case: Case, field: str) -> Hit | None:
    """A diagnosis code is in no release, or was not valid on the day that counts.

    Inpatient that is the day of discharge, else of service; a code that no release has is milder
    where the releases end before that day. Heads of more specific codes are X008's.
    """
    code = case.paper.value(field) or ""
    if not icd.shaped(code) or not about.icd10(case):
        return None
    day = about.code_day(case)
    if day is None or day < icd.SWITCH or icd.header(code, day):
        return None
    if case.context.table("icd10cm").has(code, day):
        return None
    found = icd.diagnoses().valid(code, day)
    known_later = found is None and code in icd.diagnoses().codes
    if found or known_later:
        return None
    details = (("date", f"{day:%m/%d/%Y}"),)
    return Hit((field,), "later" if found is None else "", details)


@each("X008", about.all_diagnosis_fields, sharper=("table:icd10cm",))
def specific(case: Case, field: str) -> Hit | None:
    """A diagnosis code is the head of more specific ones, which must be used.

    One that the loaded list has on the day is none any more.
    """
    code = case.paper.value(field) or ""
    if not icd.shaped(code) or not about.icd10(case):
        return None
    day = about.code_day(case)
    if not icd.header(code, day) or case.context.table("icd10cm").has(code, day):
        return None
    return Hit((field,))


def _others(case: Case) -> list[str]:
    return about.diagnosis_fields(case)[1:]


@each("X009", _others)
def twice(case: Case, field: str) -> Hit | None:
    """A diagnosis stands in an earlier place already."""
    code = case.paper.value(field)
    if not code:
        return None
    places = about.diagnosis_fields(case)
    earlier = places[: places.index(field)]
    same = case.paper.some(earlier, lambda value: value == code)
    return Hit((field,)) if same else None


@claim("X010")
def gap(case: Case) -> Hit | None:
    """A place for a diagnosis is empty while a later one is filled; not the first, see X004."""
    places = about.diagnosis_fields(case)
    filled = [place for place in places if case.paper.has(place)]
    if not filled:
        return None
    before = places[1 : places.index(filled[-1])]
    empty = tuple(place for place in before if place not in filled)
    return Hit(empty[:1]) if empty else None


@claim("X011")
def cause_first(case: Case) -> Hit | None:
    """The first diagnosis is an external cause (V00 to Y99)."""
    first = about.diagnosis_fields(case)[0]
    code = case.paper.value(first) or ""
    fires = icd.shaped(code) and icd.external_cause(code) and about.icd10(case)
    return Hit((first,)) if fires else None


@each("X012", about.all_diagnosis_fields)
def fits_sex(case: Case, field: str) -> Hit | None:
    """A diagnosis is one of the other sex only."""
    only = patients.diagnosis_sex(case.paper.value(field) or "")
    if only is None:
        return None
    sex = case.paper.value(about.sex_field(case))
    fires = sex in {"M", "F"} and sex != only and about.icd10(case)
    return Hit((field, about.sex_field(case))) if fires else None


@each("X013", about.all_diagnosis_fields)
def fits_age(case: Case, field: str) -> Hit | None:
    """A diagnosis is one of another age only: newborn, child, mother, adult."""
    ages = patients.diagnosis_ages(case.paper.value(field) or "")
    if ages is None:
        return None
    years = about.age(case, about.code_day(case))
    if years is None or years < 0 or ages[0] <= years <= ages[1] or not about.icd10(case):
        return None
    return Hit((field, about.birth_field(case)))


@claim("X014", forms=_I)
def admitting(case: Case) -> Hit | None:
    """The bill is one of an admission (011x, 012x, 018x, 021x, 022x), and FL69 is blank."""
    if case.paper.has("69"):
        return None
    kind = about.bill(case)
    return Hit(("69",)) if kind and kind.kind in {"11", "12", "18", "21", "22"} else None


@claim("X015", forms=_I)
def reason_for_visit(case: Case) -> Hit | None:
    """An outpatient came unscheduled, and FL70 is blank.

    That is type of admission 1, 2 or 5 with a revenue code of emergency, urgent care or
    observation, on a bill 013x, 078x or 085x.
    """
    if case.paper.has("70a", "70b", "70c"):
        return None
    kind = about.bill(case)
    if not kind or kind.kind not in {"13", "78", "85"}:
        return None
    if case.paper.value("14") not in {"1", "2", "5"}:
        return None
    revenue = [line.id("42") for line in case.paper.rows()]
    found = case.paper.some(revenue, lambda value: bool(_UNSCHEDULED.fullmatch(value)))
    return Hit(("70a",)) if found else None


def _with_poa(case: Case) -> list[str]:
    return [*about.diagnosis_fields(case), *(f"72{row}" for row in "abc")]


@each("X016", _with_poa, forms=_I, sharper=("table:poa_exempt",))
def present_on_admission(case: Case, field: str) -> Hit | None:
    """On an acute inpatient bill, a diagnosis says nothing valid of being present on admission.

    Blank is right for exempt codes: by the loaded list, else by the chapters that are exempt.
    """
    if not case.paper.has(field):
        return None
    kind = about.bill(case)
    if not kind or not kind.acute:
        return None
    if case.paper.has(f"{field}.poa"):
        fine = case.paper.value(f"{field}.poa") in _POA
        return None if fine else Hit((f"{field}.poa",))
    code = case.paper.value(field) or ""
    table = case.context.table("poa_exempt")
    exempt = table.has(code, about.code_day(case)) if table.loaded else patients.poa_exempt(code)
    return None if exempt else Hit((f"{field}.poa",), "missing")


@each("X017", lambda _case: ("72a", "72b", "72c"), forms=_I)
def external_cause(case: Case, field: str) -> Hit | None:
    """FL72 holds something that is no external cause (V00 to Y99)."""
    code = case.paper.value(field) or ""
    fires = code and about.icd10(case) and not icd.external_cause(code)
    return Hit((field,)) if fires else None


def _positions(_case: Case) -> list[str]:
    return [f"21.{letter}" for letter in printed.POINTERS]


@each("X018", _positions, forms=_P)
def point(case: Case, field: str) -> Hit | None:
    """A diagnosis is printed with its point, or one of ICD-9 with more than seven characters.

    A blank where the point would be may be one: only a person can tell, and nobody has to. Other
    long ones are X006's, several in one place X019's.
    """
    text = case.paper.text(field)
    if "." in text:
        return Hit((field,))
    if _several(text):
        return None
    if _GAP.match(text) and not case.paper.by_person(field):
        return Hit((field,), "blank", sure=False)
    long = len(case.paper.value(field) or "") > _LENGTH
    return Hit((field,), "long") if long and not about.icd10(case) else None


def _several(text: str) -> bool:
    """Whether several codes are printed."""
    codes = re.split(r"[\s,;/]+", text)
    return sum(icd.shaped(code.replace(".", "")) for code in codes) > 1


@each("X019", _positions, forms=_P)
def too_many(case: Case, field: str) -> Hit | None:
    """A place for one diagnosis holds several."""
    return Hit((field,)) if _several(case.paper.text(field)) else None
