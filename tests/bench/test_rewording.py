"""Claims in other words: still the same claim, and not the words of `samples`."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections import Counter

import pytest

from bench.rewording import reworded
from extractors.kinds.table import kind_for
from forms.layout import layout
from models.page import Form
from samples import claims
from samples.wording import Wording

_TODAY = dt.date(2026, 9, 30)


def _both(form: Form, seed: int) -> tuple[dict[str, str], dict[str, str]]:
    claim = claims.make(form, random.Random(seed), Wording(), today=_TODAY)
    return claim.pages[0], reworded(claim, random.Random(seed)).pages[0]


@pytest.mark.parametrize("form", [Form.CMS1500, Form.UB04])
def test_codes_dates_amounts_and_marks_stay(form: Form) -> None:
    for seed in range(20):
        before, after = _both(form, seed)
        assert before.keys() == after.keys()
        for name in before:
            spec = layout(form).fields[name]
            if spec.choices or kind_for(form, name).group in {"npi", "money", "date", "icd10cm"}:
                assert after[name] == before[name]


def test_what_was_the_same_is_the_same_again() -> None:
    for seed in range(20):
        before, after = _both(Form.CMS1500, seed)
        for one, other in (("2", "4"), ("5.street", "7.street"), ("32.1", "33.1")):
            if before.get(one) and before.get(one) == before.get(other):
                # but for what is cut off where another field stands beside
                room = layout(Form.CMS1500).fields[one].length or None
                assert after[one][:room] == after[other][:room]


def test_names_end_where_the_next_printed_field_begins() -> None:
    lengths = [len(_both(Form.CMS1500, seed)[1].get("32.1", "")) for seed in range(60)]
    assert max(lengths) == layout(Form.CMS1500).fields["32.1"].length


def test_words_and_numbers_are_many() -> None:
    words: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for seed in range(60):
        _, after = _both(Form.UB04, seed)
        words.update(w for k, v in after.items() if k.startswith("43.") for w in v.split())
        numbers[re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", after.get("60A", "")))] += 1
    assert len(words) > sum(words.values()) / 2
    assert len(numbers) > 8


def test_the_same_chance_gives_the_same_words() -> None:
    assert _both(Form.UB04, 4) == _both(Form.UB04, 4)
