"""The ledger as the review desk uses it: what waits, one case opened, answered, finished."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from delivery.answers import Answer
from delivery.compose import attachments, current, said
from delivery.places import spec_of
from ledger import answers, documents, finishing, scans, steps
from ledger.database import Database, now
from ledger.documents import Document
from ledger.store import Store
from letters import follow
from models.errors import PaperclaimError
from models.page import Form
from models.reading import DocumentReading
from models.state import State
from review import words
from review.desk import Desk, attached, desk

#: what the page may say of a field; `said` is an input's text, whatever it is
_ACTIONS = frozenset({"said", "not_present", "illegible", answers.WITHDRAWN})
#: nothing on either form is longer
_LONGEST_TEXT: Final = 2000


class CaseError(PaperclaimError):
    """This can't be done with this document."""

    code = "review.refused"
    remedy = "Open it again from the queue: somebody else may have worked on it."


@dataclass(frozen=True, slots=True)
class Case:
    """A document on the desk.

    Attributes:
        dcn: control number.
        state: of the document.
        received: receipt day.
        tags: of its batch.
        read: as the machine read it.
        now: with all answers in it, checked by everything that is known.
        attachments: what came with it.
        spoken: answers by field id.
        drafts: typed and not confirmed.
    """

    dcn: str
    state: str
    received: dt.date
    tags: list[str]
    read: DocumentReading
    now: DocumentReading
    attachments: list[DocumentReading]
    spoken: dict[str, Answer]
    drafts: dict[str, str]

    def desk(self) -> Desk:
        """The case laid out for a person."""
        laid = desk(self.read, self.now, self.spoken, self.drafts)
        for reading in self.attachments:
            laid.pages.extend(attached(reading))
        return laid


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A document in the queue."""

    dcn: str
    form: str
    received: dt.date
    pages: int
    remaining: int
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Failure:
    """A scan or a step that was given up, and the code of why."""

    what: str
    since: dt.date
    code: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The queue page's content."""

    counts: list[tuple[str, int]]
    rows: list[QueueRow]
    waiting: int
    failures: list[Failure]


class Cases:
    """The documents that people work on.

    Args:
        database: the ledger's.
        store: where page images lie.
    """

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def overview(self, limit: int) -> Overview:
        """What waits, oldest first, at most `limit` rows; all counts; what failed."""
        with self._database.begin() as db:
            counts = documents.counts(db)
            rows = [_row(db, document) for document in documents.waiting(db, State.REVIEW, limit)]
            return Overview(
                counts=[(state, counts.get(state, 0)) for state in State if _shown(state, counts)],
                rows=rows,
                waiting=counts.get(State.REVIEW, 0),
                failures=_failures(db),
            )

    def next(self) -> str | None:
        """The control number of the document that has waited longest."""
        with self._database.begin() as db:
            found = documents.waiting(db, State.REVIEW, 1)
            return found[0].dcn if found else None

    def open(self, dcn: str) -> Case:
        """A document as it stands.

        Raises:
            UnknownDocumentError: there is none.
        """
        with self._database.begin() as db:
            return _case(db, documents.get(db, dcn))

    def page(self, dcn: str, number: int) -> tuple[bytes, int]:
        """A page's image file, and the quarter turns that put it upright.

        Raises:
            CaseError: the document has no such page.
        """
        with self._database.begin() as db:
            document = documents.get(db, dcn)
            case = _case(db, document)
            stored = db.get(scans.Page, (document.scan_id, number))
            facts = [f for one in (case.read, *case.attachments) for f in one.page_facts]
            turns = {f.number: f.quarter_turns for f in facts}
            if stored is None or number not in turns:
                raise CaseError("The document has no such page.")
            key = stored.image
        return self._store.get(key), turns[number]

    def keep_draft(self, dcn: str, field: str, text: str, *, by: str) -> None:
        """Keep what somebody is typing.

        Raises:
            CaseError: the document is not in review, or the text is no field's.
        """
        with self._database.begin() as db:
            document = _in_review(db, dcn)
            _check_field(document, field, text)
            draft = answers.Draft(dcn=document.dcn, field=field, text=text, by=by, at=now())
            answers.keep_draft(db, draft)

    def answer(self, dcn: str, field: str, spoken: tuple[str, str], *, by: str) -> Case:
        """Enter what somebody said of a field.

        Args:
            dcn: control number.
            field: its id.
            spoken: action (`said`, `not_present`, `illegible`, `withdrawn`) and text.
            by: who says it.

        Raises:
            CaseError: the document is not in review, or this can't be said of it.
        """
        action, text = spoken[0], " ".join(spoken[1].split())
        with self._database.begin() as db:
            document = _in_review(db, dcn)
            _check_field(document, field, text)
            if action not in _ACTIONS:
                raise CaseError("This can't be said of a field.")
            read = DocumentReading.model_validate_json(document.reading)
            answers.say(
                db,
                answers.FieldAnswer(
                    dcn=document.dcn,
                    field=field,
                    action=_meaning(read, field, action, text),
                    text=text,
                    by=by,
                    at=now(),
                ),
            )
            db.flush()
            case = _case(db, document)
            follow.offer(db, document, case.now)
            return case

    def finish(self, dcn: str, *, by: str) -> Case | None:
        """Send a document on to delivery; as it stands, where something is still in doubt.

        Raises:
            CaseError: it is not in review.
        """
        with self._database.begin() as db:
            document = _in_review(db, dcn)
            case = _case(db, document)
            if case.desk().remaining:
                return case
            if Form(document.form).is_claim:
                finishing.ready(db, document, by)
            else:
                finishing.settle(db, document, State.INFORMATION, by)
            return None


