"""Notes on service lines: a sentence across the fields of an unused line is no service."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.reading import FieldReading

#: a field of a service line, and its line: the 1500's unshaded half, the UB-04's columns
_OF_LINE = re.compile(
    r"24\.(\d)\.(?:from|to|place_of_service|emg|procedure|modifier\d|pointer|charges|units|epsdt)"
    r"|4[24-8]\.(\d+)"
)
#: fields of a line that hold print, before it says anything
_FEWEST = 3
#: none of them is surer than this: a piece of a word may look like a code
_SUREST = 0.5


def across_lines(fields: Mapping[str, FieldReading]) -> set[str]:
    """Fields of the lines on which most of what is printed has no shape of its field."""
    lines: dict[str, list[str]] = {}
    for name in fields:
        found = _OF_LINE.fullmatch(name)
        if found:
            lines.setdefault(found[1] or found[2], []).append(name)
    notes = set()
    for names in lines.values():
        odd = sum("kind.shape" in fields[name].doubts for name in names)
        if len(names) >= _FEWEST and 2 * odd > len(names):
            notes.update(names)
    return notes


def as_note(reading: FieldReading) -> FieldReading:
    """A field that is probably a piece of a note: for a person."""
    return reading.model_copy(
        update={
            "confidence": min(reading.confidence, _SUREST),
            "accepted": False,
            "doubts": sorted({*reading.doubts, "line.note"}),
        }
    )
