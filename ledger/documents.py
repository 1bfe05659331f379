"""Documents: claims and what came without one, their states, and the history of those."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from ledger.counters import count, counter
from ledger.database import now
from ledger.scans import Scan
from models import dcn as control_numbers
from models.errors import LedgerError
from models.reading import DocumentReading
from models.state import Actor, State, check

#: who changes a state when no person does
SYSTEM = "system"
#: how many control numbers were given out for a receipt day
_DAYS = counter("day_counters", Column("day", Date, primary_key=True))


class UnknownDocumentError(LedgerError):
    """There is no document of that control number."""

    code = "ledger.unknown"
    remedy = "Check the number; `paperclaim status` lists what there is."


class PurgedError(LedgerError):
    """What a document said was purged."""

    code = "ledger.purged"
    remedy = "Nothing can be done with it any more; its history and the audit trail are kept."


class LeasedError(LedgerError):
    """Somebody else has the document open."""

    code = "ledger.leased"
    remedy = "Take another one, or ask them to close it."


class Document(Base):
    """A claim, or something that came without one.

    Attributes:
        dcn: control number.
        scan_id: the scan that it was on.
        ordinal: from 1, within the scan.
        form: as in the contract.
        state: see `models.state`.
        received: the day that it counts from; entered once.
        reading: as the machine read it (`DocumentReading`); people's answers stand beside it. Once
            it joins a claim, a reply sheet also says what each of its boxes answers.
        attachments: what came with it (a list of `DocumentReading`).
        page_count: pages of the document itself.
        revision: last one delivered, 0 before.
        leased_by: who has it open on the review desk.
        leased_until: and until when, unless they go on.
        changed: when its state last changed.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("scan_id", "ordinal"),
        # a row is long: what is only counted is not looked up in it
        Index("ix_documents_state_received", "state", "received"),
        Index("ix_documents_form_received", "form", "received"),
    )

    dcn: Mapped[str] = mapped_column(String(14), primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id"), index=True)
    ordinal: Mapped[int]
    form: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    received: Mapped[dt.date] = mapped_column(index=True)
    reading: Mapped[str] = mapped_column(Text)
    attachments: Mapped[str] = mapped_column(Text, default="[]")
    page_count: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    changed: Mapped[dt.datetime] = mapped_column(UtcTime)


class Change(Base):
    """One change of state, or of what belongs to the document: append only.

    Attributes:
        before: the state before, empty for the first.
        after: the state after; the same where only what belongs to it changed.
        actor: `system` or a user name.
        reason: why, in a few words or a code.
    """

    __tablename__ = "history"

    id: Mapped[int] = mapped_column(primary_key=True)
    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), index=True)
    before: Mapped[str] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcTime)


@dataclass(frozen=True, slots=True)
class Found:
    """A document as assembled from a scan: its own reading, and what came with it."""

    reading: DocumentReading
    attachments: tuple[DocumentReading, ...] = ()


def create(db: Session, scan: Scan, found: list[Found]) -> list[Document]:
    """Enter the documents of a scan with their control numbers, once: again gives the same."""
    known = db.scalars(
        select(Document).where(Document.scan_id == scan.id).order_by(Document.ordinal)
    ).all()
    if known:
        return list(known)
    day = scan.received.astimezone().date()
    made = []
    for ordinal, one in enumerate(found, start=1):
        document = Document(
            dcn=control_numbers.make(day, count(db, _DAYS, day)),
            scan_id=scan.id,
            ordinal=ordinal,
            form=one.reading.form,
            state=State.RECEIVED,
            received=day,
            reading=one.reading.model_dump_json(by_alias=True),
            attachments="[" + ",".join(a.model_dump_json() for a in one.attachments) + "]",
            page_count=len(one.reading.pages),
            changed=now(),
        )
        db.add(document)
        db.flush()
        _note(db, document, "", SYSTEM, None)
        made.append(document)
    return made


