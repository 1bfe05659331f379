"""From the ledger to the bytes that go out: a revision is composed once and kept.

The step that delivers calls `prepare` in a transaction, writes what it got to the outbox
(`delivery.files`), and then marks the document delivered. Killed anywhere and run again, it finds
the revision composed and sends the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from delivery.answers import Answer, apply
from delivery.document import (
    Attachment,
    ClaimDocument,
    HistoryEntry,
    Origin,
    Status,
    build,
    to_json,
)
from ledger import answers, deliveries, documents, identities, joins, knowledge, scans, steps
from ledger.database import now
from ledger.documents import Document
from models.errors import LedgerError
from models.reading import REPLY_SHEET, DocumentReading
from models.state import State

_READINGS = TypeAdapter(list[DocumentReading])


class ScanMissingError(LedgerError):
    """A document's scan is not in the database."""

    code = "ledger.scan"


def said(db: Session, dcn: str) -> dict[str, Answer]:
    """What people said of a document's fields, by field id."""
    return {
        name: Answer.model_validate(
            {name: getattr(one, name) for name in ("action", "text", "by", "at", "paper")}
        )
        for name, one in answers.latest(db, dcn).items()
    }


def attachments(document: Document) -> list[DocumentReading]:
    """What came with a document, as it was read."""
    return _READINGS.validate_json(document.attachments)


@dataclass(frozen=True, slots=True)
class Paper:
    """Something that joined a claim after it came.

    Attributes:
        dcn: control number of its own: its pages are of that document's scan.
        role: `attachment`, `reply` or `correction`.
        reading: as it was read.
    """

    dcn: str
    role: str
    reading: DocumentReading


def papers(db: Session, dcn: str) -> list[Paper]:
    """What joined a claim after it came, each sheet or document on its own, in order."""
    found = []
    for join, document in joins.papers(db, dcn):
        own = DocumentReading.model_validate_json(document.reading)
        found += [Paper(document.dcn, join.role, one) for one in (own, *attachments(document))]
    return found


def current(db: Session, document: Document) -> DocumentReading:
    """A document as it stands: what people said in it, checked by everything that is known.

    Papers that joined it, the payer's profile, lists and rosters, and earlier claims count.
    """
    reading = DocumentReading.model_validate_json(document.reading)
    if not reading.form.is_claim:
        return reading
    came = attachments(document)
    came += [one.reading for one in papers(db, document.dcn) if one.reading.kind != REPLY_SHEET]
    came = [one for one in came if not one.form.is_claim]
    context = knowledge.context(db, document, came)
    return apply(reading, said(db, document.dcn), document.received, context)


def compose(db: Session, document: Document, revision: int) -> ClaimDocument:
    """The claim as it stands: the reading, people's answers, where it came from, its history.

    Raises:
        ScanMissingError: the record has no scan of it.
    """
    scan = db.get(scans.Scan, document.scan_id)
    if scan is None:
        raise ScanMissingError(f"The scan of {document.dcn} is missing.")
    spoken = said(db, document.dcn)
    after = papers(db, document.dcn)
    origin = Origin(
        dcn=document.dcn,
        revision=revision,
        received=document.received,
        sha256=scan.sha256,
        tags=scans.tags(db, scan.id),
        status=_status(db, document, revision),
    )
    return build(
        current(db, document),
        origin,
        confirmations={name: answer.confirmation() for name, answer in spoken.items()},
        attachments=[
            *(_attachment(one) for one in attachments(document)),
            *(_attachment(one.reading, one) for one in after),
        ],
        history=[
            HistoryEntry(at=one.at, state=one.after, actor=one.actor, reason=one.reason)
            for one in documents.history(db, document.dcn)
        ],
    )


def prepare(db: Session, dcn: str, revision: int) -> deliveries.Delivery:
    """The delivery of a revision: composed and entered now, or what was entered before.

    Raises:
        UnknownDocumentError: there is no such document.
    """
    found = deliveries.one(db, dcn, revision)
    if found is not None:
        return found
    document = documents.get(db, dcn)
    claim = compose(db, document, revision)
    identities.keep(db, dcn, current(db, document))
    return deliveries.record(
        db,
        deliveries.Delivery(
            dcn=dcn,
            revision=revision,
            state=claim.status,
            form=document.form,
            received=document.received,
            delivered=now(),
            content=to_json(claim),
        ),
    )


def _status(db: Session, document: Document, revision: int) -> Status:
    """The status that a revision composed now has.

    What can still be taken back is told by the revision that waits for that, by none before it.
    """
    if any(step.revision > revision for step in steps.held_back(db, document.dcn)):
        return "review"
    state = State(document.state)
    if state in (State.READY, State.DELIVERED):
        return "ready"
    if state in (State.RECEIVED, State.READING):
        return "review"
    return cast("Status", state.value)


def _attachment(reading: DocumentReading, after: Paper | None = None) -> Attachment:
    return Attachment(
        form=reading.form,
        kind=reading.kind,
        kinds=reading.kinds,
        pages=reading.pages,
        dcn=after.dcn if after else None,
        role=after.role if after else None,
        entities=reading.entities,
    )
