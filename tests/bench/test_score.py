from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import score


def reading(fields: dict[str, dict[str, Any]], status: str = "review") -> dict[str, Any]:
    facts = [{"to_scan": [[300.0, 0.0, 3.0], [0.0, 300.0, 0.0], [0.0, 0.0, 1.0]]}]
    document = {"form": "cms1500", "status": status, "fields": fields, "page_facts": facts}
    return {"documents": [document]}


def field(text: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    return {"text": text, "value": value or text, "confidence": 0.9, "accepted": True, **more}


TRUTH = {
    "form": "cms1500",
    "style": {"font": "some", "form": "red", "scan": "clean"},
    "hand": False,
    "placed": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    "fields": {"2": "DOE, JANE", "28": "120.50", "3.sex": "F", "5.city": "NEW HAVEN", "26": "A1"},
}


@pytest.mark.parametrize(
    ("kind", "truth", "text", "same"),
    [
        ("money", "10778.65", "10778 65", True),
        ("money", "10778.65", "$10,778.65", True),
        ("money", "10778.65", "10778.66", False),
        ("money", "20.00", "-20 00", False),
        ("date", "04 25 26", "04/25/26", True),
        ("date", "04 25 26", "O4 25 26", False),
        ("npi", "1234567893", "123456 7893", True),
        ("npi", "1234567893", "I234567893", False),
        ("icd10cm", "S52225G", "s52.225g", True),
        ("name", "DOE, JANE", "doe,jane", True),
        ("name", "DOE, JANE", "DOE JANE", False),
        ("text", "NEW HAVEN", "NEW  HAVEN", True),
        ("text", "NEW HAVEN", "NEWHAVEN", False),
        ("choice", "yes", "no", False),
    ],
)
def test_what_counts_as_the_same(kind: str, truth: str, text: str, *, same: bool) -> None:
    assert score.same(kind, truth, text) is same


def test_every_field_is_exact_wrong_missed_or_invented() -> None:
    read = reading(
        {
            "2": field("DOE, JANE"),
            "28": field("120 80"),
            "3.sex": field("X", "F"),
            "5.city": field("NEWHAVEN"),
            "9": field("-", accepted=False),
        }
    )
    found = {o.field: o for o in score.outcomes("scan", TRUTH, score.document(read, "cms1500"))}
    assert {f: o.what for f, o in found.items()} == {
        "2": "exact", "28": "wrong", "3.sex": "exact", "5.city": "spaces", "9": "invented",
        "26": "missed",
    }  # fmt: skip
    (tally,) = score.table(found.values(), "all")
    assert (tally.printed, tally.accepted, tally.accepted_wrong) == (5, 4, 2)
    assert [t.name for t in score.table(found.values(), "print")] == ["red"]


def test_what_was_missed_is_asked_about_or_not() -> None:
    read = reading({"2": field("DOE, JANE")})
    read["documents"][0]["page_facts"][0]["unsure"] = ["26", "5.city", "2"]
    found = score.outcomes("scan", TRUTH, score.document(read, "cms1500"))
    missed = {o.field: o.asked for o in found if o.what == "missed"}
    assert missed == {"26": True, "28": False, "3.sex": False, "5.city": True}


def test_how_far_off_the_form_was_laid() -> None:
    read = score.document(reading({}), "cms1500")
    assert score.place_error(TRUTH, read) == pytest.approx(0.01)
    assert score.place_error({"fields": {}}, read) is None


def test_a_folder_of_readings_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, truths = tmp_path / "out", tmp_path / "truth"
    out.mkdir()
    truths.mkdir()
    for name in ("one", "two"):
        (truths / f"{name}.json").write_text(json.dumps(TRUTH))
    (out / "one.features.json").write_text("{}")
    (out / "one.pdf.json").write_text(json.dumps(reading({"2": field("DOE, JONE")}, "ready")))
    scored = score.score(out, truths)
    assert (scored.scans, scored.unread, scored.ready, scored.ready_wrong) == (1, 1, 1, 1)
    assert score.main([str(out), str(truths), "--list", "wrong"]) == 0
    printed = capsys.readouterr().out
    assert "'DOE, JANE' 'DOE, JONE'" in printed
    assert score.main([str(tmp_path), str(truths)]) == 1
