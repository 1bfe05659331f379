"""Strips to decoded fields: which reader reads what, and what counts as print at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.kinds.decode import Decoded, read
from extractors.kinds.table import Kind, kind_for
from extractors.readers import Readers
from extractors.sighting import Sighting
from extractors.strip import Strip
from models.clock import Stages
from models.page import Form

#: what the remains of rules and dust are read as
_REMAINS = frozenset("-_.,'`|~:;/\\^*\"!lI1")
#: share of the ink that touches a rule when it is probably the rule's own
_MOSTLY_RULE = 0.12
#: the first reader is asked for no witness from here: it is wrong once in a thousand
_SURE = 0.9995


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of a field as decoded.

    Attributes:
        strip: its ink.
        sighting: of the first reader, of the picture that read better.
        decoded: what its kind makes of it.
        restored: the picture with the rules left in read better.
        settled: both pictures read the same, or there is only one.
    """

    strip: Strip
    sighting: Sighting
    decoded: Decoded
    restored: bool = False
    settled: bool = True


def _first(strips: Sequence[Strip], kinds: Sequence[Kind], readers: Readers) -> list[Line]:
    """Every strip read by the first reader, twice where a rule may hide a stroke."""
    sightings = readers.first.read(strips)
    twice = [i for i, s in enumerate(strips) if s.restored is not None]
    second = readers.first.read(
        [dataclasses.replace(strips[i], pixels=strips[i].restored) for i in twice]
    )
    again = dict(zip(twice, second, strict=True))
    lines = []
    for i, (strip, sighting, kind) in enumerate(zip(strips, sightings, kinds, strict=True)):
        line = Line(strip, sighting, read(kind, sighting))
        if i in again:
            other = read(kind, again[i])
            same = other.value == line.decoded.value and other.value is not None
            same = same or other.text.upper() == line.decoded.text.upper()
            line = dataclasses.replace(line, settled=same)
            if other.candidates and (
                not line.decoded.candidates
                or other.candidates[0].score > line.decoded.candidates[0].score
            ):
                line = Line(strip, again[i], other, restored=True, settled=same)
        lines.append(line)
    return lines


def _remains(line: Line) -> bool:
    """Whether this is no print of the claim but what is left of the form's own."""
    text = line.decoded.text.replace(" ", "")
    if not text:
        return True
    strip = line.strip
    rule = strip.contact > _MOSTLY_RULE or strip.outside > 0.5  # noqa: PLR2004 - mostly
    if set(text) <= _REMAINS and (rule or not set(text) & set("lI1")):
        return True
    # noise reads as something, but never surely
    return rule and len(text) <= 2 and line.decoded.weakest < 0.6  # noqa: PLR2004


def decode(
    form: Form, strips: Sequence[Strip], readers: Readers, stages: Stages
) -> dict[str, list[Line]]:
    """The fields that hold print, each with its lines from top to bottom.

    Args:
        form: which form the strips were cut from.
        strips: of the page.
        readers: the first reads all, the witness what the first leaves open.
        stages: adds up CPU seconds.
    """
    kinds = [kind_for(form, s.field) for s in strips]
    with stages("read"):
        lines = _first(strips, kinds, readers)
    lines = [line for line in lines if not _remains(line)]
    open_ = [i for i, line in enumerate(lines) if _wants_witness(line)]
    with stages("witness"):
        seen = readers.witness.read([_shown(lines[i]) for i in open_])
    for i, sighting in zip(open_, seen, strict=True):
        if not sighting.positions:
            continue
        kind = kind_for(form, lines[i].strip.field)
        both = read(kind, [lines[i].sighting, sighting])
        lines[i] = dataclasses.replace(lines[i], decoded=both)
    fields: dict[str, list[Line]] = {}
    for line in lines:
        fields.setdefault(line.strip.field, []).append(line)
    return fields


def _wants_witness(line: Line) -> bool:
    return line.decoded.weakest < _SURE or line.decoded.swaps > 0 or not line.settled


def _shown(line: Line) -> Strip:
    """The strip as the first reader read it best."""
    if line.restored and line.strip.restored is not None:
        return dataclasses.replace(line.strip, pixels=line.strip.restored)
    return line.strip


def text_of(lines: Sequence[Line]) -> str:
    """What is printed in a field, a line of print a line of text."""
    return "\n".join(line.decoded.text for line in lines)


def value_of(lines: Sequence[Line]) -> str | None:
    """The normal form of a field; of several lines only words have one."""
    if len(lines) == 1:
        return lines[0].decoded.value
    values = [line.decoded.value for line in lines]
    return None if None in values else "\n".join(v for v in values if v is not None)


Fields = Mapping[str, Sequence[Line]]
