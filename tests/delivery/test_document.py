from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest

from delivery.document import Confirmation, HistoryEntry, Origin, build, to_json
from edits.claim import build as claim
from models.page import Form
from models.reading import DocumentReading, FieldReading, Finding, Reading, Source

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def reading() -> DocumentReading:
    fields = {
        "2": FieldReading(
            text="DOE, JANE, Q",
            value="DOE, JANE, Q",
            confidence=1.0,
            accepted=True,
            page=2,
            box=(104, 612, 873, 661),
            source="person",
        ),
        "26": FieldReading(
            text="A-1", value="A-1", confidence=0.999, accepted=True, page=2, box=(1, 2, 3, 4)
        ),
    }
    return DocumentReading(
        form=Form.CMS1500,
        pages=[2],
        status="review",
        fields=fields,
        claim=claim(Form.CMS1500, fields),
        findings=[
            Finding(
                rule="I002",
                severity="reject",
                fields=["1a"],
                message="The member ID (item 1a) is missing.",
                cause="provider",
            )
        ],
    )


def document() -> bytes:
    by_ana = {
        "2": Confirmation(by="ana", at=NOON, action="corrected"),
        "19": Confirmation(by="ana", at=NOON, action="not_present"),
    }
    return to_json(
        build(
            reading(),
            Origin(
                dcn="26327P0000012M",
                revision=1,
                received=dt.date(2026, 11, 23),
                sha256="0" * 64,
                tags=["north"],
            ),
            confirmations=by_ana,
            history=[HistoryEntry(at=NOON, state="received", actor="system")],
        )
    )


def validate(content: bytes, name: str) -> None:
    published = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(
        published, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.check_schema(published)
    validator.validate(json.loads(content))


def test_a_delivered_document_validates() -> None:
    validate(document(), "claim-1.json")


def test_a_reading_validates() -> None:
    whole = Reading(source=Source(name="a.pdf", sha256="0" * 64, pages=2), documents=[reading()])
    validate(whole.model_dump_json(by_alias=True).encode(), "reading-1.json")


def test_the_schema_refuses_what_is_no_claim() -> None:
    for wrong in ({"revision": 0}, {"claim": {"patient": "DOE, JANE, Q"}}):
        broken = json.loads(document()) | wrong
        with pytest.raises(jsonschema.ValidationError):
            validate(json.dumps(broken).encode(), "claim-1.json")


def test_the_schema_lets_pass_what_a_later_version_adds() -> None:
    """Keys are added under the same number: who checks by the schema they have must not stop."""
    newer = json.loads(document())
    newer["added"] = newer["source"]["added"] = 1
    for field in newer["fields"].values():
        field["added"] = {"by": "a later version"}
    newer["claim"]["added"] = newer["claim"]["patient"]["name"]["added"] = "a later version"
    validate(json.dumps(newer).encode(), "claim-1.json")


def test_the_same_record_gives_the_same_bytes() -> None:
    assert document() == document()


def test_who_looked_stands_beside_what_was_read() -> None:
    said = json.loads(document())
    assert said["schema"] == "paperclaim/claim/1"
    assert said["source"] == {"sha256": "0" * 64, "pages": [2], "tags": ["north"]}
    assert said["fields"]["2"]["confirmation"] == {
        "by": "ana",
        "at": "2026-11-23T12:00:00Z",
        "action": "corrected",
        "paper": None,
    }
    assert said["fields"]["26"]["confirmation"] is None
    assert list(said["not_present"]) == ["19"]
