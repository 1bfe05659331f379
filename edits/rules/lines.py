"""Service lines of a CMS-1500."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from codes import places, shapes
from edits import about
from edits.paper import Line
from edits.registry import Case, Hit, claim, line
from models.page import Form

_P: Final = (Form.CMS1500,)
#: equipment and supplies are billed by the month, others by the day (HCPCS sections)
_MONTHLY: Final = frozenset("ABEKL")
#: care of dialysis told by the month, of radiation by the week: one unit for all its days
_PERIODS: Final = re.compile(r"909(?:5[1-9]|6[0-6])|77427")
_MOST_UNITS: Final = Decimal("999.999")
#: the first of each pair that is on the line excludes the second
_EXCLUSIVE: Final = (("LT", "RT"), ("26", "TC"), ("50", "LT"), ("50", "RT"))
#: HCPCS level II codes that say "not otherwise classified"
_UNLISTED: Final = frozenset(
    {"A0999", "A4649", "A9999", "B9998", "B9999", "C9399", "E1399", "J3490", "J3590", "J7599",
     "J7699", "J7799", "J7999", "J8499", "J8999", "J9999", "K0108", "L0999", "L1499", "L2999",
     "L3649", "L3999", "L5999", "L7499", "L8499", "L8699", "Q4051", "Q4100", "T1999", "T5999",
     "V2799", "V5298", "V5299"}
)  # fmt: skip
#: tests "not otherwise specified" that end like unlisted procedures, and are none
_SPECIFIED: Final = frozenset({"80299", "87299", "87799", "87899"})
#: quality codes (CPT category II) report, and charge nothing
_QUALITY: Final = re.compile(r"\d{4}F")
_ANAESTHESIA: Final = re.compile(r"0[01]\d{3}")
#: burns beyond the first, regional block, daily care: their time is not told (Medicare Claims
#: Processing Manual, chapter 12, 50)
_TIMELESS: Final = frozenset({"01953", "01995", "01996"})
_TIME: Final = re.compile(r"\b7 ?\d|\d{1,2}:\d{2}|\b\d{3,4} ?(AM|PM|-|TO)|MIN|BEGIN|START")
#: units of this many are minutes
_MINUTES: Final = 5
#: what may stand in either half of 24H
_EPSDT: Final = frozenset({"Y", "N", "AV", "S2", "ST", "NU"})
_POINTER: Final = re.compile(r"[A-L]{1,4}")


@claim("S001", forms=_P)
def any_line(case: Case) -> Hit | None:
    """Item 24 has no service line."""
    marks = [mark for row in case.paper.rows() for mark in row.marks()]
    return None if case.paper.has(*marks) else Hit(("24.1.procedure",))


@line("S002", forms=_P)
def from_date(_case: Case, line: Line) -> Hit | None:
    """A line's from date is missing, or no day of the calendar."""
    if not line.has("from"):
        return Hit((line.id("from"),), "missing")
    return None if line.date("from") else Hit((line.id("from"),))


@line("S003", forms=_P)
def to_date(_case: Case, line: Line) -> Hit | None:
    """A line's to date is no day of the calendar, or earlier than its from date."""
    if not line.has("to"):
        return None
    start, end = line.date("from"), line.date("to")
    return Hit((line.id("to"),)) if end is None or (start and end < start) else None


@line("S004")
def future(case: Case, line: Line) -> Hit | None:
    """A service is dated later than the day of receipt."""
    columns = ("from", "to") if about.is_1500(case) else ("45",)
    for column in columns:
        day = line.date(column)
        if day and day > case.context.day:
            return Hit((line.id(column),))
    return None


def _span(line: Line) -> int | None:
    """Days from first to last, both counted; None where that can't be told."""
    start, end = line.date("from"), line.date("to")
    return (end - start).days + 1 if start and end and end >= start else None


def _monthly(line: Line) -> bool:
    return (line.value("procedure") or "")[:1] in _MONTHLY


@line("S005", forms=_P)
def units_of_days(_case: Case, line: Line) -> Hit | None:
    """A line of several days has units that are not so many a day.

    Equipment, supplies, and care told by the week or month are counted otherwise.
    """
    days, units = _span(line), line.amount("units")
    if days is None or days == 1 or not units or units % days == 0:
        return None
    if _monthly(line) or _PERIODS.fullmatch(line.value("procedure") or ""):
        return None
    return Hit((line.id("from"), line.id("units")))


