"""Whom the rosters know."""

from __future__ import annotations

import datetime as dt

from edits import about
from edits.registry import Case, Hit, claim
from edits.resources import Match


def _match(case: Case) -> Match | None:
    paper = case.paper
    roster = case.context.members
    if roster is None:
        return None
    return roster.match(
        paper.value(about.member_field(case)) or "",
        paper.text(about.name_field(case)),
        paper.date(about.birth_field(case)),
    )


def _another(found: Match) -> bool:
    """Whether the roster's member has another name, by more than a character."""
    return "name" in found.differs and not found.one_character


def _asked(case: Case) -> tuple[str, str, str]:
    return about.member_field(case), about.name_field(case), about.birth_field(case)


@claim("I005", needs=("members",))
def unknown_member(case: Case) -> Hit | None:
    """The roster has nobody with this ID, name and birth date; it says if one is nearly so.

    An ID that the roster gives to somebody else is I006's.
    """
    if not case.paper.has(about.member_field(case)):
        return None
    found = _match(case)
    if found is None:
        return Hit(_asked(case))
    if found.exact or _another(found):
        return None
    names = {"id": 0, "name": 1, "birth_date": 2}
    fields = tuple(_asked(case)[names[each]] for each in found.differs)
    return Hit(fields, "near")


@claim("I006", needs=("members",))
def name_of_another(case: Case) -> Hit | None:
    """The roster gives the ID to somebody with another name."""
    found = _match(case)
    if found is None or not _another(found):
        return None
    return Hit((about.member_field(case), about.name_field(case)))


def _days(case: Case) -> list[dt.date]:
    """The days that services began on; of a UB-04 the first of the statement."""
    if about.is_1500(case):
        days = [line.date("from") for line in case.paper.lines()]
    else:
        days = [about.first_day(case)]
    return [day for day in days if day]


@claim("I033", needs=("coverage",))
def covered(case: Case) -> Hit | None:
    """The member was not covered on a day of service; of a UB-04 on the statement's first."""
    found = _match(case)
    if found is None or not found.exact or not found.member.covered:
        return None
    for day in _days(case):
        if not any(first <= day <= last for first, last in found.member.covered):
            return Hit((about.member_field(case),))
    return None


@claim("C010", needs=("members",))
def died_before(case: Case) -> Hit | None:
    """By the roster the member died before a day of service; of a UB-04 before the first."""
    found = _match(case)
    died = found.member.died if found and found.exact else None
    if died is None:
        return None
    return Hit((about.birth_field(case),)) if any(day > died for day in _days(case)) else None
