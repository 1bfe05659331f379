"""What values of attachments are called, and their normal forms: those of form fields."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from codes import npi
from extractors.kinds.decode import read
from extractors.kinds.table import kind_named
from extractors.language.shapes import shape
from extractors.sighting import Position, Sighting

#: words before a number that may be its caption
_CAPTION = 4
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WRITTEN = re.compile(r"([A-Za-z]{3})[a-z]*\.? ?(\d{1,2}) ?[,.]? ?(\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

#: by label, the kind of form field whose values it has (`extractors.kinds`), and its shape
LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "patient": ("name", "name"),
        "provider": ("name", "name"),
        "payer": ("name", "name"),
        "birth_date": ("birth_date", "date"),
        "date_of_service": ("date", "date"),
        "authorization_from": ("date", "date"),
        "authorization_to": ("date", "date"),
        "member_id": ("member_id", "number"),
        "npi": ("npi", "number"),
        "tax_id": ("tax_id", "number"),
        "diagnosis": ("icd10cm", "number"),
        "procedure": ("hcpcs", "number"),
        "authorization": ("authorization", "number"),
        "claim_number": ("identifier", "number"),
        "control_number": ("identifier", "number"),
        "account_number": ("identifier", "number"),
        "billed": ("money", "money"),
        "allowed": ("money", "money"),
        "paid": ("money", "money"),
        "patient_responsibility": ("money", "money"),
    }
)


def fits(label: str, shape: str) -> bool:
    """Whether something of that shape can have a label; a misread amount or date is a number."""
    wanted = LABELS[label][1]
    return wanted == shape or (wanted != "name" and shape == "number")


def possible(words: Sequence[str], start: int, stop: int) -> tuple[list[str], bool]:
    """The labels that a stretch of words may have by its shape, and whether that is certain.

    A number with the check digit of an NPI may be one, and is one where its caption says so.
    """
    looks = shape(words[start:stop])
    found = [label for label in LABELS if fits(label, looks)]
    if looks != "number":
        return found, False
    named = any("NPI" in word.upper() for word in words[max(0, start - _CAPTION) : start])
    checked = stop == start + 1 and npi.valid(words[start])
    if named and checked:
        return ["npi"], True
    return [label for label in found if label != "npi" or named or checked], False


def normal(label: str, text: str) -> str | None:
    """A text's normal form as a value of that label, None where it has none."""
    kind, shape = LABELS[label]
    if shape == "date":
        text = _figures(text)
    if shape == "name":
        text = re.sub(r"[.,]+", " ", text.upper())
    return kind_named(kind).value(text)


def reread(label: str, text: str, positions: tuple[Position, ...]) -> str:
    """What a value's kind reads in its ink, as form fields are read; words stay as they are."""
    shape = LABELS[label][1]
    if shape == "name" or not positions or _written(text) or _ISO.fullmatch(text):
        return text
    decoded = read(kind_named(LABELS[label][0]), Sighting("first", positions))
    return decoded.text or text


def _figures(text: str) -> str:
    """A day with a word for its month, or year first, in the order that forms have."""
    iso, written = _ISO.fullmatch(text), _written(text)
    if iso:
        return f"{iso[2]}/{iso[3]}/{iso[1]}"
    if written:
        return f"{written[0]:02d}/{written[1]:02d}/{written[2]}"
    return text


def _written(text: str) -> tuple[int, int, int] | None:
    found = _WRITTEN.fullmatch(text)
    if found is None or found[1].lower() not in _MONTHS:
        return None
    return _MONTHS.index(found[1].lower()) + 1, int(found[2]), int(found[3])


def day(value: str | None) -> dt.date | None:
    """A normal date as a day."""
    try:
        return dt.date.fromisoformat(value or "")
    except ValueError:
        return None
