"""What values of attachments are called, and their normal forms: those of form fields."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from codes import npi, zips
from extractors.kinds.decode import read
from extractors.kinds.table import kind_named
from extractors.language import captions
from extractors.language.shapes import lettered, shape
from extractors.sighting import Position, Sighting

#: words before a value in which a birth or an NPI may be told
_BEFORE = 10
#: a birth is told by a word for it; no other date of a paper is one
_BIRTH = re.compile(r"(?i)\bd\.?[o0]\.?b\b|\bborn\b|birth|\bb\.?d\.? ?:")
#: a telephone number as printed, and what stands before its last seven figures
_PHONE = re.compile(r"(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}")
_AREA, _LOCAL = re.compile(r"(?:\( ?\d{3} ?\)|\b\d{3}) ?$"), re.compile(r"\d{3}[-.]\d{4}")
#: a ZIP code, and what stands before one
_ZIP, _STATE = re.compile(r"\d{5}(?:-\d{4})?"), re.compile(r"\b([A-Z]{2}) ?[.,]? ?$")
#: a diagnosis with its point, which nothing else looks like
_ICD = re.compile(r"[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}")
#: a name that is a doctor's, or somebody's who treats
_DOCTOR = re.compile(
    r"(?i)(?:dr|doctor)\b.*|.*\b(?:m\.d|md|d\.o|rn|np|pa-c|dpm|dds|dmd|phd|arnp|aprn)"
)
#: what numbers may be that no pattern knows: misread dates and amounts, procedures with modifiers
_SHAPES = MappingProxyType(
    {
        "date": re.compile(r"(?:[^0-9]*[0-9A-Za-z]){5,8}[^0-9A-Za-z]*"),
        "money": re.compile(r"(?![A-Z]\d).*[., ].*"),
        "procedure": re.compile(r"\w{5}(?:[- ]?\w{2}){0,4}"),
    }
)
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
    """The labels that a stretch of words may have by its looks and caption; whether that is sure.

    A number with the check digit of an NPI may be one, and is one where its caption says so. Right
    behind a caption that can be read only one way stands what it says, or nothing. A caption may
    say something that is no label, and then neither is its value one. Only a word for birth tells
    the day of one.
    """
    looks = shape(words[start:stop])
    text = " ".join(words[start:stop])
    found = [label for label in LABELS if fits(label, looks) and _may_be(label, text, looks)]
    before = " ".join(words[max(0, start - _BEFORE) : start])
    line = captions.line_of(words, start)
    if looks == "number":
        checked = stop == start + 1 and npi.valid(words[start])
        if "NPI" in before.upper():
            if checked:
                return ["npi"], True
        elif not checked:
            found = [label for label in found if label != "npi"]
        if _place(text, line) or _ICD.fullmatch(text):
            return ["diagnosis"] if _ICD.fullmatch(text) else [], False
    said = captions.said(line, looks)
    if said is not None and said.label == captions.NOTHING:
        return [], False
    if said is not None and said.label in found and LABELS[said.label][1] == looks:
        return [said.label], False
    if looks == "number" and _telephone(text, line):
        return [], False
    if looks == "name" and _DOCTOR.fullmatch(text.rstrip(" .")):
        found = [label for label in found if label != "patient"]
    return [label for label in found if label != "birth_date" or _BIRTH.search(before)], False


def _place(text: str, line: str) -> bool:
    """Whether a number is a ZIP code behind its state."""
    state = _STATE.search(line) if _ZIP.fullmatch(text) else None
    return state is not None and zips.fits(text[:5], state[1])


def _telephone(text: str, line: str) -> bool:
    """Whether a number is one by which to call somebody."""
    local = _LOCAL.fullmatch(text) and _AREA.search(line)
    return bool(_PHONE.fullmatch(text) or local)


def _may_be(label: str, text: str, looks: str) -> bool:
    """Whether a number can be misread, or have modifiers, to be of that label."""
    wanted = _SHAPES.get(label) or _SHAPES.get(LABELS[label][1])
    return looks != "number" or wanted is None or wanted.fullmatch(text) is not None


def normal(label: str, text: str) -> str | None:
    """A text's normal form as a value of that label, None where it has none."""
    kind, shape = LABELS[label]
    if shape == "date":
        text = _figures(text)
    if shape == "name":
        text = re.sub(r"[.,;]+", " ", lettered(text.upper()))
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
