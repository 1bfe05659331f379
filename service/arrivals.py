"""A scan's documents enter the record: known as claims, joined to what they answer, asked about.

Each in the transaction that assembles the scan, in the order of its pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.orm import Session

from edits import support
from edits.context import Context as EditContext
from edits.duplicates import fingerprint_of
from edits.known import Known
from edits.patients import named
from extractors.language.labels import day
from intake.separator import Reply
from ledger import documents, identities, knowledge, matching, scans, steps
from ledger.database import hold
from ledger.documents import Document, Found
from ledger.identities import Identity
from ledger.joins import Role
from ledger.scans import Scan
from ledger.steps import Kind, Step
from letters import follow, replies
from models.claim import ProfessionalLine
from models.clues import TELLING, Clues
from models.page import Form
from models.reading import REPLY_SHEET, DocumentReading, PageReading
from models.state import State
from pipeline.documents import assemble, gather, recheck

#: share of the services of both forms that must be the same for one to correct the other
_SAME_SERVICES = 0.5
#: a line's first day, and its procedure or revenue code
_Service: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the pages of a scan.

    Attributes:
        received: the day it arrived.
        tags: of its batch.
        known: lists, rosters and profiles; None for nothing.
        error_rate: of accepted fields that may be wrong.
    """

    received: dt.date
    tags: Sequence[str]
    known: Known | None
    error_rate: float


def gathered(pages: Sequence[PageReading], beside: Beside) -> list[Found]:
    """The documents of a scan, checked by everything that is known but earlier claims."""
    found = gather(assemble(pages, EditContext(received=beside.received)))
    loose = any(one.form in (Form.ATTACHMENT, Form.UNKNOWN) for one, _ in found)
    checked = []
    for reading, came in found:
        papers = None if loose and not came else knowledge.kinds(came)
        context = EditContext(received=beside.received, attachments=papers, papers=came)
        checked.append(Found(_checked(reading, context, beside), tuple(came)))
    return checked


def _checked(reading: DocumentReading, context: EditContext, beside: Beside) -> DocumentReading:
    """A document with the rosters' word on its fields, by the rules of its profile."""
    if not reading.form.is_claim:
        return reading
    known = beside.known
    if known is not None:
        payer = known.payer(reading.form, reading.fields)
        context = known.context(context, payer=payer, tags=beside.tags)
        fields = support.weigh(
            reading.form, reading.fields, context.members, context.providers, beside.error_rate
        )
        reading = reading.model_copy(update={"fields": fields})
    return recheck(reading, context)


def enter(db: Session, scan: Scan, found: Sequence[Found]) -> None:
    """Enter the documents of a scan, once: states, who they are, what they belong to, drafts."""
    answering: str | None = None
    # the same claim in two scans that are assembled at once: the second one waits for the first
    claims = (one.reading for one in found if one.reading.claim)
    hold(db, filter(None, (fingerprint_of(claim.form, claim.fields) for claim in claims)))
    for document, one in zip(documents.create(db, scan, list(found)), found, strict=True):
        reading = _known_before(db, document, one)
        replied = _reply(reading)
        answering = replied.dcn if replied is not None else answering
        joined = _belongs(db, document, reading, answering)
        _first_state(db, document, reading, joined=joined is not None)
        document.revision = 1
        steps.need(db, Step(kind=Kind.DELIVER, scan_id=scan.id, dcn=document.dcn, revision=1))
        if joined is None:
            identities.keep(db, document.dcn, reading)
            follow.offer(db, document, reading)
        else:
            replies.join(db, document, joined.dcn, joined.role, by=joined.by)


def _known_before(db: Session, document: Document, found: Found) -> DocumentReading:
    """The reading, checked again where an earlier claim may have something to say."""
    reading = found.reading
    if not reading.form.is_claim or not reading.claim:
        return reading
    mark = identities.identity(document.dcn, reading).fingerprint
    before = knowledge.Before(db, document.dcn)
    # no fingerprint: it corrects another claim, or says too little
    if mark and before.same(mark) is None:
        return reading
    came = found.attachments
    reading = recheck(reading, knowledge.context(db, document, came))
    document.reading = reading.model_dump_json(by_alias=True)
    return reading


@dataclass(frozen=True, slots=True)
class _Belongs:
    """The claim that a document belongs to, what it is to it, and what told."""

    dcn: str
    role: Role
    by: str


