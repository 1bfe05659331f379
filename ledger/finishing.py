"""Work on a document ends: its state changes and its delivery becomes necessary, in one."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy.orm import Session

from ledger import steps
from ledger.documents import SYSTEM, Document, PurgedError, move
from models.state import State

#: what is finished goes out at once
_AT_ONCE: Final = dt.timedelta()


def ready(
    db: Session,
    document: Document,
    actor: str = SYSTEM,
    reason: str | None = None,
    *,
    after: dt.timedelta = _AT_ONCE,
) -> steps.Step:
    """Make a document ready and have its next revision delivered.

    Raises:
        TransitionError: it can't become ready from where it stands, or not by this hand.
    """
    return settle(db, document, State.READY, actor, reason, after=after)


def settle(
    db: Session,
    document: Document,
    to: State,
    actor: str = SYSTEM,
    reason: str | None = None,
    *,
    after: dt.timedelta = _AT_ONCE,
) -> steps.Step:
    """Change a document's state and have a revision delivered that tells whoever follows.

    Args:
        db: the ledger.
        document: whose state changes.
        to: the new one.
        actor: who changes it.
        reason: why, in a few words or a code.
        after: for so long it can be taken back, and nothing goes out.

    Raises:
        TransitionError: there is no such transition for this actor.
    """
    move(db, document, to, actor, reason)
    return tell(db, document, after=after)


def take_back(db: Session, document: Document, actor: str, reason: str) -> None:
    """Put a document that was finished back in review; where nothing went out, nothing does.

    Raises:
        TransitionError: it can't go back from where it stands.
    """
    waiting = steps.held_back(db, document.dcn, locked=True)
    if not waiting:
        settle(db, document, State.REVIEW, actor, reason)
        return
    for step in waiting:
        steps.take_back(db, step)
        document.revision -= 1
    move(db, document, State.REVIEW, actor, reason)
    db.flush()


def tell(db: Session, document: Document, *, after: dt.timedelta = _AT_ONCE) -> steps.Step:
    """Have a revision delivered that tells what belongs to a document now.

    A revision that still waits for its time goes out before it.

    Raises:
        PurgedError: there is nothing left to tell.
    """
    if document.state == State.PURGED:
        raise PurgedError(f"{document.dcn} was purged: nothing of it goes out any more.")
    for step in steps.held_back(db, document.dcn):
        steps.hasten(db, step)
    document.revision += 1
    return steps.need(
        db,
        steps.Step(
            kind=steps.Kind.DELIVER,
            scan_id=document.scan_id,
            dcn=document.dcn,
            revision=document.revision,
        ),
        after,
    )
