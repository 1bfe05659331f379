"""The work queue: what people decided about a document's place in it, and what decides the rest.

A `Summary` tells of a document what the queue and the managers' page need, without its reading;
it is made from the record again whenever the document's state changes (`review.summary`). A
`DeskItem` holds what people said: priority, postponed, escalated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ForeignKey, Select, String, Text, and_, case, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from ledger.database import now
from ledger.documents import Change, Document
from models.state import State

#: days before the clock ends from which on a claim is due soon
SOON = dt.timedelta(days=5)
#: history entries that are looked at again: on PostgreSQL an older number may appear later
_LOOK_BACK = 500


class Summary(Base):
    """A document in short; everything in it can be made again.

    Attributes:
        change: the last history entry that it has seen.
        form: as in the contract.
        received: receipt day.
        due: last day of its clock, None where none runs.
        payer: name as printed, shortened; empty where none is.
        provider: NPI of the billing provider, or their tax number; empty where neither is.
        batch: tags, `/` between and around them.
        reasons: codes of doubts and rules that keep it here, a blank between and around them.
        remaining: fields that still need a person.
        straight: it became ready with nobody looking.
        finished: when it last became ready, returned, rejected or information.
    """

    __tablename__ = "summaries"

    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), primary_key=True)
    change: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    form: Mapped[str] = mapped_column(String(16))
    received: Mapped[dt.date] = mapped_column(index=True)
    due: Mapped[dt.date | None]
    payer: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(64))
    batch: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    pages: Mapped[int]
    remaining: Mapped[int]
    straight: Mapped[bool]
    finished: Mapped[dt.datetime | None] = mapped_column(UtcTime)


class SummaryFinding(Base):
    """A rule that fired on a document as it was read.

    What people said of it, or what came later, changes nothing here: it tells what providers send.
    """

    __tablename__ = "summary_findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), index=True)
    rule: Mapped[str] = mapped_column(String(64))
    severity: Mapped[str] = mapped_column(String(8))
    cause: Mapped[str] = mapped_column(String(8))


class SummaryDoubt(Base):
    """A field in doubt that looks like many others: at the same character, or a check box.

    Attributes:
        look: such as `1 or 7`, or `box` with the code of the doubt.
    """

    __tablename__ = "summary_doubts"

    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    look: Mapped[str] = mapped_column(String(64), index=True)


class DeskItem(Base):
    """What people decided about a document's place in the queue.

    Attributes:
        priority: higher comes first, 0 for most.
        postponed_until: not before.
        postponed_by: by whom; it comes back to everybody.
        reason: why it was postponed or escalated.
        escalated_by: who gave it to the leads; None where nobody did.
        keyed_by: people who have keyed what is keyed blind, a blank between and around them: it
            waits for somebody else.
    """

    __tablename__ = "desk_items"

    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), primary_key=True)
    priority: Mapped[int] = mapped_column(default=0)
    postponed_until: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    postponed_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    escalated_by: Mapped[str | None] = mapped_column(String(64))
    keyed_by: Mapped[str] = mapped_column(Text, default=" ")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents of the queue; empty for no condition.

    Attributes:
        form: as in the contract.
        payer: as the summary has it.
        batch: a tag.
        reason: code of a doubt or a rule.
        shelf: `open`, what can be worked on now; `postponed`; `escalated`; `waiting` for the
            provider, only to be looked at.
    """

    form: str = ""
    payer: str = ""
    batch: str = ""
    reason: str = ""
    shelf: str = "open"


@dataclass(frozen=True, slots=True)
class Queued:
    """A document in the queue, and who has it open."""

    summary: Summary
    item: DeskItem | None
    leased_by: str | None = None
    leased_until: dt.datetime | None = None
    tags: list[str] = field(default_factory=list)


def item(db: Session, dcn: str) -> DeskItem:
    """What people decided about a document, to be changed."""
    found = db.get(DeskItem, dcn)
    if found is None:
        found = DeskItem(dcn=dcn, priority=0, reason="", keyed_by=" ")
        db.add(found)
    return found


def _ordered(wanted: Wanted, today: dt.date) -> Select[Summary, DeskItem]:
    """Overdue, due soon, priority, age."""
    rank = case((Summary.due < today, 0), (Summary.due <= today + SOON, 1), else_=2)
    query = (
        select(Summary, DeskItem)
        .join(Document, Document.dcn == Summary.dcn)
        .outerjoin(DeskItem, DeskItem.dcn == Summary.dcn)
        .where(*_shelf(wanted.shelf))
        .order_by(
            rank,
            func.coalesce(DeskItem.priority, 0).desc(),
            Summary.received,
            Summary.dcn,
        )
    )
    if wanted.form:
        query = query.where(Summary.form == wanted.form)
    if wanted.payer:
        query = query.where(Summary.payer == wanted.payer)
    if wanted.batch:
        query = query.where(Summary.batch.contains(f"/{wanted.batch}/", autoescape=True))
    if wanted.reason:
        query = query.where(Summary.reasons.contains(f" {wanted.reason} ", autoescape=True))
    return query


