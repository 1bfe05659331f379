"""What a claim says about itself that several rules ask for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edits import printed
from edits.registry import Case
from models.page import Form

#: a page number has at most this many figures
_LONGEST: Final = 3
#: papers of the patient's record
_RECORDS = frozenset(
    {"operative_note", "discharge_summary", "progress_note", "laboratory_report", "medical_record"}
)


def covers(wanted: str, came: Iterable[str]) -> bool:
    """Whether a paper of the wanted kind came; `medical_record` is any of a patient's record."""
    any_record = "medical_record"
    return any(
        kind == wanted or (any_record in (wanted, kind) and {wanted, kind} <= _RECORDS)
        for kind in came
    )


def is_1500(case: Case) -> bool:
    """Whether it is a CMS-1500."""
    return case.paper.form is Form.CMS1500


#: rides and what goes with them
_RIDE: Final = re.compile(r"A0\d{3}")


def ambulance(case: Case) -> bool:
    """Whether a CMS-1500 bills an ambulance and nothing else."""
    codes = [line.value("procedure") or "" for line in case.paper.lines()]
    return bool(codes) and all(_RIDE.fullmatch(code) for code in codes)


def needs_no_diagnosis(case: Case) -> bool:
    """Whether it is an ambulance's claim to Medicare, which may come without any."""
    return medicare(case) and not case.paper.has("21.A") and ambulance(case)


def medicare(case: Case) -> bool:
    """Whether item 1 says Medicare; of a UB-04 always False, it has no such box."""
    return is_1500(case) and case.paper.value("1") == "medicare"


def dependent(case: Case) -> bool:
    """Whether item 6 says that the patient is not the insured."""
    return case.paper.value("6") in {"spouse", "child", "other"}


def name_field(case: Case) -> str:
    """The field of the patient's name."""
    return "2" if is_1500(case) else "8b"


def birth_field(case: Case) -> str:
    """The field of the patient's birth date."""
    return "3.birth_date" if is_1500(case) else "10"


def sex_field(case: Case) -> str:
    """The field of the patient's sex."""
    return "3.sex" if is_1500(case) else "11"


def member_field(case: Case) -> str:
    """The field of the insured's ID."""
    return "1a" if is_1500(case) else "60A"


def account_field(case: Case) -> str:
    """The field of the provider's own number for the patient."""
    return "26" if is_1500(case) else "3a"


def billing_npi_field(case: Case) -> str:
    """The field of the billing provider's NPI."""
    return "33a" if is_1500(case) else "56"


def tax_field(case: Case) -> str:
    """The field of the billing provider's tax number."""
    return "25" if is_1500(case) else "5"


def total_field(case: Case) -> str:
    """The field of the total charge; of a UB-04 also below its lines, with revenue code 0001."""
    paper = case.paper
    field = paper.last("28" if is_1500(case) else "47.23")
    if is_1500(case) or paper.has(field):
        return field
    among = [row.id("47") for row in paper.rows() if row.there() and row.total()]
    return among[-1] if among else field


def paid_fields(case: Case) -> list[str]:
    """The fields of what was paid: item 29 of the last page, FL54 of each payer."""
    return [case.paper.last("29")] if is_1500(case) else [f"54{x}" for x in printed.PAYER_LINES]


def page_number(case: Case, field: str) -> int | None:
    """A page number of line 23."""
    text = case.paper.text(field)
    # a raised figure is a digit to Python, and no number
    return int(text) if text.isdecimal() and len(text) <= _LONGEST else None


def pages_amiss(case: Case) -> tuple[str, ...]:
    """The fields that say that pages are missing or double: then no total can be checked.

    Line 23 of a UB-04, or item 28 where the last page says that a further one follows.
    """
    paper = case.paper
    if is_1500(case):
        field = paper.last("28")
        paper.seen.add(field)
        return (field,) if printed.goes_on(paper.fields.get(field)) else ()
    numbers, of = paper.page_ids("43.23.page"), paper.page_ids("43.23.of")
    said = [page_number(case, field) for field in numbers if paper.has(field)]
    last = [page_number(case, field) for field in of if paper.has(field)]
    known = [number for number in said if number]
    double = len(set(known)) < len(known)
    missing = any(number and number > paper.pages for number in last)
    return (numbers[-1], of[-1]) if double or missing else ()


