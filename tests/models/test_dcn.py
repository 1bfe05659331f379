"""Control numbers: a mistyped one is none, and those that we print as examples are some."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dcn import DcnError, make, parse
from scripts.docs import rooms

ROOT = Path(__file__).parents[2]
NUMBERS = st.builds(make, st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), st.integers(1, 999))


@given(NUMBERS)
def test_a_number_is_itself_however_it_is_typed(number: str) -> None:
    assert parse(f" {number[:5]}-{number[5:].lower()} ") == number


@given(NUMBERS, st.integers(0, 13), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_wrong_character_is_found(number: str, at: int, other: str) -> None:
    wrong = number[:at] + other + number[at + 1 :]
    if wrong != number:
        with pytest.raises(DcnError):
            parse(wrong)


def test_every_example_that_we_print_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = [Path("README.md"), *Path("docs").rglob("*.md"), *Path("docs").rglob("*.json")]
    printed += [path for room in rooms() for path in Path(room).rglob("*.py")]
    found = {
        (str(path), number)
        for path in printed
        for number in re.findall(r"\d{5}P\d{7}[0-9A-Z]", path.read_text(encoding="utf-8"))
    }
    assert {number for path, number in found if path.startswith("models")} == {"26327P0000012M"}
    for path, number in found:
        assert parse(number) == number, path
    assert DcnError("").advice.count("26327P0000012M") == 1
