"""Member and provider rosters: real files, real SQLite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.known import Known
from edits.rosters import RosterError, Rosters, off_by

JANE = "AB12345678,Doe,Jane,1966-03-14"
BORN = dt.date(1966, 3, 14)


@pytest.fixture
def rosters(tmp_path: Path) -> Iterator[Rosters]:
    made = Rosters(tmp_path / "rosters.db")
    yield made
    made.close()


def load(rosters: Rosters, folder: Path, *rows: str, replace: bool = False, more: str = "") -> int:
    file = folder / "members.csv"
    head = f"id,last,first,birth_date{more}"
    file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return rosters.load("member", file, replace=replace)


def test_nothing_loaded_is_no_roster(rosters: Rosters) -> None:
    assert (rosters.members(), rosters.providers()) == (None, None)
    assert rosters.counts() == {"member": 0, "provider": 0}


@pytest.mark.parametrize(
    ("number", "name", "born", "differs", "one"),
    [
        ("AB12345678", "DOE, JANE, Q", BORN, (), False),
        ("AB-12345678", "Doe Jane", BORN, (), False),
        ("A812345678", "DOE, JANE", BORN, ("id",), True),
        ("B12345678", "DOE, JANE", BORN, ("id",), True),
        ("ZZ00000000", "DOE, JANE", BORN, ("id",), False),
        ("AB12345678", "DOE, JANE", BORN.replace(day=15), ("birth_date",), True),
        ("AB12345678", "DOE, JANE", None, ("birth_date",), False),
        ("AB12345678", "D0E, JANE", BORN, ("name",), True),
        ("AB12345678", "ROE, ANNA", BORN, ("name",), False),
        ("AB12345678", "ROE, ANNA", BORN.replace(year=1990), ("name", "birth_date"), False),
        ("A812345678", "DOE, JANA", BORN, ("id", "name"), True),
    ],
)
def test_a_member_is_found_and_what_differs_is_told(  # noqa: PLR0913 - one case
    rosters: Rosters,
    tmp_path: Path,
    *,
    number: str,
    name: str,
    born: dt.date | None,
    differs: tuple[str, ...],
    one: bool,
) -> None:
    load(rosters, tmp_path, JANE, "XY99999999,Poe,Paul,1966-03-14")
    members = rosters.members()
    assert members is not None
    found = members.match(number, name, born)
    assert found is not None
    assert found.member.id == "AB12345678"
    assert (found.differs, found.one_character) == (differs, one)


@pytest.mark.parametrize(
    ("number", "name", "born"),
    [
        ("ZZ00000000", "ROE, ANNA", BORN),
        ("ZZ00000000", "DOE, JANE", BORN.replace(day=16)),
        ("", "", None),
    ],
)
def test_nobody_is_found_by_one_of_three(
    rosters: Rosters, tmp_path: Path, number: str, name: str, born: dt.date | None
) -> None:
    load(rosters, tmp_path, JANE)
    members = rosters.members()
    assert members is not None
    assert members.match(number, name, born) is None


def test_a_family_may_share_an_id(rosters: Rosters, tmp_path: Path) -> None:
    load(rosters, tmp_path, JANE, "AB12345678,Doe,John,1960-01-02")
    members = rosters.members()
    assert members is not None
    found = members.match("AB12345678", "DOE, JOHN", dt.date(1960, 1, 2))
    assert found is not None
    assert found.exact
    assert found.member.first == "JOHN"
    assert len(members.by_id("AB12345678")) == 2


def test_loading_again_updates_in_place(rosters: Rosters, tmp_path: Path) -> None:
    assert load(rosters, tmp_path, JANE, "XY99999999,Poe,Paul,1970-01-01") == 2
    load(rosters, tmp_path, "AB12345678,Roe,Jane,1966-03-14")
    members = rosters.members()
    assert members is not None
    assert [m.last for m in members.by_id("AB12345678")] == ["ROE"]
    assert rosters.counts()["member"] == 2
    load(rosters, tmp_path, JANE, replace=True)
    assert rosters.counts()["member"] == 1


def test_coverage_has_its_periods(rosters: Rosters, tmp_path: Path) -> None:
    columns = ",sex,covered_from,covered_to,died"
    load(rosters, tmp_path, JANE + ",,,,", more=columns)
    first = rosters.members()
    assert first is not None
    assert not first.has_coverage
    rows = (f"{JANE},F,2020-01-01,2020-12-31,", f"{JANE},F,2022-01-01,,")
    load(rosters, tmp_path, *rows, replace=True, more=columns)
    members = rosters.members()
    assert members is not None
    assert members.has_coverage
    (jane,) = members.by_id("AB12345678")
    assert jane.covered == (
        (dt.date(2020, 1, 1), dt.date(2020, 12, 31)),
        (dt.date(2022, 1, 1), dt.date.max),
    )


def test_a_bad_file_changes_nothing(rosters: Rosters, tmp_path: Path) -> None:
    load(rosters, tmp_path, JANE)
    for rows in (["X,,Jane,1966-03-14"], ["X1,Doe,Jane,1966-02-30"]):
        with pytest.raises(RosterError) as raised:
            load(rosters, tmp_path, "NEW1,Poe,Paul,1970-01-01", *rows, replace=True)
        assert "Line 3" in str(raised.value)
        assert "Jane" not in str(raised.value)
    with pytest.raises(RosterError):
        rosters.load("member", tmp_path / "nowhere.csv")
    with pytest.raises(RosterError):
        rosters.load("nobody", tmp_path / "members.csv")
    file = tmp_path / "half.csv"
    file.write_text("id,last\nA,B\n", encoding="utf-8")
    with pytest.raises(RosterError):
        rosters.load("member", file)
    assert rosters.counts()["member"] == 1


def test_a_provider_is_found_by_npi(rosters: Rosters, tmp_path: Path) -> None:
    file = tmp_path / "providers.csv"
    file.write_text(
        "npi,name,tax_id,organisation\n1245319599,Poe Group,12-3456789,Y\n", encoding="utf-8"
    )
    rosters.load("provider", file)
    providers = rosters.providers()
    assert providers is not None
    found = providers.find("1245319599")
    assert found is not None
    assert (found.tax_id, found.organisation, found.may_order) == ("123456789", True, True)
    assert providers.find("1003000126") is None


def test_what_is_loaded_is_what_the_edits_know(tmp_path: Path) -> None:
    known = Known(tmp_path)
    assert known.context().lacks(["members", "table:hcpcs"]) == ["members", "table:hcpcs"]
    load(known.rosters, tmp_path, JANE)
    assert known.context().lacks(["members", "coverage"]) == ["coverage"]
    known.close()


_TEXT = st.text(alphabet="AB1", max_size=6)


def _edits(one: str, other: str) -> int:
    """Levenshtein's distance, the slow way."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last = row
        row = [i]
        for j, b in enumerate(other, start=1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
    return row[-1]


@given(_TEXT, _TEXT)
def test_one_character_off_is_one_edit(one: str, other: str) -> None:
    assert off_by(one, other) == min(2, _edits(one, other))
    assert off_by(one, other) == off_by(other, one)
