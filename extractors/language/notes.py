"""Free text on claim forms: what item 19, shaded 24, FL 43 and FL 80 say.

Qualifiers and codes of fixed shape are found by spaCy's matcher over patterns that are data; what
is left over is narrative. The same labels and normal forms as on attachments.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from codes import npi
from models.page import BoxPx, Form
from models.reading import Entity, FieldReading

if TYPE_CHECKING:
    from spacy.language import Language

#: fields that hold free text, by form; the line of a service in `#`
_FREE: Final = {
    Form.CMS1500: re.compile(r"19|24\.\d\.supplemental"),
    Form.UB04: re.compile(r"43\.\d+|80(\.\d)?"),
}
#: fields whose leftover is narrative, and not the name of a revenue code
_TOLD: Final = re.compile(r"19|24\..*|80.*")
#: a run of print: letters or figures
_PIECES: Final = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]+|[^\sA-Za-z0-9]")
NARRATIVE: Final = "narrative"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that free text says: label, text, normal form, first and last+1 character."""

    label: str
    text: str
    value: str | None
    start: int
    stop: int


@functools.cache
def _ruler() -> Language:
    """A blank pipeline with the patterns of `data/notes.json`."""
    import spacy  # noqa: PLC0415 - heavy, and most claims have no notes

    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("span_ruler", config={"annotate_ents": True, "spans_key": None})
    path = resources.files("extractors.language") / "data" / "notes.json"
    patterns: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    ruler.add_patterns(patterns)  # type: ignore[attr-defined] # a pipe that spaCy doesn't type
    return nlp


def notes(text: str) -> list[Note]:
    """What a line of free text says, in its order."""
    pieces = list(_PIECES.finditer(text))
    if not pieces:
        return []
    from spacy.tokens import Doc  # noqa: PLC0415 - heavy, and most claims have no notes

    nlp = _ruler()
    spaces = [
        after is not None and piece.end() < after.start()
        for piece, after in zip(pieces, [*pieces[1:], None], strict=True)
    ]
    doc = nlp(Doc(nlp.vocab, words=[p[0].upper() for p in pieces], spaces=spaces))
    found: list[Note] = []
    taken: set[int] = set()
    for span in doc.ents:
        start, stop = pieces[span.start].start(), pieces[span.end - 1].end()
        taken.update(range(span.start, span.end))
        found.extend(_parts(span.label_, text, start, stop))
    left = [p for i, p in enumerate(pieces) if i not in taken]
    if any(p[0].isalpha() for p in left):
        start, stop = left[0].start(), left[-1].end()
        words = " ".join(p[0] for p in left)
        found.append(Note(NARRATIVE, words, words, start, stop))
    return sorted(found, key=lambda note: note.start)


#: by label of a pattern, its parts: groups are labels
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "ndc": re.compile(
        r"(?:N4)?\s*(?P<ndc>\d{11}|\d{5}-\d{4}-\d{2})\s*"
        r"(?:(?P<ndc_unit>F2|GR|ME|ML|UN)\s*(?P<ndc_quantity>\d+(?:\.\d+)?))?"
    ),
    "pwk": re.compile(
        r"PWK\s*(?P<attachment_report>[A-Z0-9]{2})\s*(?P<attachment_sent>AA|BM|EL|EM|FT|FX)?\s*"
        r"(?P<attachment_control_number>\w*)"
    ),
    "taxonomy": re.compile(r"(?:ZZ|B3|PXC)?\s*(?P<taxonomy>\d{3}[A-Z0-9]{6}X)"),
    "npi": re.compile(r"(?:NPI)?\W*(?P<npi>\d{10})"),
}


def _parts(label: str, text: str, start: int, stop: int) -> Iterator[Note]:
    """The parts of what a pattern found, each under its own label."""
    shape = _SHAPES.get(label)
    # letters and figures that run on belong to it: a control number after PWK
    while label == "pwk" and stop < len(text) and text[stop].isalnum():
        stop += 1
    found = shape.match(text[start:stop].upper()) if shape else None
    if found is None:
        return
    for name, part in found.groupdict().items():
        if not part or (name == "npi" and not npi.valid(part)):
            continue
        at = start + found.start(name)
        yield Note(name, text[at : at + len(part)], part.replace("-", ""), at, at + len(part))


def entities(form: Form, fields: Mapping[str, FieldReading]) -> list[Entity]:
    """What the free text of a claim says, with its places."""
    free = _FREE.get(form.family)
    found = []
    for name, reading in fields.items():
        base = name.partition("#")[0]
        if free is None or not free.fullmatch(base):
            continue
        for note in notes(reading.text.replace("\n", " ")):
            if note.label == NARRATIVE and not _TOLD.fullmatch(base):
                continue
            found.append(
                Entity(
                    label=note.label,
                    text=note.text,
                    value=note.value,
                    confidence=reading.confidence,
                    page=reading.page,
                    box=_within(reading.box, note, len(reading.text)),
                    field=name,
                )
            )
    return found


def _within(box: BoxPx, note: Note, length: int) -> BoxPx:
    """Where a part of a line stands, by its characters; a page on its side gives all of it."""
    x0, y0, x1, y1 = box
    if x1 - x0 < y1 - y0 or not length:
        return box
    step = (x1 - x0) / length
    return round(x0 + note.start * step), y0, round(x0 + note.stop * step), y1