def _case(db: Session, document: Document) -> Case:
    return Case(
        dcn=document.dcn,
        state=document.state,
        received=document.received,
        tags=scans.tags(db, document.scan_id),
        read=DocumentReading.model_validate_json(document.reading),
        now=current(db, document),
        attachments=attachments(document),
        spoken=said(db, document.dcn),
        drafts=answers.drafts(db, document.dcn),
    )


def _row(db: Session, document: Document) -> QueueRow:
    """A queue row; what is left to check is the count of doubtful fields nobody answered."""
    read = DocumentReading.model_validate_json(document.reading)
    spoken = answers.latest(db, document.dcn)
    doubtful = {name for name, field in read.fields.items() if not field.accepted}
    capture = {
        name
        for finding in read.findings
        if finding.cause == "capture" and finding.severity != "warn"
        for name in finding.fields
    }
    return QueueRow(
        dcn=document.dcn,
        form=words.FORMS[Form(document.form)],
        received=document.received,
        pages=document.page_count,
        remaining=len((doubtful | capture) - spoken.keys()),
        tags=scans.tags(db, document.scan_id),
    )


def _failures(db: Session) -> list[Failure]:
    found = [
        Failure(f"scan {scan.id}", scan.received.astimezone().date(), scan.error or "unknown")
        for scan in scans.failed(db)
    ]
    return found + [
        Failure(step.dcn or f"scan {step.scan_id}", step.created.date(), step.error or "unknown")
        for step in steps.failures(db)
        if step.kind != steps.Kind.OPEN
    ]


def _shown(state: State, counts: dict[str, int]) -> bool:
    """The street's own states always; the others where there is something in them."""
    street = (State.RECEIVED, State.READING, State.REVIEW, State.READY, State.DELIVERED)
    return state in street or counts.get(state, 0) > 0


def _in_review(db: Session, dcn: str) -> Document:
    document = documents.get(db, dcn)
    if document.state != State.REVIEW:
        raise CaseError("The document is not in review any more.")
    return document


def _check_field(document: Document, field: str, text: str) -> None:
    """Refuse a field that the form doesn't have, or a text that no field could hold."""
    form = Form(document.form)
    known = spec_of(form, field) is not None
    if not known:
        reading = DocumentReading.model_validate_json(document.reading)
        known = field in reading.fields or any(field in f.fields for f in reading.findings)
    if not known or len(text) > _LONGEST_TEXT:
        raise CaseError("The form has no such field.")


def _meaning(read: DocumentReading, field: str, action: str, text: str) -> str:
    """`said` is a confirmation where the text is as read, else a correction, or nothing there."""
    if action != "said":
        return action
    if not text:
        return "not_present"
    found = read.fields.get(field)
    if found is None:
        return "corrected"
    spec = spec_of(read.form, field)
    shown = found.value if spec is not None and spec.choices else found.text
    return "confirmed" if text == " ".join((shown or "").split()) else "corrected"