def _note(db: Session, document: Document, before: str, actor: str, reason: str | None) -> None:
    db.add(
        Change(
            dcn=document.dcn,
            before=before,
            after=document.state,
            actor=actor,
            reason=reason,
            at=now(),
        )
    )


def move(
    db: Session, document: Document, to: State, actor: str = SYSTEM, reason: str | None = None
) -> None:
    """Change a document's state, as it is by now, and enter it in the history.

    Raises:
        TransitionError: there is no such transition for this actor.
    """
    # somebody else may have moved it since it was looked at; flushed, for a refresh drops changes
    db.flush()
    db.refresh(document, ["state", "revision"], with_for_update=True)
    before = State(document.state)
    check(before, to, Actor.SYSTEM if actor == SYSTEM else Actor.PERSON)
    document.state = to
    document.changed = now()
    _note(db, document, before, actor, reason)


def remark(db: Session, document: Document, actor: str, reason: str) -> None:
    """Enter in the history what changes no state."""
    _note(db, document, document.state, actor, reason)


def get(db: Session, dcn: str) -> Document:
    """A document by its control number.

    Raises:
        UnknownDocumentError: there is none.
    """
    return _there(db.get(Document, dcn))


def locked(db: Session, dcn: str) -> Document:
    """The same, as it is by now: nobody else changes it until this transaction ends.

    Raises:
        UnknownDocumentError: there is none.
    """
    return _there(db.get(Document, dcn, with_for_update=True, populate_existing=True))


def _there(document: Document | None) -> Document:
    if document is None:
        raise UnknownDocumentError("No document has this control number.")
    return document


def history(db: Session, dcn: str) -> list[Change]:
    """All changes of a document's state, oldest first."""
    return list(db.scalars(select(Change).where(Change.dcn == dcn).order_by(Change.id)))


def counts(db: Session) -> dict[str, int]:
    """How many documents are in each state."""
    query = select(Document.state, func.count()).group_by(Document.state)
    return {row[0]: row[1] for row in db.execute(query)}


def waiting(db: Session, state: State, limit: int) -> list[Document]:
    """Documents in a state, longest received first."""
    query = select(Document).where(Document.state == state)
    return list(db.scalars(query.order_by(Document.received, Document.dcn).limit(limit)))


def oldest(db: Session) -> dict[str, dt.date]:
    """The earliest receipt day in each state."""
    query = select(Document.state, func.min(Document.received)).group_by(Document.state)
    return {row[0]: row[1] for row in db.execute(query)}


def lease(db: Session, document: Document, user: str, span: dt.timedelta) -> None:
    """Open a document on the review desk.

    Raises:
        LeasedError: somebody else has it open.
    """
    db.refresh(document, with_for_update=True)
    if _others(document, user):
        raise LeasedError("Another person has this document open.")
    document.leased_by = user
    document.leased_until = now() + span


def take(db: Session, dcn: str, user: str, span: dt.timedelta) -> bool:
    """Open a document in review that nobody else has open; whether it is open now.

    One that somebody else is opening at this moment is theirs: nobody waits for it, so that two
    who each hold a document and want another can't wait for each other.
    """
    query = select(Document).where(Document.dcn == dcn, Document.state == State.REVIEW)
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    document = db.scalars(query).one_or_none()
    if document is None or _others(document, user):
        return False
    document.leased_by = user
    document.leased_until = now() + span
    return True


def _others(document: Document, user: str) -> bool:
    """Whether somebody else than a user has a document open."""
    held = document.leased_until is not None and document.leased_until > now()
    return held and document.leased_by != user


def steal(db: Session, document: Document, user: str, span: dt.timedelta) -> str | None:
    """Take a document over from whoever has it open; returns who had it."""
    db.refresh(document, with_for_update=True)
    held = document.leased_until is not None and document.leased_until > now()
    before = document.leased_by if held else None
    document.leased_by = user
    document.leased_until = now() + span
    return before


def release(document: Document, user: str) -> None:
    """Close a document on the review desk."""
    if document.leased_by == user:
        document.leased_by = None
        document.leased_until = None
