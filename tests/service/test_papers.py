"""What a claim promised and what came later: found missing, joined, and the claim is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from delivery.compose import compose
from delivery.document import to_json
from ledger import database, documents, joins, scans
from ledger.database import Database, now
from ledger.scans import Arrived, Scan
from models.page import Form
from models.reading import Entity, FieldReading, KindGuess, PageFacts, PageReading
from service import arrivals
from tests.letters.base import claim


@pytest.fixture
def record(tmp_path: Path) -> Database:
    return database.open(f"sqlite:///{tmp_path / 'ledger.db'}")


def page(number: int, form: Form, fields: dict[str, FieldReading]) -> PageReading:
    facts = PageFacts(number=number, width=900, height=900, form=form, method="rules", quality=1)
    return PageReading(facts=facts, fields=fields)


def eob(number: int, *said: tuple[str, str]) -> PageReading:
    entities = [
        Entity(label=label, text=text, value=text, confidence=1, page=number, box=(5, 5, 60, 20))
        for label, text in said
    ]
    guesses = [KindGuess(kind="eob", probability=0.99)]
    known = {"kind": "eob", "kinds": guesses, "entities": entities}
    return page(number, Form.ATTACHMENT, {}).model_copy(update=known)


def arrive(record: Database, *pages: PageReading) -> list[str]:
    """Pages as a scan, entered as the assembling step does; control numbers of its documents."""
    with record.begin() as db:
        name = f"{db.query(Scan).count()}"
        arrived = Arrived(name, name.rjust(64, "0"), 1, "a.tif", ("all",), now())
        scan, _ = scans.enter(db, arrived)
        beside = arrivals.beside(db, scan, 0.001)
    found = arrivals.gathered(pages, beside)
    with record.begin() as db:
        arrivals.enter(db, db.get_one(Scan, scan.id), found)
        rows = db.query(documents.Document).filter_by(scan_id=scan.id)
        return [each.dcn for each in rows.order_by(documents.Document.ordinal)]


def told(record: Database, dcn: str) -> dict[str, Any]:
    """The claim as it goes out."""
    with record.begin() as db:
        document = documents.get(db, dcn)
        found: dict[str, Any] = json.loads(to_json(compose(db, document, document.revision)))
        return found


def rules(sent: dict[str, Any]) -> set[str]:
    return {each["rule"] for each in sent["findings"]}


def test_what_a_claim_promised_is_missed_until_it_comes(record: Database) -> None:
    fields = claim({"19": "PWK EB BM 77"}).fields
    (dcn,) = arrive(record, page(1, Form.CMS1500, fields))
    before = told(record, dcn)
    assert (before["status"], rules(before)) == ("review", {"D008"})
    account, npi = fields["26"].value or "", fields["33a"].value or ""
    (late,) = arrive(record, eob(1, ("account_number", account), ("npi", npi)))
    with record.begin() as db:
        assert [(each.paper, each.by) for each in joins.of_claim(db, dcn)] == [(late, "account")]
    after = told(record, dcn)
    assert (after["status"], rules(after)) == ("ready", set())
    (attached,) = after["attachments"]
    assert (attached["kind"], attached["dcn"], attached["role"]) == ("eob", late, "attachment")
    assert attached["kinds"] == [{"kind": "eob", "probability": 0.99}]
    places = [(e["label"], e["value"], e["page"], e["box"]) for e in attached["entities"]]
    assert places[0] == ("account_number", account, 1, [5, 5, 60, 20])


def test_what_came_with_the_claim_is_in_its_json_and_held_against_it(record: Database) -> None:
    fields = claim({"19": "PWK EB BM 77", "29": "40 00"}).fields
    came = eob(2, ("patient", fields["2"].value or ""), ("paid", "62.50"))
    (dcn,) = arrive(record, page(1, Form.CMS1500, fields), came)
    sent = told(record, dcn)
    assert "D008" not in rules(sent)
    assert "D017" in rules(sent)
    (attached,) = sent["attachments"]
    assert (attached["kind"], attached["pages"], attached["dcn"]) == ("eob", [2], None)
    assert {e["label"] for e in attached["entities"]} == {"patient", "paid"}
    free = {(e["label"], e["value"], e["field"]) for e in sent["entities"]}
    assert ("attachment_report", "EB", "19") in free


def test_a_late_paper_of_another_patient_joins_nothing(record: Database) -> None:
    fields = claim({"19": "PWK EB BM 77"}).fields
    (dcn,) = arrive(record, page(1, Form.CMS1500, fields))
    account, npi = fields["26"].value or "", fields["33a"].value or ""
    stranger = eob(1, ("account_number", account), ("npi", npi), ("patient", "QUIGLEY OSCAR"))
    (late,) = arrive(record, stranger)
    assert rules(told(record, dcn)) == {"D008"}
    with record.begin() as db:
        assert [each.dcn for each in joins.unmatched(db)] == [late]


def test_a_late_remittance_for_two_patients_is_neithers_alone(record: Database) -> None:
    fields = claim({"19": "PWK EB BM 77"}).fields
    (dcn,) = arrive(record, page(1, Form.CMS1500, fields))
    account, npi = fields["26"].value or "", fields["33a"].value or ""
    mine = (("patient", fields["2"].value or ""), ("account_number", account), ("npi", npi))
    other = (("patient", "QUIGLEY OSCAR"), ("account_number", "7700123456"))
    (late,) = arrive(record, eob(1, *mine, *other))
    with record.begin() as db:
        assert [each.dcn for each in joins.unmatched(db)] == [late]
    assert rules(told(record, dcn)) == {"D008"}
