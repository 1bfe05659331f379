"""Scans: the bytes that arrived, each arrival of them, and their pages."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import JSON, ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from models.reading import PageReading


class ScanState(enum.StrEnum):
    """Where a scan stands on its way to documents."""

    TAKEN = "taken"
    OPENED = "opened"
    DONE = "done"
    FAILED = "failed"
    PURGED = "purged"


class Scan(Base):
    """Bytes that arrived, once for all arrivals of them.

    Attributes:
        sha256: of the bytes; their key in the store.
        size: bytes.
        suffix: of the file's name, which tells nothing but a format.
        received: when they first arrived; entered once.
        state: taken, opened (its pages are known), done (its documents are made), failed, or
            purged (they and the file are removed).
        pages: how many, 0 before it is opened.
        error: code of why it failed.
    """

    __tablename__ = "scans"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    suffix: Mapped[str] = mapped_column(String(16))
    received: Mapped[dt.datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(16), index=True)
    pages: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(64))


class Arrival(Base):
    """One file that was taken from the inbox.

    Attributes:
        key: it had in the work folder: a file is entered once, however often it is tried.
        name: what it was called; may say anything, so it stays here.
        tags: of its batch.
        duplicate: the same bytes had arrived before.
    """

    __tablename__ = "arrivals"

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[dt.datetime] = mapped_column(UtcTime)
    duplicate: Mapped[bool] = mapped_column(default=False)


class Page(Base):
    """A page of a scan.

    Attributes:
        number: from 1.
        image: key of its picture in the store.
        media: type of that picture, empty once that was purged.
        dpi: as the file said, 0 where it didn't.
        words: the file's own text: [text, x0, y0, x1, y1] each.
        reading: what was read (`models.reading.PageReading`), None before.
    """

    __tablename__ = "pages"

    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[str] = mapped_column(String(64), index=True)
    media: Mapped[str] = mapped_column(String(32))
    dpi: Mapped[float]
    words: Mapped[list[list[object]]] = mapped_column(JSON)
    reading: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is safe in the store, to be entered."""

    key: str
    sha256: str
    size: int
    name: str
    tags: tuple[str, ...]
    at: dt.datetime


def enter(db: Session, arrived: Arrived) -> tuple[Scan, bool]:
    """Enter an arrival; the scan, and whether its bytes are new.

    The same arrival again changes nothing; the same bytes again are a second arrival.
    """
    scan = db.scalar(select(Scan).where(Scan.sha256 == arrived.sha256))
    known = db.scalar(select(Arrival).where(Arrival.key == arrived.key))
    if known is not None and scan is not None:
        return scan, False
    new = scan is None
    if scan is None:
        scan = Scan(
            sha256=arrived.sha256,
            size=arrived.size,
            suffix=_suffix(arrived.name),
            received=arrived.at,
            state=ScanState.TAKEN,
        )
        db.add(scan)
        db.flush()
    db.add(
        Arrival(
            scan_id=scan.id,
            key=arrived.key,
            name=arrived.name,
            tags=list(arrived.tags),
            at=arrived.at,
            duplicate=not new,
        )
    )
    db.flush()
    return scan, new


def _suffix(name: str) -> str:
    """The end of a name that tells a format; anything longer may tell more than that."""
    found = re.search(r"\.[a-z0-9]{1,5}$", name.lower())
    return found[0] if found else ""


def tags(db: Session, scan_id: int) -> list[str]:
    """The batch tags of a scan: those of its first arrival."""
    first = select(Arrival.tags).where(Arrival.scan_id == scan_id).order_by(Arrival.id).limit(1)
    return list(db.scalar(first) or [])


def pages(db: Session, scan_id: int) -> list[Page]:
    """The pages of a scan by number."""
    return list(db.scalars(select(Page).where(Page.scan_id == scan_id).order_by(Page.number)))


def unread(db: Session, scan_id: int) -> int:
    """How many pages of a scan are still to be read."""
    query = select(func.count()).select_from(Page)
    return db.scalar(query.where(Page.scan_id == scan_id, Page.reading.is_(None))) or 0


def taken_away(db: Session, keys: Collection[str]) -> list[str]:
    """Which pictures others had that were purged: they may have gone from the store."""
    query = select(Page.image).where(Page.image.in_(list(keys)), Page.media == "")
    return list(db.scalars(query.distinct()))


def readings(db: Session, scan_id: int) -> list[PageReading]:
    """What was read of a scan, by page."""
    return [
        PageReading.model_validate_json(page.reading)
        for page in pages(db, scan_id)
        if page.reading is not None
    ]


def failed(db: Session) -> list[Scan]:
    """Scans that could not be turned into documents, oldest first."""
    return list(db.scalars(select(Scan).where(Scan.state == ScanState.FAILED).order_by(Scan.id)))


def counts(db: Session) -> dict[str, int]:
    """How many scans are in each state."""
    query = select(Scan.state, func.count()).group_by(Scan.state)
    return {row[0]: row[1] for row in db.execute(query)}
