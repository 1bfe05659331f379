from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest
import simple_icd_10_cm as icd
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.layout import layout
from models.page import Form
from samples import claims, institutional
from samples.people import luhn_digit
from samples.wording import Wording, random_wording

TODAY = dt.date(2026, 9, 30)
SEEDS = st.integers(0, 10**6)


def made(form: Form, seed: int, faults: tuple[str, ...] = ()) -> tuple[dict[str, str], ...]:
    rng = random.Random(seed)
    return claims.make(form, rng, random_wording(rng), today=TODAY, faults=faults).pages


def npis(page: dict[str, str]) -> list[str]:
    wanted = ("17b", "32a", "33a", "56")
    return [t for k, t in page.items() if k in wanted or k.endswith(("npi", ".rendering_npi"))]


def valid(npi: str) -> bool:
    return len(npi) == 10 and npi[0] in "12" and luhn_digit("80840" + npi[:9]) == npi[9]


def test_the_check_digit_of_the_standards_own_example() -> None:
    assert luhn_digit("80840" + "123456789") == "3"


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_professional_claim_holds_together(seed: int) -> None:
    (page,) = made(Form.CMS1500, seed)
    charges = [Decimal(t) for k, t in page.items() if k.startswith("24.") and k.endswith("charges")]
    assert sum(charges) == Decimal(page["28"])
    assert all(valid(n) for n in npis(page))
    letters = {k.removeprefix("21.") for k in page if k.startswith("21.") and len(k) == 4}
    assert letters == set("ABCDEFGHIJKL"[: len(letters)])
    pointed = {c for k, t in page.items() if k.endswith("pointer") for c in t}
    assert pointed <= letters
    assert all(icd.is_leaf(page[f"21.{c}"].replace(".", "")) for c in letters)
    if page["1"] == "medicare":
        assert page["11"] == "NONE"
    else:
        assert {"4", "7.street", "11a.birth_date"} <= page.keys()
    if page["6"] == "self" and "4" in page:
        assert page["4"] == page["2"]


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_an_institutional_claim_holds_together(seed: int) -> None:
    (page,) = made(Form.UB04, seed)
    lines = [n for n in range(1, 23) if f"42.{n}" in page]
    assert sum(Decimal(page[f"47.{n}"]) for n in lines) == Decimal(page["47.23"])
    assert [page[f"42.{n}"] for n in lines] == sorted(page[f"42.{n}"] for n in lines)
    assert page["42.23"] == "0001"
    assert all(valid(n) for n in npis(page))
    inpatient = page["4"].startswith("011")
    assert inpatient == ("12" in page) == ("67.poa" in page) == ("69" in page)


@given(SEEDS, st.sampled_from([Form.CMS1500, Form.UB04]))
@settings(max_examples=60, deadline=None)
def test_fields_and_choices_are_those_of_the_layout(seed: int, form: Form) -> None:
    fields = layout(form).fields
    for page in made(form, seed):
        for name, text in page.items():
            assert text
            assert text == text.strip()
            names = {c.name for c in fields[name].choices}
            assert not names or text in names


def test_a_long_bill_goes_on_and_is_summed_up_once_at_its_end() -> None:
    pages = institutional.claim(random.Random(3), Wording(), TODAY, lines=50)
    assert [len([k for k in p if k.startswith("42.") and k != "42.23"]) for p in pages] == [
        22,
        22,
        6,
    ]
    assert [p["43.23.page"] + "/" + p["43.23.of"] for p in pages] == ["1/3", "2/3", "3/3"]
    assert ["47.23" in p for p in pages] == [False, False, True]
    total = sum(Decimal(p[f"47.{n}"]) for p in pages for n in range(1, 23) if f"47.{n}" in p)
    assert total == Decimal(pages[-1]["47.23"])


@pytest.mark.parametrize("form", [Form.CMS1500, Form.UB04])
def test_each_fault_shows_and_nothing_else_changes(form: Form) -> None:
    for fault in claims.FAULTS[form]:
        changed = 0
        for seed in range(4):
            right, wrong = made(form, seed), made(form, seed, (fault,))
            if fault == "future_dos":
                assert right[0].keys() == wrong[0].keys()
                continue
            different = {k for k in right[0] if wrong[0].get(k) != right[0][k]}
            assert wrong[0].keys() <= right[0].keys()
            assert len(different) <= 12
            changed += bool(different)
        assert changed or fault == "future_dos"


def test_a_bad_npi_is_wrong_by_its_check_digit_only() -> None:
    (right,), (wrong,) = made(Form.CMS1500, 5), made(Form.CMS1500, 5, ("bad_npi",))
    assert wrong["33a"][:9] == right["33a"][:9]
    assert not valid(wrong["33a"])


def test_unknown_faults_are_refused() -> None:
    with pytest.raises(KeyError):
        made(Form.CMS1500, 1, ("no_such_thing",))
