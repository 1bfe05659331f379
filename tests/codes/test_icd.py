"""ICD-10: which codes there are, and on which days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codes import icd, patients, places
from scripts.code_lists import pack

_CODE = st.from_regex(r"[A-Z][0-9][0-9A-Z]{1,3}", fullmatch=True)
_RELEASES = [dt.date(2023, 10, 1), dt.date(2024, 10, 1), dt.date(2025, 10, 1)]
_LAST = dt.date(2026, 9, 30)


def test_the_lists_are_whole() -> None:
    cm, pcs = icd.diagnoses(), icd.procedures()
    assert (len(cm.codes), cm.first, cm.last) == (74_783, dt.date(2023, 10, 1), _LAST)
    assert (len(pcs.codes), pcs.first) == (78_644, dt.date(2023, 10, 1))
    assert all(map(icd.shaped, cm.codes))
    assert all(map(icd.pcs_shaped, pcs.codes))
    assert list(cm.ordered) == sorted(cm.codes)


@pytest.mark.parametrize("code", ["I10", "E119", "B20", "F99", "S72001A", "C50A0", "QA00101"])
def test_codes_that_may_be_billed(code: str) -> None:
    assert icd.exists(code)
    assert not icd.header(code)


@pytest.mark.parametrize("code", ["E11", "S72", "S72001", "I1", "A"])
def test_heads_of_codes_may_not(code: str) -> None:
    assert icd.header(code)
    assert not icd.exists(code)


@pytest.mark.parametrize("code", ["I101", "ZZZ", "", "E1199", "e119"])
def test_what_is_neither(code: str) -> None:
    assert not icd.exists(code)
    assert not (code and icd.header(code))


def test_a_code_that_went_and_those_that_came_for_it() -> None:
    before, after = dt.date(2025, 9, 30), dt.date(2025, 10, 1)
    assert icd.exists("D71", before)
    assert not icd.exists("D71", after)
    assert icd.header("D71", after)
    assert not icd.header("D71", before)
    assert not icd.exists("D711", before)
    assert icd.exists("D711", after)


def test_of_a_day_that_no_release_covers_absence_says_nothing() -> None:
    later = dt.date(2026, 10, 1)
    assert icd.diagnoses().valid("Z9998", later) is None
    assert icd.diagnoses().valid("I10", later) is True
    assert icd.diagnoses().valid("Z9998", _LAST) is False
    assert not icd.exists("Z9998", later)


@given(st.lists(st.sets(_CODE, max_size=8), min_size=3, max_size=3))
def test_packing_keeps_every_release(releases: list[set[str]]) -> None:
    known = dict(zip(_RELEASES, releases, strict=True))
    listing = icd.parse(pack(known, _LAST))
    ends = [*(day - dt.timedelta(days=1) for day in _RELEASES[1:]), _LAST]
    for (start, codes), end in zip(known.items(), ends, strict=True):
        for code in codes:
            assert listing.valid(code, start)
            assert listing.valid(code, end)
    never_back = {code for code in releases[0] if code not in releases[1] | releases[2]}
    assert not any(listing.valid(code, _RELEASES[1]) for code in never_back)
    new = {code for code in releases[2] if code not in releases[0] | releases[1]}
    assert not any(listing.valid(code, ends[1]) for code in new)


def test_external_causes() -> None:
    assert all(map(icd.external_cause, ("V0001XA", "W1830XA", "Y9301")))
    assert not any(map(icd.external_cause, ("S72001A", "Z0000", "")))


def test_whom_a_diagnosis_can_be_of() -> None:
    assert [patients.diagnosis_sex(code) for code in ("O80", "N400", "N809", "C61", "I10")] == [
        "F", "M", "F", "M", None,
    ]  # fmt: skip
    assert patients.diagnosis_ages("P599") == (0, 0)
    assert patients.diagnosis_ages("Z3A20") == (9, 64)
    assert patients.diagnosis_ages("I10") is None
    assert patients.diagnosis_sex("P546") == "F"


def test_limits_are_about_codes_that_exist() -> None:
    heads = {head for row in ("C51-C58", "Z9071-Z9072", "O") for head in patients.spread(row)}
    assert heads == {f"C5{n}" for n in range(1, 9)} | {"Z9071", "Z9072", "O"}
    ordered = icd.diagnoses().ordered
    for head in patients.heads():
        assert any(code.startswith(head) for code in ordered), head


@pytest.mark.parametrize(
    ("code", "exempt"),
    [("Z87891", True), ("S72001S", True), ("S72001A", False), ("I10", False), ("I252", True)],
)
def test_present_on_admission_goes_unsaid(code: str, *, exempt: bool) -> None:
    assert patients.poa_exempt(code) is exempt


def test_places_of_service_have_first_days() -> None:
    assert places.known("11")
    assert places.known("27", dt.date(2023, 10, 1))
    assert not places.known("27", dt.date(2023, 9, 30))
    assert not places.known("28")
    assert not places.known("1")
