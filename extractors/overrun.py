"""Print that goes on in the next box: what stands right after it makes no sense there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from extractors.fields import Line
from extractors.kinds.table import kind_for
from extractors.marks import Mark
from models.page import BoxPx, Form

#: inches: the next word of a text is no further away
_WORD = 0.2
#: share of the lower of two boxes' heights that lies beside the other in one line
_BESIDE = 0.5


def _senseless(
    found: Mapping[str, Sequence[Line]], marks: Sequence[Mark]
) -> Iterator[tuple[str, BoxPx]]:
    """Fields whose print can't be theirs, and where it is: no shape of their kind, many marks."""
    for name, lines in found.items():
        for line in lines:
            if not line.decoded.legal:
                yield name, line.strip.box
    for mark in marks:
        if len(mark.marked) > 1:
            yield mark.field, mark.box


def overrun(
    found: Mapping[str, Sequence[Line]], marks: Sequence[Mark], form: Form, ppi: float
) -> frozenset[str]:
    """The fields of words whose print may go on in the box to their right.

    Args:
        found: the fields with print, as decoded.
        marks: the choices with marks.
        form: which form.
        ppi: pixels an inch of the boxes.
    """
    beside = list(_senseless(found, marks))
    over = set()
    for name, lines in found.items():
        if not kind_for(form, name).words:
            continue
        for line in lines:
            _, top, right, bottom = line.strip.box
            for other, (x0, y0, _, y1) in beside:
                shared = min(bottom, y1) - max(top, y0)
                level = shared > _BESIDE * min(bottom - top, y1 - y0)
                if other != name and level and -_WORD < (x0 - right) / ppi < _WORD:
                    over.add(name)
    return frozenset(over)
