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
_LEAVE: Final = re.compile(r"018\d")
#: bills of charges that came too late for the first one have no days of their own
_LATE: Final = "5"
#: injuries; complications of care (T80 to T88) are no accident and have no onset of their own
_INJURY: Final = re.compile(r"S|T[0-7]")
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


def _days_of(case: Case, revenue: re.Pattern[str]) -> Decimal | None:
    """Units of the lines with such a revenue code; None where one has no number there."""
    total = Decimal(0)
    for line in case.paper.lines():
        if not revenue.fullmatch(line.value("42") or ""):
            continue
        units = line.amount("46")
        if units is None:
            return None
        total += units
    return total


def _admitted(case: Case) -> dt.date | None:
    """The first day of the statement that is one of the stay.

    A hospital's statement may begin up to three days before the admission, with what was done then.
    """
    start, admitted, end = (case.paper.date(field) for field in ("6.from", "12", "6.thru"))
    if start and admitted and end and start < admitted <= end:
        return admitted
    return start


@claim("U017", forms=_I)
def covered_days(case: Case) -> Hit | None:
    """A bill of a hospital, swing bed or nursing stay has no value code 80.

    One of late charges (frequency 5) needs none.
    """
    kind = about.bill(case)
    if not kind or kind.kind not in kind.BEDS or kind.frequency == _LATE:
        return None
    _, field = _value(case, _COVERED)
    return None if field else Hit(("39a.code",))


@claim("U018", forms=_I)
def days_agree(case: Case) -> Hit | None:
    """Covered and non-covered days are not the units of room and board, or not the days of FL6.

    Days of leave (018x) may be among them or not; days before the admission are none.
    """
    kind = about.bill(case)
    if not kind or kind.kind not in kind.BEDS:
        return None
    covered, field = _value(case, _COVERED)
    if covered is None or field is None:
        return None
    days = covered + (_value(case, _NOT_COVERED)[0] or 0)
    beds, leave = _days_of(case, _BEDS), _days_of(case, _LEAVE)
    if beds and days not in {beds, beds + (leave or 0)}:
        return Hit((field,))
    start, end = _admitted(case), case.paper.date("6.thru")
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
    injury = _INJURY.match(case.paper.value("67") or "") and about.icd10(case)
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

    The packaged releases end in 2024: a later day needs a loaded list. An outpatient bill has no
    place for one: see U026.
    """
    field = f"{place}.code"
    kind = about.bill(case)
    if not case.paper.has(field) or not about.icd10(case) or (kind and kind.outpatient):
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

    Three days before admission still belong to it, and so do those since, on a later bill.
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
    admitted = case.paper.date("12")
    if start is None or end is None or min(start, admitted or start) - _BEFORE <= day <= end:
        return None
    return Hit((date,), "outside")


@claim("U026", forms=_I)
def procedure_of_outpatient(case: Case) -> Hit | None:
    """An outpatient bill has a procedure in FL74."""
    if not case.paper.has("74.code"):
        return None
    kind = about.bill(case)
    return Hit(("74.code",)) if kind and kind.outpatient else None