def first_day(case: Case) -> dt.date | None:
    """The first day of service; of a UB-04 the first of the statement."""
    if not is_1500(case):
        return case.paper.date("6.from")
    days = [line.date("from") for line in case.paper.lines()]
    return min((day for day in days if day), default=None)


def last_day(case: Case) -> dt.date | None:
    """The last day of service; of a UB-04 the last of the statement."""
    if not is_1500(case):
        return case.paper.date("6.thru")
    days = [line.date("to") or line.date("from") for line in case.paper.lines()]
    return max((day for day in days if day), default=None)


def age(case: Case, on: dt.date | None) -> int | None:
    """The patient's age on a day in full years; below zero before the birth."""
    born = case.paper.date(birth_field(case))
    if born is None or on is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def icd10(case: Case) -> bool:
    """Whether the diagnoses are of ICD-10: the form says nothing else."""
    return case.paper.value("21.indicator" if is_1500(case) else "66") != "9"


def diagnosis_fields(case: Case) -> list[str]:
    """The fields of the diagnoses of the claim, the first one first."""
    if is_1500(case):
        return [f"21.{letter}" for letter in printed.POINTERS]
    return ["67", *(f"67{letter}" for letter in printed.OTHER_DIAGNOSES)]


def all_diagnosis_fields(case: Case) -> list[str]:
    """Those of admission, reason and external cause too."""
    found = diagnosis_fields(case)
    if is_1500(case):
        return found
    return [*found, "69", *(f"70{row}" for row in "abc"), *(f"72{row}" for row in "abc")]


def occurrence_codes(case: Case) -> set[str]:
    """The occurrence codes of a UB-04."""
    found = (case.paper.value(f"{place}.code") for place in printed.OCCURRENCES)
    return {code for code in found if code}


@dataclass(frozen=True, slots=True)
class Bill:
    """A type of bill: the facility and kind of care (`11`), and the frequency (`1`)."""

    kind: str
    frequency: str

    #: hospital, skilled nursing and swing bed, by the day
    BEDS = frozenset({"11", "18", "21"})
    #: those, hospital part B, religious, residential: admitted, so a day of admission
    INPATIENT = frozenset({"11", "12", "18", "21", "22", "41", "65", "66", "86"})
    #: start of care is told like an admission
    STARTED = frozenset({"32", "33", "81", "82"})
    #: home health, religious and hospice care are announced by bills that charge nothing
    ANNOUNCED = frozenset({"32", "41", "81", "82"})
    NOTICES = frozenset("ABCDE")
    OUTPATIENT = frozenset(
        {"13", "14", "23", "34", "71", "72", "73", "74", "75", "76", "77", "79", "83", "84", "85",
         "87", "89"}
    )  # fmt: skip

    @property
    def inpatient(self) -> bool:
        """Admitted."""
        return self.kind in self.INPATIENT

    @property
    def acute(self) -> bool:
        """Hospital inpatient, part A."""
        return self.kind == "11"

    @property
    def notice(self) -> bool:
        """An admission, election, or its end or change: no services, and no charges."""
        return self.kind in self.ANNOUNCED and self.frequency in self.NOTICES

    @property
    def outpatient(self) -> bool:
        """Not admitted."""
        return self.kind in self.OUTPATIENT


def bill(case: Case) -> Bill | None:
    """The type of bill, None where FL4 holds none."""
    value = case.paper.value("4") or ""
    value = value[1:] if len(value) == 4 and value[0] == "0" else value  # noqa: PLR2004 - 0 and three
    return Bill(value[:2], value[2]) if len(value) == 3 else None  # noqa: PLR2004 - kind, frequency


def code_day(case: Case) -> dt.date | None:
    """The day that diagnoses must be valid on: inpatient by discharge, else by service."""
    if is_1500(case):
        return first_day(case)
    kind = bill(case)
    return last_day(case) if kind and kind.inpatient else first_day(case)
