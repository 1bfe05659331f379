"""What people said of fields: an append-only list, and drafts of what they are typing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, Index, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from ledger.documents import Document
from ledger.people import User

#: an answer taken back: the field is again as the machine read it
WITHDRAWN: Final = "withdrawn"


class FieldAnswer(Base):
    """One thing said of one field; the last one of a field counts.

    Attributes:
        id: ascending, in the order in which they were said.
        dcn: of the document.
        field: id of the contract, with `#n` on further pages.
        action: confirmed, corrected, not_present, illegible, or withdrawn.
        text: as printed; the name of the box for a check box.
        by: user name.
        at: when.
        paper: DCN of the paper that says so, where it suggested that text; None for what is
            printed on the document itself.
    """

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_dcn_id", "dcn", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dcn: Mapped[str] = mapped_column(String(14))
    field: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcTime)
    paper: Mapped[str | None] = mapped_column(String(14))


class Draft(Base):
    """What was typed into a field and not confirmed yet: each person's own, or a paper's."""

    __tablename__ = "drafts"

    dcn: Mapped[str] = mapped_column(String(14), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcTime)


class Override(Base):
    """A person let a field pass that a rule speaks against: append only.

    Attributes:
        field: id of the contract.
        rules: codes of the rules, a blank between them.
        reason: why, in their own words.
    """

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    dcn: Mapped[str] = mapped_column(String(14), index=True)
    field: Mapped[str] = mapped_column(String(64))
    rules: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcTime)


def latest(db: Session, dcn: str) -> dict[str, FieldAnswer]:
    """The last word on every field that somebody answered, by field id."""
    query = select(FieldAnswer).where(FieldAnswer.dcn == dcn).order_by(FieldAnswer.id)
    last = {answer.field: answer for answer in db.scalars(query)}
    return {name: answer for name, answer in last.items() if answer.action != WITHDRAWN}


def drafts(db: Session, dcn: str, by: str = "") -> dict[str, str]:
    """What is typed and not confirmed, by field id.

    Args:
        db: the ledger.
        dcn: of the document.
        by: whose view it is: what another person types is theirs, and their own comes before
            what a paper says; empty for everybody's.
    """
    query = select(Draft.field, Draft.text, Draft.by).where(Draft.dcn == dcn).order_by(Draft.at)
    rows = list(db.execute(query))
    if by:
        people = set(db.scalars(select(User.name)))
        rows = [row for row in rows if row.by == by or row.by not in people]
        rows.sort(key=lambda row: row.by == by)
    return {row.field: row.text for row in rows}


def _a_papers() -> ColumnElement[bool]:
    """A draft is a paper's, which suggests it, and no person's."""
    return Draft.by.in_(select(Document.dcn))


def suggested(db: Session, dcn: str) -> dict[str, str]:
    """Fields that a paper of the provider's suggests a text for, and which paper does."""
    query = select(Draft.field, Draft.by).where(Draft.dcn == dcn, _a_papers())
    return {row.field: row.by for row in db.execute(query.order_by(Draft.at))}


def overrides(db: Session, dcn: str) -> dict[str, Override]:
    """The last override of each field."""
    query = select(Override).where(Override.dcn == dcn).order_by(Override.id)
    return {one.field: one for one in db.scalars(query)}


def say(db: Session, answer: FieldAnswer) -> None:
    """Add an answer; it settles the field's drafts, and remembers the paper that said the same."""
    same = (Draft.dcn == answer.dcn, Draft.field == answer.field, Draft.text == answer.text)
    query = select(Draft.by).where(*same, _a_papers()).order_by(Draft.at.desc())
    answer.paper = db.scalar(query.limit(1))
    db.add(answer)
    forget_drafts(db, answer.dcn, [answer.field])


def keep_draft(db: Session, draft: Draft) -> None:
    """Keep what is being typed in place of what was typed before."""
    db.merge(draft)


def forget_drafts(db: Session, dcn: str, fields: Iterable[str]) -> None:
    """Drop drafts that were confirmed or given up."""
    db.execute(delete(Draft).where(Draft.dcn == dcn, Draft.field.in_(list(fields))))


def forget_drafts_of(db: Session, dcn: str, by: str) -> None:
    """Drop all drafts of a person or a paper."""
    db.execute(delete(Draft).where(Draft.dcn == dcn, Draft.by == by))
