"""The same claim twice, whichever is entered first, and however near each other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from ledger import database, documents, scans
from ledger.database import Database, now
from ledger.scans import Arrived, Scan
from models.page import Form
from models.reading import DocumentReading, PageFacts, PageReading
from service import arrivals
from tests.letters.base import claim

PAGE = PageReading(
    facts=PageFacts(number=1, width=9, height=9, form=Form.CMS1500, method="rules", quality=1),
    fields=claim().fields,
)


def arrived(record: Database, name: str, days: int) -> int:
    """A scan that came so many days ago."""
    with record.begin() as db:
        at = now() - dt.timedelta(days=days)
        scan, _ = scans.enter(db, Arrived(name, name.rjust(64, "0"), 1, "a.tif", ("all",), at))
        return scan.id


def rules(record: Database, scan: int) -> set[str]:
    with record.begin() as db:
        (document,) = db.query(documents.Document).filter_by(scan_id=scan)
        reading = DocumentReading.model_validate_json(document.reading)
    return {finding.rule for finding in reading.findings} & {"C005"}


def enter(record: Database, scan: int, *, timeout: str = "") -> None:
    with record.begin() as db:
        if timeout:
            db.execute(text(f"SET LOCAL lock_timeout = '{timeout}'"))
        found = arrivals.gathered([PAGE], arrivals.beside(db, db.get_one(Scan, scan), 0.001))
        arrivals.enter(db, db.get_one(Scan, scan), found)


def test_a_claim_of_an_earlier_day_that_is_entered_later_is_the_second_one(
    tmp_path: Path,
) -> None:
    record = database.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    older, newer = arrived(record, "1", 3), arrived(record, "2", 0)
    enter(record, newer)
    enter(record, older)
    assert (rules(record, newer), rules(record, older)) == (set(), {"C005"})


def test_the_same_claim_in_two_scans_at_once_is_found(cluster: str) -> None:
    admin = create_engine(cluster.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE at_once"))
    admin.dispose()
    record = database.open(cluster.format("at_once"))
    one, other = arrived(record, "1", 3), arrived(record, "2", 0)
    with record.begin() as db:
        found = arrivals.gathered([PAGE], arrivals.beside(db, db.get_one(Scan, one), 0.001))
        arrivals.enter(db, db.get_one(Scan, one), found)
        # not committed yet: the other one waits for it
        with pytest.raises(OperationalError, match="LockNotAvailable"):
            enter(record, other, timeout="20ms")
    enter(record, other)
    assert (rules(record, one), rules(record, other)) == (set(), {"C005"})
    record.engine.dispose()
