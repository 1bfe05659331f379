"""Purging: what a document said is removed for good, and that it was there stays.

Kept are its control number, day of receipt, states and who changed them, the audit trail, the
digests of what went out, and of its scan: so that the same file again is no new claim. Everything
that was read, typed, written to the provider or seen on a page goes, and the original with the
last document on it. Only what waits for nobody is purged. What went out is the receiver's.

Of a scan that nothing became of nothing is kept: the same file again is a new one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, delete, exists, select, text, update
from sqlalchemy.orm import Session

from ledger import audit, documents, joins, steps
from ledger.answers import Draft, FieldAnswer, Override
from ledger.audit import Act
from ledger.database import Database, hold, now
from ledger.deliveries import Delivery
from ledger.documents import Document
from ledger.identities import Identity
from ledger.quality import Entry, Sample
from ledger.requests import Event, Letter, Posting, Request
from ledger.scans import Arrival, Page, Scan, ScanState
from ledger.store import Store
from ledger.work import DeskItem, Summary, SummaryDoubt, SummaryFinding
from models.errors import LedgerError
from models.page import Form
from models.reading import DocumentReading
from models.request import OPEN, RequestState
from models.state import RESTING, State

#: who looks for what may be gone from the store, and who takes it away, do so one after the other
STORED: Final = "store"
_READINGS: Final = TypeAdapter(list[DocumentReading])
_DONE: Final = RESTING - {State.PURGED}
#: rows about one document that go as they are
_ABOUT: Final = (
    *(FieldAnswer, Draft, Override, Entry, Sample),
    *(Identity, DeskItem, SummaryDoubt, SummaryFinding, Summary),
)


class NotPurgedError(LedgerError):
    """A document can't be purged yet."""

    code = "ledger.purge"
    remedy = "Finish it first, and what it belongs to; `paperclaim show` says how it stands."


def due(db: Session, before: dt.datetime) -> list[str]:
    """Documents that rest since before a time, papers that belong to claims after all others."""
    query = select(Document.dcn).where(Document.state.in_(_DONE), Document.changed < before)
    papers = exists().where(joins.Join.paper == Document.dcn)
    return list(db.scalars(query.order_by(papers, Document.dcn)))


def with_papers(db: Session, dcn: str) -> list[str]:
    """A document and what belongs to it, as `purge` needs their order."""
    papers = [paper.dcn for _, paper in joins.papers(db, dcn) if paper.state != State.PURGED]
    return [documents.get(db, dcn).dcn, *papers]


def why_not(db: Session, document: Document) -> str | None:
    """What keeps a document from being purged, None where nothing does."""
    unfinished = select(steps.Step.id).where(
        steps.Step.dcn == document.dcn, steps.Step.state != steps.StepState.DONE
    )
    asked = select(Request.id).where(
        Request.dcn == document.dcn, Request.state.in_((*OPEN, RequestState.DRAFT))
    )
    claims = select(Document.state).where(
        Document.dcn.in_([each.dcn for each in joins.of_paper(db, document.dcn)])
    )
    if document.state not in _DONE:
        return f"it is {document.state}"
    if document.leased_until is not None and document.leased_until > now():
        return "somebody has it open"
    if db.scalar(unfinished.limit(1)) is not None:
        return "something is still to be done for it"
    if db.scalar(asked.limit(1)) is not None:
        return "its provider is being asked"
    if any(state != State.PURGED for state in db.scalars(claims)):
        return "it belongs to a claim that is kept"
    return None


def purge(database: Database, store: Store, dcn: str, reason: str, *, actor: str) -> None:
    """Remove what a document said, with its pages; with the last one of a scan, the original.

    Files go before the rows that name them, all in one transaction: whoever is killed in between
    does it again.

    Args:
        database: the record.
        store: originals and pages.
        dcn: of the document.
        reason: why, in a few words.
        actor: user name.

    Raises:
        NotPurgedError: it waits for something.
        UnknownDocumentError: there is no such document.
        StoreError: the store can't be written; nothing is purged in the record.
    """
    with database.begin() as db:
        _overwrite(db)
        hold(db, [STORED])
        document = documents.locked(db, dcn)
        why = why_not(db, document)
        if why is not None:
            raise NotPurgedError(f"{dcn} is not purged: {why}.")
        scan = db.get_one(Scan, document.scan_id, with_for_update=True)
        last = _last(db, document)
        pages = _pages(db, document, every=last)
        for page in pages:
            page.media, page.words, page.reading = "", [], None
        db.flush()
        if last:
            scan.state = ScanState.PURGED
            db.execute(update(Arrival).where(Arrival.scan_id == scan.id).values(name=""))
        keys = {page.image for page in pages} | ({scan.sha256} if last else set())
        for key in sorted(keys - _named(db, keys, besides=scan.id if last else 0)):
            store.remove(key)
        documents.move(db, document, State.PURGED, actor, reason)
        _forget(db, document)
        audit.note(db, actor, Act("purged", dcn))


