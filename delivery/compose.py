"""From the ledger to the bytes that go out: a revision is composed once and kept.

The step that delivers calls `prepare` in a transaction, writes what it got to the outbox with
`files.deliver`, and then marks the document delivered. Killed anywhere and run again, it finds
the revision composed and sends the same bytes.
"""

from __future__ import annotations

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
from ledger import answers, deliveries, documents, scans
from ledger.database import now
from ledger.documents import Document
from models.errors import LedgerError
from models.reading import DocumentReading
from models.state import State

_READINGS = TypeAdapter(list[DocumentReading])


class ScanMissingError(LedgerError):
    """A document's scan is not in the database."""

    code = "ledger.scan"


def said(db: Session, dcn: str) -> dict[str, Answer]:
    """What people said of a document's fields, by field id."""
    return {
        name: Answer.model_validate(
            {"action": one.action, "text": one.text, "by": one.by, "at": one.at}
        )
        for name, one in answers.latest(db, dcn).items()
    }


def attachments(document: Document) -> list[DocumentReading]:
    """What came with a document, as it was read."""
    return _READINGS.validate_json(document.attachments)


def compose(db: Session, document: Document, revision: int) -> ClaimDocument:
    """The claim as it stands: the reading, people's answers, where it came from, its history."""
    scan = db.get(scans.Scan, document.scan_id)
    if scan is None:
        raise ScanMissingError(f"The scan of {document.dcn} is missing.")
    spoken = said(db, document.dcn)
    origin = Origin(
        dcn=document.dcn,
        revision=revision,
        received=document.received,
        sha256=scan.sha256,
        tags=scans.tags(db, scan.id),
        status=_status(document),
    )
    return build(
        apply(DocumentReading.model_validate_json(document.reading), spoken, document.received),
        origin,
        confirmations={name: answer.confirmation() for name, answer in spoken.items()},
        attachments=[_attachment(one) for one in attachments(document)],
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


def _status(document: Document) -> Status:
    """The status that a revision composed now has."""
    state = State(document.state)
    if state in (State.READY, State.DELIVERED):
        return "ready"
    if state in (State.RECEIVED, State.READING):
        return "review"
    return cast("Status", state.value)


def _attachment(reading: DocumentReading) -> Attachment:
    return Attachment(
        form=reading.form, kind=reading.kind, pages=reading.pages, entities=reading.entities
    )
