"""Work on a document ends: its state changes and its delivery becomes necessary, in one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger import steps
from ledger.documents import SYSTEM, Document, move
from models.state import State


def ready(
    db: Session, document: Document, actor: str = SYSTEM, reason: str | None = None
) -> steps.Step:
    """Make a document ready and have its next revision delivered.

    Raises:
        TransitionError: it can't become ready from where it stands, or not by this hand.
    """
    return settle(db, document, State.READY, actor, reason)


def settle(
    db: Session,
    document: Document,
    to: State,
    actor: str = SYSTEM,
    reason: str | None = None,
) -> steps.Step:
    """Change a document's state and have a revision delivered that tells whoever follows.

    Raises:
        TransitionError: there is no such transition for this actor.
    """
    move(db, document, to, actor, reason)
    return tell(db, document)


def tell(db: Session, document: Document) -> steps.Step:
    """Have a revision delivered that tells what belongs to a document now."""
    document.revision += 1
    return steps.need(
        db,
        steps.Step(
            kind=steps.Kind.DELIVER,
            scan_id=document.scan_id,
            dcn=document.dcn,
            revision=document.revision,
        ),
    )
