"""What was delivered: every revision of every claim, in the order in which it went out.

A consumer follows `sequence`. Numbers are given out under a row lock held until the transaction
ends, so that they become visible in their own order, and somebody who asks for all after the
last one they saw misses none.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from ledger.base import Base, UtcTime
from ledger.counters import count, counter

_COUNTER = counter("delivery_counter", Column("id", Integer, primary_key=True))


class Delivery(Base):
    """One revision of one claim, as it went out.

    Attributes:
        sequence: from 1, ascending in the order of delivery, without gaps.
        dcn: control number.
        revision: from 1.
        state: the claim's status in this revision.
        form: as in the contract.
        received: the day the paper arrived.
        delivered: when the revision was made final.
        digest: SHA-256 of `content`, hex.
        content: the JSON, byte for byte as in the outbox; empty once it was purged.
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("dcn", "revision"),)

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dcn: Mapped[str] = mapped_column(String(14))
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    form: Mapped[str] = mapped_column(String(16))
    received: Mapped[dt.date]
    delivered: Mapped[dt.datetime] = mapped_column(UtcTime)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries a consumer asks for; None for no condition."""

    state: str | None = None
    since: dt.datetime | None = None


def record(db: Session, delivery: Delivery) -> Delivery:
    """Enter a delivery and give it its sequence and digest; the same revision again is no news.

    Returns:
        What the ledger has: the earlier one, where this revision is entered already.
    """
    found = one(db, delivery.dcn, delivery.revision)
    if found is not None:
        return found
    delivery.digest = digest_of(delivery.content)
    delivery.sequence = count(db, _COUNTER, 1)
    db.add(delivery)
    db.flush()
    return delivery


def feed(db: Session, after: int, limit: int, wanted: Filter) -> list[Delivery]:
    """Deliveries after a sequence number, in order, at most `limit`, without their content."""
    conditions: list[ColumnElement[bool]] = [Delivery.sequence > after]
    if wanted.state is not None:
        conditions.append(Delivery.state == wanted.state)
    if wanted.since is not None:
        conditions.append(Delivery.delivered >= wanted.since)
    query = select(Delivery).where(*conditions).order_by(Delivery.sequence).limit(limit)
    return list(db.scalars(query.options(defer(Delivery.content, raiseload=True))))


def last(db: Session) -> int:
    """The sequence of the last delivery, 0 before the first."""
    return db.scalar(select(func.max(Delivery.sequence))) or 0


def one(db: Session, dcn: str, revision: int | None = None) -> Delivery | None:
    """A revision of a claim, the last one where none is named; None where it was not delivered."""
    query = select(Delivery).where(Delivery.dcn == dcn).order_by(Delivery.revision.desc()).limit(1)
    if revision is not None:
        query = query.where(Delivery.revision == revision)
    return db.scalars(query).first()


def digest_of(content: bytes) -> str:
    """SHA-256 of what goes out, hex."""
    return hashlib.sha256(content).hexdigest()
