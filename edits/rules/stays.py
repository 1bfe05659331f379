"""A stay in hospital: its days, values, procedures and what must go with them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Final

from codes import icd
from edits import about, printed
from edits.registry import Case, Hit, claim, each
from models.page import Form

_I: Final = (Form.UB04,)
_COVERED: Final = "80"
_NOT_COVERED: Final = "81"
_NO_SEMI_PRIVATE: Final = "02"
_SEMI_PRIVATE: Final = "01"
_SAME_DAY: Final = "40"
#: days by the bed
_BEDS: Final = re.compile(r"01[0-79]\d|02[01]\d")
#: an emergency or urgent admission
_URGENT: Final = frozenset("12")
#: accident, or onset
_EXPLAINED: Final = frozenset({"01", "02", "03", "04", "05", "06", "10", "11"})
#: procedures of the three days before admission are on the hospital's bill
_BEFORE: Final = dt.timedelta(days=3)


def _value(case: Case, code: str) -> tuple[Decimal | None, str | None]:
    """The amount of a value code, and the field of the amount."""
    place = case.paper.some(
        (f"{place}.code" for place in printed.VALUES), lambda value: value == code
    )
    if place is None:
        return None, None
    amount = f"{place.partition('.')[0]}.amt"
    return case.paper.number(amount), amount


def _bed_days(case: Case) -> Decimal | None:
    """Units of room and board; None where a line has no number there."""
    total = Decimal(0)
    for line in case.paper.lines():
        if not _BEDS.fullmatch(line.value("42") or ""):
            continue
        units = line.amount("46")
        if units is None:
            return None
        total += units
    return total


@claim("U017", forms=_I)
def covered_days(case: Case) -> Hit | None:
    """A bill of a hospital, swing bed or nursing stay has no value code 80."""
    kind = about.bill(case)
    if not kind or kind.kind not in kind.BEDS:
        return None
    _, field = _value(case, _COVERED)
    return None if field else Hit(("39a.code",))


@claim("U018", forms=_I)
def days_agree(case: Case) -> Hit | None:
    """Covered and non-covered days are not the units of room and board, or not the days of FL6."""
    kind = about.bill(case)
    if not kind or kind.kind not in kind.BEDS:
        return None
    covered, field = _value(case, _COVERED)
    if covered is None or field is None:
        return None
    days = covered + (_value(case, _NOT_COVERED)[0] or 0)
    beds = _bed_days(case)
    if beds is not None and beds and beds != days:
        return Hit((field,))
    start, end = case.paper.date("6.from"), case.paper.date("6.thru")
    if start is None or end is None or end < start or case.paper.value("17") is None:
        return None
    # the day of leaving is none of the stay; who stays on, or leaves the same day, has it
    nights = (end - start).days
    stays = {nights + 1} if case.paper.value("17") == "30" else {nights, max(nights, 1)}
    return None if days in stays else Hit((field,), "stay")


@claim("U019", forms=_I)
def room_value(case: Case) -> Hit | None:
    """Value code 02 has an amount, or value code 01 has none."""
    for code, fine in ((_NO_SEMI_PRIVATE, False), (_SEMI_PRIVATE, True)):
        amount, field = _value(case, code)
        if field and amount is not None and (amount > 0) != fine:
            return Hit((field,))
    return None


@claim("U020", forms=_I)
def explained(case: Case) -> Hit | None:
    """An emergency or urgent admission with an injury tells no accident and no onset."""
    if case.paper.value("14") not in _URGENT:
        return None
    injury = (case.paper.value("67") or "")[:1] in {"S", "T"} and about.icd10(case)
    if not injury or about.occurrence_codes(case) & _EXPLAINED:
        return None
    return Hit(("31a.code",))


@claim("U021", forms=_I)
def onset_and_period(case: Case) -> Hit | None:
    """Occurrence codes 10 (last menstrual period) and 11 (onset) stand together."""
    places = [f"{place}.code" for place in printed.OCCURRENCES]
    one = case.paper.some(places, lambda value: value == "10")
    other = case.paper.some(places, lambda value: value == "11") if one else None
    return Hit((one, other)) if one and other else None


@claim("U022", forms=_I)
def menstrual_period(case: Case) -> Hit | None:
    """A diagnosis of pregnancy (chapter O) comes without occurrence code 10."""
    places = [f"{place}.code" for place in printed.OCCURRENCES]
    if case.paper.some(places, lambda value: value == "10"):
        return None
    found = case.paper.some(
        about.diagnosis_fields(case), lambda value: value[:1] == "O" and icd.shaped(value)
    )
    return Hit(("31a.code",)) if found and about.icd10(case) else None


@claim("U023", forms=_I)
def same_day_transfer(case: Case) -> Hit | None:
    """Condition code 40 stands with covered days."""
    field = case.paper.some(printed.CONDITIONS, lambda value: value == _SAME_DAY)
    if field is None:
        return None
    covered, amount = _value(case, _COVERED)
    return Hit((field, amount)) if amount and covered and covered > 0 else None


def _variant(place: str) -> str:
    return "principal" if place == "74" else ""


@each("U024", lambda _case: printed.PROCEDURES, forms=_I, sharper=("table:icd10pcs",))
def procedure(case: Case, place: str) -> Hit | None:
    """A procedure of FL74 is no ICD-10-PCS code, or not one of the day where a list covers it.

    The packaged releases end in 2024: a later day needs a loaded list.
    """
    field = f"{place}.code"
    if not case.paper.has(field) or not about.icd10(case):
        return None
    code = case.paper.value(field) or ""
    if not icd.pcs_shaped(code):
        return Hit((field,), _variant(place))
    day = about.last_day(case)
    if day is None:
        return None
    known = case.context.table("icd10pcs")
    packaged = icd.procedures().valid(code, day)
    if packaged or known.has(code, day) or (packaged is None and not known.loaded):
        return None
    return Hit((field,), "date", (("date", f"{day:%m/%d/%Y}"),))


@each("U025", lambda _case: printed.PROCEDURES, forms=_I)
def procedure_date(case: Case, place: str) -> Hit | None:
    """A procedure stands without its date or the other way about, or outside the stay.

    Three days before admission still belong to it.
    """
    code, date = f"{place}.code", f"{place}.date"
    if not case.paper.has(code, date):
        return None
    if not case.paper.has(code):
        return Hit((code,), _variant(place))
    day = case.paper.date(date)
    if day is None:
        return Hit((date,), _variant(place))
    start, end = case.paper.date("6.from"), case.paper.date("6.thru")
    if start is None or end is None or start - _BEFORE <= day <= end:
        return None
    return Hit((date,), "outside")


@claim("U026", forms=_I)
def procedure_of_outpatient(case: Case) -> Hit | None:
    """An outpatient bill has a procedure in FL74."""
    if not case.paper.has("74.code"):
        return None
    kind = about.bill(case)
    return Hit(("74.code",)) if kind and kind.outpatient else None
