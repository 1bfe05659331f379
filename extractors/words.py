"""Words to fields, by geometry alone: a file's own text, or what a reader of whole pages found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forms.layout import FieldSpec, Layout
from models.page import Matrix, TextWord

#: inches beside a box, above or below it, within which a character may still be the field's
_BESIDE, _ABOVE = 0.05, 0.06
#: inches from a check box's middle within which a mark is the box's
_MARK, _FAR = 0.11, 99.0
#: share of a word's characters in one field from which all of it is that field's
_WHOLE = 0.8
#: inches between the middles of two lines in one field
_PITCH = 0.1
#: inches: higher boxes hold several lines
_TALL = 0.3
#: what a mark in a box may be written as
_MARKS = frozenset("Xx✓✔☒*")
_XY = 2

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """What of a word lies in a field.

    Attributes:
        text: the characters.
        x: of its middle, inches.
        y: of its middle, inches.
        drawn: as of the word.
    """

    text: str
    x: float
    y: float
    drawn: bool


def _spans(words: Sequence[TextWord], to_scan: Matrix, offset: tuple[float, float]) -> Points:
    """(words, 4): left, top, right, bottom in inches, as the form lies upright."""
    boxes = np.array([word.box for word in words], np.float64)
    corners = boxes[:, [[0, 1], [2, 1], [0, 3], [2, 3]]].reshape(-1, _XY)
    laid = np.concatenate([corners, np.ones((len(corners), 1))], axis=1) @ np.linalg.inv(to_scan).T
    inches = (laid[:, :2] / laid[:, 2:]).reshape(-1, 4, _XY) - np.asarray(offset)
    return np.concatenate([inches.min(axis=1), inches.max(axis=1)], axis=1)


def _homes(spots: Points, boxes: Points) -> NDArray[np.intp]:
    """For each spot the box that it lies in, or nearest to; -1 where it lies in none."""
    x, y = spots[:, 0, None], spots[:, 1, None]
    beside = np.maximum(np.maximum(boxes[:, 0] - x, x - boxes[:, 2]), 0.0)
    above = np.maximum(np.maximum(boxes[:, 1] - y, y - boxes[:, 3]), 0.0)
    off = np.abs(y - (boxes[:, 1] + boxes[:, 3]) / 2)
    cost = beside / _BESIDE + above / _ABOVE + 0.01 * off
    cost[(beside > _BESIDE) | (above > _ABOVE)] = np.inf
    nearest = cost.argmin(axis=1)
    return np.where(np.isfinite(cost.min(axis=1)), nearest, -1)


def _pieces(word: TextWord, span: Points, boxes: Points) -> list[tuple[int, Piece]]:
    """A word's characters, evenly spread over its box, by the field they lie in."""
    left, top, right, bottom = (float(v) for v in span)
    count = len(word.text)
    xs = left + (np.arange(count) + 0.5) / count * (right - left)
    y = (top + bottom) / 2
    homes = _homes(np.stack([xs, np.full(count, y)], axis=1), boxes)
    known, times = np.unique(homes[homes >= 0], return_counts=True)
    if len(known) and times.max() >= _WHOLE * count:
        whole = Piece(word.text, (left + right) / 2, y, word.drawn)
        return [(int(known[times.argmax()]), whole)]
    found = []
    for home in dict.fromkeys(homes.tolist()):
        if home >= 0:
            mine = np.nonzero(homes == home)[0]
            text = "".join(word.text[i] for i in mine).strip()
            found.append((home, Piece(text, float(xs[mine].mean()), y, word.drawn)))
    return [(home, piece) for home, piece in found if piece.text]


def _lines(spec: FieldSpec, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of a field by line, top to bottom, each left to right."""
    if spec.box[3] - spec.box[1] < _TALL:
        return [sorted(pieces, key=lambda p: p.x)]
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.y):
        if not lines or piece.y - lines[-1][-1].y > _PITCH:
            lines.append([])
        lines[-1].append(piece)
    return [sorted(line, key=lambda p: p.x) for line in lines]


@dataclass(frozen=True, slots=True)
class Said:
    """What words say of a field.

    Attributes:
        lines: words, line by line; of a choice, the names of the marked boxes on one.
        drawn: all of it is what the page shows.
    """

    lines: tuple[tuple[str, ...], ...]
    drawn: bool

    @property
    def text(self) -> str:
        """Words joined by blanks, lines by line breaks."""
        return "\n".join(" ".join(line) for line in self.lines)


def by_field(
    words: Sequence[TextWord],
    to_scan: Matrix,
    form: Layout,
    offset: tuple[float, float] = (0.0, 0.0),
) -> Mapping[str, Said]:
    """What the words that lie in each field say; fields without any are left out.

    Args:
        words: in pixels of the page.
        to_scan: form inches to those pixels.
        form: where its fields are.
        offset: inches right and down by which print lies off its boxes.
    """
    words = [word for word in words if word.text.strip()]
    if not words:
        return {}
    specs = [spec for spec in form.fields.values() if not spec.choices]
    boxes = np.array([spec.box for spec in specs])
    marks = [(spec.id, choice) for spec in form.fields.values() for choice in spec.choices]
    spots = np.array([(choice.x, choice.y) for _, choice in marks]).reshape(-1, _XY)
    held: dict[str, list[Piece]] = {}
    chosen: dict[str, list[Piece]] = {}
    for word, span in zip(words, _spans(words, to_scan, offset), strict=True):
        x, y = (span[0] + span[2]) / 2, (span[1] + span[3]) / 2
        away = np.hypot(spots[:, 0] - x, spots[:, 1] - y)
        if word.text.strip() in _MARKS and away.min(initial=_FAR) < _MARK:
            name, choice = marks[int(away.argmin())]
            chosen.setdefault(name, []).append(Piece(choice.name, float(x), float(y), word.drawn))
            continue
        for home, piece in _pieces(word, span, boxes):
            held.setdefault(specs[home].id, []).append(piece)
    said = {}
    for name, pieces in held.items():
        lines = _lines(form.fields[name], pieces)
        texts = tuple(tuple(piece.text for piece in line) for line in lines)
        said[name] = Said(texts, all(piece.drawn for piece in pieces))
    for name, pieces in chosen.items():
        names = tuple(dict.fromkeys(piece.text for piece in pieces))
        said[name] = Said((names,), all(piece.drawn for piece in pieces))
    return said
