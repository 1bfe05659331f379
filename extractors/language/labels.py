"""What values of attachments are called, and their normal forms: those of form fields."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType

from codes import npi
from extractors.kinds.decode import read
from extractors.kinds.table import kind_named
from extractors.language.shapes import lettered, shape
from extractors.sighting import Position, Sighting

#: words before a value that may be its caption, and what ends one
_CAPTION = 10
_ENDS = re.compile(r"[ :.»|$-]+$")
#: a caption told again, which may be a value that stands above by chance
_TOLD = re.compile(r"« [^«»]*$")
#: what a caption says that there is no label for, such as a discount or a telephone
_NOTHING = ""
#: a birth is told by a word for it; no other date of a paper is one
_BIRTH = re.compile(r"(?i)\bd\.?[o0]\.?b\b|\bborn\b|birth|\bb\.?d\.? ?:")
#: a telephone number as printed, and what stands before its last seven figures
_PHONE = re.compile(r"(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}")
_AREA, _LOCAL = re.compile(r"(?:\( ?\d{3} ?\)|\b\d{3}) ?$"), re.compile(r"\d{3}[-.]\d{4}")
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
    before = " ".join(words[max(0, start - _CAPTION) : start])
    if looks == "number":
        named = "NPI" in before.upper()
        checked = stop == start + 1 and npi.valid(words[start])
        if named and checked:
            return ["npi"], True
        found = [label for label in found if label != "npi" or named or checked]
    line = before.rpartition("\n")[2]
    said = _said(line)
    if said == _NOTHING:
        return [], False
    if said in found and LABELS[said][1] == looks:
        return [said], False
    if looks == "number" and (
        _PHONE.fullmatch(text) or (_LOCAL.fullmatch(text) and _AREA.search(line))
    ):
        return [], False
    if looks == "name" and _DOCTOR.fullmatch(text.rstrip(" .")):
        found = [label for label in found if label != "patient"]
    return [label for label in found if label != "birth_date" or _BIRTH.search(before)], False


def _may_be(label: str, text: str, looks: str) -> bool:
    """Whether a number can be misread, or have modifiers, to be of that label."""
    wanted = _SHAPES.get(label) or _SHAPES.get(LABELS[label][1])
    return looks != "number" or wanted is None or wanted.fullmatch(text) is not None


@functools.cache
def _captions() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What usual captions say, by label; where two of them end alike, the longer one counts."""
    path = resources.files("extractors.language") / "data" / "captions.json"
    return tuple(
        (each["label"], re.compile(rf"(?:^|[ «|])({each['caption']})$"))
        for each in json.loads(path.read_text(encoding="utf-8"))
    )


def _said(before: str) -> str | None:
    """The label that a caption says; `_NOTHING` where it says something that has no label.

    None where there is no usual one right before a value.
    """
    text = _ENDS.sub("", before.lower())
    for left in (text, _ENDS.sub("", _TOLD.sub("", text))):
        hits = ((caption.search(left), label) for label, caption in _captions())
        found = [(len(hit[1]), label) for hit, label in hits if hit]
        said = max(found)[1] if found else None
        # what stands beside a caption told again may be a value, not the caption of this one
        if said is not None and (said != _NOTHING or left == text):
            return said
    return None


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
