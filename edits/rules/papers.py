"""What came with a claim says something else than the claim.

What a rule finds depends on what was read on an attachment: it is the provider's only where that
was read for sure, and a person has the last word on all else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from edits import about
from edits.patients import named, part_of, same_name
from edits.registry import Case, Hit, each
from models.plain import plain
from models.reading import DocumentReading, Entity

#: values of attachments that count, and from when on one is beyond doubt
_COUNTS: Final = 0.5
_CERTAIN: Final = 0.98
#: papers about what was done on days of service; others name days of other things
_OF_SERVICES: Final = frozenset(
    {"eob", "operative_note", "discharge_summary", "progress_note", "itemized_bill"}
)
_AUTHORIZATIONS: Final = frozenset({"prior_authorization", "referral"})


def _papers(case: Case) -> tuple[DocumentReading, ...]:
    return tuple(case.context.papers or ())


def _said(paper: DocumentReading, *labels: str) -> list[Entity]:
    """What a paper says under some labels, with a value and not too doubtful."""
    return _counted(paper.entities, *labels)


def _counted(entities: Iterable[Entity], *labels: str) -> list[Entity]:
    return [e for e in entities if e.label in labels and e.value and e.confidence >= _COUNTS]


def _own(case: Case, paper: DocumentReading) -> list[Entity]:
    """What a paper says of the claim's patient: one that pays for many says more."""
    return part_of(case.paper.text(about.name_field(case)), paper.entities)


def _of_one(paper: DocumentReading) -> bool:
    """Whether a paper is not about several patients, whose lines may be taken for each other's."""
    return len(named(paper.entities)) <= 1


def _sure(entities: list[Entity]) -> bool:
    return all(entity.confidence >= _CERTAIN for entity in entities)


@each("D014", _papers, needs=("papers",))
def another_patient(case: Case, paper: DocumentReading) -> Hit | None:
    """An attachment names another patient; neither name nor birth date nor member ID fit."""
    said = _said(paper, "patient")
    name, born = about.name_field(case), about.birth_field(case)
    if not said or not case.paper.has(name):
        return None
    if any(same_name(e.value or "", case.paper.text(name)) for e in said):
        return None
    births, members = _said(paper, "birth_date"), _said(paper, "member_id")
    if any(e.value == case.paper.value(born) for e in births):
        return None
    member = about.member_field(case)
    same_member = any(plain(e.value) == plain(case.paper.text(member)) for e in members)
    # a family shares an ID: there, a birth has to speak against it too
    if same_member and not births:
        return None
    return Hit((name,), sure=_sure([*said, *births]))


@each("D015", _papers, needs=("papers",))
def other_days(case: Case, paper: DocumentReading) -> Hit | None:
    """None of the days that an attachment is about lies within the days of service."""
    first, last = about.first_day(case), about.last_day(case)
    said = _counted(_own(case, paper), "date_of_service")
    if paper.kind not in _OF_SERVICES or not said or first is None or last is None:
        return None
    days = [dt.date.fromisoformat(e.value or "") for e in said]
    # a stay that began before and ended after the claim's days holds them
    if min(days) <= last and max(days) >= first:
        return None
    return Hit((_day_field(case),), sure=_sure(said) and _of_one(paper))


def _day_field(case: Case) -> str:
    return "24.1.from" if about.is_1500(case) else "6.from"


@each("D016", _papers, needs=("papers",))
def not_authorized(case: Case, paper: DocumentReading) -> Hit | None:
    """An authorization or referral does not cover the days of service, or none of the services."""
    if paper.kind not in _AUTHORIZATIONS:
        return None
    first, last = about.first_day(case), about.last_day(case)
    start, end = _said(paper, "authorization_from"), _said(paper, "authorization_to")
    early = start and first and first.isoformat() < min(e.value or "" for e in start)
    late = end and last and last.isoformat() > max(e.value or "" for e in end)
    if early or late:
        return Hit((_day_field(case),), sure=_sure([*start, *end]))
    codes = _said(paper, "procedure") if paper.kind == "prior_authorization" else []
    if codes:
        lines = [(line.procedure()[0], line) for line in case.paper.lines()]
        billed = {code for code, _ in lines if code}
        if billed and billed.isdisjoint(e.value or "" for e in codes):
            column = "procedure" if about.is_1500(case) else "44"
            fields = tuple(line.id(column) for code, line in lines if code)
            return Hit(fields, "procedure", sure=_sure(codes))
    return None


@each("D018", _papers, needs=("papers",))
def unknown_paper(case: Case, paper: DocumentReading) -> Hit | None:  # noqa: ARG001 - of the paper
    """What kind of paper came with the claim could not be told for sure."""
    return Hit((), sure=False) if paper.unsure else None


@each("D017", _papers, needs=("papers",))
def paid_otherwise(case: Case, paper: DocumentReading) -> Hit | None:
    """Item 29 or FL 54 is no amount that an explanation of benefits says was paid."""
    own = _own(case, paper) if paper.kind == "eob" else []
    said = _counted(own, "paid")
    if not said:
        return None
    fields = [field for field in about.paid_fields(case) if case.paper.has(field)]
    claimed = {field: case.paper.number(field) for field in fields}
    amounts = [Decimal(e.value or "0") for e in said]
    # an amount that may be the one, though it is in doubt, is no reason to blame anybody
    doubtful = {Decimal(e.value) for e in own if e.label == "paid" and e.value}
    known = {*amounts, *doubtful, *_sums(amounts)}
    wrong = [field for field, amount in claimed.items() if amount]
    if not wrong or any(claimed[field] in known for field in wrong):
        return None
    return Hit(tuple(wrong), sure=_sure(said) and _of_one(paper))


def _sums(amounts: list[Decimal]) -> Iterator[Decimal]:
    """Sums that a paper may leave to its reader: of all lines, and of all but a total."""
    whole = sum(amounts, Decimal(0))
    yield whole
    for amount in amounts:
        yield whole - amount
