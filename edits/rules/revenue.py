"""Service lines of a UB-04."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from codes import shapes
from edits import about, printed
from edits.paper import TOTAL, Line
from edits.registry import Case, Hit, claim, line
from models.page import Form

_I: Final = (Form.UB04,)
_MOST: Final = Decimal("9999999.99")
_LEAVE: Final = re.compile(r"018\d")
#: outpatient services that are told by HCPCS: laboratory, imaging, operating room, therapies,
#: emergency, lungs, hearing, heart, clinic, MRI, drugs in detail, EKG, EEG, gastrointestinal,
#: treatment room, other diagnostics. Not among them is what is packaged and may come without
#: (Medicare Claims Processing Manual, chapter 4, 10.4): radiopharmaceuticals, blood, other drugs,
#: cast and recovery room, telemetry, observation, education and rehabilitation
_CODED: Final = re.compile(
    r"03(?:[0-35]\d|4[0-25-9])|036\d|04[0-8]\d|05[1-3]\d|061\d|063[456]"
    r"|07(?:[457]\d|3[013-9]|6[013-9])|092\d|094[014-79]"
)


def _hcpcs(line: Line) -> str | None:
    """The procedure code of FL44, where it is no rate and no HIPPS code."""
    code, _ = line.procedure()
    return code if code and shapes.hcpcs(code) else None


def _revenue(line: Line) -> str:
    """The revenue code with its leading zero: three figures are often printed without."""
    code = line.value("42") or ""
    return f"0{code}" if len(code) == 3 and code.isdigit() else code  # noqa: PLR2004 - one of four left out


@line("S030", forms=_I, sharper=("table:revenue",))
def revenue_code(case: Case, line: Line) -> Hit | None:
    """A line's revenue code is blank, not four figures, or not in the loaded list on the day."""
    field = line.id("42")
    if not line.has("42"):
        return Hit((field,), "missing")
    code = line.value("42") or ""
    known = case.context.table("revenue")
    return Hit((field,)) if not shapes.revenue(code) or known.lacks(code, line.day()) else None


@claim("S031", forms=_I)
def rising(case: Case) -> Hit | None:
    """Revenue codes are not in rising order on a page, or 0001 stands twice or not last."""
    for page in range(1, case.paper.pages + 1):
        rows = [row for row in case.paper.rows() if row.page == page and row.there()]
        codes = [(row.value("42") or "", row.id("42")) for row in rows]
        # what is no revenue code has no place in the order: S030 says what is wrong with it
        codes = [(code, field) for code, field in codes if shapes.revenue(code)]
        for at, (code, field) in enumerate(codes):
            if code == TOTAL and (at < len(codes) - 1 or case.paper.has(_total_row(page))):
                return Hit((field,), "total")
            if code != TOTAL and at and code < codes[at - 1][0]:
                return Hit((field,))
    return None


def _total_row(page: int) -> str:
    return printed.on_page("42.23", page)


@line("S032", forms=_I)
def coded(case: Case, line: Line) -> Hit | None:
    """An outpatient line's revenue code is one that needs a HCPCS code, and FL44 is blank."""
    if line.has("44"):
        return None
    kind = about.bill(case)
    if not kind or not kind.outpatient:
        return None
    return Hit((line.id("44"),)) if _CODED.fullmatch(_revenue(line)) else None


@line("S033", forms=_I)
def room_rate(case: Case, line: Line) -> Hit | None:
    """On an inpatient bill, room and board has no rate, or rate times days is not the charge.

    A rate without its point may be dollars, or dollars and cents.
    """
    if not printed.ROOM.fullmatch(_revenue(line)):
        return None
    kind = about.bill(case)
    if not kind or not kind.inpatient or _LEAVE.fullmatch(_revenue(line)):
        return None
    if not line.has("44"):
        return Hit((line.id("44"),), "missing")
    rate, days, charged = line.amount("44"), line.amount("46"), line.amount("47")
    if rate is None or days is None or charged is None:
        return None
    fields = (line.id("44"), line.id("46"), line.id("47"))
    pointed = "." in (line.value("44") or "")
    rates = {rate} if pointed else {rate, rate.scaleb(-2)}
    return None if charged in {each * days for each in rates} else Hit(fields)


@line("S034", forms=_I)
def hipps(_case: Case, line: Line) -> Hit | None:
    """Revenue code 0022, 0023 or 0024 comes without a five-character HIPPS code in FL44."""
    if _revenue(line) not in printed.HIPPS:
        return None
    return None if shapes.hipps((line.value("44") or "")[:5]) else Hit((line.id("44"),))


@line("S035", forms=_I)
def line_date(case: Case, line: Line) -> Hit | None:
    """A line's date is no date or outside FL6; on an outpatient bill, or is missing.

    With a HIPPS code it is the day of an assessment, which may lie outside. One after receipt is
    S004's.
    """
    field = line.id("45")
    if not line.has("45"):
        kind = about.bill(case)
        return Hit((field,), "missing") if kind and kind.outpatient else None
    day = line.date("45")
    start, end = case.paper.date("6.from"), case.paper.date("6.thru")
    if day is None:
        return Hit((field,))
    if _revenue(line) in printed.HIPPS or day > case.context.day:
        return None
    outside = start and end and start <= end and not start <= day <= end
    return Hit((field,)) if outside else None


@line("S036", forms=_I)
def line_units(_case: Case, line: Line) -> Hit | None:
    """Room and board, or a line with a HCPCS code, has no units above zero."""
    if line.has("46"):
        count = line.amount("46")
        if count is not None and count > 0:
            return None
    needed = printed.ROOM.fullmatch(_revenue(line)) or _hcpcs(line)
    return Hit((line.id("46"),)) if needed else None


@line("S037", forms=_I)
def line_charge(_case: Case, line: Line) -> Hit | None:
    """A line's charge is missing, no amount, below zero or above 9,999,999.99."""
    field = line.id("47")
    if not line.has("47"):
        return Hit((field,), "missing")
    amount = line.amount("47")
    return None if amount is not None and 0 <= amount <= _MOST else Hit((field,))


@line("S038", forms=_I)
def not_covered(_case: Case, line: Line) -> Hit | None:
    """A line's non-covered charge is no amount, below zero, or above its charge."""
    if not line.has("48"):
        return None
    amount, charged = line.amount("48"), line.amount("47")
    if amount is not None and amount >= 0 and (charged is None or amount <= charged):
        return None
    return Hit((line.id("48"),))


@line("S039", forms=_I, needs=("policy:revenue",))
def revenue_and_procedure(case: Case, line: Line) -> Hit | None:
    """By the profile, the procedure is not billed under this revenue code."""
    allowed = case.context.policy(_hcpcs(line) or "", "revenue")
    if not allowed or _revenue(line).startswith(tuple(allowed)):
        return None
    return Hit((line.id("42"), line.id("44")))


@claim("D013", forms=_I)
def further_page(case: Case) -> Hit | None:
    """All 22 lines of the last page are used, it has no total, and line 23 says nothing of it."""
    paper = case.paper
    if paper.has(paper.last("42.23"), paper.last("47.23")):
        return None
    last = [row for row in paper.rows() if row.page == paper.pages]
    full = all(row.there() for row in last)
    totals = full and any(row.total() for row in last)
    if not full or totals or about.pages_amiss(case):
        return None
    return Hit((paper.last("47.23"),))
