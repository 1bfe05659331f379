"""A person decides where a document goes, outside of the desk: with a reason, and nobody asked."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger import documents, finishing, requests
from ledger.database import now
from ledger.documents import Document, LeasedError
from models.request import OPEN, RequestState
from models.state import State


def decide(session: Session, dcn: str, to: State, reason: str, *, actor: str) -> Document:
    """Move a document on a person's word; a revision tells downstream.

    A request about it that waits for an answer, or for a word, is withdrawn: nobody is reminded
    of a claim that was decided.

    Args:
        session: of the ledger.
        dcn: control number.
        to: the state that it has then.
        reason: why, for the history.
        actor: user name.

    Raises:
        UnknownDocumentError: there is no such document.
        LeasedError: somebody else has it open.
        TransitionError: it can't go there, or not by a person.
    """
    document = documents.get(session, dcn)
    opened = document.leased_until is not None and document.leased_until > now()
    if opened and document.leased_by != actor:
        raise LeasedError("Another person has this document open.")
    finishing.settle(session, document, to, actor, reason)
    request = requests.last(session, dcn)
    if request is not None and request.state in {*OPEN, RequestState.DRAFT}:
        requests.move(session, request, RequestState.WITHDRAWN, actor, reason)
    return document
