"""What kind of bill a UB-04 is, when the patient came and left, and who pays."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from codes import icd, shapes
from edits import about, printed
from edits.registry import Case, Hit, claim, each
from models.page import Form

_I: Final = (Form.UB04,)
_HOUR: Final = re.compile(r"[01]\d|2[0-3]|99")
_TYPES: Final = frozenset("123459")
_NEWBORN: Final = "4"
#: points of origin, and those of a newborn
_ORIGINS: Final = frozenset("1245689DEFG")
_BIRTHS: Final = frozenset("56")
#: two figures; the list itself is NUBC's
_STATUS: Final = re.compile(r"0[1-9]|[1-8]\d|9[0-5]")
_STILL_THERE: Final = "30"
_DEAD: Final = frozenset({"20", "40", "41", "42"})
#: occurrence code of death is told with the discharge: 55 date of death
_DEATH: Final = "55"
#: bills that must say how the patient left (011x, outpatient hospital, swing bed, nursing ...)
_WITH_STATUS: Final = frozenset({"11", "12", "13", "18", "21", "22", "32", "81", "82", "85"})
_WITH_ORIGIN: Final = frozenset({"11", "12", "13", "18", "21", "22", "85"})
_REPLACES: Final = frozenset("78")
_INTERIM: Final = frozenset("23")
_FINAL: Final = frozenset("14")
_CODE: Final = re.compile(r"[0-9A-Z]\d|[A-Z][0-9A-Z]|\d[0-9A-Z]")
#: days before an admission whose services a hospital adds to the bill
_BEFORE: Final = 3
_OTHER_QUALIFIERS: Final = frozenset({"A1", "A2", "A3", "A4", "AB", "B1", "B2", "B3", "DC"})


@claim("U001", forms=_I, sharper=("table:bill_type",))
def bill_type(case: Case) -> Hit | None:
    """FL4 is blank, not the shape of a type of bill, or not in the loaded list."""
    if not case.paper.has("4"):
        return Hit(("4",), "missing")
    value = case.paper.value("4") or ""
    known = case.context.table("bill_type")
    full = value if len(value) == 4 else f"0{value}"  # noqa: PLR2004 - the leading zero is often left out
    if shapes.bill_type(value) and not known.lacks(full, about.last_day(case)):
        return None
    return Hit(("4",))


@claim("U002", forms=_I)
def original_claim(case: Case) -> Hit | None:
    """The bill replaces or voids another (frequency 7, 8), and FL64 is blank."""
    kind = about.bill(case)
    if not kind or kind.frequency not in _REPLACES:
        return None
    return None if case.paper.has("64A", "64B", "64C") else Hit(("64A",))


@claim("U003", forms=_I)
def statement(case: Case) -> Hit | None:
    """A date of FL6 is missing, no date or after receipt, or the period ends before it starts.

    A notice of admission or election needs the first day only.
    """
    fields: tuple[str, ...] = ("6.from", "6.thru")
    missing = tuple(field for field in fields if not case.paper.has(field))
    kind = about.bill(case) if missing == ("6.thru",) else None
    if missing and not (kind and kind.notice):
        return Hit(missing, "missing")
    fields = tuple(field for field in fields if field not in missing)
    days = {field: case.paper.date(field) for field in fields}
    wrong = tuple(field for field, day in days.items() if day is None or day > case.context.day)
    if wrong:
        return Hit(wrong)
    start, end = days["6.from"], days.get("6.thru")
    return Hit(fields) if start and end and end < start else None


@claim("U004", forms=_I)
def split(case: Case) -> Hit | None:
    """The statement runs over a day at which the profile wants bills split, or the ICD switch.

    Inpatient bills follow the discharge and need no split, but at the end of a year where the
    profile says so.
    """
    start, end = case.paper.date("6.from"), case.paper.date("6.thru")
    kind = about.bill(case)
    if start is None or end is None or kind is None:
        return None
    days = [] if kind.inpatient else [icd.SWITCH]
    if case.context.profile.options.split_years and not kind.acute:
        days += [dt.date(year, 1, 1) for year in range(start.year + 1, end.year + 1)]
    for day in days:
        if start < day <= end:
            return Hit(("6.from", "6.thru"), details=(("date", f"{day:%m/%d/%Y}"),))
    return None


@claim("U005", forms=_I)
def admission_date(case: Case) -> Hit | None:
    """A bill of an admission, home health or hospice has no admission date, or one after FL6."""
    kind = about.bill(case)
    if not kind or not (kind.inpatient or kind.kind in kind.STARTED):
        return None
    if not case.paper.has("12"):
        return Hit(("12",), "missing")
    admitted, start = case.paper.date("12"), case.paper.date("6.from")
    early = _BEFORE if kind.acute else 0
    if admitted is None:
        return Hit(("12",))
    return Hit(("12",)) if start is not None and (admitted - start).days > early else None


@claim("U006", forms=_I)
def admission_hour(case: Case) -> Hit | None:
    """FL13 is no hour; blank on an acute inpatient bill."""
    if case.paper.has("13"):
        fine = _HOUR.fullmatch(case.paper.value("13") or "")
        return None if fine else Hit(("13",))
    kind = about.bill(case)
    return Hit(("13",)) if kind and kind.acute else None


@claim("U007", forms=_I)
def admission_type(case: Case) -> Hit | None:
    """FL14 is no type of admission; blank on an inpatient bill."""
    if case.paper.has("14"):
        return None if case.paper.value("14") in _TYPES else Hit(("14",))
    kind = about.bill(case)
    return Hit(("14",), "missing") if kind and kind.inpatient else None


@claim("U008", forms=_I)
def point_of_origin(case: Case) -> Hit | None:
    """FL15 is no point of origin, of a newborn (FL14 is 4) not 5 or 6; blank where it is needed."""
    if case.paper.has("15"):
        born = case.paper.value("14") == _NEWBORN
        return None if case.paper.value("15") in (_BIRTHS if born else _ORIGINS) else Hit(("15",))
    kind = about.bill(case)
    return Hit(("15",), "missing") if kind and kind.kind in _WITH_ORIGIN else None


@claim("U009", forms=_I)
def discharge_hour(case: Case) -> Hit | None:
    """FL16 is no hour; blank on the last bill of an inpatient who left (FL17 is not 30)."""
    if case.paper.has("16"):
        return None if _HOUR.fullmatch(case.paper.value("16") or "") else Hit(("16",), "hour")
    kind = about.bill(case)
    if not kind or not kind.acute or kind.frequency not in _FINAL:
        return None
    left = case.paper.has("17") and case.paper.value("17") != _STILL_THERE
    return Hit(("16",)) if left else None


@claim("U010", forms=_I, sharper=("table:discharge_status",))
def discharge_status(case: Case) -> Hit | None:
    """FL17 is not two figures up to 95, or not in the loaded list; blank where it is needed.

    A notice of admission or election needs none.
    """
    if case.paper.has("17"):
        value = case.paper.value("17") or ""
        known = case.context.table("discharge_status")
        wrong = not _STATUS.fullmatch(value) or known.lacks(value, about.last_day(case))
        return Hit(("17",)) if wrong else None
    kind = about.bill(case)
    needed = kind and kind.kind in _WITH_STATUS and not kind.notice
    return Hit(("17",), "missing") if needed else None


@claim("U011", forms=_I)
def still_there(case: Case) -> Hit | None:
    """An interim bill (frequency 2, 3) says that the patient left, or a last one (1, 4) not."""
    kind, status = about.bill(case), case.paper.value("17")
    if not kind or not status:
        return None
    there = status == _STILL_THERE
    if kind.inpatient and kind.frequency in _INTERIM:
        return None if there else Hit(("4", "17"))
    return Hit(("4", "17")) if there and kind.frequency in _FINAL else None


@claim("U012", forms=_I)
def died(case: Case) -> Hit | None:
    """FL17 says that the patient died, and no occurrence code 55 says when.

    Or a service is later than that day, or than the statement's end.
    """
    if case.paper.value("17") not in _DEAD:
        return None
    if _DEATH not in about.occurrence_codes(case):
        return Hit(("31a.code",), "undated")
    end = case.paper.date("6.thru")
    deaths = [
        case.paper.date(f"{place}.date")
        for place in printed.OCCURRENCES
        if case.paper.value(f"{place}.code") == _DEATH
    ]
    last = min((day for day in (*deaths, end) if day), default=None)
    for line in case.paper.lines():
        day = line.date("45")
        if last and day and day > last:
            return Hit((line.id("45"),))
    return None


def _code_is_wrong(case: Case, code: str, table: str) -> bool:
    return not _CODE.fullmatch(code) or case.context.table(table).lacks(code, about.last_day(case))


@each("U013", lambda _case: printed.CONDITIONS, forms=_I, sharper=("table:condition",))
def condition(case: Case, field: str) -> Hit | None:
    """A condition code has not its shape, is not in the loaded list, or stands twice."""
    if not case.paper.has(field):
        return None
    code = case.paper.value(field) or ""
    if _code_is_wrong(case, code, "condition"):
        return Hit((field,))
    earlier = printed.CONDITIONS[: printed.CONDITIONS.index(field)]
    same = case.paper.some(earlier, lambda value: value == code)
    return Hit((field,), "twice") if same else None


@each("U014", lambda _case: printed.OCCURRENCES, forms=_I, sharper=("table:occurrence",))
def occurrence(case: Case, place: str) -> Hit | None:
    """An occurrence code stands without its date or the other way about, or is not valid."""
    code, date = f"{place}.code", f"{place}.date"
    if not case.paper.has(code):
        return Hit((code,), "code") if case.paper.has(date) else None
    if _code_is_wrong(case, case.paper.value(code) or "", "occurrence"):
        return Hit((code,))
    return None if case.paper.date(date) else Hit((date,), "date")


@each("U015", lambda _case: printed.SPANS, forms=_I, sharper=("table:occurrence_span",))
def span(case: Case, place: str) -> Hit | None:
    """An occurrence span has no valid code, or not two dates that follow each other."""
    code, start, end = (f"{place}.{part}" for part in ("code", "from", "thru"))
    if not case.paper.has(code, start, end):
        return None
    if not case.paper.has(code):
        return Hit((code,))
    if _code_is_wrong(case, case.paper.value(code) or "", "occurrence_span"):
        return Hit((code,))
    first, last = case.paper.date(start), case.paper.date(end)
    return None if first and last and first <= last else Hit((start, end), "dates")


@each("U016", lambda _case: printed.VALUES, forms=_I, sharper=("table:value",))
def value_code(case: Case, place: str) -> Hit | None:
    """A value code stands without its amount or the other way about, or is not valid."""
    code, amount = f"{place}.code", f"{place}.amt"
    if not case.paper.has(code):
        return Hit((code,), "code") if case.paper.has(amount) else None
    if _code_is_wrong(case, case.paper.value(code) or "", "value"):
        return Hit((code,))
    found = case.paper.number(amount)
    return None if found is not None and found >= 0 else Hit((amount,), "amount")


@claim("U027", forms=_I)
def payers(case: Case) -> Hit | None:
    """No payer stands on line A of FL50, or a line is empty above one that is not."""
    if not case.paper.has("50A"):
        return Hit(("50A",))
    gap = not case.paper.has("50B") and case.paper.has("50C")
    return Hit(("50B",), "order") if gap else None


@claim("U028", forms=_I)
def drg(case: Case) -> Hit | None:
    """FL71 holds something that is no DRG."""
    if not case.paper.has("71"):
        return None
    return None if shapes.drg(case.paper.value("71") or "") else Hit(("71",))


@claim("U029", forms=_I, needs=("policy:authorization",))
def authorization(case: Case) -> Hit | None:
    """By the profile a procedure or the kind of bill needs an authorization, and FL63 is blank."""
    if case.paper.has("63A", "63B", "63C"):
        return None
    kind = about.bill(case)
    wanted = kind is not None and kind.kind in case.context.profile.options.authorized_bills
    procedures = (line.procedure()[0] or "" for line in case.paper.lines())
    needed = wanted or any(case.context.policy(code, "authorization") for code in procedures)
    return Hit(("63A",)) if needed else None


@each("U030", lambda _case: ("81a", "81b", "81c", "81d"), forms=_I)
def code_code(case: Case, row: str) -> Hit | None:
    """A qualifier of FL81 is none of the list, or stands without its code, or the code alone."""
    qualifier, code = f"{row}.qual", f"{row}.code"
    if not case.paper.has(qualifier):
        return Hit((qualifier,), "missing") if case.paper.has(code) else None
    if case.paper.value(qualifier) not in _OTHER_QUALIFIERS:
        return Hit((qualifier,))
    return None if case.paper.has(code) else Hit((code,), "value")
