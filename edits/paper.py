"""A claim as rules see it: every field that a rule looks at is noted.

What a rule finds depends on nothing but the fields it looked at, so that is what has to be
certain before a finding may be laid at the provider (`edits.certainty`).
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from edits import printed
from edits.certainty import Emptiness, illegible, printed_for_sure, readable_pages
from models.page import Form
from models.reading import FieldReading

#: columns that make a line one: shaded halves and descriptions go with a line, they are none
_1500: Final = (
    "from", "to", "place_of_service", "procedure", "charges", "units", "pointer",
    "modifier1", "rendering_npi", "emg",
)  # fmt: skip
_UB: Final = ("42", "44", "45", "46", "47", "48")
TOTAL: Final = "0001"


class IllegibleError(Exception):
    """A rule looked at print that nobody can read: it has nothing to say (D003 does)."""


class Paper:
    """The fields of one document.

    Attributes:
        form: which form it is.
        pages: of the form.
        seen: ids of the fields looked at since the last `forget`.
    """

    def __init__(
        self, form: Form, fields: Mapping[str, FieldReading], emptiness: Emptiness
    ) -> None:
        self.form = form
        self.fields = fields
        self.pages = max(printed.pages(fields), len(emptiness.pages))
        self.seen: set[str] = set()
        self._emptiness = emptiness
        self._certain: dict[str, bool] = {}
        self._readable = readable_pages(fields, emptiness.doubted() - fields.keys())
        per_page = printed.LINES if form is Form.CMS1500 else printed.UB_LINES
        self._rows = [
            Line(self, number, page)
            for page in range(1, self.pages + 1)
            for number in range(1, per_page + 1)
        ]

    # ---- looking --------------------------------------------------------------------------

    def forget(self) -> None:
        """Start noting anew."""
        self.seen = set()

    def certain(self, name: str) -> bool:
        """Whether it is beyond doubt what a field holds, or that it holds nothing."""
        if name not in self._certain:
            reading = self.fields.get(name)
            self._certain[name] = (
                self._emptiness.certain(self.form, name, self.fields, self._readable)
                if reading is None
                else printed_for_sure(reading)
            )
        return self._certain[name]

    def perhaps_printed(self) -> list[str]:
        """Fields that read as empty though the reader saw ink in them that may be print."""
        return sorted(self._emptiness.doubted() - self.fields.keys())

    def has(self, *names: str) -> bool:
        """Whether anything is printed in one of the fields.

        One that is printed for sure settles it; the others are then not weighed.
        """
        there = [name for name in names if name in self.fields]
        sure = next((name for name in there if printed_for_sure(self.fields[name])), None)
        if sure is not None:
            self.seen.add(sure)
            return True
        self.seen.update(names)
        return bool(there)

    def some(self, names: Iterable[str], holds: Callable[[str], bool]) -> str | None:
        """The first of the fields whose normal form is as asked; None where there is none.

        One that is printed for sure settles it; the others are then not weighed.
        """
        names = list(names)
        fitting = [name for name in names if name in self.fields and holds(self._plain(name))]
        sure = next((name for name in fitting if self.certain(name)), None)
        self.seen.update([sure] if sure else names)
        return sure or next(iter(fitting), None)

    def _plain(self, name: str) -> str:
        return self.fields[name].value or ""

    def value(self, name: str) -> str | None:
        """A field's normal form; None where it has none or nothing is printed."""
        reading = self._look(name)
        return (reading.value or None) if reading else None

    def text(self, name: str) -> str:
        """What is printed, upper case, blanks made single; empty where nothing is."""
        reading = self._look(name)
        return " ".join(reading.text.upper().split()) if reading else ""

    def date(self, name: str) -> dt.date | None:
        """A date; None where it is none."""
        found = self.value(name)
        try:
            return dt.date.fromisoformat(found) if found else None
        except ValueError:
            return None

    def number(self, name: str) -> Decimal | None:
        """An amount or a count; None where it is none."""
        found = self.value(name)
        try:
            number = Decimal(found) if found else None
        except InvalidOperation:
            return None
        return number if number is not None and number.is_finite() else None

    def by_person(self, name: str) -> bool:
        """Whether a person typed or confirmed what a field holds, blanks and all."""
        reading = self._look(name)
        return reading is not None and reading.source == "person"

    def _look(self, name: str) -> FieldReading | None:
        self.seen.add(name)
        reading = self.fields.get(name)
        if reading is not None and illegible(reading):
            raise IllegibleError
        return reading

    # ---- lines ----------------------------------------------------------------------------

    def rows(self) -> Iterator[Line]:
        """Every row that service lines are printed in, empty ones too."""
        yield from self._rows

    def all_lines(self) -> list[Line]:
        """Every row that prints anything, without noting that it was looked at."""
        return [line for line in self.rows() if any(name in self.fields for name in line.marks())]

    def lines(self) -> Iterator[Line]:
        """Every service line, the total of a UB-04 not among them; notes the empty rows too."""
        for line in self.rows():
            if line.there() and not line.total():
                yield line

    def page_ids(self, name: str) -> list[str]:
        """A field's ids on all pages."""
        return [printed.on_page(name, page) for page in range(1, self.pages + 1)]

    def last(self, name: str) -> str:
        """A field's id on the last page."""
        return printed.on_page(name, self.pages)


