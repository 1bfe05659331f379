"""Code lists that a client brings: real files, real SQLite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from codes.errors import TableError
from codes.tables import Tables


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    made = Tables(tmp_path / "codes.db")
    yield made
    made.close()


def csv(folder: Path, *rows: str, head: str = "code,valid_from,valid_to,text") -> Path:
    file = folder / "list.csv"
    file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return file


def test_without_a_list_nothing_is_known_and_nothing_is_wrong(tables: Tables) -> None:
    table = tables.table("hcpcs")
    assert not table.loaded
    assert not table.has("J1885")
    assert not table.lacks("J1885")
    assert tables.counts() == {}


def test_a_list_knows_its_codes_on_their_days(tables: Tables, tmp_path: Path) -> None:
    rows = ("j1885,2020-01-01,2024-12-31,once", "J1885,2026-01-01,,again", '"99-213",,,')
    assert tables.load("hcpcs", csv(tmp_path, *rows)) == 3
    table = tables.table("hcpcs")
    assert [table.has("J1885", dt.date(year, 6, 1)) for year in (2019, 2022, 2025, 2030)] == [
        False, True, False, True,
    ]  # fmt: skip
    assert table.has("99213", dt.date(1990, 1, 1))
    assert table.has("J1885")
    assert table.lacks("J1886")


def test_a_new_list_takes_the_old_ones_place(tables: Tables, tmp_path: Path) -> None:
    tables.load("modifier", csv(tmp_path, "LT,,,"))
    assert tables.table("modifier").has("LT")
    tables.load("modifier", csv(tmp_path, "RT,,,"))
    assert tables.table("modifier").lacks("LT")
    assert tables.counts() == {"modifier": 1}


def test_another_process_sees_it(tables: Tables, tmp_path: Path) -> None:
    other = Tables(tmp_path / "codes.db")
    assert not other.table("value").loaded
    tables.load("value", csv(tmp_path, "80,,,"))
    assert [other.table("value").has(code) for code in ("80", "81")] == [True, False]
    tables.load("value", csv(tmp_path, "81,,,"))
    assert [other.table("value").has(code) for code in ("80", "81")] == [False, True]
    other.close()


@pytest.mark.parametrize(
    ("rows", "head"),
    [
        (("J1,2020-13-01,,",), "code,valid_from,valid_to,text"),
        ((",,,",), "code,valid_from,valid_to,text"),
        (("J1885",), "code"),
        ((), "code,valid_from,valid_to,text"),
    ],
)
def test_a_bad_file_changes_nothing(
    rows: tuple[str, ...], head: str, tables: Tables, tmp_path: Path
) -> None:
    tables.load("hcpcs", csv(tmp_path, "J1885,,,"))
    with pytest.raises(TableError):
        tables.load("hcpcs", csv(tmp_path, *rows, head=head))
    assert tables.table("hcpcs").has("J1885")


def test_what_is_no_file_and_no_list(tables: Tables, tmp_path: Path) -> None:
    with pytest.raises(TableError):
        tables.load("hcpcs", tmp_path / "nowhere.csv")
    with pytest.raises(TableError):
        tables.load("nonsense", csv(tmp_path, "A,,,"))
    with pytest.raises(KeyError):
        tables.table("nonsense")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableError):
        tables.load("hcpcs", binary)
