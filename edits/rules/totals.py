"""Sums and amounts paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from edits import about
from edits.registry import Case, Hit, claim, each
from models.page import Form

_P: Final = (Form.CMS1500,)
_I: Final = (Form.UB04,)


def _sum(case: Case, column: str, *, needed: bool = False) -> Decimal | None:
    """A column added up; None where a line has something there that is no amount.

    Nor can it be told where a line has nothing in a column that is `needed`.
    """
    total = Decimal(0)
    for line in case.paper.lines():
        if not line.has(column):
            if needed:
                return None
            continue
        amount = line.amount(column)
        if amount is None:
            return None
        total += amount
    return total


@claim("T001", forms=_P)
def total(case: Case) -> Hit | None:
    """Item 28 is blank, no amount, or not the sum of 24F.

    Lines without a charge are S020's, a form without lines S001's.
    """
    field = about.total_field(case)
    if not case.paper.has(field):
        return Hit((field,), "missing")
    printed = case.paper.number(field)
    if printed is None:
        return None if about.pages_amiss(case) else Hit((field,))
    added = _sum(case, "charges", needed=True)
    if added is None or added == printed or not any(case.paper.lines()):
        return None
    return Hit((field,))


@claim("T002", forms=_I)
def total_ub(case: Case) -> Hit | None:
    """Line 23 of FL47 on the last page is blank, no amount, or not the sum of all lines.

    Lines without a charge are S037's; a notice of admission or election has no total. Where pages
    are missing or double (D004), nobody can tell.
    """
    field = about.total_field(case)
    if not case.paper.has(field):
        gone = _notice(case) or about.pages_amiss(case)
        return None if gone else Hit((field,), "missing")
    printed = case.paper.number(field)
    if printed is None:
        return Hit((field,))
    added = _sum(case, "47", needed=True)
    if added is None or added == printed or about.pages_amiss(case):
        return None
    return Hit((field,))


@claim("T003", forms=_I)
def total_not_covered(case: Case) -> Hit | None:
    """Line 23 of FL48 is not the sum of the lines, and no page is missing or double (D004)."""
    field = case.paper.last("48.23")
    if not case.paper.has(field):
        return None
    added = _sum(case, "48")
    if added is None or case.paper.number(field) == added or about.pages_amiss(case):
        return None
    return Hit((field,))


def _notice(case: Case) -> bool:
    kind = about.bill(case)
    return kind is not None and kind.notice


@each("T004", about.paid_fields)
def paid(case: Case, field: str) -> Hit | None:
    """An amount paid is no amount, below zero, or more than the total charge."""
    if not case.paper.has(field):
        return None
    amount = case.paper.number(field)
    if amount is None or amount < 0:
        return Hit((field,))
    charged = case.paper.number(about.total_field(case))
    return Hit((field,)) if charged is not None and amount > charged else None


@claim("T005", forms=_I)
def total_code(case: Case) -> Hit | None:
    """Revenue code 0001 is not in line 23 of the last page, nor below its lines.

    A notice of admission or election charges nothing, and has none; the last page may be missing
    (D004).
    """
    field = case.paper.last("42.23")
    if case.paper.value(field) in {"0001", "001", "1"}:
        return None
    rows = [row.id("42") for row in case.paper.rows()]
    if case.paper.some(rows, lambda value: value == "0001") or _notice(case):
        return None
    return None if about.pages_amiss(case) else Hit((field,))


@claim("T006")
def nothing_charged(case: Case) -> Hit | None:
    """The total charge is zero, and so are the charges, as far as they can be added up.

    A total that is not their sum is T001's and T002's; notices of admission charge nothing.
    """
    field = about.total_field(case)
    if not case.paper.has(field) or case.paper.number(field) != 0 or _notice(case):
        return None
    added = _sum(case, "charges" if about.is_1500(case) else "47")
    return None if added else Hit((field,))


def _pages(case: Case) -> Iterator[int]:
    yield from range(1, case.paper.pages + 1)


@each("T007", _pages, forms=_I)
def page_and_date(case: Case, page: int) -> Hit | None:
    """A page says that it is after the last one, or has no number where another has.

    On the last page: the creation date is missing, no date, or before the statement's end.
    """
    paper = case.paper
    number, of = (paper.page_ids(f"43.23.{part}")[page - 1] for part in ("page", "of"))
    if paper.has(number, of):
        this, last = about.page_number(case, number), about.page_number(case, of)
        if this is None or last is None or this > last or this < 1:
            return Hit((number, of))
    if page < paper.pages:
        return None
    field = paper.page_ids("45.23")[page - 1]
    made: dt.date | None = paper.date(field)
    end = paper.date("6.thru")
    return Hit((field,), "date") if made is None or (end and made < end) else None
