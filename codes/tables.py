"""Code lists that a client brings: they turn checks of shape into checks of the list.

One SQLite file holds them all; loading a list replaces it in one transaction. A list is a CSV
file with the columns `code`, `valid_from`, `valid_to` (YYYY-MM-DD, blank for open) and `text`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from codes.errors import TableError
from codes.list_file import ListFile, rows

#: lists that rules look at, and what each is for
NAMES: Final = MappingProxyType(
    {
        "bill_type": "FL4, four characters with the leading zero",
        "claim_codes": "item 10d, NUCC's condition codes",
        "condition": "FL18-28",
        "discharge_status": "FL17",
        "hcpcs": "24D and FL44: HCPCS level II, CPT under your licence",
        "icd10cm": "newer releases of ICD-10-CM, beside the packaged ones",
        "icd10pcs": "newer releases of ICD-10-PCS, beside the packaged ones",
        "modifier": "24D and FL44",
        "occurrence": "FL31-34",
        "occurrence_span": "FL35-36",
        "poa_exempt": "diagnoses that need not say whether they were present on admission",
        "revenue": "FL42, four digits",
        "taxonomy": "NUCC's provider taxonomy",
        "value": "FL39-41",
    }
)
_COLUMNS: Final = {"code", "valid_from", "valid_to", "text"}
_SCHEMA: Final = """
create table if not exists code (
    name text not null, code text not null, valid_from text not null, valid_to text not null,
    text text not null, primary key (name, code, valid_from)
) without rowid, strict;
"""
_ALWAYS: Final = ("0001-01-01", "9999-12-31")


@dataclass(frozen=True, slots=True)
class Table:
    """One list, or the lack of it.

    Attributes:
        name: of `NAMES`.
        tables: it lies in; None where none is loaded.
    """

    name: str
    tables: Tables | None = None

    @property
    def loaded(self) -> bool:
        """Whether there is a list to look at."""
        return self.tables is not None

    def has(self, code: str, on: dt.date | None = None) -> bool:
        """Whether the list has the code, valid on the day; False without a list."""
        if self.tables is None:
            return False
        day = on.isoformat() if on else None
        periods = self.tables.periods(self.name, code)
        return any(day is None or first <= day <= last for first, last in periods)

    def lacks(self, code: str, on: dt.date | None = None) -> bool:
        """Whether there is a list, and it hasn't the code on the day; never without a list."""
        return self.loaded and not self.has(code, on)


class Tables(ListFile):
    """The lists in one file."""

    schema = _SCHEMA

    def counts(self) -> dict[str, int]:
        """Codes by list, loaded ones only."""
        if not self._there():
            return {}
        rows = self._open().execute("select name, count(*) from code group by name order by name")
        return dict(rows.fetchall())

    def table(self, name: str) -> Table:
        """One list.

        Raises:
            KeyError: no rule looks at a list of that name.
        """
        if name not in NAMES:
            raise KeyError(name)
        return Table(name, self) if self._loaded(name) else Table(name)

    def _loaded(self, name: str) -> bool:
        if not self._there():
            return False
        found = self._open().execute("select 1 from code where name = ? limit 1", (name,))
        return found.fetchone() is not None

    def periods(self, name: str, code: str) -> tuple[tuple[str, str], ...]:
        """First and last days of a code, as ISO dates; none where the list hasn't it."""
        # asked anew each time: another process may have loaded the list since
        found = self._open().execute(
            "select valid_from, valid_to from code where name = ? and code = ?", (name, code)
        )
        return tuple(found.fetchall())

    def load(self, name: str, path: Path) -> int:
        """Replace a list by a CSV file; returns how many codes it has.

        Raises:
            TableError: there is no list of that name, or the file is not one.
        """
        if name not in NAMES:
            raise TableError(f"No rule looks at a list called that: {', '.join(NAMES)}.")
        with self._loading() as connection:
            connection.execute("delete from code where name = ?", (name,))
            connection.executemany(
                "insert or replace into code values (?, ?, ?, ?, ?)",
                ((name, *row) for row in _clean(path)),
            )
            count = connection.execute("select count(*) from code where name = ?", (name,))
            loaded = int(count.fetchone()[0])
            if not loaded:
                raise TableError("The file has no codes in it.")
        return loaded


def _clean(path: Path) -> Iterator[tuple[str, str, str, str]]:
    for number, row in rows(path, _COLUMNS, TableError):
        code = re.sub(r"[^0-9A-Z]", "", row["code"].upper())
        if not code:
            raise TableError(f"Line {number} has no code.")
        try:
            first = dt.date.fromisoformat(row["valid_from"] or _ALWAYS[0])
            last = dt.date.fromisoformat(row["valid_to"] or _ALWAYS[1])
        except ValueError as error:
            raise TableError(f"Line {number} has a date that is not YYYY-MM-DD.") from error
        yield code, first.isoformat(), last.isoformat(), row["text"]
