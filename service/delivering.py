"""Delivering a revision of a document: composed and entered first, then written, then marked.

Every document that was read is delivered once as revision 1, with the status that it has then:
`review` says that a person will look and another revision will follow. Whatever changes a
document afterwards makes the next revision.
"""

from __future__ import annotations

from delivery import files
from delivery.compose import prepare
from ledger import documents, steps
from ledger.steps import LostLeaseError, Step, Ticket
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
    token = step.token or _hide(context, content, ticket, step)
    point("deliver.hidden")
    files.name(content, context.settings.outbox, step.dcn, step.revision, token)
    point("deliver.written")
    with context.database.begin() as db:
        steps.finish(db, ticket)
        # locked: a claim that is taken back this moment stays taken back
        document = documents.locked(db, step.dcn)
        if status == "ready" and document.state == State.READY:
            documents.move(db, document, State.DELIVERED)
    point("deliver.committed")


def _hide(context: Context, content: bytes, ticket: Ticket, step: Step) -> str:
    """Write the file under a hidden name and enter its token; the token that counts."""
    outbox = context.settings.outbox
    token = files.hide(content, outbox, step.dcn, step.revision)
    with context.database.begin() as db:
        # whoever lost the lease may not name what another has named already
        held = steps.renew(db, ticket, context.lease)
        entered = db.get_one(Step, step.id, populate_existing=True)
        if held and entered.token is None:
            entered.token = token
        known = entered.token
    if known != token:
        files.discard(outbox, step.dcn, step.revision, token)
    if not held or known is None:
        raise LostLeaseError("The step was taken over by another attempt.")
    return known
