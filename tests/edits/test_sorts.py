"""Right claims of many sorts: what a rule says of one of them is a wrong letter to a provider."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from edits.check import check
from tests.edits.base import CONTEXT, changed, readings

SORTS: Mapping[str, Any] = tomllib.loads(
    (Path(__file__).parent / "sorts.toml").read_text(encoding="utf-8")
)


def found(on: str, changes: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Rules that fire on a changed claim, and where; `42.1.*` is all of that name."""
    form, known = changed(on, changes)
    return [(one.rule, one.fields) for one in check(form, readings(form, known), CONTEXT)]


@pytest.mark.parametrize("name", SORTS)
def test_a_right_claim_of_any_sort_has_no_finding(name: str) -> None:
    sort = dict(SORTS[name])
    assert found(sort.pop("on", "cms1500"), sort) == []


#: what a provider did wrong once, and the one finding that says so
ONCE: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "a blank charge": ("cms1500", {"24.2.charges": ""}, "S020"),
    "a blank charge of a bill": ("outpatient", {"47.2": ""}, "S037"),
    "no facility": (
        "cms1500",
        {
            "32.1": "",
            "32.2": "",
            "32.3": "",
            "18.from": "09 10 26",
            "24.1.place_of_service": "21",
            "24.2.place_of_service": "21",
        },
        "P014",
    ),
    "no laboratory": ("cms1500", {"20": "yes", "20.charges": "25 00", "32.1": ""}, "P014"),
    "no first diagnosis": ("cms1500", {"21.A": ""}, "X004"),
    "no diagnosis": ("cms1500", {"21.A": "", "21.B": ""}, "X004"),
    "no lines": ("cms1500", {"24.1.*": "", "24.2.*": ""}, "S001"),
    "a total of zero": ("cms1500", {"28": "0 00", "29": ""}, "T001"),
    "a revenue code cut short": ("outpatient", {"42.1": "510", "42.2": "0300"}, "S030"),
    "a line after receipt": ("outpatient", {"45.2": "112126"}, "S004"),
    "CPT among ICD-10-PCS": (
        "outpatient",
        {"74.code": "47562", "74.date": "091426", "77.npi": "1234567893", "77.last": "ROE"},
        "U026",
    ),
}


@pytest.mark.parametrize("name", ONCE)
def test_one_fault_is_one_finding(name: str) -> None:
    on, changes, rule = ONCE[name]
    assert [one[0] for one in found(on, changes)] == [rule]


def test_a_day_that_nothing_follows_is_a_finding_and_no_crash() -> None:
    for field in ("6.from", "6.thru", "12", "74.date", "45.1"):
        assert found("inpatient", {field: "12319999"})
    assert found("cms1500", {"24.1.from": "12 31 9999", "24.2.from": "12 31 9999"})


def test_a_raised_figure_is_no_page_number() -> None:
    pages = {"43.23.page": "\N{SUPERSCRIPT TWO}"}
    assert found("outpatient", pages) == [("T007", ["43.23.page", "43.23.of"])]
