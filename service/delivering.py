"""Delivering a revision of a document: recorded first, written to the outbox, then marked done.

Every document that was read is delivered once as revision 1, with the status that it has then:
`review` says that a person will look and another revision will follow. Whatever changes a
document afterwards makes the next revision.
"""

from __future__ import annotations

import json
from typing import cast

from sqlalchemy.orm import Session

from delivery.answers import Answer, apply
from delivery.document import Action, Attachment, HistoryEntry, Origin, Status, build, to_json
from delivery.files import deliver as write
from ledger import answers, deliveries, documents, scans, steps
from ledger.database import now
from ledger.deliveries import Delivery
from ledger.documents import Document
from ledger.scans import Scan
from ledger.steps import Kind, Step, Ticket
from models.reading import DocumentReading
from models.state import State
from service.context import Context
from service.faults import point



def _status(document: Document) -> Status:
    state = State(document.state)
    return "ready" if state is State.DELIVERED else cast(Status, str(state))


def content_of(db: Session, document: Document, revision: int) -> bytes:
    """The JSON of a document as it stands."""
    reading = DocumentReading.model_validate_json(document.reading)
    said = {
        name: Answer(action=cast(Action, a.action), text=a.text, by=a.by, at=a.at)
        for name, a in answers.latest(db, document.dcn).items()
    }
    reading = apply(reading, said)
    origin = Origin(
        dcn=document.dcn,
        revision=revision,
        received=document.received,
        sha256=db.get_one(Scan, document.scan_id).sha256,
        tags=scans.tags(db, document.scan_id),
        status=_status(document),
    )
    attached = [DocumentReading.model_validate(a) for a in json.loads(document.attachments)]
    return to_json(
        build(
            reading,
            origin,
            confirmations={name: answer.confirmation() for name, answer in said.items()},
            attachments=[
                Attachment(form=a.form, kind=a.kind, pages=a.pages, entities=a.entities)
                for a in attached
            ],
            history=[
                HistoryEntry(at=c.at, state=c.after, actor=c.actor, reason=c.reason)
                for c in documents.history(db, document.dcn)
            ],
        )
    )


def deliver(context: Context, step: Step, ticket: Ticket) -> None:
    """Deliver one revision, exactly once whatever happens in between.

    Raises:
        LostLeaseError: another attempt has the step.
        DeliveryError: the outbox can't be written.
    """
    point("deliver.begun")
    with context.database.begin() as db:
        document = documents.get(db, step.dcn)
        delivery = deliveries.one(db, step.dcn, step.revision)
        if delivery is None:
            delivery = deliveries.record(
                db,
                Delivery(
                    dcn=step.dcn,
                    revision=step.revision,
                    state=_status(document),
                    form=document.form,
                    received=document.received,
                    delivered=now(),
                    content=content_of(db, document, step.revision),
                ),
            )
        content, status = delivery.content, delivery.state
    point("deliver.recorded")
    write(content, context.settings.outbox, step.dcn, step.revision)
    point("deliver.written")
    with context.database.begin() as db:
        steps.finish(db, ticket)
        document = documents.get(db, step.dcn)
        if status == "ready" and document.state == State.READY:
            documents.move(db, document, State.DELIVERED)
    point("deliver.committed")


def release(db: Session, document: Document) -> None:
    """Make the next revision of a document necessary: something about it changed."""
    document.revision += 1
    steps.need(
        db,
        Step(
            kind=Kind.DELIVER,
            scan_id=document.scan_id,
            dcn=document.dcn,
            revision=document.revision,
        ),
    )
