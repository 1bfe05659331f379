"""The typed claim: by meaning what the form says by place."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from edits import printed
from edits.check import check
from edits.claim import build
from forms.layout import layout
from models import claim as models
from models.claim import Name, ProfessionalClaim, TypedClaim
from models.page import Form
from models.reading import FieldReading
from models.record import Record
from tests.edits.base import CONTEXT, base, reading, readings

ROOT = Path(__file__).parents[2]
_SMALL = frozenset({"Identifier", "Period", "Drug", "Totals", "Signature", "Related", "OutsideLab"})


def built(name: str, **changes: str) -> dict[str, Any]:
    form, texts = base(name)
    claim = build(form, readings(form, dict(texts) | changes))
    assert claim is not None
    return claim.model_dump(mode="json")


def test_a_professional_claim() -> None:
    claim = built("cms1500", **{"24.2.supplemental": "N412345678901 ML1.5", "33b": "ZZ207Q00000X"})
    assert claim["patient"]["name"] == {
        "text": "DOE, JANE, Q", "last": "DOE", "first": "JANE", "middle": "Q", "suffix": None,
    }  # fmt: skip
    assert claim["patient"]["birth_date"] == "1966-03-14"
    assert claim["billing_provider"]["taxonomy"] == "207Q00000X"
    assert claim["billing_provider"]["address"]["zip"] == "122031234"
    assert claim["payers"][0]["insured"]["id"] == "XYZ123456789"
    assert claim["payers"][0]["coverage"] == "group"
    first, second = claim["lines"]
    assert (first["charge"], first["pointers"]) == ("120.00", ["A", "B"])
    assert first["dates"] == {"start": "2026-09-14", "end": "2026-09-14"}
    assert second["drug"] == {"ndc": "12345678901", "unit": "ML", "quantity": "1.5"}
    assert second["modifiers"] == ["LT"]
    assert claim["totals"] == {"charges": "150.50", "non_covered": None, "paid": "20.00"}
    assert [d["code"] for d in claim["diagnoses"]] == ["E119", "I10"]
    assert claim["property_claim"] is None


def test_an_institutional_claim_over_two_pages() -> None:
    claim = built(
        "inpatient",
        **{
            "42.1#2": "0636",
            "44.1#2": "J1885LT",
            "47.1#2": "10 00",
            "47.23": "",
            "47.23#2": "3600 00",
        },
    )
    assert claim["totals"]["charges"] == "3600.00"
    assert claim["lines"][0]["rate"] == "500.00"
    last = claim["lines"][-1]
    assert (last["page"], last["number"], last["procedure"], last["modifiers"]) == (
        2, 1, "J1885", ["LT"],
    )  # fmt: skip
    assert claim["values"][0] == {"code": "80", "date": None, "period": None, "amount": "3.00"}
    assert claim["procedures"][0]["date"] == "2026-09-15"
    assert claim["attending_provider"]["person"]["last"] == "POE"
    assert claim["frequency"] == "1"
    assert claim["diagnoses"][-1]["position"] == "admitting"


def test_a_city_in_the_fourth_line_is_no_phone() -> None:
    claim = built("inpatient", **{"1.2": "BLDG 4", "1.3": "1 ELM ST", "1.4": "ALBANY NY 12203"})
    hospital = claim["billing_provider"]
    told = {key: hospital["address"][key] for key in ("street", "city", "state", "zip", "text")}
    assert told == {
        "street": "BLDG 4 1 ELM ST", "city": "ALBANY", "state": "NY", "zip": "12203", "text": None,
    }  # fmt: skip
    assert hospital["phone"] is None
    assert built("outpatient")["billing_provider"]["phone"] == "5185550100"


def test_a_rate_without_its_point_is_no_procedure() -> None:
    line = built("inpatient", **{"44.1": "50000"})["lines"][0]
    assert (line["procedure"], line["modifiers"], line["rate"]) == (None, [], None)


def test_claim_codes_are_parted_at_commas_too() -> None:
    assert built("cms1500", **{"10d": "W2, AA"})["claim_codes"] == ["W2", "AA"]


def test_nothing_is_made_up() -> None:
    told = build(Form.CMS1500, {})
    assert isinstance(told, ProfessionalClaim)
    assert (told.lines, told.diagnoses, told.facility, told.patient.name) == ([], [], None, None)
    assert build(Form.UB92, {}) is None


@pytest.mark.parametrize(
    ("text", "last", "first", "middle", "suffix"),
    [
        ("DOE, JANE, Q", "DOE", "JANE", "Q", None),
        ("DOE JR, JOHN", "DOE", "JOHN", None, "JR"),
        ("DOE JOHN Q", "DOE", "JOHN", "Q", None),
        ("DOE JOHN III", "DOE", "JOHN", None, "III"),
        ("VAN DER DOE, ANN MARIE", "VAN DER DOE", "ANN", "MARIE", None),
        ("VAN DER DOE ANN", None, None, None, None),
        ("DOE", None, None, None, None),
        (",", None, None, None, None),
    ],
)
def test_a_name_is_parted_only_where_the_print_parts_it(
    text: str, last: str | None, first: str | None, middle: str | None, suffix: str | None
) -> None:
    assert printed.name(text) == Name(
        text=text, last=last, first=first, middle=middle, suffix=suffix
    )


@st.composite
def scribbled(draw: st.DrawFn, form: Form) -> dict[str, FieldReading]:
    names = draw(st.sets(st.sampled_from(sorted(layout(form).fields)), max_size=30))
    texts = st.text(alphabet="ABXZ0159,. -/\n#N4", min_size=1, max_size=14)
    return {name: reading(form, name, draw(texts)) for name in sorted(names)}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_printed_becomes_a_claim_and_is_checked(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([Form.CMS1500, Form.UB04]))
    fields = data.draw(scribbled(form))
    made = build(form, fields)
    assert made is not None
    assert TypeAdapter(TypedClaim).validate_json(made.model_dump_json()) == made
    everything = {"", *layout(form).fields}
    named = {name for finding in check(form, fields, CONTEXT) for name in finding.fields}
    assert {name.partition("#")[0] for name in named} <= everything


def _models() -> list[type[Record]]:
    found = inspect.getmembers(models, inspect.isclass)
    return [kind for _, kind in found if issubclass(kind, Record) and kind is not Record]


def test_every_key_is_documented() -> None:
    page = (ROOT / "docs/claim.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    inherited = set(models.Claim.model_fields)
    for kind in _models():
        name = kind.__name__
        own = set(kind.model_fields) - (inherited if name != "Claim" else set())
        for key in own:
            if name in _SMALL:
                assert f"| `{name}.{key}` |" in page
            else:
                assert f"| `{key}` |" in sections[name], f"{name}.{key}"
