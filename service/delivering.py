"""Delivering a revision of a document: composed and entered first, then written, then marked.

Every document that was read is delivered once as revision 1, with the status that it has then:
`review` says that a person will look and another revision will follow. Whatever changes a
document afterwards makes the next revision.
"""

from __future__ import annotations

from delivery.compose import prepare
from delivery.files import deliver as write
from ledger import documents, steps
from ledger.steps import Step, Ticket
from models.state import State
from service.context import Context
from service.faults import point


def deliver(context: Context, step: Step, ticket: Ticket) -> None:
    """Deliver one revision, exactly once whatever happens in between.

    Raises:
        LostLeaseError: another attempt has the step.
        DeliveryError: the outbox can't be written.
    """
    point("deliver.begun")
    with context.database.begin() as db:
        delivery = prepare(db, step.dcn, step.revision)
        content, status = delivery.content, delivery.state
    point("deliver.recorded")
    write(content, context.settings.outbox, step.dcn, step.revision)
    point("deliver.written")
    with context.database.begin() as db:
        steps.finish(db, ticket)
        # locked: a claim that is taken back this moment stays taken back
        document = documents.locked(db, step.dcn)
        if status == "ready" and document.state == State.READY:
            documents.move(db, document, State.DELIVERED)
    point("deliver.committed")
