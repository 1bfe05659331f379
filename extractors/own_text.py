"""The text that a PDF brings along: one more witness, never a reading of its own.

What a page shows is believed. Where the file's own text says the same, that is next to proof; where
it says something else, a person looks; where the ink leaves two readings open, it may tip them.
Hidden text behind a scan is some other program's reading of the same ink: it weighs less.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from extractors.confidence import calibrator
from extractors.fields import Line
from extractors.kinds.decode import Candidate
from extractors.kinds.table import Kind, kind_for
from extractors.words import Said, by_field
from forms.layout import Layout
from models.page import Form, Matrix, PageImage, TextWord
from models.reading import FieldReading

#: of misreadings, the share that the file's text would repeat: what it drew itself, and what
#: another reader saw on the same ink; judged, for no scans with text are there to measure it
_REPEATS, _REPEATS_HIDDEN = 0.02, 0.3
#: log-odds by which text that is drawn may tip what the ink leaves open
_TIPS = 2.0
#: a field that the file itself contradicts is never surer
_CONTRADICTED = 0.5
#: inches around the form's own print within which a word is its caption; captions are lower
_CAPTION, _PRINT_HEIGHT = 0.03, 0.105
#: a page that may lie a row off: then its text does too
_ROW = "page.row"
#: words of one letter that a name may consist of
_INITIALS = 2
#: what a field's text is compared by
_BARE = re.compile(r"[\W_]")


def said_on(
    page: PageImage, to_scan: Matrix, form: Layout, offset: tuple[float, float]
) -> Mapping[str, Said]:
    """What the file says of each field, the form's own captions left out.

    Args:
        page: with the words that its file brought along.
        to_scan: form inches to pixels of the page.
        form: where its fields are.
        offset: inches by which the print lies off its boxes.
    """
    if not page.words:
        return {}
    return by_field(list(_claims(page.words, to_scan, form)), to_scan, form, offset)


def _claims(words: Sequence[TextWord], to_scan: Matrix, form: Layout) -> Iterator[TextWord]:
    """The words that are the claim's, as far as place and size tell."""
    own = np.array([mark.box for mark in form.preprinted if mark.what != "box"])
    back = np.linalg.inv(to_scan)
    for word in words:
        x0, y0, x1, y1 = word.box
        corners = np.array([[x0, y0, 1.0], [x1, y1, 1.0]]) @ back.T
        ends = corners[:, :2] / corners[:, 2:]
        x, y = ends.mean(axis=0)
        height = float(abs(ends[0] - ends[1]).min())
        near = (own[:, :2] - _CAPTION <= (x, y)).all(axis=1)
        near &= (own[:, 2:] + _CAPTION >= (x, y)).all(axis=1)
        if not near.any() or height > _PRINT_HEIGHT:
            yield word


def _runs(said: Said) -> Iterator[tuple[str, ...]]:
    """Everything that the words of a field may say: each run of them, for some may be captions."""
    words = [word for line in said.lines for word in line]
    for start in range(len(words)):
        for stop in range(len(words), start, -1):
            yield tuple(words[start:stop])


def _key(kind: Kind, text: str) -> str:
    """What two texts that say the same have in common."""
    if kind.words:
        return re.sub(r"\s", "", text.upper())
    bare = _BARE.sub("", text.upper())
    return ("-" if kind.group == "money" and "-" in text else "") + bare


def tip(
    found: Mapping[str, Sequence[Line]], said: Mapping[str, Said], form: Form
) -> dict[str, list[Line]]:
    """The fields with what the file drew counted among the readings that their ink allows."""
    tipped = {name: list(lines) for name, lines in found.items()}
    for name, lines in tipped.items():
        if len(lines) > 1 or name not in said or not said[name].drawn:
            continue
        kind = kind_for(form, name)
        keys = {_key(kind, " ".join(run)) for run in _runs(said[name])}

        def bonus(candidate: Candidate, kind: Kind = kind, keys: set[str] = keys) -> float:
            return _TIPS if _key(kind, candidate.text) in keys else 0.0

        line = lines[0]
        lines[0] = dataclasses.replace(line, decoded=line.decoded.reweighed(bonus))
    return tipped


def heard(reading: FieldReading, said: Said, kind: Kind | None, error_rate: float) -> FieldReading:
    """A field after the file's own text had its say: its confidence, source and doubts.

    Args:
        reading: as the ink has it; its text stays, but for the case of words.
        said: of the field.
        kind: of the field; None for a choice.
        error_rate: tolerated among accepted fields.
    """
    agrees, text = _agrees(reading, said, kind)
    confidence = reading.confidence
    changes: dict[str, object] = {}
    if agrees and _ROW not in reading.doubts:
        confidence = 1 - (1 - confidence) * (_REPEATS if said.drawn else _REPEATS_HIDDEN)
        confidence = min(confidence, 1 - 1e-4)
        if said.drawn:
            changes |= {"text": text, "source": "text"}
    elif agrees is False:
        changes["doubts"] = sorted({*reading.doubts, "text.differs"})
        if said.drawn:
            confidence = min(confidence, _CONTRADICTED)
    whole = kind is not None or reading.value is not None
    accepted = whole and calibrator().accepts(confidence, error_rate)
    changes |= {"confidence": round(confidence, 5), "accepted": accepted}
    return reading.model_copy(update=changes)


def _agrees(reading: FieldReading, said: Said, kind: Kind | None) -> tuple[bool | None, str]:
    """Whether the file says what the field reads, and that in the file's own letters.

    None where it is no witness: it has the same letters, and words that part otherwise, or letters
    that stand one by one, as they do in a field with a cell for each: then nobody can tell by it
    where a word ends.
    """
    if kind is None:
        return reading.value is not None and said.text == reading.value, reading.text
    mine = _key(kind, reading.text)
    runs = [run for run in _runs(said) if _key(kind, " ".join(run)) == mine]
    if not kind.words:
        return bool(runs), reading.text
    words = reading.text.upper().split()
    for run in runs:
        theirs = " ".join(run)
        if theirs.upper().split() == words and not _one_by_one(words):
            same = "\n" not in reading.text and kind.value(theirs) is not None
            return True, theirs if same else reading.text
    return None if runs else False, reading.text


def _one_by_one(words: Sequence[str]) -> bool:
    """Whether letters stand by themselves rather than in words: an initial or two are none."""
    return len(words) > _INITIALS and 2 * sum(len(word) == 1 for word in words) > len(words)
