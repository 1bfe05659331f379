"""Claims in a record, as people left them: what the tests of letters start from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.orm import Session

from config.settings import Letters, Settings
from ledger import documents, identities, requests, scans
from ledger.database import Database, now
from ledger.documents import Document, Found
from ledger.knowledge import Knowledge
from ledger.scans import Arrived
from letters import desk
from letters.desk import Asked
from models.page import Form
from models.reading import DocumentReading, PageFacts
from models.state import State
from pipeline.documents import recheck
from tests.edits.base import base, readings

HOUSE = Letters(
    payer="Fernhill Health Plan",
    address=("PO Box 5520", "Springfield IL 62705"),
    phone="(555) 010-4400",
    fax="(555) 010-4401",
    portal="https://portal.example",
    sender="claims@payer.example",
)


def settings(folder: Path, smtp: str = "") -> Settings:
    return Settings.model_validate({"data": folder, "letters": HOUSE.model_dump() | {"smtp": smtp}})


def profile(record: Database, folder: Path, text: str) -> None:
    """A profile that all claims of the record are judged by."""
    path = folder / "profiles"
    path.mkdir(parents=True, exist_ok=True)
    (path / "test.toml").write_text(f'name = "test"\ntags = ["all"]\n{text}', encoding="utf-8")
    record.know(Knowledge(folder))


def claim(changes: dict[str, str] | None = None, name: str = "cms1500") -> DocumentReading:
    """A claim that was read without doubt; changed fields break rules."""
    form, texts = base(name)
    fields = readings(form, {**texts, **(changes or {})})
    facts = PageFacts(number=1, width=1, height=1, form=form, method="rules", quality=1)
    made = DocumentReading(form=form, pages=[1], status="review", fields=fields, page_facts=[facts])
    return recheck(made)


def paper(kind: str | None = None) -> DocumentReading:
    return DocumentReading(form=Form.ATTACHMENT, kind=kind, pages=[1], status="information")


def enter(
    record: Database,
    reading: DocumentReading,
    came: Iterable[DocumentReading] = (),
    state: State = State.REVIEW,
) -> str:
    """Enter a document as a scan of its own; its control number."""
    with record.begin() as db:
        name = str(db.query(scans.Scan).count() + 1)
        scan, _ = scans.enter(db, Arrived(name, name.rjust(64, "0"), 1, "a.tif", ("all",), now()))
        (made,) = documents.create(db, scan, [Found(reading, tuple(came))])
        documents.move(db, made, State.READING)
        documents.move(db, made, state)
        made.revision = 1
        identities.keep(db, made.dcn, reading)
        return made.dcn


def state(record: Database, dcn: str) -> str:
    with record.begin() as db:
        return documents.get(db, dcn).state


def document(record: Database, dcn: str) -> Document:
    with record.begin() as db:
        return documents.get(db, dcn)


def day(number: int) -> dt.date:
    """So many days after the first letter."""
    return dt.date(2026, 11, 23) + dt.timedelta(days=number)


def asked_of(db: Session, dcn: str) -> list[Asked]:
    """The requests about a claim, the first one first."""
    return [desk.asked(db, request) for request in requests.of_claim(db, dcn)]
