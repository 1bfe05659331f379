"""Fields by their ids, and what stands printed in them: the one way that edits look at a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from codes import shapes
from models.claim import Address, Drug, Name
from models.reading import FieldReading

#: lines of item 24 on a CMS-1500, of FL42 on a page of a UB-04
LINES: Final = 6
UB_LINES: Final = 22
#: columns of a service line by form
LINE_COLUMNS: Final = (
    "from", "to", "place_of_service", "emg", "procedure", "modifier1", "modifier2", "modifier3",
    "modifier4", "pointer", "charges", "units", "epsdt", "rendering_npi", "supplemental",
    "epsdt_code", "id_qualifier", "rendering_id",
)  # fmt: skip
UB_COLUMNS: Final = ("42", "43", "44", "45", "46", "47", "48")
POINTERS: Final = "ABCDEFGHIJKL"
OTHER_DIAGNOSES: Final = "ABCDEFGHIJKLMNOPQ"
OCCURRENCES: Final = tuple(f"{n}{row}" for row in "ab" for n in (31, 32, 33, 34))
SPANS: Final = tuple(f"{n}{row}" for row in "ab" for n in (35, 36))
VALUES: Final = tuple(f"{n}{row}" for row in "abcd" for n in (39, 40, 41))
CONDITIONS: Final = tuple(str(n) for n in range(18, 29))
PROCEDURES: Final = ("74", "74a", "74b", "74c", "74d", "74e")
PAYER_LINES: Final = "ABC"
#: revenue codes whose FL44 is a HIPPS code: skilled nursing, home health, rehabilitation
HIPPS: Final = frozenset({"0022", "0023", "0024"})
#: room and board, nursery, leave of absence, intensive and coronary care: FL44 is a rate
ROOM: Final = re.compile(r"01[0-79]\d|018\d|02[01]\d")
_SUFFIX: Final = frozenset({"JR", "SR", "II", "III", "IV", "V"})
_LAST_LINE: Final = re.compile(r"(.*?)[ ,]+([A-Z]{2})[ ,]+(\d{5}(?:[ -]?\d{4})?)")
_GOES_ON: Final = re.compile(r"\bCONT|\bNEXT\b|\bP(?:AGE|G)\b")
_PAGE_OF: Final = re.compile(r"\bP(?:AGE|G)\W*(\d{1,2})\s*(?:OF|/)\s*(\d{1,2})")
_QUALIFIED: Final = re.compile(r"(0B|1G|G2|LU|N5|SY|X5|ZZ) ?([0-9A-Z]+)")


def on_page(field: str, page: int) -> str:
    """The id of a field on a further page of a claim."""
    return field if page == 1 else f"{field}#{page}"


def pages(fields: Mapping[str, FieldReading]) -> int:
    """How many pages of the form the fields come from."""
    found = [int(number) for name in fields if (number := name.partition("#")[2]).isdigit()]
    return max(found, default=1)


def name(text: str | None) -> Name | None:
    """A name in its parts.

    Commas part last, first and middle name. Without them the first word is the last name, where
    no more than two words and an initial follow one another; else only the whole is known.
    """
    if not text:
        return None
    parts = [part.split() for part in text.upper().replace(".", " ").split(",")]
    parts = [part for part in parts if part]
    if len(parts) == 1:
        words = parts[0]
        suffix = [word for word in words[1:] if word in _SUFFIX]
        words = [word for word in words if word not in suffix]
        plain = len(words) == 2 or (len(words) == 3 and len(words[2]) == 1)  # noqa: PLR2004 - last, first, initial
        if not plain:
            return Name(text=text)
        return Name(
            text=text,
            last=words[0],
            first=words[1],
            middle=" ".join(words[2:]) or None,
            suffix=" ".join(suffix) or None,
        )
    if not parts:
        return Name(text=text)
    last, given = parts[0], [word for part in parts[1:] for word in part]
    suffix = [word for word in (*last[1:], *given[1:]) if word in _SUFFIX]
    last = [word for word in last if word not in suffix]
    given = [word for word in given if word not in suffix]
    return Name(
        text=text,
        last=" ".join(last) or None,
        first=given[0] if given else None,
        middle=" ".join(given[1:]) or None,
        suffix=" ".join(suffix) or None,
    )


def person(last: str | None, first: str | None) -> Name | None:
    """A name that the form prints in two fields."""
    text = ", ".join(part for part in (last, first) if part)
    return Name(text=text, last=last, first=first) if text else None


def last_line(text: str | None) -> Address | None:
    """City, state and ZIP of the last line of an address."""
    if not text:
        return None
    found = _LAST_LINE.fullmatch(text.strip().upper())
    if not found:
        return Address(text=text)
    return Address(city=found[1], state=found[2], zip=re.sub(r"\D", "", found[3]))


def qualified(text: str | None) -> tuple[str | None, str | None]:
    """Qualifier and identifier of items 32b and 33b; no qualifier where none is known."""
    if not text:
        return None, None
    found = _QUALIFIED.fullmatch(text)
    return (found[1], found[2]) if found else (None, text)


def drug(text: str | None) -> Drug | None:
    """The drug that a supplemental line or FL43 names."""
    found = shapes.ndc((text or "").upper())
    return Drug(ndc=found[0], unit=found[1] or None, quantity=found[2] or None) if found else None


def goes_on(total: FieldReading | None) -> bool:
    """Whether item 28 says that the claim goes on, such as CONTINUED or PAGE 1 OF 2."""
    if total is None or total.value is not None:
        return False
    # a letter may be read as the figure that looks like it
    text = re.sub(r"\b0F\b", "OF", total.text.upper())
    if numbered := _PAGE_OF.search(text):
        return int(numbered[1]) < int(numbered[2])
    return bool(_GOES_ON.search(text.replace("0", "O")))


def procedure(text: str | None) -> tuple[str | None, list[str], str | None]:
    """Code, modifiers and rate of FL44: one of code and rate."""
    if not text:
        return None, [], None
    if "." in text:
        return None, [], text
    rest = text[5:]
    return text[:5], [rest[at : at + 2] for at in range(0, len(rest), 2)], None
