"""What the rules are told of a claim beside its form: profile, lists, rosters, papers, history.

The lists and rosters of the data folder are opened where a rule first asks for them, once a
process: a session knows where they lie (`Database.know`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from edits.context import Context
from edits.known import Known
from edits.profile import Profile, packaged
from edits.resources import Request
from ledger import requests, scans
from ledger.database import KNOWLEDGE
from ledger.documents import Change, Document
from ledger.identities import Identity, plain
from models.page import Form
from models.reading import DocumentReading, FieldReading
from models.request import RequestState
from models.state import State

#: an attachment whose kind nobody knows
_UNSURE: Final = (None, "other", "unknown")
#: states of claims that a second one does not repeat: those were sent back
_SENT_BACK: Final = (State.RETURNED, State.REJECTED, State.VOIDED)


class Knowledge:
    """The lists, rosters and profiles of a data folder; each process and thread opens its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened = threading.local()

    def known(self) -> Known:
        """What is loaded.

        Raises:
            ProfileError: a profile is wrong.
        """
        if getattr(self._opened, "process", None) != os.getpid():
            self._opened.known = Known(self._folder)
            self._opened.process = os.getpid()
        found: Known = self._opened.known
        return found


def _entered(dcn: object) -> ScalarSelect[int]:
    """The number of a document's first history entry: its place in the order of entering."""
    return select(func.min(Change.id)).where(Change.dcn == dcn).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Before:
    """Claims that came before one (`edits.resources.History`)."""

    db: Session
    dcn: str

    def has(self, number: str) -> bool:
        """Whether a claim has this control number."""
        query = select(Document.dcn).where(Document.dcn == plain(number))
        return self.db.scalar(query) is not None

    def same(self, fingerprint: str) -> str | None:
        """A claim with the same services, entered earlier, that was not sent back."""
        entered = _entered(Identity.dcn)
        query = (
            select(Identity.dcn)
            .join(Document, Document.dcn == Identity.dcn)
            .where(Identity.fingerprint == fingerprint, Document.state.not_in(_SENT_BACK))
            .order_by(entered)
            .limit(1)
        )
        if self.dcn:
            # a number of an earlier day may be entered later: its scan had to be tried again
            query = query.where(Identity.dcn != self.dcn, entered < _entered(self.dcn))
        return self.db.scalar(query)


def known(db: Session) -> Known | None:
    """What is loaded in the data folder; None where the session doesn't know of one."""
    found = db.info.get(KNOWLEDGE)
    return found.known() if isinstance(found, Knowledge) else None


def profile(
    db: Session, form: Form, fields: Mapping[str, FieldReading], tags: Iterable[str]
) -> Profile:
    """The profile that a claim is judged by."""
    loaded = known(db)
    if loaded is None:
        return packaged()
    return loaded.profiles.choose(payer=loaded.payer(form, fields), tags=tags)


def kinds(attachments: Sequence[DocumentReading]) -> tuple[str, ...] | None:
    """Kinds of what came with a claim; None where one of them is not known."""
    if any(_unknown(each) for each in attachments):
        return None
    return tuple(str(each.kind) for each in attachments)


def _unknown(paper: DocumentReading) -> bool:
    """Whether nobody knows what a paper is; that it is none of the kinds can be known, too."""
    return paper.kind in _UNSURE and (not paper.kinds or paper.unsure)


def context(db: Session, document: Document, attachments: Sequence[DocumentReading]) -> Context:
    """What the rules are told of a claim.

    Args:
        db: the ledger.
        document: the claim.
        attachments: everything that came with it and after it.
    """
    reading = DocumentReading.model_validate_json(document.reading)
    tags = scans.tags(db, document.scan_id)
    more = Context(
        received=document.received,
        attachments=_attached(db, document, attachments),
        papers=attachments,
        history=Before(db, document.dcn),
        request=asked(db, document.dcn),
    )
    loaded = known(db)
    if loaded is None:
        return more
    return loaded.context(more, payer=loaded.payer(reading.form, reading.fields), tags=tags)


def asked(db: Session, dcn: str) -> Request | None:
    """What became of the last request about a claim; None while an answer may still come."""
    last = requests.last(db, dcn)
    if last is None or last.due is None:
        return None
    if last.state == RequestState.CLOSED:
        return Request(due=last.due)
    if last.state != RequestState.ANSWERED:
        return None
    events = [event.event for event in requests.log(db, last.id)]
    judged = [event for event in events if event in ("answered", *requests.NO_ANSWERS)]
    return Request(due=last.due, answer="right" if judged[-1] == "answered" else judged[-1])


def _attached(
    db: Session, document: Document, attachments: Sequence[DocumentReading]
) -> tuple[str, ...] | None:
    """Kinds of attachments; None where a page of the scan may be one and nobody knows."""
    loose = select(Document.dcn).where(
        Document.scan_id == document.scan_id,
        Document.form.in_((Form.ATTACHMENT, Form.UNKNOWN)),
        Document.state.in_((State.RECEIVED, State.READING, State.REVIEW, State.INFORMATION)),
    )
    found = kinds(attachments)
    return None if not found and db.scalar(loose.limit(1)) is not None else found
