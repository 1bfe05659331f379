"""Quality: what was keyed blind, and accepted fields that were looked at once more. Append only.

A field that is keyed blind has no answer before those who keyed it agree, or a third person has
decided: until then each entry lies here. A sample is a field that was accepted, by the machine or
by a person, and what somebody else saw who was not told; `right` says whether the two agree.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime

#: whose field it is, where no person answered
MACHINE = "machine"


class Entry(Base):
    """What one person keyed without seeing what others made of it.

    Attributes:
        action: said, not_present or illegible.
    """

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    dcn: Mapped[str] = mapped_column(String(14), index=True)
    field: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcTime)


class Sample(Base):
    """An accepted field that is, or was, looked at once more.

    Attributes:
        form: of the document.
        field: id of the contract.
        owner: who accepted it, `machine` or a user name.
        printer: who prints the form: the billing provider's number; empty where none is known.
        confidence: the reader's, as it said.
        text: what was accepted.
        value: its normal form, empty where it has none.
        drawn: when it was chosen.
        checked_by: who looked; None before.
        checked_at: when.
        seen: what they saw.
        right: whether what was accepted is what is printed; None before.
    """

    __tablename__ = "qa_samples"
    __table_args__ = (UniqueConstraint("dcn", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dcn: Mapped[str] = mapped_column(String(14))
    form: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    printer: Mapped[str] = mapped_column(String(64))
    confidence: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    drawn: Mapped[dt.datetime] = mapped_column(UtcTime)
    checked_by: Mapped[str | None] = mapped_column(String(64))
    checked_at: Mapped[dt.datetime | None] = mapped_column(UtcTime, index=True)
    seen: Mapped[str | None] = mapped_column(Text)
    right: Mapped[bool | None]


def entries(db: Session, dcn: str) -> dict[str, list[Entry]]:
    """What was keyed blind in a document, by field, each person's last entry, in order."""
    query = select(Entry).where(Entry.dcn == dcn).order_by(Entry.id)
    last: dict[tuple[str, str], Entry] = {}
    for entry in db.scalars(query):
        last.pop((entry.field, entry.by), None)
        last[entry.field, entry.by] = entry
    found: dict[str, list[Entry]] = {}
    for entry in last.values():
        found.setdefault(entry.field, []).append(entry)
    return found


def next_sample(db: Session, user: str) -> Sample | None:
    """The oldest field to be looked at that is not one's own."""
    query = select(Sample).where(Sample.right.is_(None), Sample.owner != user)
    return db.scalars(query.order_by(Sample.id).limit(1)).first()


def checked(db: Session, since: dt.datetime | None = None) -> list[Sample]:
    """Every field that was looked at once more."""
    query = select(Sample).where(Sample.right.is_not(None)).order_by(Sample.id)
    if since is not None:
        query = query.where(Sample.checked_at >= since)
    return list(db.scalars(query))
