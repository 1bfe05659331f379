"""The audit trail: every view, edit, print and export, append only, each entry chained to the last.

An entry's digest is the SHA-256 of the digest before it and of everything that it says, so that
no entry can be changed, removed or slipped in without breaking the chain from there on. The head,
in a row of its own, tells when the last ones are missing. Digests of what was typed stand beside
an entry, never the text: an entry holds no claim content.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from ledger.database import now
from models.errors import LedgerError

#: what the first entry is chained to
_START = "0" * 64
_HEAD = 1


class AuditError(LedgerError):
    """The audit trail was changed, or entries are missing."""

    code = "audit.broken"
    remedy = "Keep the database as it is, and compare it with a backup from before."


class AuditEntry(Base):
    """Somebody did something: append only.

    Attributes:
        id: from 1, without gaps.
        actor: user name, or `system`.
        action: such as `opened`, `viewed`, `edited`, `printed`, `exported`, `stolen`.
        dcn: of the document; empty where it is about none.
        detail: field ids, codes, names of people; never what a claim says.
        change: digests of the text before and after, for an edit.
        digest: of the entry before and this one, hex.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    dcn: Mapped[str] = mapped_column(String(14), index=True)
    detail: Mapped[str] = mapped_column(Text)
    change: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last entry: whoever adds one waits for this row."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did: see `AuditEntry`."""

    action: str
    dcn: str = ""
    detail: str = ""
    change: str = ""


def note(db: Session, actor: str, act: Act) -> None:
    """Add an entry. Others wait from here to the end of the transaction: note it last.

    Raises:
        AuditError: the trail has no head.
    """
    head = db.get(AuditHead, _HEAD, with_for_update=True, populate_existing=True)
    if head is None:
        raise AuditError("The audit trail has no head.")
    entry = AuditEntry(
        id=head.last + 1,
        at=now(),
        actor=actor,
        action=act.action,
        dcn=act.dcn,
        detail=act.detail,
        change=act.change,
    )
    entry.digest = _digest(head.digest, entry)
    head.last, head.digest = entry.id, entry.digest
    db.add(entry)
    db.flush()


def changed(before: str, after: str) -> str:
    """Digests of two texts, as an entry has them."""
    return f"{_short(before)}>{_short(after)}"


def of_document(db: Session, dcn: str) -> list[AuditEntry]:
    """What was done with a document, oldest first."""
    return list(db.scalars(select(AuditEntry).where(AuditEntry.dcn == dcn).order_by(AuditEntry.id)))


def last(db: Session, limit: int, before: int = 0) -> list[AuditEntry]:
    """The last entries, the youngest first; those before an entry, where one is named."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before:
        query = query.where(AuditEntry.id < before)
    return list(db.scalars(query))


def after(db: Session, number: int, limit: int) -> list[AuditEntry]:
    """The entries behind one, oldest first, at most `limit`."""
    query = select(AuditEntry).where(AuditEntry.id > number).order_by(AuditEntry.id)
    return list(db.scalars(query.limit(limit)))


def verify(db: Session, last: int = 0) -> int:
    """Follow the chain from its start to its head; how many entries it has.

    Args:
        db: the ledger.
        last: only so many entries before the head; 0 for all of them.

    Raises:
        AuditError: it is broken; the message names the first entry that doesn't fit.
    """
    digest, count = _from(db, last)
    query = select(AuditEntry).where(AuditEntry.id > count).order_by(AuditEntry.id)
    for entry in db.scalars(query.execution_options(yield_per=1000)):
        count += 1
        if entry.id != count:
            raise AuditError(f"Entry {count} is missing.")
        if entry.digest != _digest(digest, entry):
            raise AuditError(f"Entry {count} is not what was written.")
        digest = entry.digest
    head = db.get(AuditHead, _HEAD, populate_existing=True)
    if head is None or (head.last, head.digest) != (count, digest):
        raise AuditError(f"Entries after {count} are missing.")
    return count


def _from(db: Session, last: int) -> tuple[str, int]:
    """The digest and number of the entry that comes before the last ones."""
    head = db.get(AuditHead, _HEAD, populate_existing=True)
    before = db.get(AuditEntry, head.last - last) if head and 0 < last < head.last else None
    return (before.digest, before.id) if before else (_START, 0)


def exactly(at: dt.datetime) -> str:
    """A time as digests have it."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _digest(before: str, entry: AuditEntry) -> str:
    at = exactly(entry.at)
    said = [
        entry.id,
        at,
        entry.actor,
        entry.action,
        entry.dcn,
        entry.detail,
        entry.change,
    ]
    return hashlib.sha256((before + json.dumps(said)).encode()).hexdigest()


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