def _id(form: Form, column: str, number: int, page: int) -> str:
    name = f"24.{number}.{column}" if form is Form.CMS1500 else f"{column}.{number}"
    return printed.on_page(name, page)


@functools.cache
def _marks(form: Form, number: int, page: int) -> tuple[str, ...]:
    columns = _1500 if form is Form.CMS1500 else _UB
    return tuple(_id(form, column, number, page) for column in columns)


@dataclass(frozen=True, slots=True)
class Line:
    """A service line."""

    paper: Paper
    number: int
    page: int = 1

    def id(self, column: str) -> str:
        """The id of one of its fields: `charges` on a CMS-1500, `47` on a UB-04."""
        return _id(self.paper.form, column, self.number, self.page)

    def marks(self) -> tuple[str, ...]:
        """Ids of the fields that make it a line."""
        return _marks(self.paper.form, self.number, self.page)

    def there(self) -> bool:
        """Whether it is a line; notes what says so."""
        return self.paper.has(*self.marks())

    def total(self) -> bool:
        """Whether it is the total of a UB-04, printed among the lines."""
        return self.paper.form is Form.UB04 and self.value("42") == TOTAL

    def has(self, column: str) -> bool:
        """Whether anything is printed in a column."""
        return self.paper.has(self.id(column))

    def value(self, column: str) -> str | None:
        """A column's normal form."""
        return self.paper.value(self.id(column))

    def date(self, column: str) -> dt.date | None:
        """A column's date."""
        return self.paper.date(self.id(column))

    def amount(self, column: str) -> Decimal | None:
        """A column's amount or count."""
        return self.paper.number(self.id(column))

    def procedure(self) -> tuple[str | None, list[str]]:
        """Code and modifiers; of a UB-04 no HIPPS code and no rate."""
        if self.paper.form is Form.CMS1500:
            modifiers = [self.value(f"modifier{n}") for n in (1, 2, 3, 4)]
            return self.value("procedure"), [m for m in modifiers if m]
        # some look like HCPCS: A0101 is a group of rehabilitation, 50000 a rate without its point
        revenue = self.value("42") or ""
        if revenue in printed.HIPPS or printed.ROOM.fullmatch(revenue):
            return None, []
        # what has no normal form may still be a code with something wrong behind it
        text = self.value("44") or re.sub(r"[^0-9A-Z.]", "", self.paper.text(self.id("44")))
        code, modifiers_, _ = printed.procedure(text)
        return code, modifiers_

    def day(self) -> dt.date | None:
        """The day of service; of a UB-04 line without one, the first of the statement."""
        if self.paper.form is Form.CMS1500:
            return self.date("from")
        return self.date("45") if self.has("45") else self.paper.date("6.from")
