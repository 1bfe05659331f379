"""Requests to providers: what was asked, the letters as they were sent, and what became of them.

A draft may be edited; once its letter is made neither it nor its log changes any more: letters,
their posting and the log are append only.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Final

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from ledger.base import Base, UtcTime
from ledger.database import now
from ledger.documents import Document
from models.request import OPEN, RequestError, RequestState, check

#: what a person may say of an answer: not what was asked for, or nothing that can be read
NO_ANSWERS: Final = ("wrong", "unreadable")


class Stage(enum.StrEnum):
    """Which letter of a request."""

    LETTER = "letter"
    REMINDER = "reminder"
    SECOND = "second"


class Request(Base):
    """One request about one claim.

    Attributes:
        id: ascending.
        dcn: of the claim.
        number: from 1, among those of the claim.
        state: see `models.request`.
        draft: what the letter says (`letters.draft.Draft` as JSON); changed only while a draft.
        due: the day until which an answer is asked for, None before it is sent.
        next_on: when the next letter, or closing, is due; None where nothing is, and where a
            draft waits for a word.
        changed: when the state or the draft last changed.
    """

    __tablename__ = "requests"
    __table_args__ = (UniqueConstraint("dcn", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)
    draft: Mapped[str] = mapped_column(Text)
    due: Mapped[dt.date | None]
    next_on: Mapped[dt.date | None] = mapped_column(index=True)
    changed: Mapped[dt.datetime] = mapped_column(UtcTime)


class Event(Base):
    """What happened to a request: append only.

    Attributes:
        event: `drafted`, `edited`, `sent`, `posted`, `reminded`, `urged`, `answered`, `closed`,
            `withdrawn`; `wrong`, `unreadable` or `unjoined`, of an answer, and `reopened` after
            it; `unsure` or `resent`, of an e-mail.
        actor: `system` or a user name.
        reason: why, in a few words or a code; nothing of the claim.
    """

    __tablename__ = "request_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    event: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcTime)


class Letter(Base):
    """A letter as it is sent, byte for byte: append only.

    Attributes:
        key: `<dcn>-<number>-<stage>`: there is one letter of each, however often it is asked for.
        stage: see `Stage`.
        channel: `print` or `mail`.
        address: e-mail address where it goes by mail, else empty.
        dated: the day on the letter.
        due: the day until which it asks for an answer.
        digest: SHA-256 of the content, hex.
        content: the PDF.
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    stage: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(254))
    dated: Mapped[dt.date]
    due: Mapped[dt.date]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Posting(Base):
    """A step of a letter's way out: append only.

    Attributes:
        state: `file.begun`, written under a hidden name; `file.done`, it has its own;
            `mail.begun` before the e-mail leaves, `mail.refused` when it surely has not, or a
            person says so; `posted` when the letter has left. `mail.begun` and neither of these
            means that nobody knows.
        detail: token of the hidden name, name of the file, Message-ID, code of an error, or who
            said so.
    """

    __tablename__ = "postings"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcTime)


def of_claim(db: Session, dcn: str) -> list[Request]:
    """Every request about a claim, the first one first."""
    return list(db.scalars(select(Request).where(Request.dcn == dcn).order_by(Request.number)))


def last(db: Session, dcn: str) -> Request | None:
    """The last request about a claim."""
    found = of_claim(db, dcn)
    return found[-1] if found else None


def get(db: Session, request_id: int) -> Request:
    """A request by its number.

    Raises:
        RequestError: there is none.
    """
    found = db.get(Request, request_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise RequestError("There is no such request.")
    return found


def add(db: Session, dcn: str, draft: str, actor: str) -> Request:
    """Enter a draft."""
    query = select(func.max(Request.number)).where(Request.dcn == dcn)
    made = Request(
        dcn=dcn,
        number=(db.scalar(query) or 0) + 1,
        state=RequestState.DRAFT,
        draft=draft,
        changed=now(),
    )
    db.add(made)
    db.flush()
    note(db, made, "drafted", actor)
    return made


def note(db: Session, request: Request, event: str, actor: str, reason: str | None = None) -> None:
    """Write into a request's log."""
    db.add(Event(request_id=request.id, event=event, actor=actor, reason=reason, at=now()))


def move(
    db: Session, request: Request, to: RequestState, actor: str, reason: str | None = None
) -> None:
    """Change a request's state and write it into its log.

    Raises:
        RequestError: there is no such transition.
    """
    check(RequestState(request.state), to)
    request.state, request.changed = to, now()
    if to not in OPEN:
        request.next_on = None
    note(db, request, to, actor, reason)


def reopen(
    db: Session, request: Request, to: RequestState, actor: str, reason: str | None = None
) -> None:
    """Wait again for an answer: what was taken for it was none. No letter goes out by this.

    Raises:
        RequestError: the request has no answer.
    """
    check(RequestState(request.state), to)
    request.state, request.changed = to, now()
    note(db, request, "reopened", actor, reason)


def log(db: Session, request_id: int) -> list[Event]:
    """What happened to a request, oldest first."""
    query = select(Event).where(Event.request_id == request_id)
    return list(db.scalars(query.order_by(Event.id)))


def letters(db: Session, request_id: int) -> list[Letter]:
    """The letters of a request, the first one first, without their content."""
    query = select(Letter).where(Letter.request_id == request_id).order_by(Letter.id)
    return list(db.scalars(query.options(defer(Letter.content))))


def letter(db: Session, key: str) -> Letter | None:
    """A letter by its key."""
    return db.scalar(select(Letter).where(Letter.key == key))


def postings(db: Session, letter_id: int) -> list[Posting]:
    """A letter's way out so far, oldest first."""
    query = select(Posting).where(Posting.letter_id == letter_id)
    return list(db.scalars(query.order_by(Posting.id)))


def post(db: Session, letter_id: int, state: str, detail: str) -> None:
    """Note a step of a letter's way out."""
    db.add(Posting(letter_id=letter_id, state=state, detail=detail, at=now()))


def due(db: Session, today: dt.date, limit: int = 500) -> list[Request]:
    """Requests whose next letter, or closing, is due, oldest first.

    Those of a claim that somebody has open wait until it is closed.
    """
    query = (
        select(Request)
        .join(Document, Document.dcn == Request.dcn)
        .where(
            Request.state.in_({*OPEN, RequestState.DRAFT}),
            Request.next_on <= today,
            Document.leased_until.is_(None) | (Document.leased_until < now()),
        )
    )
    return list(db.scalars(query.order_by(Request.next_on, Request.id).limit(limit)))


def listed(db: Session, states: frozenset[RequestState], limit: int = 1000) -> list[Request]:
    """Requests in some states, oldest first."""
    query = select(Request).where(Request.state.in_(states))
    return list(db.scalars(query.order_by(Request.id).limit(limit)))