def failed(db: Session, before: dt.datetime) -> list[int]:
    """Scans that were given up, and that nobody brought again since a time."""
    again = exists().where(Arrival.scan_id == Scan.id, Arrival.at >= before)
    query = select(Scan.id).where(Scan.state == ScanState.FAILED, ~again, ~_worked_on())
    return list(db.scalars(query.order_by(Scan.id)))


def forget(database: Database, store: Store, scan_id: int, *, actor: str) -> bool:
    """Remove a scan that was given up, with its pages and its steps; whether it still was.

    Args:
        database: the record.
        store: originals and pages.
        scan_id: of the scan.
        actor: user name.

    Raises:
        StoreError: the store can't be written; nothing is removed from the record.
    """
    with database.begin() as db:
        _overwrite(db)
        hold(db, [STORED])
        query = select(Scan).where(Scan.id == scan_id, Scan.state == ScanState.FAILED)
        scan = db.scalar(query.where(~_worked_on()).with_for_update())
        if scan is None:
            return False
        keys = {scan.sha256, *db.scalars(select(Page.image).where(Page.scan_id == scan_id))}
        own = select(steps.Step.id).where(steps.Step.scan_id == scan_id)
        db.execute(delete(steps.Notice).where(steps.Notice.step_id.in_(own)))
        for table in (steps.Step, Page, Arrival):
            db.execute(delete(table).where(table.scan_id == scan_id))
        db.delete(scan)
        db.flush()
        for key in sorted(keys - _named(db, keys)):
            store.remove(key)
        audit.note(db, actor, Act("purged", detail=f"scan {scan_id}"))
    return True


def settle(database: Database) -> None:
    """Let nothing that was purged stay in SQLite's journal, unless somebody reads in it now."""
    if database.engine.dialect.name == "sqlite":
        connection = database.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def _overwrite(db: Session) -> None:
    """Have SQLite overwrite what is deleted, and not only give it free."""
    if db.get_bind().dialect.name == "sqlite":
        db.execute(text("PRAGMA secure_delete = ON"))


def _worked_on() -> ColumnElement[bool]:
    """That something is still to be done for a scan, or a document came of it."""
    to_do = steps.Step.state.in_((steps.StepState.WAITING, steps.StepState.RUNNING))
    document = exists().where(Document.scan_id == Scan.id)
    return exists().where(steps.Step.scan_id == Scan.id, to_do) | document


def _last(db: Session, document: Document) -> bool:
    """Whether all else that is on the scan of a document was purged."""
    others = select(Document.dcn).where(
        Document.scan_id == document.scan_id,
        Document.dcn != document.dcn,
        Document.state != State.PURGED,
    )
    return db.scalar(others.limit(1)) is None


def _pages(db: Session, document: Document, *, every: bool) -> list[Page]:
    """The pages of a document and of what came with it; or those that no document has, too."""
    query = select(Page).where(Page.scan_id == document.scan_id)
    if not every:
        came = _READINGS.validate_json(document.attachments)
        own = DocumentReading.model_validate_json(document.reading)
        query = query.where(Page.number.in_({n for one in (own, *came) for n in one.pages}))
    return list(db.scalars(query))


def _named(db: Session, keys: Iterable[str], *, besides: int = 0) -> set[str]:
    """Keys that something which is kept has too: many blank pages have the same bytes."""
    pages = select(Page.image).where(Page.image.in_(list(keys)), Page.media != "")
    scans = select(Scan.sha256).where(
        Scan.sha256.in_(list(keys)), Scan.state != ScanState.PURGED, Scan.id != besides
    )
    return {*db.scalars(pages), *db.scalars(scans)}


def _forget(db: Session, document: Document) -> None:
    """Remove what the record has of what a document said."""
    db.flush()
    requests = select(Request.id).where(Request.dcn == document.dcn)
    letters = select(Letter.id).where(Letter.request_id.in_(requests))
    db.execute(delete(Posting).where(Posting.letter_id.in_(letters)))
    for table in (Letter, Event):
        db.execute(delete(table).where(table.request_id.in_(requests)))
    for about in (Request, *_ABOUT):
        db.execute(delete(about).where(about.dcn == document.dcn))
    gone = update(Delivery).where(Delivery.dcn == document.dcn, Delivery.content != b"")
    db.execute(gone.values(content=b""))
    empty = DocumentReading(form=Form(document.form), pages=[], status="information")
    document.reading, document.attachments = empty.model_dump_json(by_alias=True), "[]"
    db.flush()