@line("S006", forms=_P)
def over_a_month(_case: Case, line: Line) -> Hit | None:
    """A line runs over the end of a month; equipment and supplies may."""
    start, end = line.date("from"), line.date("to")
    if not start or not end or end < start or _monthly(line):
        return None
    return Hit((line.id("from"),)) if (start.year, start.month) != (end.year, end.month) else None


@line("S007", forms=_P)
def outside_stay(case: Case, line: Line) -> Hit | None:
    """A service at place 21 is dated outside the stay of item 18."""
    if line.value("place_of_service") != places.INPATIENT:
        return None
    start, end = case.paper.date("18.from"), case.paper.date("18.to")
    for column in ("from", "to"):
        day = line.date(column)
        if day and start and (day < start or (end and day > end)):
            return Hit((line.id(column),))
    return None


@line("S008", forms=_P)
def place_of_service(_case: Case, line: Line) -> Hit | None:
    """A line's place of service is blank, or not on the CMS list on the day."""
    field = line.id("place_of_service")
    if not line.has("place_of_service"):
        return Hit((field,), "missing")
    known = places.known(line.value("place_of_service") or "", line.date("from"))
    return None if known else Hit((field,))


@claim("S009", forms=_P)
def one_place(case: Case) -> Hit | None:
    """A Medicare claim, or any where the profile says so, has lines at different places."""
    if not case.context.profile.options.one_place_of_service and not about.medicare(case):
        return None
    first: str | None = None
    for each_line in case.paper.lines():
        place = each_line.value("place_of_service")
        if place and first and place != first:
            return Hit((each_line.id("place_of_service"),))
        first = first or place
    return None


@line("S010", forms=_P)
def place_and_facility(case: Case, line: Line) -> Hit | None:
    """A service at home comes with a facility, or one in a hospital (21 22 23) without any.

    The latter is P014's, unless the profile doesn't ask that.
    """
    place = line.value("place_of_service")
    field = line.id("place_of_service")
    if place == places.HOME:
        paper = case.paper
        elsewhere = paper.has("32.2") and paper.text("32.2") not in {
            paper.text("5.street"),
            paper.text("33.2"),
        }
        return Hit((field, "32.1")) if elsewhere else None
    if place in places.HOSPITAL and not case.context.profile.asks("P014"):
        return None if case.paper.has("32.1", "32.2", "32.3") else Hit((field, "32.1"))
    return None


@line("S011", forms=_P)
def procedure(_case: Case, line: Line) -> Hit | None:
    """A line has no procedure code."""
    return None if line.has("procedure") else Hit((line.id("procedure"),))


@line("S012", forms=_P)
def procedure_shape(_case: Case, line: Line) -> Hit | None:
    """A line's procedure has not the shape of a CPT or HCPCS code."""
    if not line.has("procedure"):
        return None
    fine = shapes.hcpcs(line.value("procedure") or "")
    return None if fine else Hit((line.id("procedure"),))


def _code_field(case: Case, line: Line) -> str:
    return line.id("procedure" if about.is_1500(case) else "44")


@line("S013", needs=("table:hcpcs",))
def procedure_valid(case: Case, line: Line) -> Hit | None:
    """A procedure code is not in the loaded list on the day of service."""
    code, _ = line.procedure()
    if not code or not shapes.hcpcs(code):
        return None
    known = case.context.table("hcpcs")
    return Hit((_code_field(case, line),)) if known.lacks(code, line.day()) else None


@line("S014", sharper=("table:modifier",))
def modifier(case: Case, line: Line) -> Hit | None:
    """A modifier is not two letters or figures, or not in the loaded list on the day."""
    known = case.context.table("modifier")
    if not about.is_1500(case):
        code, modifiers = line.procedure()
        if not code or not shapes.hcpcs(code):
            return None
        for each in modifiers:
            if not shapes.modifier(each) or known.lacks(each, line.day()):
                return Hit((line.id("44"),))
        return None
    for number in (1, 2, 3, 4):
        column = f"modifier{number}"
        if line.has(column):
            value = line.value(column) or ""
            if not shapes.modifier(value) or known.lacks(value, line.day()):
                return Hit((line.id(column),))
    return None