def _belongs(
    db: Session, document: Document, reading: DocumentReading, answering: str | None
) -> _Belongs | None:
    if reading.kind == REPLY_SHEET:
        claim = db.get(Document, answering) if answering else None
        known = claim is not None and Form(claim.form).is_claim and claim.state != State.PURGED
        return _Belongs(str(answering), Role.REPLY, "bar code") if known else None
    if reading.form is Form.ATTACHMENT:
        found = matching.match(db, clues_of(reading), besides=[document.dcn])
        if found is None or not found.agrees:
            return None
        return _Belongs(found.dcn, Role.ATTACHMENT, found.by)
    if reading.form.is_claim and reading.claim:
        return _corrects(db, document, reading, answering)
    return None


def _corrects(
    db: Session, document: Document, reading: DocumentReading, answering: str | None
) -> _Belongs | None:
    """The claim that a form corrects: the one its reply sheet names, or one that waits.

    A form without a sheet has to tell the same services of the same patient and provider: forms
    of one visit may differ in nothing else.
    """
    mine = identities.identity(document.dcn, reading)
    clues = matching.clues_of(mine)
    if answering is not None:
        theirs = db.get(Identity, answering)
        if theirs is not None and _same_claim(mine, theirs) and matching.agrees(theirs, clues):
            return _Belongs(answering, Role.CORRECTION, "bar code")
    found = matching.match(db, clues, besides=[document.dcn])
    if found is None:
        return None
    claim = documents.get(db, found.dcn)
    before = DocumentReading.model_validate_json(claim.reading)
    if claim.state != State.WAITING or before.form is not reading.form:
        return None
    if _shared(_services(before), _services(reading)) < _SAME_SERVICES:
        return None
    return _Belongs(found.dcn, Role.CORRECTION, found.by)


def _same_claim(one: Identity, other: Identity) -> bool:
    """Whether account and provider, or member and days, are the same."""
    provider = {one.npi, one.tax_id} & {other.npi, other.tax_id} - {""}
    account = bool(one.account) and one.account == other.account
    member = bool(one.member) and one.member == other.member
    days = one.first_day is not None and one.first_day == other.first_day
    return (account and bool(provider)) or (member and days)


def _services(reading: DocumentReading) -> set[_Service]:
    lines = reading.claim.lines if reading.claim else []
    found = {
        (line.dates.start, line.procedure)
        if isinstance(line, ProfessionalLine)
        else (line.date, line.procedure or line.revenue_code)
        for line in lines
    }
    return found - {(None, None)}


def _shared(one: set[_Service], other: set[_Service]) -> float:
    return len(one & other) / max(1, len(one | other))


def _first_state(
    db: Session, document: Document, reading: DocumentReading, *, joined: bool
) -> None:
    """The first state of a document that was read; what belongs to a claim waits for nobody."""
    documents.move(db, document, State.READING)
    after = {
        "ready": State.READY,
        "review": State.REVIEW,
        "information": State.INFORMATION,
    }[reading.status]
    documents.move(db, document, State.INFORMATION if joined else after)


def _reply(reading: DocumentReading) -> Reply | None:
    """What a reply sheet answers."""
    if reading.kind != REPLY_SHEET:
        return None
    number = next((e.value for e in reading.entities if e.label == "control_number"), None)
    return Reply(number, 0) if number else None


def clues_of(reading: DocumentReading) -> Clues:
    """What an attachment says of its claim."""
    said: dict[str, list[str]] = {}
    for entity in sorted(reading.entities, key=lambda e: -e.confidence):
        if entity.confidence >= TELLING:
            said.setdefault(entity.label, []).append(entity.value or entity.text)

    if len(named(reading.entities)) > 1:
        # a remittance that pays for many is no one claim's: its numbers are of them all
        said = {"control_number": said.get("control_number", [])}

    def first(label: str) -> str | None:
        return next(iter(said.get(label, ())), None)

    days = sorted(day for day in map(day, said.get("date_of_service", ())) if day)
    return Clues(
        control_numbers=(*said.get("control_number", ()), *said.get("claim_number", ())),
        account=first("account_number"),
        providers=(*said.get("npi", ()), *said.get("tax_id", ())),
        member=first("member_id"),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        name=first("patient"),
    )


def beside(db: Session, scan: Scan, error_rate: float) -> Beside:
    """What is known beside the pages of a scan."""
    return Beside(
        received=scan.received.astimezone().date(),
        tags=scans.tags(db, scan.id),
        known=knowledge.known(db),
        error_rate=error_rate,
    )
