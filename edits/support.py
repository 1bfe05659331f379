"""Rosters as witnesses: a match makes a reading surer, or the reader less sure of it.

Nothing that was read is changed: neither text nor value, only confidence, acceptance and doubts.
A roster speaks among the readings that the ink allows, the chosen one and its alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from codes import npi
from edits.resources import MemberRoster, ProviderRoster
from extractors.confidence import ERROR_RATE, calibrator
from extractors.kinds.table import kind_for
from extractors.language.labels import day
from models.page import Form
from models.reading import FieldReading

#: of wrong readings, at most one in so many is what a roster has by chance: a member's ID with
#: that name and birth date, or an NPI with its check digit that is a provider's
_CHANCE: Final = 1000.0
#: what a reading is doubted for where the roster has another one that the ink allows
DOUBT: Final = "roster.other"
_MEMBER: Final = {
    Form.CMS1500: ("1a", "2", "3.birth_date"),
    Form.UB04: ("60A", "8b", "10"),
}
_NPIS: Final = {
    Form.CMS1500: re.compile(r"17b|32a|33a|24\.\d\.rendering_npi(#\d+)?"),
    Form.UB04: re.compile(r"56|7[6-9]\.npi"),
}


def weigh(
    form: Form,
    fields: Mapping[str, FieldReading],
    members: MemberRoster | None,
    providers: ProviderRoster | None,
    error_rate: float = ERROR_RATE,
) -> dict[str, FieldReading]:
    """The fields with the confidence that they have once the rosters were asked.

    Args:
        form: of the document.
        fields: by field id.
        members: None where no roster is loaded.
        providers: None where no roster is loaded.
        error_rate: of accepted fields that may be wrong (`read.accepted_error_rate`).
    """
    weighed = dict(fields)
    if members is not None:
        for name in _MEMBER.get(form, ()):
            _heard(form, name, weighed, _is_member(form, name, fields, members), error_rate)
    if providers is not None and form in _NPIS:
        for name in filter(_NPIS[form].fullmatch, fields):
            _heard(form, name, weighed, _is_provider(providers), error_rate)
    return weighed


def _heard(
    form: Form,
    name: str,
    fields: dict[str, FieldReading],
    known: Callable[[str, str], bool],
    error_rate: float,
) -> None:
    """One field, weighed by whether the roster knows its readings (text and normal form)."""
    reading = fields.get(name)
    if reading is None or reading.source != "ocr":
        return
    kind = kind_for(form, name.partition("#")[0])
    if known(reading.text, reading.value or ""):
        odds = reading.confidence / max(1e-9, 1 - reading.confidence) * _CHANCE
        confidence = round(max(reading.confidence, min(odds / (1 + odds), 0.9999)), 5)
        accepted = reading.accepted or calibrator().accepts(confidence, error_rate)
        fields[name] = reading.model_copy(update={"confidence": confidence, "accepted": accepted})
    elif any(known(other.text, kind.value(other.text) or "") for other in reading.alternatives):
        odds = reading.confidence / max(1e-9, 1 - reading.confidence) / _CHANCE
        fields[name] = reading.model_copy(
            update={
                "confidence": round(odds / (1 + odds), 5),
                "accepted": False,
                "doubts": sorted({*reading.doubts, DOUBT}),
            }
        )


def _is_member(
    form: Form, name: str, fields: Mapping[str, FieldReading], members: MemberRoster
) -> Callable[[str, str], bool]:
    """Whether a reading of one of the three makes them a member, the other two as they are."""

    def known(text: str, value: str) -> bool:
        parts = []
        for other in _MEMBER[form]:
            reading = fields.get(other)
            mine = other == name
            if reading is None:
                return False
            parts.append((text if mine else reading.text, value if mine else reading.value or ""))
        born = day(parts[2][1])
        if born is None:
            return False
        found = members.match(parts[0][1], parts[1][0], born)
        return found is not None and found.exact

    return known


def _is_provider(providers: ProviderRoster) -> Callable[[str, str], bool]:
    def known(_text: str, value: str) -> bool:
        return npi.valid(value) and providers.find(value) is not None

    return known