@line("S015")
def modifiers_together(case: Case, line: Line) -> Hit | None:
    """A line has the same modifier twice, or two that exclude each other (LT RT, 26 TC)."""
    code, modifiers = line.procedure()
    if not about.is_1500(case) and (not code or not shapes.hcpcs(code)):
        return None
    field = line.id("modifier1") if about.is_1500(case) else line.id("44")
    if len(set(modifiers)) < len(modifiers):
        return Hit((field,), "twice")
    clash = any(one in modifiers and other in modifiers for one, other in _EXCLUSIVE)
    return Hit((field,)) if clash else None


def _unlisted(code: str) -> bool:
    """CPT ends a section's unlisted procedure in 99."""
    ends = code.isdigit() and code.endswith("99") and code not in _SPECIFIED
    return code in _UNLISTED or ends


@line("S016", forms=_P)
def unlisted(case: Case, line: Line) -> Hit | None:
    """An unlisted procedure is described neither in item 19 nor in the line's shaded half."""
    code = line.value("procedure") or ""
    if not shapes.hcpcs(code) or not _unlisted(code):
        return None
    if line.has("supplemental") or case.paper.has("19"):
        return None
    return Hit((line.id("supplemental"),))


@line("S017", forms=_P, sharper=("policy:ndc",))
def drug(case: Case, line: Line) -> Hit | None:
    """A shaded half has N4 and no drug code with unit and quantity behind it.

    Missing it is only where the profile wants one for the procedure.
    """
    field = line.id("supplemental")
    text = case.paper.text(field)
    if text.startswith("N4") or re.search(r" N4 ?\d", text):
        found = shapes.ndc(text)
        return None if found and found[1] and found[2] else Hit((field,))
    wants = case.context.policy(line.value("procedure") or "", "ndc")
    return Hit((field,), "missing") if wants else None


@line("S018", forms=_P)
def pointer(case: Case, line: Line) -> Hit | None:
    """A line has no diagnosis pointer; see X004 for those that need none."""
    if line.has("pointer") or about.needs_no_diagnosis(case):
        return None
    return Hit((line.id("pointer"),))


@line("S019", forms=_P)
def pointer_target(case: Case, line: Line) -> Hit | None:
    """A pointer is not one to four different letters A to L, or a letter has no diagnosis.

    That item 21A is blank, or all of item 21, is X004's.
    """
    if not line.has("pointer"):
        return None
    letters = line.value("pointer") or ""
    if not _POINTER.fullmatch(letters) or len(set(letters)) < len(letters):
        return Hit((line.id("pointer"),), "shape")
    if not case.paper.has(*about.diagnosis_fields(case)):
        return None
    lost = any(not case.paper.has(f"21.{letter}") for letter in letters if letter != "A")
    return Hit((line.id("pointer"),)) if lost else None


@line("S020", forms=_P)
def charge(_case: Case, line: Line) -> Hit | None:
    """A line's charge is missing, no amount, or not above zero; a quality code's may be zero."""
    if not line.has("charges"):
        return Hit((line.id("charges"),), "missing")
    amount = line.amount("charges")
    if amount == 0 and _QUALITY.fullmatch(line.value("procedure") or ""):
        return None
    return None if amount and amount > 0 else Hit((line.id("charges"),))


@line("S021", forms=_P)
def units(_case: Case, line: Line) -> Hit | None:
    """A line's days or units are missing, no number, not above zero, or have over three figures."""
    if not line.has("units"):
        return Hit((line.id("units"),), "missing")
    count = line.amount("units")
    return None if count and 0 < count <= _MOST_UNITS else Hit((line.id("units"),))


@line("S022", forms=_P)
def anaesthesia_time(case: Case, line: Line) -> Hit | None:
    """An anaesthesia code has neither its time in the shaded half nor minutes as units."""
    code = line.value("procedure") or ""
    if not _ANAESTHESIA.fullmatch(code) or code in _TIMELESS:
        return None
    if _TIME.search(case.paper.text(line.id("supplemental"))):
        return None
    units_ = line.amount("units")
    return None if units_ and units_ > _MINUTES else Hit((line.id("supplemental"),))