def _shelf(name: str) -> list[Any]:
    if name == "waiting":
        return [Document.state == State.WAITING]
    here = Document.state == State.REVIEW
    free = or_(DeskItem.postponed_until.is_(None), DeskItem.postponed_until <= now())
    if name == "postponed":
        return [here, DeskItem.postponed_until > now()]
    if name == "escalated":
        return [here, DeskItem.escalated_by.is_not(None), free]
    return [here, free, or_(DeskItem.dcn.is_(None), DeskItem.escalated_by.is_(None))]


def queue(db: Session, wanted: Wanted, today: dt.date, limit: int, start: int = 0) -> list[Queued]:
    """The queue in its order, at most `limit` documents from `start` on."""
    rows = db.execute(_ordered(wanted, today).limit(limit).offset(start)).all()
    leases = _leases(db, [row[0].dcn for row in rows])
    return [
        Queued(
            row[0],
            row[1],
            *leases.get(row[0].dcn, (None, None)),
            row[0].batch.strip("/").split("/"),
        )
        for row in rows
    ]


def length(db: Session, wanted: Wanted) -> int:
    """How many documents the queue has."""
    query = _ordered(wanted, dt.date.min).order_by(None).with_only_columns(func.count())
    return db.scalar(query) or 0


def _leases(db: Session, dcns: Sequence[str]) -> dict[str, tuple[str | None, dt.datetime | None]]:
    """Who has which of some documents open."""
    query = select(Document.dcn, Document.leased_by, Document.leased_until).where(
        Document.dcn.in_(dcns), Document.leased_until > now()
    )
    return {row[0]: (row[1], row[2]) for row in db.execute(query)}


def next_for(
    db: Session, user: str, wanted: Wanted, today: dt.date, *, but: str = "", only: str = ""
) -> str | None:
    """The document that somebody should open next; None where none waits for them.

    Args:
        db: the ledger.
        user: who asks: what others have open, or wait for somebody else to key, is left out.
        wanted: which part of the queue.
        today: the day.
        but: one that is left out.
        only: the only one asked about; empty for any.
    """
    query = _ordered(wanted, today).where(
        Summary.dcn != but,
        or_(DeskItem.dcn.is_(None), ~DeskItem.keyed_by.contains(f" {user} ", autoescape=True)),
    )
    if only:
        query = query.where(Summary.dcn == only)
    start, batch = 0, 20
    while rows := db.execute(query.limit(batch).offset(start)).all():
        leases = _leases(db, [row[0].dcn for row in rows])
        for row in rows:
            if leases.get(row[0].dcn, (user, None))[0] == user:
                return str(row[0].dcn)
        start += batch
    return None


def stale(db: Session, limit: int) -> list[tuple[str, int]]:
    """Documents whose summary is missing or old, and their last history entry."""
    seen = db.scalar(select(func.max(Summary.change))) or 0
    newest = func.max(Change.id)
    query = (
        select(Change.dcn, newest)
        .outerjoin(Summary, Summary.dcn == Change.dcn)
        .where(Change.id > seen - _LOOK_BACK)
        .group_by(Change.dcn, Summary.change)
        .having(or_(Summary.change.is_(None), and_(Summary.change < newest)))
        .order_by(newest)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.execute(query)]


def looks(db: Session) -> list[tuple[str, int]]:
    """What is in doubt alike, and how often, the most frequent first."""
    count = func.count()
    query = (
        select(SummaryDoubt.look, count)
        .join(Document, Document.dcn == SummaryDoubt.dcn)
        .where(Document.state == State.REVIEW)
        .group_by(SummaryDoubt.look)
        .order_by(count.desc(), SummaryDoubt.look)
    )
    return [(row[0], row[1]) for row in db.execute(query)]


def alike(db: Session, look: str, user: str, limit: int) -> list[tuple[str, str]]:
    """Document and field of doubts of one look, but for documents that others have open."""
    query = (
        select(SummaryDoubt.dcn, SummaryDoubt.field)
        .join(Document, Document.dcn == SummaryDoubt.dcn)
        .where(
            SummaryDoubt.look == look,
            Document.state == State.REVIEW,
            or_(
                Document.leased_until.is_(None),
                Document.leased_until <= now(),
                Document.leased_by == user,
            ),
        )
        .order_by(Document.received, SummaryDoubt.dcn, SummaryDoubt.field)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.execute(query)]


def choices(db: Session, column: str) -> list[str]:
    """What the documents in review have in a column of the summary, for a filter."""
    of = {"form": Summary.form, "payer": Summary.payer}[column]
    query = select(of).where(Summary.state == State.REVIEW, of != "").distinct().order_by(of)
    return list(db.scalars(query.limit(200)))


def words_in(db: Session, column: str) -> list[str]:
    """The single tags or reasons of the documents in review, for a filter."""
    of, between = {"batch": (Summary.batch, "/"), "reasons": (Summary.reasons, " ")}[column]
    query = select(of).where(Summary.state == State.REVIEW).distinct().limit(5000)
    return sorted({word for text in db.scalars(query) for word in text.split(between) if word})
