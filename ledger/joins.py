"""Papers that joined a claim after it: replies, attachments, corrected forms. Append only.

The paper keeps its own control number, scan and pages; a join says that it belongs to a claim.
One paper may belong to several claims, as an explanation of benefits does.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from ledger.database import now
from ledger.documents import SYSTEM, Document, get
from models.errors import LedgerError
from models.page import Form
from models.state import GONE


class NotJoinedError(LedgerError):
    """A paper does not belong to that claim."""

    code = "ledger.joined"
    remedy = "Check both numbers; `paperclaim show` says what belongs together."


class Role(enum.StrEnum):
    """What a paper is to the claim that it joined."""

    ATTACHMENT = "attachment"
    REPLY = "reply"
    CORRECTION = "correction"
    NONE = "none"


class Join(Base):
    """A paper belongs to a claim; the last entry of the two counts.

    Attributes:
        paper: control number of what came.
        dcn: of the claim that it belongs to.
        role: what it is to the claim; `none` takes a join back.
        by: what told: `bar code`, `control_number`, `account`, `member`, `person`.
        actor: `system` or a user name.
    """

    __tablename__ = "joins"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), index=True)
    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcTime)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A paper whose claim nobody knows.

    Attributes:
        dcn: its own control number.
        received: when it came.
        days: since then.
    """

    dcn: str
    received: dt.date
    days: int


def join(
    db: Session, paper: str, dcn: str, role: Role, *, by: str, actor: str = SYSTEM
) -> Join | None:
    """Enter that a paper belongs to a claim; None where that is entered already.

    Whoever joins a paper sees to it that the claim is looked at again.
    """
    if any(each.dcn == dcn and each.role == role for each in of_paper(db, paper)):
        return None
    made = Join(paper=paper, dcn=dcn, role=role, by=by, actor=actor, at=now())
    db.add(made)
    db.flush()
    return made


def take_back(db: Session, paper: str, dcn: str, *, actor: str) -> Join:
    """Enter that a paper does not belong to a claim after all.

    Raises:
        NotJoinedError: it doesn't now.
    """
    if all(each.dcn != dcn for each in of_paper(db, paper)):
        raise NotJoinedError("This paper does not belong to this claim.")
    made = Join(paper=paper, dcn=dcn, role=Role.NONE, by="person", actor=actor, at=now())
    db.add(made)
    db.flush()
    return made


def _last(entries: list[Join]) -> list[Join]:
    last = {(each.paper, each.dcn): each for each in entries}
    return [each for each in last.values() if each.role != Role.NONE]


def of_claim(db: Session, dcn: str) -> list[Join]:
    """What joined a claim, in the order in which it came."""
    return _last(list(db.scalars(select(Join).where(Join.dcn == dcn).order_by(Join.id))))


def of_paper(db: Session, paper: str) -> list[Join]:
    """The claims that a paper belongs to."""
    return _last(list(db.scalars(select(Join).where(Join.paper == paper).order_by(Join.id))))


def corrections() -> Select[str]:
    """The forms that correct a claim, and so are no claims of their own, as a query."""
    latest = select(func.max(Join.id)).group_by(Join.paper, Join.dcn)
    return select(Join.paper).where(Join.id.in_(latest), Join.role == Role.CORRECTION)


def papers(db: Session, dcn: str) -> list[tuple[Join, Document]]:
    """What joined a claim, with the documents."""
    return [(each, get(db, each.paper)) for each in of_claim(db, dcn)]


def unmatched(db: Session, today: dt.date | None = None, limit: int = 1000) -> list[Unmatched]:
    """Attachments and replies that came by themselves and belong to no claim yet, oldest first."""
    day = today or now().astimezone().date()
    latest = select(func.max(Join.id)).group_by(Join.paper, Join.dcn)
    joined = select(Join.paper).where(Join.id.in_(latest), Join.role != Role.NONE)
    query = (
        select(Document.dcn, Document.received)
        .where(
            Document.form == Form.ATTACHMENT,
            Document.state.not_in(GONE),
            Document.dcn.not_in(joined),
        )
        .order_by(Document.received, Document.dcn)
        .limit(limit)
    )
    return [
        Unmatched(row.dcn, row.received, (day - row.received).days) for row in db.execute(query)
    ]