@line("S023", needs=("policy:sex",))
def procedure_sex(case: Case, line: Line) -> Hit | None:
    """By the profile, a procedure is one of the other sex only."""
    code, _ = line.procedure()
    only = case.context.policy(code or "", "sex")
    if only is None:
        return None
    field = about.sex_field(case)
    fires = case.paper.value(field) in {"M", "F"} and case.paper.value(field) != only
    return Hit((_code_field(case, line), field)) if fires else None


@line("S024", needs=("policy:ages",))
def procedure_age(case: Case, line: Line) -> Hit | None:
    """By the profile, a procedure is one of another age only."""
    code, _ = line.procedure()
    ages = case.context.policy(code or "", "ages")
    years = about.age(case, line.day()) if ages else None
    if years is None or years < 0 or ages[0] <= years <= ages[1]:
        return None
    return Hit((_code_field(case, line), about.birth_field(case)))


@line("S025", forms=_P, needs=("policy:places",))
def procedure_place(case: Case, line: Line) -> Hit | None:
    """By the profile, a procedure is not done at this place of service."""
    allowed = case.context.policy(line.value("procedure") or "", "places")
    place = line.value("place_of_service")
    if not allowed or not place or place in allowed:
        return None
    return Hit((line.id("procedure"), line.id("place_of_service")))


@line("S026", forms=_P, needs=("policy:diagnoses",))
def procedure_diagnosis(case: Case, line: Line) -> Hit | None:
    """By the profile, none of the diagnoses that the line points to supports its procedure."""
    wanted = case.context.policy(line.value("procedure") or "", "diagnoses")
    letters = line.value("pointer") or ""
    if not wanted or not _POINTER.fullmatch(letters):
        return None
    codes = [case.paper.value(f"21.{letter}") or "" for letter in letters]
    supported = any(code.startswith(tuple(wanted)) for code in codes)
    return None if supported or not any(codes) else Hit((line.id("procedure"),))


def _same(line: Line) -> tuple[object, ...]:
    """What makes two lines the same service."""
    code, modifiers = line.procedure()
    return (
        line.date("from"),
        line.date("to") or line.date("from"),
        code,
        tuple(sorted(modifiers)),
        line.amount("units"),
        line.value("rendering_npi"),
        line.amount("charges"),
        line.paper.text(line.id("supplemental")),
    )


@line("S027", forms=_P)
def same_line(case: Case, line: Line) -> Hit | None:
    """A line has the dates, procedure, modifiers, units, provider and charge of one above it.

    One with another drug or another description in its shaded half is another service.
    """
    if not line.value("procedure") or not line.date("from"):
        return None
    mine = _same(line)
    for number in range(1, line.number):
        above = Line(case.paper, number)
        # weighed together with this one only where they look the same
        if (case.paper.fields.keys() >= set(_shared(line, above))) and _same(above) == mine:
            return Hit((line.id("procedure"), above.id("procedure")))
    return None


def _shared(line: Line, above: Line) -> list[str]:
    return [above.id(c) for c in ("from", "procedure") if line.id(c) in line.paper.fields]


@line("S028", forms=_P)
def epsdt(case: Case, line: Line) -> Hit | None:
    """On a Medicaid claim, 24H holds something that is no EPSDT or family planning code."""
    if case.paper.value("1") != "medicaid":
        return None
    for column in ("epsdt", "epsdt_code"):
        if line.has(column) and line.value(column) not in _EPSDT:
            return Hit((line.id(column),))
    return None


@line("S029", forms=_P)
def emergency(_case: Case, line: Line) -> Hit | None:
    """24C holds something other than Y."""
    return Hit((line.id("emg"),)) if line.has("emg") and line.value("emg") != "Y" else None


@claim("D012", forms=_P)
def squeezed(case: Case) -> Hit | None:
    """A field of item 24 holds two lines of print: more than six services on one form."""
    columns = ("from", "procedure", "charges")
    for row in case.paper.rows():
        doubled = [
            row.id(column)
            for column in columns
            if case.paper.has(row.id(column)) and len(_printed_lines(case, row.id(column))) > 1
        ]
        if len(doubled) > 1:
            return Hit(tuple(doubled))
    return None


def _printed_lines(case: Case, field: str) -> list[str]:
    case.paper.seen.add(field)
    return case.paper.fields[field].text.strip().splitlines()
