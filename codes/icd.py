"""ICD-10-CM diagnoses and ICD-10-PCS procedures: shapes, and lists with the days of each code.

The lists are works of the US government (CDC, CMS), packed by `scripts/code_lists.py`. Each
holds a run of releases; of a day that none of them covers, a code's absence says nothing.
"""

from __future__ import annotations

import bisect
import datetime as dt
import functools
import lzma
import re
from dataclasses import dataclass
from importlib import resources
from typing import Final

#: claims for services from this day on carry ICD-10 (45 CFR 162.1002)
SWITCH: Final = dt.date(2015, 10, 1)
#: position 2 may be a letter since the release of October 2025
_CM: Final = re.compile(r"[A-Z][0-9A][0-9AB][0-9A-Z]{0,4}")
#: neither I nor O, which are too much like figures
_PCS: Final = re.compile(r"[0-9A-HJ-NP-Z]{7}")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of codes.

    Attributes:
        first: the first day that it covers.
        last: the last.
        codes: every code of any release.
        days: (first, last) of the codes that came or went in between.
        ordered: the codes, sorted.
    """

    first: dt.date
    last: dt.date
    codes: frozenset[str]
    days: dict[str, tuple[dt.date, dt.date]]
    ordered: tuple[str, ...]

    def valid(self, code: str, on: dt.date | None) -> bool | None:
        """Whether the code was valid on the day; None where the list can't tell.

        Without a day: whether any release has it.
        """
        if code not in self.codes:
            return None if on is not None and not self.first <= on <= self.last else False
        if on is None:
            return True
        since, until = self.days.get(code, (dt.date.min, dt.date.max))
        if since <= on <= until:
            return True
        return False if self.first <= on else None

    def header(self, code: str, on: dt.date | None = None) -> bool:
        """Whether longer codes start with this one, while it is none itself (on the day)."""
        at = bisect.bisect_right(self.ordered, code)
        longer = at < len(self.ordered) and self.ordered[at].startswith(code)
        return longer and (code not in self.codes or self.valid(code, on) is False)


def parse(text: str) -> Listing:
    """A packed list."""
    head, *lines = text.split()
    first, last = map(dt.date.fromisoformat, head.split(","))
    days = {}
    for at, line in enumerate(lines):
        if "," in line:
            code, since, until = (*line.split(","), "")[:3]
            days[code] = (
                dt.date.fromisoformat(since) if since else dt.date.min,
                dt.date.fromisoformat(until) if until else dt.date.max,
            )
            lines[at] = code
    return Listing(first, last, frozenset(lines), days, tuple(lines))


@functools.cache
def _listing(name: str) -> Listing:
    packed = (resources.files("codes") / "data" / f"{name}.csv.xz").read_bytes()
    return parse(lzma.decompress(packed).decode())


def diagnoses() -> Listing:
    """ICD-10-CM: the codes that may be billed."""
    return _listing("icd10cm")


def procedures() -> Listing:
    """ICD-10-PCS."""
    return _listing("icd10pcs")


def shaped(code: str) -> bool:
    """Whether a code, without its point, has the shape of an ICD-10-CM code."""
    return _CM.fullmatch(code) is not None


def exists(code: str, on: dt.date | None = None) -> bool:
    """Whether a diagnosis code may be billed on the day, as far as the list can tell.

    Without a day, or on one that the list does not cover: whether any release has it.
    """
    listing = diagnoses()
    found = listing.valid(code, on)
    return code in listing.codes if found is None else found


def header(code: str, on: dt.date | None = None) -> bool:
    """Whether it is the head of more specific diagnosis codes, and may not be billed itself.

    On the day, where one is given: a code that was divided is a head from then on.
    """
    return diagnoses().header(code, on)


def pcs_shaped(code: str) -> bool:
    """Whether a code has the shape of an ICD-10-PCS code."""
    return _PCS.fullmatch(code) is not None


def pcs_exists(code: str, on: dt.date | None = None) -> bool:
    """Whether a procedure code is valid on the day, as far as the list can tell."""
    listing = procedures()
    found = listing.valid(code, on)
    return code in listing.codes if found is None else found


def external_cause(code: str) -> bool:
    """Of chapter 20, V00 to Y99: says how something came about, never what it is."""
    return code[:1] in {"V", "W", "X", "Y"}
